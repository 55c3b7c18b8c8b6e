"""What can be read off an elaborated network."""
