"""Tables of the program Orange: three lines of header, for names, types and roles of the columns."""

import re
from collections.abc import Sequence
from dataclasses import replace

from multicnn.data.layouts.sheet import Sheet, as_text

TYPES = frozenset(["d", "discrete", "c", "continuous", "s", "string", "t", "time", "b", "basket"])
ROLE = re.compile(r"(?:class|meta|ignore|i|c|m|(?:\w+=\S+)|\s)*")
STRINGS = ("s", "string")


def is_orange(sheet: Sheet) -> bool:
    """Whether the second line of a table holds nothing but types, and the third, where there is one, roles."""
    types = _line(sheet, 0)
    if not types or not all(t in TYPES or (t and " " in t) for t in types) or not any(t in TYPES for t in types):
        return False
    return sum(t in TYPES for t in types) * 2 > len(types) and _has_roles(sheet)


def without_header(sheet: Sheet) -> Sheet:
    """The rows below the header; the column marked as class holds the labels, and the texts are those of strings.

    Of several columns of strings that with `include=True`, as its text mining marks them.
    """
    types = _line(sheet, 0)
    roles = [cell.split() for cell in _line(sheet, 1)]
    kept = replace(sheet.take(range(2, len(sheet))), said=(*sheet.said, "header of three lines, as Orange writes it"))
    labels = [n for n, r in zip(sheet.names, roles, strict=True) if {"class", "c"} & set(r)]
    strings = [n for n, t in zip(sheet.names, types, strict=True) if t in STRINGS]
    included = [n for n, r in zip(sheet.names, roles, strict=True) if "include=True" in r]
    told = {"label": labels, "text": included or (strings if len(strings) == 1 else [])}
    return replace(kept, roles={role: names[0] for role, names in told.items() if names})


def _line(sheet: Sheet, row: int) -> Sequence[str]:
    return [as_text(column[row]) for column in sheet.columns] if row < len(sheet) else []


def _has_roles(sheet: Sheet) -> bool:
    roles = _line(sheet, 1)
    return bool(roles) and all(ROLE.fullmatch(r) for r in roles)
