"""Named sets of labelled texts, and any folder or table file."""

from collections import Counter
from pathlib import Path

from multicnn.data.layouts.layout import open_layout
from multicnn.data.layouts.tree import walk
from multicnn.data.table import Table
from multicnn.text.datasets.annotated import annotated, is_annotated
from multicnn.text.datasets.checks import checked
from multicnn.text.datasets.fortunes import fortunes, fortunes_ru, is_fortunes
from multicnn.text.datasets.headerless import headerless, is_headerless
from multicnn.text.datasets.imdb import imdb, imdb_ratings, is_imdb
from multicnn.text.datasets.labelled import fasttext, is_fasttext, is_numbered, is_trec, numbered, trec, trec_fine
from multicnn.text.datasets.mr import is_mr, mr
from multicnn.text.datasets.named import named
from multicnn.text.datasets.newsgroups import newsgroups20, reuters8, reuters52
from multicnn.text.datasets.polar import is_polar, polar
from multicnn.text.datasets.ratings import ratings as as_ratings
from multicnn.text.datasets.reviews import reviews
from multicnn.text.datasets.sst import is_trees, sst5
from multicnn.text.datasets.sst2 import is_sst2, sst2
from multicnn.text.datasets.sst_release import is_release, release
from multicnn.text.datasets.tables import is_tables, tables

__all__ = ["SETS", "SUFFIXES", "mr", "open_text", "reviews", "sst2"]

SUFFIXES = frozenset({".txt"})
PLAIN = frozenset({"without a suffix", ".text", ".md", ".eml", ".asc"})  # of documents, in a tree without any .txt
LAYOUTS = (
    (is_mr, mr),
    (is_sst2, sst2),
    (is_imdb, imdb),
    (is_trees, sst5),
    (is_release, release),
    (is_trec, trec),
    (is_fasttext, fasttext),
    (is_numbered, numbered),
    (is_headerless, headerless),
    (is_polar, polar),
    (is_annotated, annotated),
    (is_fortunes, fortunes),
)  # whether a path is in a layout, and what reads it


def open_text(
    path: Path,
    *,
    item_column: str | None = None,
    label_column: str | None = None,
    split_column: str | None = None,
    group_column: str | None = None,
) -> Table:
    """The texts of a folder or a file, in any of LAYOUTS, known by its content; else a table, or documents.

    Naming a column says that it is a table: CSV, TSV, JSON, Parquet or Arrow, or a folder with one a part. A folder of
    class folders (also below train, val and test) holds a document a file. Raises DataError for what is none of these,
    holds no text, or cannot be learnt from, and UsageError for a column that is not there.
    """
    columns = {
        "item_column": item_column, "label_column": label_column, "split_column": split_column,
        "group_column": group_column,
    }  # fmt: skip
    if not any(columns.values()) and (known := next((read for fits, read in LAYOUTS if fits(path)), None)):
        table = known(path)
    elif is_tables(path):
        table = named(tables(path, **columns), path)
    else:
        table = open_layout(path, item="text", suffixes=documents(path), **columns)
        table = named(table, path) if path.is_file() else table
    return checked(table, path)


def documents(path: Path) -> frozenset[str]:
    """The suffixes of the documents in a tree: .txt, or where there is none those of other plain texts.

    Trees such as scikit-learn's `load_files` reads have files without a suffix.
    """
    if not path.is_dir() or next(walk(str(path), SUFFIXES, Counter()), None):
        return SUFFIXES
    return PLAIN if next(walk(str(path), PLAIN, Counter()), None) else SUFFIXES


def ratings(path: Path | None = None) -> Table:
    """Any set whose labels are numbers, as negative, neutral and positive."""
    return as_ratings(open_text, path)


SETS = {
    "reviews": reviews,
    "mr": mr,
    "sst2": sst2,
    "sst5": sst5,
    "trec": trec,
    "trec-fine": trec_fine,
    "imdb": imdb,
    "imdb-ratings": imdb_ratings,
    "newsgroups20": newsgroups20,
    "reuters52": reuters52,
    "reuters8": reuters8,
    "fortunes-ru": fortunes_ru,
    "ratings": ratings,
}
