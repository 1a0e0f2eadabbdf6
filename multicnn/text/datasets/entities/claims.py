"""The spans of a text as annotation tools write them, in lists or objects of many kinds."""

from collections.abc import Mapping, Sequence
from typing import Any

from multicnn.data.layouts.columns import listed
from multicnn.data.mended import Mended
from multicnn.errors import DataError
from multicnn.text.datasets.entities.objects import first_key
from multicnn.text.datasets.entities.units import Claim

BEGIN = ("start", "begin", "start_offset", "startOffset", "begin_offset", "beginOffset", "start_char", "char_start",
         "start_idx", "start_pos", "start_position", "offset", "from")  # fmt: skip
END = ("end", "stop", "end_offset", "endOffset", "end_char", "char_end", "end_idx", "end_pos", "end_position", "to")
LENGTH = ("length", "len")
TYPE = ("label", "labels", "type", "entity_group", "entity_type", "entity", "tag", "class", "category", "name")
QUOTED = ("text", "surface", "surface_form", "mention", "word", "quote")
Names = Mapping[int, str]  # of types that the file writes as numbers


def claims(cell: Any, where: str, names: Names, mended: Mended) -> list[Claim]:
    """All spans of a cell: a list of lists or objects, or an object of lists. Raises DataError for what is none."""
    if cell is None:
        return []
    if isinstance(cell, dict):
        cell = unzipped(cell, where)
    if not isinstance(cell, list | tuple):
        raise DataError(f"{where}: its entities are {shown(cell)}, not a list of [begin, end, type]; correct it")
    return [claim(one, where, names, mended) for one in cell]


def claim(one: Any, where: str, names: Names, mended: Mended) -> Claim:
    """One span. Raises DataError."""
    if isinstance(one, dict):
        return from_object(one, where, names, mended)
    if isinstance(one, list | tuple) and len(one) > 2:
        begin, end, kind = one[:3] if not isinstance(one[0], str) or is_number(one[0]) else (one[1], one[2], one[0])
        return Claim(
            offset(begin, one, where), offset(end, one, where), typed(kind, one, where, names, mended), None, where
        )
    more = "; labels of whole texts are learnt with --task classify" if isinstance(one, str) else ""
    raise DataError(f"{where}: {shown(one)} is no entity; write [begin, end, type] or an object of these{more}")


def from_object(one: Mapping[str, Any], where: str, names: Names, mended: Mended) -> Claim:
    """Of `{"start": 0, "end": 5, "label": "PER"}` and its kin."""
    begin, end, size, kind = (first_key(one, keys) for keys in (BEGIN, END, LENGTH, TYPE))
    if begin is None or kind is None or (end is None and size is None):
        raise DataError(f"{where}: an entity has {listed(list(one)) or 'nothing'}; give start, end and label")
    start = offset(one[begin], one, where)
    stop = offset(one[end], one, where) if end else start + offset(one[str(size)], one, where)
    quoted = first_key(one, QUOTED)
    held = one[quoted] if quoted else None
    return Claim(
        start, stop, typed(one[kind], one, where, names, mended), held if isinstance(held, str) else None, where
    )


def offset(value: Any, one: Any, where: str) -> int:
    """A whole number, also as 5.0 or "5". Raises DataError."""
    try:
        if isinstance(value, bool) or value is None or float(value) != int(float(value)):
            raise ValueError(value)
        return int(value) if isinstance(value, int) else int(float(value))
    except (ValueError, TypeError, OverflowError):
        raise DataError(f"{where}: {shown(value)} in {shown(one)} is no offset; give whole numbers") from None


def is_number(text: str) -> bool:
    """Whether a string is a whole number."""
    return text.strip().isdecimal()


def typed(value: Any, one: Any, where: str, names: Names, mended: Mended) -> str:
    """The type's name. Raises DataError for none."""
    if isinstance(value, list) and value:
        if len(value) > 1:
            mended.note("entities of several types, the first taken", where)
        value = value[0]
    if isinstance(value, dict):
        key = first_key(value, ("name", "text", "label"))
        value = value[key] if key else None
    if isinstance(value, int) and not isinstance(value, bool):
        return names.get(value, str(value))
    if not isinstance(value, str) or not value.strip():
        raise DataError(f"{where}: {shown(value)} in {shown(one)} is no type of entity; give its name")
    return value.strip()


def unzipped(cell: Mapping[str, Any], where: str) -> Sequence[Any]:
    """An object of lists as a list of objects; one object alone as a list of itself."""
    if not any(isinstance(v, list) for k, v in cell.items() if k in BEGIN):
        return [cell] if cell else []
    lists = {k: v for k, v in cell.items() if isinstance(v, list)}
    if len({len(v) for v in lists.values()}) > 1:
        raise DataError(f"{where}: the lists {listed(list(lists))} differ in length; make them alike")
    return [dict(zip(lists, values, strict=True)) for values in zip(*lists.values(), strict=True)]


def shown(value: Any) -> str:
    """A value, cut short."""
    return repr(value)[:60]
