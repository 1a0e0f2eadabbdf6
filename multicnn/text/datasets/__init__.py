"""Named sets of labelled texts, and any folder or table file."""

from pathlib import Path

from multicnn.data.layouts.layout import open_layout
from multicnn.data.table import Table
from multicnn.errors import DataError
from multicnn.text.datasets.fortunes import fortunes, fortunes_ru, is_fortunes
from multicnn.text.datasets.mr import is_mr, mr
from multicnn.text.datasets.newsgroups import newsgroups20, reuters8, reuters52
from multicnn.text.datasets.reviews import reviews
from multicnn.text.datasets.sst2 import is_sst2, sst2

__all__ = ["SETS", "SUFFIXES", "mr", "open_text", "reviews", "sst2"]

SUFFIXES = frozenset({".txt"})
SETS = {
    "reviews": reviews,
    "mr": mr,
    "sst2": sst2,
    "newsgroups20": newsgroups20,
    "reuters52": reuters52,
    "reuters8": reuters8,
    "fortunes-ru": fortunes_ru,
}


def open_text(
    path: Path,
    *,
    item_column: str | None = None,
    label_column: str | None = None,
    split_column: str | None = None,
    group_column: str | None = None,
) -> Table:
    """The texts of a folder or a table file; the folders of `mr` and `sst2` are known by their files.

    A folder of class folders (also below train, val and test) holds a document a .txt file; a CSV, TSV or JSON Lines
    file has a text and its label, or labels, in a row. Raises DataError for what is none of these or holds no text, and
    UsageError for a column that is not there.
    """
    columns = (item_column, label_column, split_column, group_column)
    if not any(columns):
        if is_mr(path):
            return mr(path)
        if is_sst2(path):
            return sst2(path)
        if is_fortunes(path):
            return fortunes(path)
    table = open_layout(
        path,
        item="text",
        suffixes=SUFFIXES,
        item_column=item_column,
        label_column=label_column,
        split_column=split_column,
        group_column=group_column,
    )
    _refuse_what_is_no_text(table, path)
    return table


def _refuse_what_is_no_text(table: Table, path: Path) -> None:
    """Raises DataError naming the first text that holds a zero byte, or the first file that is empty."""
    for name, text in zip(table.ids, table.items, strict=True):
        if "\0" in text:
            raise DataError(f"{name}: not a text, it holds zero bytes; remove it or save it as text")
        if path.is_dir() and not text.strip():
            raise DataError(f"{path / name}: the file is empty; remove it or put its text in")
