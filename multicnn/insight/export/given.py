"""What a bundle's runner is given, as samples; goes into bundles."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from multicnn.data.layouts.tabular import SUFFIXES
from multicnn.errors import DataError

Given = tuple[str, str | Path]  # the sample's name, and what the reader takes


def paths(names: Sequence[str]) -> list[Given]:
    """A sample a file."""
    return [(name, name) for name in names]


def texts(names: Sequence[str]) -> list[Given]:
    """A text a file, or a text a line of standard input for `-`. Raises DataError for tables and what is not UTF-8."""
    for name in names:
        if Path(name).suffix.lower() in SUFFIXES:
            raise DataError(f"{name}: a table; give its texts one a line: ... | python run.py -")
    return [given for name in names for given in (lines() if name == "-" else [(name, Path(name))])]


def lines() -> Iterator[Given]:
    """Those of standard input. Raises DataError where there is none, or no UTF-8."""
    try:
        with open(0, encoding="utf-8", closefd=False) as stream:
            found = [line.removeprefix("\ufeff").rstrip("\r\n") for line in stream]
    except UnicodeError:
        raise DataError("- standard input is not UTF-8; convert it, as by `iconv -f CP1251 -t UTF-8`") from None
    if not found:
        raise DataError("- standard input is empty; write one text a line")
    yield from ((f"line {number}", line) for number, line in enumerate(found, start=1))
