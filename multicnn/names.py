"""Find a part by name, and build it from settings. A table is a dict literal; a signature is its schema."""

from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from inspect import Parameter, signature
from typing import Any, TypeVar

from multicnn.errors import UsageError

T = TypeVar("T")


def hint(name: str, known: Iterable[str]) -> str:
    """`did you mean ...?` when a known name is near, else the list of the known names."""
    names = list(known)
    near = get_close_matches(name, names, n=3)
    return f"did you mean {' or '.join(near)}?" if near else f"known: {', '.join(names)}"


def find(what: str, table: Mapping[str, T], name: str) -> T:
    """The entry of `table` called `name`. Raises UsageError with near names."""
    if name not in table:
        raise UsageError(f"no {what} named {name!r}; {hint(name, table)}")
    return table[name]


def schema(callable_: Callable[..., Any]) -> dict[str, Any]:
    """The settings that a callable takes: its keyword-only parameters and their defaults."""
    parameters = signature(callable_).parameters.values()
    return {p.name: p.default for p in parameters if p.kind is Parameter.KEYWORD_ONLY}


def check(what: str, callable_: Callable[..., Any], settings: Mapping[str, Any]) -> None:
    """Refuse settings that `callable_` does not take. Raises UsageError with near names."""
    known = schema(callable_)
    for key in settings:
        if key not in known:
            takes = hint(key, known) if known else "it takes none"
            raise UsageError(f"no setting of {what} named {key!r}; {takes}")
