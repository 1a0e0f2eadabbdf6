"""A record as text and spans, or tokens and tags: of doccano, Label Studio, Prodigy, spaCy and their kin."""

import ast
import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from multicnn.data.layouts.columns import TEXT, listed, plain
from multicnn.data.mended import Mended
from multicnn.errors import DataError
from multicnn.text.datasets.entities.claims import Names, claims, shown
from multicnn.text.datasets.entities.objects import Value, first_key
from multicnn.text.datasets.entities.units import Claim

TOKENS = ("tokens", "words", "tokenized_text", "token", "word", "sentence_words")
TAGS = ("ner_tags", "ner", "tags", "labels", "label", "bio", "iob", "ner_labels", "fine_ner_tags", "tag", "entities")
SPANS = ("spans", "entities", "labels", "label", "annotations", "annotation", "ner", "named_entities", "ner_spans")
PARTS, GROUPS = ("split", "subset", "partition"), ("doc_id", "document_id", "document", "doc", "doc_key", "article_id")
HIDDEN = ("reject", "ignore", "skip")  # answers of Prodigy's annotators


class Record(NamedTuple):
    """One text. tokens: words, or (begin, end) of each.  tags: of each token.  inner: offsets count tokens."""

    id: str
    where: str
    text: str | None
    tokens: Sequence[Any] | None = None
    tags: Sequence[Any] | None = None
    spans: Sequence[Claim] = ()
    inner: bool = False
    part: str = ""
    group: str = ""


class Keys(NamedTuple):
    """The columns that the user names."""

    text: str | None = None
    label: str | None = None
    split: str | None = None
    group: str | None = None


def record(one: Value, keys: Keys, names: Names, mended: Mended) -> Record | None:
    """Of any shape; None for one that nobody settled. Raises DataError for what is no record of entities."""
    value = one.value
    if isinstance(value, list) and len(value) == 2 and isinstance(value[0], str) and isinstance(value[1], dict):
        value = {"text": value[0], "entities": value[1].get("entities", [])}
    if not isinstance(value, dict):
        raise DataError(f'{one.where} is {shown(value)}; write {{"text": ..., "entities": [[begin, end, type], ...]}}')
    if isinstance(value.get("data"), dict):
        return studio(one, value, names, mended)
    if value.get("answer") in HIDDEN:
        mended.note("texts that were rejected or passed over left out", one.where)
        return None
    return general(one, value, keys, names, mended)


def general(one: Value, value: Mapping[str, Any], keys: Keys, names: Names, mended: Mended) -> Record:
    """An object with a text and spans, or with tokens and tags."""
    text = string(value, keys.text or text_key(value), one.where)
    key = first_key(value, TOKENS)
    tokens = several(value[key]) if key and not (keys.text and keys.label) else None
    tokens = tokens if isinstance(tokens, list) and key != keys.text else None
    part = scalar(value, keys.split or first_key(value, PARTS))
    group = scalar(value, keys.group or first_key(value, GROUPS))
    cells = [(k, several(value[k])) for k in ([keys.label] if keys.label else TAGS) if value.get(k) is not None]
    words = tokens if tokens is not None else text.split() if text else []
    for _, cell in cells:
        if isinstance(cell, list) and cell and len(cell) == len(words) and all(isinstance(t, str | int) for t in cell):
            return Record(one.id, one.where, text, words, cell, part=part, group=group)
    label = keys.label or next((k for k in SPANS if isinstance(several(value.get(k)), list | dict)), None)
    if text is None and tokens is None:
        raise DataError(f"{one.where}: no text among {listed(list(value)) or 'its keys'}; name it text")
    if label is None and (k := first_key(value, (*SPANS, *TAGS))):
        refuse_mismatch(one.where, k, several(value[k]), words)
    cell = several(value.get(label)) if label else None
    if tokens is not None and isinstance(cell, list) and cell and all(isinstance(t, str | int) for t in cell):
        refuse_mismatch(one.where, str(label), cell, words)
    inner = text is None and tokens is not None
    found = claims(cell, one.where, names, mended)
    if inner and isinstance(cell, list) and cell and not isinstance(cell[0], dict):
        found = [c._replace(end=c.end + 1) for c in found]  # lists name the last token, objects the one behind
    return Record(one.id, one.where, text, tokens, None, found, inner, part, group)


def refuse_mismatch(where: str, key: str, cell: Any, words: Sequence[Any]) -> None:
    """Raises DataError for tags that are not as many as tokens, and for labels that are no entities."""
    if isinstance(cell, list):
        raise DataError(f"{where}: {key!r} has {len(cell)} tags for {len(words)} tokens; make them as many")
    raise DataError(
        f"{where}: {key!r} is {shown(cell)}, no list of entities; labels of whole texts are learnt with --task classify"
    )


def studio(one: Value, value: Mapping[str, Any], names: Names, mended: Mended) -> Record | None:
    """A task of Label Studio: the first annotation that was not cancelled."""
    done = value.get("annotations", value.get("completions")) or []
    if not isinstance(done, list) or not all(
        isinstance(d, dict) and isinstance(d.get("result", []), list) for d in done
    ):
        raise DataError(f"{one.where}: its annotations are {shown(done)}; export it again as JSON")
    kept = [d for d in done if not (d.get("was_cancelled") or d.get("skipped"))]
    if not kept:
        mended.note("texts that nobody annotated left out", one.where)
        return None
    if len(kept) > 1:
        mended.note("texts with several annotations, the first taken", one.where)
    results = [r for r in kept[0].get("result", []) if isinstance(r, dict) and isinstance(r.get("value"), dict)]
    marks = [offsets(r["value"]) for r in results if r.get("type") in ("labels", "hypertextlabels")]
    key = first_key(value["data"], ("text", *(str(k) for k, v in value["data"].items() if isinstance(v, str))))
    text = string(value["data"], key, one.where)
    if text is None:
        raise DataError(f"{one.where}: no text in its data, {shown(value['data'])}; correct it")
    return Record(one.id, one.where, text, spans=claims(marks, one.where, names, mended))


def offsets(value: Mapping[str, Any]) -> Mapping[str, Any]:
    """A mark with offsets into the whole text, where those that it has first are into elements of a page."""
    whole = value.get("globalOffsets")
    return {**value, **whole} if isinstance(whole, dict) else value


def text_key(value: Mapping[str, Any]) -> str | None:
    """The first usual name of a text among the keys."""
    place = {plain(str(k)): k for k in reversed(list(value))}
    return next((place[name] for name in TEXT if name in place and isinstance(value[place[name]], str)), None)


def string(value: Mapping[str, Any], key: str | None, where: str) -> str | None:
    """A text. Raises DataError for what is none."""
    held = value.get(key) if key else None
    if held is not None and not isinstance(held, str):
        raise DataError(f"{where}: the text is a {type(held).__name__}, not a string; correct it")
    return held


def scalar(value: Mapping[str, Any], key: str | None) -> str:
    """A word or number as text; nothing for anything else."""
    held = value.get(key) if key else None
    return str(held).strip() if isinstance(held, str | int) and not isinstance(held, bool) else ""


def several(cell: Any) -> Any:
    """A cell; of text that holds a list, as a table has it, the list; else its words, where they may be tags."""
    if not isinstance(cell, str):
        return list(cell) if isinstance(cell, tuple) else cell
    if cell.lstrip()[:1] in ("[", "{"):
        for read in (json.loads, ast.literal_eval):
            try:
                return read(cell)
            except (ValueError, SyntaxError, RecursionError, MemoryError, TypeError):
                continue
    return cell.split() if len(cell.split()) > 1 else cell
