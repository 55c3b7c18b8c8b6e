"""Networks as their maps, from left to right: planes as in the LeNet paper, blocks as in AlexNet's."""
