"""Texts with their named entities, in the usual layouts."""

from collections.abc import Callable
from pathlib import Path

from multicnn.data.layouts.layout import refuse_columns
from multicnn.data.mended import Mended
from multicnn.data.table import Table
from multicnn.errors import DataError
from multicnn.text.datasets.entities.apart import check_policy
from multicnn.text.datasets.entities.brat import COLLECTION5
from multicnn.text.datasets.entities.factrueval import factrueval, is_factrueval
from multicnn.text.datasets.entities.hironsan import hironsan
from multicnn.text.datasets.entities.layouts import LAYOUTS, Asked, detect
from multicnn.text.datasets.entities.marked import Found, renamed, tabled
from multicnn.text.datasets.entities.shapes import Keys

__all__ = ["SETS", "factrueval", "hironsan", "open_entities"]

FLAGS: tuple[str, ...] = ("--text-column", "--label-column", "--split-column", "--group-by")


def open_entities(
    path: Path,
    *,
    item_column: str | None = None,
    label_column: str | None = None,
    split_column: str | None = None,
    group_column: str | None = None,
    on_misaligned: str = "snap",
) -> Table:
    """CoNLL's columns, CoNLL-U, WikiNER, brat, BSNLP, FactRuEval, doccano, Label Studio, Prodigy, spaCy, Hugging Face.

    The layout is told by the content. on_misaligned: what spans do that are not whole tokens, where there are tokens:
    snap, drop or error. Raises DataError naming the file and line that cannot be used, UsageError for a column that
    does not apply.
    """
    check_policy(on_misaligned)
    asked = Asked(path, Keys(item_column, label_column, split_column, group_column), on_misaligned, Mended())
    columns = dict(zip(FLAGS, asked.keys, strict=True))
    if path.is_dir() and is_factrueval(path):
        refuse_columns(columns, path, "no table")
        return factrueval(path)
    name, files, said = detect(asked)
    if not LAYOUTS[name].columns:
        refuse_columns(columns, path, "no table")
    return _table(asked, LAYOUTS[name].read(asked, files), said)


def _table(asked: Asked, found: Found, said: list[str]) -> Table:
    return tabled(asked.path, found._replace(said=[*said, *found.said]), asked.mended)


def _named(name: str, layout: str, about: str, types: dict[str, str] | None = None) -> Callable[[Path | None], Table]:
    """A set read in one layout, whatever its content looks like. types: other names of its types."""

    def read(path: Path | None = None) -> Table:
        if path is None:
            raise DataError(f"{name}: lies nowhere by itself; name its file or folder, as in {name}=PATH")
        if not path.exists():
            raise DataError(f"no such file or folder: {path}; check the name")
        asked = Asked(path.absolute(), Keys(), "snap", Mended())
        found = LAYOUTS[layout].read(asked, asked.files)
        return _table(asked, renamed(found, types) if types else found, [])

    read.__doc__ = about
    return read


SETS: dict[str, Callable[[Path | None], Table]] = {
    "hironsan": hironsan,
    "factrueval": factrueval,
    "conll": _named("conll", "conll", "Tokens and tags in columns: CoNLL-2002, CoNLL-2003, WNUT, Gareev, hironsan."),
    "conllu": _named("conllu", "conllu", "CoNLL-U with tags of entities in its last column, as of Nerus."),
    "token-rows": _named("token-rows", "token-rows", "A table with a token a row and the sentence's number."),
    "words-tags": _named("words-tags", "words-tags", "NAME.words.txt and NAME.tags.txt, or seq.in and seq.out."),
    "wikiner": _named("wikiner", "wikiner", "A sentence a line, word|pos|tag."),
    "peoples-daily": _named("peoples-daily", "peoples-daily", "A sentence a line, word/tag; nr, ns and nt are names."),
    "brat": _named("brat", "brat", "brat's .txt and .ann files."),
    "collection5": _named(
        "collection5", "brat", "Collection5: brat's files, MEDIA as ORG, GEOPOLIT as LOC.", COLLECTION5
    ),
    "bsnlp": _named("bsnlp", "bsnlp", "BSNLP: texts, and .out files of the names in them."),
    "records": _named("records", "records", "JSON of doccano, Label Studio, Prodigy, spaCy; tables; Parquet, Arrow."),
    "docbin": _named("docbin", "docbin", "spaCy's .spacy files."),
}
