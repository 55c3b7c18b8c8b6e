"""Networks as graphs: boxes from top to bottom, branches side by side, long skips in lanes beside them.

The network's tree gives the places: each part is measured from its own parts, then put where its place is.
No edge is searched for, so it takes as long as the tree is large.
"""
