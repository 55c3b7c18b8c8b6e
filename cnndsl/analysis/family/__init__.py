"""Families: files that leave counts, optional parts or parameters open, and all their members."""

from cnndsl.analysis.family.choices import Choice
from cnndsl.analysis.family.members import Family, Member
from cnndsl.analysis.family.questions import Question
from cnndsl.analysis.family.selection import Selection, Tally

__all__ = ["Choice", "Family", "Member", "Question", "Selection", "Tally"]
