"""A table with a row a sound: its file, what is said, and if the file holds more than that, from when to when."""

from collections.abc import Sequence
from math import isfinite
from pathlib import Path

from multicnn.audio.datasets.suffixes import SUFFIXES
from multicnn.audio.datasets.transcripts.said import Said, tabled
from multicnn.audio.segment import named
from multicnn.data.layouts.columns import candidates, chosen, listed, missing, plain
from multicnn.data.layouts.files import existing
from multicnn.data.layouts.parts import part_of
from multicnn.data.layouts.sheet import Sheet, as_text
from multicnn.data.layouts.tabular import more, read_sheet
from multicnn.data.table import Table
from multicnn.errors import DataError, UsageError

TEXT = (
    "text", "sentence", "transcript", "transcription", "transcripts", "normalized_text", "raw_transcription",
    "utterance", "words", "wrd", "текст", "предложение", "расшифровка", "транскрипт", "фраза",
)  # fmt: skip
START = ("start", "onset", "begin", "start_time", "начало", "offset")  # of NeMo, offset is where a stretch begins
END = ("end", "stop", "end_time", "offset", "конец")
LENGTH = ("duration", "length", "длительность")


def read_rows(
    path: Path,
    *,
    item_column: str | None = None,
    label_column: str | None = None,
    split_column: str | None = None,
    group_column: str | None = None,
    name: str | None = None,
) -> Table:
    """One sample a row of CSV, TSV, JSON Lines or a JSON list; paths are relative to the table's folder.

    NeMo's manifests (audio_filepath, offset, duration, text) and Hugging Face's metadata (file_name, transcription)
    are such tables. Raises DataError naming the row that cannot be used, UsageError for a column that is not there.
    """
    sheet = read_sheet(path)
    said = list(sheet.said)
    found = samples(sheet, item_column, label_column, split_column, group_column, "", said)
    return tabled(name or path.stem, found, said)


def samples(
    sheet: Sheet, item_column: str | None, label_column: str | None, split_column: str | None,
    group_column: str | None, part: str, said: list[str],
) -> list[Said]:  # fmt: skip
    """The sheet's rows as samples."""
    text = text_column(sheet, label_column, said)
    files = chosen(sheet.names, "path", item_column) if item_column else next(iter(candidates(sheet.names, "path")), "")
    if not files:
        raise missing(sheet.path, sheet.names, "path")
    paths, names = existing(sheet, sheet.column(files), None, SUFFIXES)
    cuts = stretches(sheet)
    parts = parts_of(sheet, split_column, part)
    group = group_column or next(iter(candidates(sheet.names, "group")), None)
    groups = sheet.column(chosen(sheet.names, "group", group)) if group else [""] * len(sheet)
    texts = sheet.column(text)
    others = more(sheet, [files, text])
    found = []
    for row, (file, name, cut) in enumerate(zip(paths.tolist(), names.tolist(), cuts, strict=True)):
        if texts[row] is not None and not isinstance(texts[row], str | int | float):
            raise DataError(f"{sheet.where(row)}: the text is a {type(texts[row]).__name__}, not a string; correct it")
        item, id_ = (file, name) if cut is None else (named(file, *cut), named(name, *cut))
        beside = tuple((key, str(column[row])) for key, column in others.items())
        found.append(Said(item, id_, as_text(texts[row]), sheet.where(row), parts[row], as_text(groups[row]), beside))
    return found


def text_column(sheet: Sheet, given: str | None, said: list[str]) -> str:
    """The column of the transcripts: the user's, or the likeliest. Raises as `candidates` and `chosen`."""
    if given:
        return chosen(sheet.names, "label", given)
    place = {plain(name): name for name in reversed(sheet.names)}
    found = [place[name] for name in TEXT if name in place]
    if not found:
        raise DataError(
            f"{sheet.path}: no column for the transcripts among {listed(sheet.names)}; name it with --label-column, "
            "or call it text"
        )
    if len(found) > 1:
        said.append(f"column {found[0]!r} is taken for the transcripts; {', '.join(map(repr, found[1:]))} would do too")
    return found[0]


def stretches(sheet: Sheet) -> list[tuple[float, float] | None]:
    """From when to when each row's sound is, in seconds; None where it is the whole file."""
    place = {plain(name): name for name in reversed(sheet.names)}
    start = next((place[n] for n in START if n in place), None)
    length = next((place[n] for n in LENGTH if n in place), None)
    end = next((place[n] for n in END if n in place and place[n] != start), None)
    if start is None or not (end or length):
        return [None] * len(sheet)  # a length alone is that of the file
    return [stretch(sheet, row, start, end, length) for row in range(len(sheet))]


def stretch(sheet: Sheet, row: int, start: str, end: str | None, length: str | None) -> tuple[float, float] | None:
    """One row's. Raises DataError for what is no time, or an end that is not behind the start."""
    last = end or length
    assert last is not None
    cells = [as_text(sheet.column(name)[row]) for name in (start, last)]
    if not any(cells) or (not cells[0] and end is None):
        return None
    try:
        first, second = float(cells[0] or 0), float(cells[1])
    except ValueError:
        raise DataError(
            f"{sheet.where(row)}: {start} {cells[0]!r} and {last} {cells[1]!r} are no seconds; correct them"
        ) from None
    second = second if end else first + second
    if not (isfinite(second) and 0 <= first < second):
        raise DataError(f"{sheet.where(row)}: from {first:g} to {second:g} s is no stretch of a sound; correct it")
    return first, second


def parts_of(sheet: Sheet, given: str | None, part: str) -> Sequence[str]:
    """train, val, test or "" of each row. Raises DataError for another word in a column that the user named."""
    name = chosen(sheet.names, "split", given) if given else next(iter(candidates(sheet.names, "split")), None)
    if part and given:
        raise UsageError(f"--split-column {given}: {sheet.path} is the {part} part by its own name; leave it out")
    if part or name is None:
        return [part] * len(sheet)
    words = [as_text(cell) for cell in sheet.column(name)]
    found = [part_of(word) if word else "" for word in words]
    if not given and not any(found):  # `part` and `set` have other meanings too
        return [""] * len(sheet)
    for row, one in enumerate(found):
        if one is None:
            raise DataError(
                f"{sheet.where(row)}: {words[row]!r} in column {name!r} is none of train, val and test; correct it"
            )
    return [one or "" for one in found]
