"""Which layout a file or folder is in, told by its content."""

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from multicnn.data.layouts.arrow import SUFFIXES as ARROW
from multicnn.data.layouts.arrow import is_dataset
from multicnn.data.layouts.layout import PACKED, SHEETS
from multicnn.data.mended import Mended
from multicnn.errors import DataError
from multicnn.text.datasets.entities.brat import read_brat
from multicnn.text.datasets.entities.bsnlp import is_bsnlp, read_bsnlp
from multicnn.text.datasets.entities.columns import is_columns, read_columns
from multicnn.text.datasets.entities.conllu import is_conllu, read_conllu
from multicnn.text.datasets.entities.docbin import read_docbin
from multicnn.text.datasets.entities.files import files_of, with_suffix
from multicnn.text.datasets.entities.inline import is_pku, is_wikiner, read_pku, read_wikiner
from multicnn.text.datasets.entities.marked import Found
from multicnn.text.datasets.entities.objects import SUFFIXES as JSON
from multicnn.text.datasets.entities.records import read_hub, read_records
from multicnn.text.datasets.entities.shapes import Keys
from multicnn.text.datasets.entities.tokenrows import is_token_rows, read_token_rows
from multicnn.text.datasets.entities.twofiles import around, pairs, read_pairs

TABLES = (".csv", ".tsv", ".tab")
KINDS = "conll, conllu, wikiner, brat, records"


class Asked(NamedTuple):
    """What the user points at, and how it is to be read."""

    path: Path
    keys: Keys
    on_misaligned: str
    mended: Mended

    @property
    def files(self) -> list[Path]:
        """All files there."""
        return files_of(self.path)


Read = Callable[[Asked, Sequence[Path]], Found]


class Layout(NamedTuple):
    """How files of one kind are told and read. is_one: whether a file is one; None: told by the folder."""

    read: Read
    is_one: Callable[[Path], bool] | None = None
    columns: bool = False  # whether columns may be named


def columns(asked: Asked, files: Sequence[Path]) -> Found:
    """Tokens and tags in columns."""
    return read_columns(files, asked.path, asked.mended, token=asked.keys.text, tag=asked.keys.label)


def words_and_tags(asked: Asked, files: Sequence[Path]) -> Found:
    """Two files."""
    found = pairs(around(asked.path) if asked.path.is_file() else files)
    if not found:
        raise DataError(f"{asked.path}: no NAME.words.txt and NAME.tags.txt; put both in one folder")
    return read_pairs(found, asked.path, asked.mended)


def standoff(asked: Asked, files: Sequence[Path]) -> Found:
    """brat's."""
    beside = [f for s in (".txt", ".ann") if (f := asked.path.with_suffix(s)).is_file()]
    return read_brat(files if asked.path.is_dir() else beside, asked.path, asked.mended, asked.on_misaligned)


def records(asked: Asked, files: Sequence[Path]) -> Found:
    """JSON, tables, Parquet and Arrow."""
    if asked.path.is_dir() and is_dataset(asked.path):
        return read_hub(asked.path, asked.mended, asked.on_misaligned, asked.keys)
    held = with_suffix(files, *JSON, *TABLES, *ARROW)
    return read_records(held, asked.path, asked.mended, asked.on_misaligned, asked.keys)


def is_table(path: Path) -> bool:
    """By its suffix; what has no header is in another layout."""
    return path.suffix.lower() in TABLES


NO_RECORDS = ("dataset_info.json", "state.json", "dataset_dict.json", "dataset_infos.json", "label_config.json",
              "span_config.json", "labels.json", "meta.json", "config.json")  # fmt: skip

LAYOUTS: dict[str, Layout] = {  # those that a file tells by itself, the surest first
    "docbin": Layout(
        lambda asked, files: read_docbin(files, asked.path, asked.mended), lambda path: path.suffix.lower() == ".spacy"
    ),
    "conllu": Layout(lambda asked, files: read_conllu(files, asked.path, asked.mended), is_conllu),
    "token-rows": Layout(
        lambda asked, files: read_token_rows(files, asked.path, asked.mended, asked.keys), is_token_rows, columns=True
    ),
    "conll": Layout(columns, is_columns, columns=True),
    "wikiner": Layout(lambda asked, files: read_wikiner(files, asked.path, asked.mended), is_wikiner),
    "peoples-daily": Layout(lambda asked, files: read_pku(files, asked.path, asked.mended), is_pku),
    "records": Layout(records, is_table, columns=True),
    "brat": Layout(standoff),
    "bsnlp": Layout(lambda asked, files: read_bsnlp(files, asked.path, asked.mended, asked.on_misaligned)),
    "words-tags": Layout(words_and_tags),
}


def detect(asked: Asked) -> tuple[str, list[Path], list[str]]:
    """The layout, its files, and what to say of others. Raises DataError for what is none."""
    path = asked.path
    if path.is_file():
        return _of_file(path)
    if is_dataset(path):
        return "records", [], []
    files = asked.files
    if with_suffix(files, ".ann"):
        return "brat", files, []
    if is_bsnlp(files):
        return "bsnlp", files, []
    if pairs(files):
        return "words-tags", files, []
    kinds = {f: kind for f in files if (kind := kind_of(f))}
    if not kinds:
        raise _no_layout(path)
    most = Counter(kinds.values()).most_common(1)[0][0]
    chosen = [f for f in files if kinds.get(f) == most]
    others = [f for f in files if kinds.get(f) != most and f.name not in NO_RECORDS]
    said = [f"{len(others)} files left out that are in another layout, such as {others[0]}"] if others else []
    return most, chosen, said


def _of_file(path: Path) -> tuple[str, list[Path], list[str]]:
    """Of one file."""
    if path.suffix.lower() in (*PACKED, *SHEETS):
        raise DataError(f"{path}: {path.suffix} files are not read; unpack it, or save it as JSON Lines")
    if path.suffix == ".ann" or (path.suffix == ".txt" and path.with_suffix(".ann").is_file()):
        return "brat", [path], []
    if pairs([p for p in around(path) if p.is_file()]):
        return "words-tags", [path], []
    kind = kind_of(path)
    if kind is None:
        raise _no_layout(path)
    return kind, [path], []


def kind_of(path: Path) -> str | None:
    """The layout of a file by itself."""
    if path.stat().st_size == 0:
        return None
    if path.suffix.lower() in (*JSON, *ARROW):
        return None if path.name in NO_RECORDS else "records"
    return next((name for name, layout in LAYOUTS.items() if layout.is_one and layout.is_one(path)), None)


def _no_layout(path: Path) -> DataError:
    return DataError(
        f"{path}: no texts with entities in a known layout; give columns of tokens and tags, brat's .txt and .ann, or "
        f"JSON Lines with text and entities, or name the layout ({KINDS}, ...) as in conll={path.name}"
    )
