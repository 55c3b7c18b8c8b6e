"""The inverse problem: values for the holes `?` of a network, so that its claims hold.

>>> found = solve(program)
>>> [solution.values[hole] for solution in found.solutions]
[0, 1]
"""

from cnndsl.analysis.solve.candidates import Bounds
from cnndsl.analysis.solve.search import Failure, Solution, Solved, solve
from cnndsl.analysis.solve.tell import fill

__all__ = ["Bounds", "Failure", "Solution", "Solved", "fill", "solve"]
