"""The statements of `forward` as one would write them: `x = self.relu(x + self.body(x))`.

The writer assigns each value to a variable. Here what is used at once is put into the statement
that uses it, and arms of a condition return what they have.
"""

from __future__ import annotations

import re

from cnndsl.emit.layout import INDENT, indented, terms

#: Values with more calls than this are assigned before they are used.
_MAX_CALLS = 3
_ASSIGNED = re.compile(r"(\w+) = (.*)")
_CALL = re.compile(r"self\.\w+\((\w+)\)")
_METHOD = re.compile(r"(?!self\.)(\w+)(\.\w+\(.*\))")


def returning(lines: list[str], result: str) -> list[str]:
    """The statements, and the return of their result."""
    lines = _operands(_folded(lines), result)
    found = _ASSIGNED.fullmatch(lines[-1]) if lines else None
    if found and found[1] == result and _is_tensor(found[2]):
        return [*lines[:-1], f"return {found[2]}"]
    return _arms_returning(lines, result) or [*lines, f"return {result}"]


def _folded(lines: list[str]) -> list[str]:
    """Each value that the next statement alone uses within this: `x = self.relu(x + y)`."""
    folded: list[str] = []
    for line in lines:
        together = _together(folded[-1], line) if folded else None
        if together:
            folded[-1] = together
        else:
            folded.append(line)
    return folded


def _operands(lines: list[str], result: str) -> list[str]:
    """Put each value that has a variable for one use in the next statement alone where it is used."""
    found = list[str]()
    for at, line in enumerate(lines):
        made = _ASSIGNED.fullmatch(found[-1]) if found else None
        if (
            made
            and _is_operand(made[1], line, [*found[:-1], *lines[at + 1 :], result])
            and not terms(made[2])
        ):
            found[-1] = re.sub(rf"\b{made[1]}\b", made[2].replace("\\", r"\\"), line)
        else:
            found.append(line)
    return found


def _is_operand(variable: str, line: str, others: list[str]) -> bool:
    """Whether a line has the variable once, as part of a sum, a product or a list, and no other does."""
    used = _ASSIGNED.fullmatch(line)
    word = re.compile(rf"\b{variable}\b")
    if used is None or used[1] == variable or any(map(word.search, others)):
        return False
    return len(word.findall(used[2])) == 1 and _is_join(used[2])


def _together(first: str, second: str) -> str | None:
    """Two assignments to one variable as one, where they read well together."""
    made, used = _ASSIGNED.fullmatch(first), _ASSIGNED.fullmatch(second)
    if not (made and used and made[1] == used[1]):
        return None
    variable, value = made[1], made[2]
    if value.count("(") > _MAX_CALLS:
        return None
    called, method = _CALL.fullmatch(used[2]), _METHOD.fullmatch(used[2])
    if called and called[1] == variable and (_is_join(value) or _METHOD.fullmatch(value)):
        return f"{variable} = {used[2].removesuffix(f'({variable})')}({value})"
    if method and method[1] == variable and _CALL.fullmatch(value):
        return f"{variable} = {value}{method[2]}"
    return None


def _is_join(value: str) -> bool:
    """Whether a value is that of parallel paths."""
    return value.startswith("torch.cat(") or bool(terms(value))


def _is_tensor(value: str) -> bool:
    """Whether a type checker knows a value as a Tensor.

    PyTorch leaves open what calling a module returns, and with it the type of `x + self.body(x)`; such
    a value is assigned to the variable first, as in PyTorch's own networks.
    """
    return value.startswith("torch.") or bool(_METHOD.fullmatch(value))


def _arms_returning(lines: list[str], result: str) -> list[str] | None:
    """A last `if` whose arms return; None where the statements end in none."""
    start = max((at for at, line in enumerate(lines) if line.startswith("if ")), default=None)
    if start is None or any(line.startswith("elif ") for line in lines[start:]):
        return None
    after = lines[start + 1 :]
    ends = [at for at, line in enumerate(after) if not line.startswith(INDENT)]
    if ends and (len(ends) > 1 or after[ends[0]] != "else:"):
        return None
    then, other = (after[: ends[0]], after[ends[0] + 1 :]) if ends else (after, [])
    arms = [returning([line.removeprefix(INDENT) for line in arm], result) for arm in (then, other)]
    return [*lines[: start + 1], *indented(arms[0]), *arms[1]]
