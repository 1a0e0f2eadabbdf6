"""Find a part by name, and build it from settings. A table is a dict literal; a signature is its schema."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from difflib import get_close_matches
from inspect import Parameter, signature
from types import UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin

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
    """Refuse settings that `callable_` does not take, and values of another type. Raises UsageError."""
    known = {p.name: p for p in signature(callable_).parameters.values() if p.kind is Parameter.KEYWORD_ONLY}
    for key, value in settings.items():
        if key not in known:
            takes = hint(key, known) if known else "it takes none"
            raise UsageError(f"no setting of {what} named {key!r}; {takes}")
        if not fits(value, known[key].annotation):
            wanted = getattr(known[key].annotation, "__name__", None) or str(known[key].annotation)
            raise UsageError(f"{key} of {what} is {value!r}; it must be of type {wanted}")


def fits(value: Any, kind: Any) -> bool:
    """Whether a plain value is of an annotated type; a whole number is a float too, a list does for a tuple."""
    if kind in (Any, Parameter.empty):
        return True
    if get_origin(kind) is Literal:
        return value in get_args(kind)
    if get_origin(kind) in (Union, UnionType):
        return any(fits(value, k) for k in get_args(kind))
    plain = get_origin(kind) or kind
    if plain is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    if plain is int:
        return isinstance(value, int) and not isinstance(value, bool)
    if plain in (tuple, list, Sequence):
        return isinstance(value, list | tuple) and _elements_fit(value, [k for k in get_args(kind) if k is not ...])
    return not isinstance(plain, type) or isinstance(value, plain)


def _elements_fit(values: Sequence[Any], kinds: Sequence[Any]) -> bool:
    """Whether a sequence's elements are of their kinds: one for all of them, or one for each."""
    if len(kinds) > 1:
        return len(kinds) == len(values) and all(map(fits, values, kinds))
    return all(fits(value, kind) for value in values for kind in kinds)
