"""Explanations: what a code means, and how a layer's numbers come about.

`pages` has the page of each code, `step` explains a layer or block of a network.
"""
