"""A lexer for lark's stand-alone parser that starts sooner than its own, for the same tokens.

Lark compiles a regular expression for each set of terminals that some state of the parser accepts: forty
for an ordinary file, which takes longer than to read and check it.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any


def contextual_lexer(module: Any) -> type:
    """The class of lexer for the parser in a module that lark has generated.

    It asks one scanner of all terminals first. Alternatives are tried in the same order everywhere: what it
    finds is what the state's own scanner would find, if the state accepts it. That one is made only if not.
    """

    class ContextualLexer(module.ContextualLexer):  # type: ignore[misc]
        def __init__(
            self, conf: Any, states: dict[int, Collection[str]], always_accept: Collection[str] = ()
        ) -> None:
            self.root_lexer = module.BasicLexer(conf)
            contexts: dict[frozenset[str], _Context] = {}
            self.lexers = {}
            for state, accepts in states.items():
                key = frozenset((*accepts, *always_accept))
                if key not in contexts:
                    contexts[key] = _Context(module, self.root_lexer, key, conf)
                self.lexers[state] = contexts[key]

    return ContextualLexer


class _Context:
    """The lexer of a state."""

    def __init__(self, module: Any, whole: Any, accepts: frozenset[str], conf: Any) -> None:
        self._module, self._whole, self._accepts, self._conf = module, whole, accepts, conf
        self._own: Any = None

    def next_token(self, lexer_state: Any, parser_state: Any) -> Any:
        place = lexer_state.line_ctr
        before = place.char_pos, place.line, place.column, place.line_start_pos, lexer_state.last_token
        try:
            token = self._whole.next_token(lexer_state, parser_state)
            if token.type in self._accepts:
                return token
        except self._module.UnexpectedCharacters:
            pass
        place.char_pos, place.line, place.column, place.line_start_pos, lexer_state.last_token = before
        self._own = self._own or self._lexer()
        return self._own.next_token(lexer_state, parser_state)

    def _lexer(self) -> Any:
        conf = self._module.copy(self._conf)
        known, names = conf.terminals_by_name, {*self._accepts, *conf.ignore}
        conf.terminals = [known[name] for name in names if name in known]
        return self._module.BasicLexer(conf)
