"""Programs with an accident: a token lost, a number changed, a line cut, any character put in.

from mutants.programs import originals      # valid programs to start from
from mutants.mutate import mutant           # mutant(text, dice): one to three accidents
from mutants.properties import hold         # hold(text): raises where the answer is not as it must be
from mutants.shrink import smallest         # what is left of a mutant that fails
"""
