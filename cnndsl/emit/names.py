"""Names in generated code: one namespace per scope, nothing shadowed, nothing injected."""

from __future__ import annotations

import builtins
import keyword
import re
import unicodedata

#: Words of Python, and letters that linters call ambiguous.
_TAKEN = frozenset({*dir(builtins), *keyword.kwlist, *keyword.softkwlist, "l", "O", "I"})

#: Attributes of nn.Module, which a submodule of that name would hide. (A test compares them.)
MODULE_ATTRIBUTES = frozenset(
    [
        "T_destination",
        "add_module",
        "apply",
        "bfloat16",
        "buffers",
        "call_super_init",
        "children",
        "compile",
        "cpu",
        "cuda",
        "double",
        "dump_patches",
        "eval",
        "extra_repr",
        "float",
        "forward",
        "get_buffer",
        "get_extra_state",
        "get_parameter",
        "get_submodule",
        "half",
        "ipu",
        "load_state_dict",
        "modules",
        "mtia",
        "named_buffers",
        "named_children",
        "named_modules",
        "named_parameters",
        "parameters",
        "register_backward_hook",
        "register_buffer",
        "register_forward_hook",
        "register_forward_pre_hook",
        "register_full_backward_hook",
        "register_full_backward_pre_hook",
        "register_load_state_dict_post_hook",
        "register_load_state_dict_pre_hook",
        "register_module",
        "register_parameter",
        "register_state_dict_post_hook",
        "register_state_dict_pre_hook",
        "requires_grad_",
        "set_extra_state",
        "set_submodule",
        "share_memory",
        "state_dict",
        "to",
        "to_empty",
        "train",
        "training",
        "type",
        "xpu",
        "zero_grad",
    ]
)


def snake(name: str) -> str:
    """`BasicBlock` as a variable or function would be called: `basic_block`."""
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name)
    return parted.lower()


_WORD = re.compile(r"\w")


def identifier(name: str) -> str:
    """`name` as Python will read it; anything that is no identifier becomes one."""
    folded = unicodedata.normalize("NFKC", name)
    cleaned = "".join(c if f"a{c}".isidentifier() and _WORD.match(c) else "_" for c in folded)
    return cleaned if cleaned.isidentifier() and cleaned[0] != "_" else f"n{cleaned}"


class Namespace:
    """Hands out names, each once: `fresh("list")` gives `list_`, a second `x` gives `x2`.

    A name is free if no namespace around has it, nor any within: a class and a variable never
    share one, so that neither hides the other. `beside` are those that only this one must avoid.
    """

    def __init__(
        self,
        taken: frozenset[str] | set[str] = frozenset(),
        outer: Namespace | None = None,
        beside: frozenset[str] = frozenset(),
    ) -> None:
        self._reserved = {*_TAKEN, *taken}
        self._taken = {*self._reserved}
        self._within: set[str] = set()
        self._beside = beside
        self._outer = outer

    def fresh(self, wanted: str) -> str:
        """The name itself, or the nearest one that is free."""
        return self._fresh(wanted, self._within)

    def fresh_here(self, wanted: str) -> str:
        """The same for a name that is not used within: variables there may share it."""
        return self._fresh(wanted, set())

    def _fresh(self, wanted: str, within: set[str]) -> str:
        name = identifier(wanted)
        if name in self._reserved:
            name += "_"
        stem, number = name, 2
        while name in self or name in within or name in self._beside:
            name = f"{stem}{number}"
            number += 1
        self._taken.add(name)
        if self._outer:
            self._outer.note(name)
        return name

    def note(self, name: str) -> None:
        """Remember a name that is in use within."""
        self._within.add(name)
        if self._outer:
            self._outer.note(name)

    @property
    def taken(self) -> frozenset[str]:
        """The names handed out."""
        return frozenset(self._taken)

    @taken.setter
    def taken(self, names: frozenset[str]) -> None:
        self._taken = {*names}

    def release(self, name: str) -> None:
        """Let a name be handed out again."""
        self._taken.discard(name)

    def __contains__(self, name: str) -> bool:
        return name in self._taken or (self._outer is not None and name in self._outer)
