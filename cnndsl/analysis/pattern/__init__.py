"""Whether a network follows a pattern of the language, and with which counts.

>>> lecture = read_pattern(Source("--pattern", LECTURE))
>>> match(load("alexnet"), lecture).derived.counts
{'N': [1, 1, 3], 'M': [3], 'K': [2]}
"""

from cnndsl.analysis.pattern.automaton import Pattern, read_pattern
from cnndsl.analysis.pattern.follow import Match, match

#: The most common architecture of a CNN, as the lecture has it.
LECTURE = "INPUT → [[CONV → ReLU]*N → POOL?]*M → [FC → ReLU]*K → FC"

__all__ = ["LECTURE", "Match", "Pattern", "match", "read_pattern"]
