"""The independent oracle: random networks in the language, and what torch alone makes of them.

    from oracle.strategies import networks     # hypothesis strategy, yields oracle.tree.Net
    from oracle.run import run                 # run(net, "cpu") decides, run(net, "meta") counts
    net.text()                                 # the same network as the language writes it
    from oracle.shrink import smallest         # smallest(net, fails): what is left of a failing one

Nothing here imports what it is there to check.
"""

import warnings

with warnings.catch_warnings():
    warnings.filterwarnings("ignore", message="Failed to initialize NumPy")  # torch warns where it is missing
    import torch

torch.set_num_threads(1)  # the tensors are tiny, and threads only wait for each other
