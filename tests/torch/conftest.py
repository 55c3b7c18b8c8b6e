"""Imports torch for the tests of this folder, before warnings become errors."""

import warnings

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # torch misses NumPy, which no test needs
    import torch

torch.set_num_threads(1)
