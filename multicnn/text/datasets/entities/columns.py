"""A token a line, its tag in a column, a blank line between sentences: CoNLL-2002, CoNLL-2003, WNUT, Gareev and kin."""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from multicnn.data.mended import Mended
from multicnn.errors import DataError, UsageError
from multicnn.text.datasets.entities.files import named, part_by, read_lines, start
from multicnn.text.datasets.entities.marked import Found, Marked
from multicnn.text.datasets.entities.sentences import Sentence, marked
from multicnn.text.datasets.entities.tags import OUTSIDE, is_tag, tagged

DOCUMENT = "-DOCSTART-"
LEAST = 0.9  # share of a file's first tags that are tags


class Line(NamedTuple):
    """Cells of a line, and its number."""

    number: int
    cells: Sequence[str]


class Columns(NamedTuple):
    """Which cells are used, from 0; negative: from the end. tabs: whether only tabs part cells."""

    token: int
    tag: int
    tabs: bool


def is_columns(path: Path) -> bool:
    """Whether most of a file's first lines have several cells of which one is a tag, and some have no entity."""
    lines = [line for line in start(path) if line.strip() and not comment(line)]
    tabs = tabbed(lines)
    cells = [cut(line, tabs) for line in lines]
    cells = [c for c in cells if c[0] != DOCUMENT]
    if not cells or sum(len(c) > 1 for c in cells) < LEAST * len(cells):
        return False
    return tag_column(cells) is not None


def read_columns(
    files: Sequence[Path], root: Path, mended: Mended, *, token: str | None = None, tag: str | None = None
) -> Found:
    """The sentences of such files. token, tag: numbers of their columns from 1; negative: from the end.

    Where a sentence's first column counts its tokens, they are in the second. Raises DataError naming the line that
    lacks a cell, and UsageError for what is no number.
    """
    said: list[str] = []
    found: list[Marked] = []
    how: dict[str, list[str]] = {}
    places: set[str] = set()
    for path in files:
        lines = read_lines(path, list, said)
        columns = columns_of(path, [text for _, text in lines], token, tag)
        places.add(f"token in {shown(columns.token)}, tag in {shown(columns.tag)}")
        sentences = list(sentences_of(lines, columns, path, mended))
        name = named(path, root)
        own, scheme = marked(sentences, path, name, part_by(path, root), name if len(files) > 1 else "", mended)
        how.setdefault(scheme, []).append(name)
        found += own
    return Found(found, f"columns of tokens and tags ({'; '.join(sorted(places))}), {schemes(how)}", "sentences", said)


def shown(column: int) -> str:
    """`column 1`, or `the last column`."""
    return f"column {column + 1}" if column >= 0 else "the last column" if column == -1 else f"column {column}"


def schemes(how: dict[str, list[str]]) -> str:
    """`IOB2 tags`, or which files have which. how: files of each scheme."""
    if len(how) == 1:
        return f"{next(iter(how))} tags"
    return " and ".join(f"{scheme} tags in {names[0]}{' ...' * (len(names) > 1)}" for scheme, names in how.items())


def columns_of(path: Path, lines: Sequence[str], token: str | None, tag: str | None) -> Columns:
    """The columns that the user names, or those that the lines tell. Raises DataError where none is of tags."""
    held = [line for line in lines if line.strip() and not comment(line)][:SEEN]
    tabs = tabbed(held)
    cells = [c for line in held if (c := cut(line, tabs))[0] != DOCUMENT]
    if not cells:
        raise DataError(f"{path}: holds no token; give a token a line, its tag in the last column, or remove the file")
    found = number(tag, "--label-column") if tag else tag_column(cells)
    if found is None:
        raise DataError(
            f"{path}: no column of tags such as O, B-PER and I-PER in lines like {held[0][:60]!r}; "
            "name its number with --label-column"
        )
    return Columns(number(token, "--text-column") if token else int(counts(cells)), found, tabs)


SEEN = 5_000  # lines that tell the columns


def number(column: str, flag: str) -> int:
    """A column's number from 0, or from the end. Raises UsageError."""
    if column.lstrip("-").isdecimal() and int(column):
        return int(column) - (int(column) > 0)
    raise UsageError(f"{flag} {column}: these columns have no names; give a number, 1 the first, -1 the last")


def tag_column(cells: Sequence[Sequence[str]]) -> int | None:
    """The last column if it holds tags, else the last of those that do; None without one.

    Of files that number their tokens, the outer entities of GermEval-2014 if they are more.
    """
    width = Counter(len(c) for c in cells).most_common(1)[0][0]
    right = [-1] if width > 1 and tagged([c[-1] for c in cells], LEAST) else []
    for column in range(width - 1, 0, -1):
        if tagged([c[column] for c in cells if len(c) > column], LEAST):
            right.append(column - width)
    right = list(dict.fromkeys(right))
    if counts(cells) and right[:2] == [-1, -2]:
        inner, outer = (sum(c[k] not in OUTSIDE for c in cells if len(c) == width) for k in (-1, -2))
        return -2 if outer > inner else -1
    return right[0] if right else None


def counts(cells: Sequence[Sequence[str]]) -> bool:
    """Whether the first of several columns numbers the tokens."""
    many = [c for c in cells if len(c) > 2]
    return len(many) > LEAST * len(cells) and all(c[0].isdecimal() for c in many) and many[0][0] in ("0", "1")


def sentences_of(lines: Sequence[tuple[int, str]], columns: Columns, path: Path, mended: Mended) -> Iterator[Sentence]:
    """Runs of lines between blank ones. Raises DataError for a line without the cells."""
    held: list[Line] = []
    document = 0
    for number, text in lines:
        cells = [] if not text.strip() or (comment(text) and not held) else cut(text, columns.tabs)
        begins = bool(cells) and cells[0] == DOCUMENT
        if cells and not begins:
            if spaces(cells, columns):
                mended.note("tokens that are spaces alone left out", f"{path}: line {number}")
            else:
                held.append(checked(Line(number, cells), columns, path))
            continue
        if held:
            yield sentence(held, columns, document)
            held = []
        document += begins
    if held:
        yield sentence(held, columns, document)


def spaces(cells: Sequence[str], columns: Columns) -> bool:
    """Whether a line has a tag for a token that is a space of some kind."""
    if len(cells) > 1:
        return columns.token < len(cells) and not cells[columns.token].strip() and is_tag(cells[-1])
    return not columns.tabs and (cells[0] in OUTSIDE or (len(cells[0]) > 2 and is_tag(cells[0])))


def checked(line: Line, columns: Columns, path: Path) -> Line:
    """The line. Raises DataError where it lacks a cell."""
    least = max(2, *(c + 1 if c >= 0 else -c for c in (columns.token, columns.tag)))
    if len(line.cells) < least:
        raise DataError(
            f"{path}: line {line.number} has {len(line.cells)} of {least} cells, {' '.join(line.cells)[:60]!r}; "
            "give a token and its tag, or mend the file"
        )
    return line


def sentence(held: Sequence[Line], columns: Columns, document: int) -> Sentence:
    """The sentence of some lines."""
    return Sentence(
        [" ".join(cells[columns.token].split()) for _, cells in held],
        [cells[columns.tag].strip() for _, cells in held],
        [number for number, _ in held],
        f"document {document}" if document else "",
    )


def comment(line: str) -> bool:
    """Whether a line tells of the set, as `# sent_id = 3` or `#\\thttp://...` do: a mark, and no tag behind it."""
    cells = line.split()
    return line.startswith("#") and len(line) > 1 and line[1] in " \t" and not is_tag(cells[-1])


def tabbed(lines: Sequence[str]) -> bool:
    """Whether tabs part the cells."""
    return sum("\t" in line for line in lines) > len(lines) / 2


def cut(line: str, tabs: bool) -> list[str]:
    """The cells of a line that is not blank."""
    return line.rstrip().split("\t") if tabs else line.split()
