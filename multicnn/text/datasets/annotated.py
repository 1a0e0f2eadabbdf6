"""Texts and classes as tools for labelling by hand export them: doccano, Label Studio, Prodigy, spaCy's `cats`."""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from multicnn.data.layouts.objects import read_records
from multicnn.data.table import Table
from multicnn.errors import DataError
from multicnn.text.datasets.lines import head
from multicnn.text.datasets.rows import Row, tabled

SUFFIXES = (".json", ".jsonl", ".ndjson")
SURE = 0.5  # from which on a number in `cats` is a yes
SAID = {
    "studio": "Label Studio's tasks",
    "prodigy": "Prodigy's answers",
    "cats": "spaCy's `cats`",
    "doccano": "doccano's annotations",
}


def is_annotated(path: Path) -> bool:
    """Whether a JSON file is such an export, by its first record; its texts carry classes and no spans."""
    return path.is_file() and path.suffix.lower() in SUFFIXES and _kind(_first(path)) is not None


def annotated(path: Path) -> Table:
    """The texts and their labels; those that nobody judged, or that the person refused, are left out and counted.

    Raises DataError naming the row that has another shape.
    """
    records = read_records(path)
    kind = _kind(next((r for _, r in records), {})) or "cats"
    rows, left_out = [], 0
    for line, record in records:
        labels = _labels(kind, record, f"{path}: row {line}")
        if labels is None:
            left_out += 1
            continue
        rows.append(Row(f"{path.name}:{line}", _text(record, f"{path}: row {line}"), labels))
    said = [SAID[kind]] + ([f"{left_out:,} texts without a judgement left out"] if left_out else [])
    return tabled(path, rows, said=said)


def _first(path: Path) -> Mapping[str, Any]:
    """The first record of a list or of lines, even where the list is long; {} where there is none."""
    text = "\n".join(head(path)).lstrip("[ \t\r\n\ufeff")
    try:
        found, _ = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _kind(record: Mapping[str, Any]) -> str | None:
    if isinstance(record.get("data"), dict) and any(k in record for k in ("annotations", "completions")):
        shapes = {r.get("type") for r in _results(record) if isinstance(r, dict)}
        return "studio" if shapes <= {"choices", "rating", None} and _told(record["data"]) else None
    if _told(record) is None:
        return None
    if isinstance(record.get("cats"), dict):
        return "cats"
    if "answer" in record and "spans" not in record and ("label" in record or "accept" in record):
        return "prodigy"
    notes = record.get("annotations")
    if isinstance(notes, list) and all(isinstance(a, dict) and "label" in a and "start_offset" not in a for a in notes):
        return "doccano"
    return None


def _told(record: Mapping[str, Any]) -> str | None:
    """The text of a record: under a usual key, else its only string."""
    for key in ("text", "data", "sentence", "content", "review", "comment", "body"):
        if isinstance(record.get(key), str):
            return record[key]
    found = [v for v in record.values() if isinstance(v, str)]
    return found[0] if len(found) == 1 else None


def _text(record: Mapping[str, Any], where: str) -> str:
    inner = record.get("data")
    text = _told(inner if isinstance(inner, dict) else record)
    if text is None:
        raise DataError(f"{where} has no text; add it under the key 'text'")
    return text


def _labels(kind: str, record: Mapping[str, Any], where: str) -> Sequence[str] | None:
    """The labels of a record, none of them for a text that has none; None where nobody judged it."""
    try:
        found = {"studio": _studio, "prodigy": _prodigy, "cats": _cats, "doccano": _doccano}[kind](record)
        return None if found is None else [label for label in dict.fromkeys(map(_name, found)) if label]
    except (KeyError, TypeError, AttributeError, ValueError):
        raise DataError(f"{where} is not in the shape of {SAID[kind]}, as the first row is; export it again") from None


def _name(label: Any) -> str:
    if isinstance(label, (dict, list)):
        raise TypeError(label)
    return "" if label is None else str(label).strip()


def _results(record: Mapping[str, Any]) -> list[Any]:
    """The results of the last judgement that was not cancelled."""
    done = record.get("annotations") or record.get("completions") or []
    kept = [a for a in done if isinstance(a, dict) and not a.get("was_cancelled")]
    return kept[-1].get("result") or [] if kept else []


def _studio(record: Mapping[str, Any]) -> Iterable[Any] | None:
    results = _results(record)
    if not isinstance(record["data"], dict):
        raise TypeError(record)
    chosen = [r["value"] for r in results if r.get("type") in ("choices", "rating")]
    return [c for v in chosen for c in v.get("choices", [v.get("rating")])] if chosen else None


def _prodigy(record: Mapping[str, Any]) -> Iterable[Any] | None:
    if record["answer"] == "ignore":
        return None
    if "accept" in record:
        texts = {option["id"]: option.get("text", option["id"]) for option in record.get("options", [])}
        return [texts.get(i, i) for i in record["accept"]] if record["answer"] == "accept" else None
    return [record["label"]] if record["answer"] == "accept" else [f"not {record['label']}"]


def _cats(record: Mapping[str, Any]) -> Iterable[Any]:
    return [name for name, sure in record["cats"].items() if float(sure) >= SURE]


def _doccano(record: Mapping[str, Any]) -> Iterable[Any] | None:
    return [a["label"] for a in record["annotations"]] or None
