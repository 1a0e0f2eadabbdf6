"""A text a record: JSON of annotation tools, tables, and data sets of Hugging Face."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from multicnn.data.layouts.arrow import read_dataset
from multicnn.data.layouts.columns import listed
from multicnn.data.layouts.parts import part_of
from multicnn.data.layouts.sheet import Sheet
from multicnn.data.layouts.tabular import read_sheet
from multicnn.data.mended import Mended
from multicnn.errors import DataError, UsageError
from multicnn.text.datasets.entities.apart import settled
from multicnn.text.datasets.entities.claims import Names
from multicnn.text.datasets.entities.files import named, part_by
from multicnn.text.datasets.entities.marked import Found, Marked, Token
from multicnn.text.datasets.entities.objects import SUFFIXES, Value, read_values
from multicnn.text.datasets.entities.sentences import Sentence, found_in, marked, placed
from multicnn.text.datasets.entities.shapes import TAGS, Keys, Record, record
from multicnn.text.datasets.entities.spacyjson import is_training, training
from multicnn.text.datasets.entities.units import UNITS, Claimed, fitted

INFO = "dataset_info.json"  # Hugging Face's description of columns
CONFIG = ("label_config.json", "span_config.json", "labels.json")  # doccano's lists of types


def read_records(files: Sequence[Path], root: Path, mended: Mended, on_misaligned: str, keys: Keys) -> Found:
    """The texts of such files. Raises DataError naming the row that cannot be used."""
    said: list[str] = []
    found: list[Marked] = []
    for path in files:
        name = named(path, root)
        names = numbers(path.parent)
        values = read_values(path, name, said) if path.suffix.lower() in SUFFIXES else rows(read_sheet(path), said)
        if values and all(is_training(v.value) for v in values[:3]):
            own = training(values, name, names, mended)
        else:
            own = records_of(values, keys, names, mended)
        found += finished(own, part_by(path, root), path, on_misaligned, mended, said)
    return Found(found, "records of texts with their entities", "texts", said)


def read_hub(root: Path, mended: Mended, on_misaligned: str, keys: Keys) -> Found:
    """The parts of a set in Parquet or Arrow files."""
    said: list[str] = []
    own = records_of(rows(read_dataset(root), said), keys, numbers(root), mended)
    found = finished(own, "", root, on_misaligned, mended, said)
    return Found(found, "Parquet or Arrow files as of Hugging Face", "texts", said)


def rows(sheet: Sheet, said: list[str]) -> list[Value]:
    """The rows of a table as objects."""
    said += sheet.said
    return [
        Value(dict(zip(sheet.names, cells, strict=True)), sheet.name(row), sheet.where(row))
        for row, cells in enumerate(zip(*sheet.columns, strict=True))
    ]


def records_of(values: Sequence[Value], keys: Keys, names: Names, mended: Mended) -> list[Record]:
    """Those of all values. Raises UsageError for a column that none of them has."""
    known = {k for v in values if isinstance(v.value, dict) for k in v.value}
    flags = zip(keys, ("--text-column", "--label-column", "--split-column", "--group-by"), strict=True)
    for key, flag in flags:
        if key and key not in known:
            raise UsageError(f"{flag}: no column named {key!r}; columns found: {listed(sorted(known))}")
    return [found for v in values if (found := record(v, keys, names, mended))]


def finished(
    records: Sequence[Record], part: str, path: Path, on_misaligned: str, mended: Mended, said: list[str]
) -> list[Marked]:
    """The texts of one file's records in their order. part: of records that name none."""
    tagged = [one for one in records if one.tags is not None]
    spanned = [one for one in records if one.tags is None]
    done: dict[str, Marked] = {one.id: one for one in from_tags(tagged, path, mended, said)}
    done |= {one.id: one for one in from_spans(spanned, on_misaligned, mended, said)}
    return [done[one.id]._replace(part=part_told(one, part), group=one.group, where=one.where) for one in records]


def part_told(one: Record, part: str) -> str:
    """The part that a record names. Raises DataError for an unknown word, unless its file tells the part."""
    told = part_of(one.part) if one.part else part
    if told is None and not part:
        raise DataError(f"{one.where}: {one.part!r} is none of train, val and test; correct it")
    return part or told or ""


def from_tags(records: Sequence[Record], path: Path, mended: Mended, said: list[str]) -> list[Marked]:
    """Of tokens with their tags."""
    if not records:
        return []
    info = features(path if path.is_dir() else path.parent)
    sentences = [
        Sentence(words(one), [tag(t, one, info) for t in one.tags or ()], [n], text=one.text)
        for n, one in enumerate(records)
    ]
    try:
        found, how = marked(sentences, path, path.name, "", "", mended)
    except DataError as error:
        raise DataError(renumbered(str(error), records, path)) from None
    said.append(f"{how} tags")
    return [own._replace(id=one.id) for own, one in zip(found, records, strict=True)]


def renumbered(message: str, records: Sequence[Record], path: Path) -> str:
    """An error's sentence with a record's place instead of its number among them."""
    number, _, rest = message.removeprefix(f"{path}: line ").partition(":")
    return f"{records[int(number)].where}:{rest}"


def words(one: Record) -> list[str]:
    """The tokens of a record. Raises DataError for what is none."""
    found = []
    for token in one.tokens or ():
        word = token.get("text") if isinstance(token, dict) else token
        if not isinstance(word, str) or not word.strip():
            raise DataError(f"{one.where}: {token!r} is no token; give words that are not empty")
        found.append(word if one.text is not None else " ".join(word.split()))
    return found


def tag(value: Any, one: Record, info: Mapping[str, Sequence[str]]) -> str:
    """A tag's name. Raises DataError for a number without one."""
    if isinstance(value, str):
        return value
    names: Sequence[str] = next((info[key] for key in TAGS if key in info), ())
    if isinstance(value, bool) or not 0 <= value < len(names):
        raise DataError(
            f"{one.where}: tag {value!r} is a number without a name; put {INFO} with the names beside the file, "
            "or write B-PER and so on"
        )
    return names[int(value)]


def from_spans(records: Sequence[Record], on_misaligned: str, mended: Mended, said: list[str]) -> list[Marked]:
    """Of texts with spans."""
    cut = [cut_text(one) for one in records]
    claimed = [Claimed(text, own(one, tokens)) for one, (text, tokens) in zip(records, cut, strict=True)]
    spans, unit = fitted(claimed, mended, strict=on_misaligned == "error")
    if unit != next(iter(UNITS)):
        said.append(f"offsets count {unit}")
    return [
        Marked(text, one.id, settled(text, found, tokens, one.where, mended, on_misaligned), tokens)
        for one, (text, tokens), found in zip(records, cut, spans, strict=True)
    ]


def cut_text(one: Record) -> tuple[str, list[Token] | None]:
    """A record's text and its tokens' places, if it tells any. Raises DataError where they do not fit the text."""
    if one.tokens is None:
        return one.text or "", None
    if one.text is not None and one.tokens and all(isinstance(t, dict) and "start" in t for t in one.tokens):
        tokens = [(t.get("start"), t.get("end")) for t in one.tokens]
        flat = [n for token in tokens for n in token]
        if (
            not all(isinstance(n, int) for n in flat)
            or flat != sorted(flat)
            or not 0 <= flat[0] <= flat[-1] <= len(one.text)
        ):
            return one.text, found_in(one.text, words(one))  # offsets in another unit
        return one.text, [token for token in tokens if token[0] < token[1]]
    if one.text is not None:
        return one.text, found_in(one.text, words(one))
    return placed(Sentence(words(one), (), [0]))


def own(one: Record, tokens: Sequence[Token] | None) -> Sequence[Any]:
    """A record's spans in characters. Raises DataError for one beyond the tokens that it counts."""
    if not one.inner or tokens is None:
        return one.spans
    for c in one.spans:
        if not 0 <= c.begin < c.end <= len(tokens):
            raise DataError(
                f"{one.where}: entity {c.type!r} from token {c.begin} to {c.end} of {len(tokens)}; correct it"
            )
    return [c._replace(begin=tokens[c.begin][0], end=tokens[c.end - 1][1], quoted=None) for c in one.spans]


def numbers(folder: Path) -> dict[int, str]:
    """Names of types that are numbers, of doccano's list of labels in the folder."""
    for path in (folder / name for name in CONFIG):
        if path.is_file():
            told = loaded(path)
            told = told if isinstance(told, list) else []
            return {
                one["id"]: one["text"]
                for one in told
                if isinstance(one, dict) and isinstance(one.get("id"), int) and isinstance(one.get("text"), str)
            }
    return {}


def features(folder: Path) -> dict[str, list[str]]:
    """Names of the classes of each column that holds some, of Hugging Face's description beside a file."""
    path = folder / INFO
    told = loaded(path) if path.is_file() else {}
    columns = told.get("features") if isinstance(told, dict) else None
    found: dict[str, list[str]] = {}
    for column, feature in columns.items() if isinstance(columns, dict) else ():
        inner = feature.get("feature", feature) if isinstance(feature, dict) else feature
        inner = inner[0] if isinstance(inner, list) and inner else inner
        names = inner.get("names") if isinstance(inner, dict) else None
        if isinstance(names, list):
            found[column] = [str(n) for n in names]
    return found


def loaded(path: Path) -> Any:
    """A JSON file beside the data. Raises DataError."""
    try:
        return json.loads(path.read_text(encoding="utf-8-sig"))
    except (ValueError, RecursionError, OSError) as error:
        raise DataError(f"{path}: cannot be read ({error}); mend it or remove it") from None
