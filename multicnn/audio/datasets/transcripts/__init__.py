"""Sounds with what is said in them, by name or in a usual layout."""

from pathlib import Path

from multicnn.audio.datasets.transcripts.beside import read_beside, texts
from multicnn.audio.datasets.transcripts.commonvoice import is_common_voice, read_common_voice
from multicnn.audio.datasets.transcripts.huggingface import metadata, read_metadata
from multicnn.audio.datasets.transcripts.kaldi import folders, read_kaldi
from multicnn.audio.datasets.transcripts.libri import lists, read_lists
from multicnn.audio.datasets.transcripts.ljspeech import is_ljspeech, read_ljspeech
from multicnn.audio.datasets.transcripts.morse import morse
from multicnn.audio.datasets.transcripts.rows import read_rows
from multicnn.data.layouts.layout import refuse_columns
from multicnn.data.table import Table
from multicnn.errors import DataError

__all__ = ["DATASETS", "open_transcripts"]

DATASETS = {"morse": morse}


def open_transcripts(
    path: Path,
    *,
    item_column: str | None = None,
    label_column: str | None = None,
    split_column: str | None = None,
    group_column: str | None = None,
) -> Table:
    """A table of paths and texts, LibriSpeech, MLS, Common Voice, LJSpeech, Kaldi, or a text beside each sound.

    Raises DataError for what is none of these, UsageError for a column that does not apply.
    """
    columns = {
        "--path-column": item_column,
        "--label-column": label_column,
        "--split-column": split_column,
        "--group-by": group_column,
    }
    if path.is_file() and not (is_common_voice(path) and not any(columns.values())):
        return read_rows(
            path, item_column=item_column, label_column=label_column, split_column=split_column,
            group_column=group_column,
        )  # fmt: skip
    refuse_columns(columns, path, "a folder")
    return read_known(path)


def read_known(path: Path) -> Table:
    """A folder in a layout that is known by its files."""
    if is_common_voice(path):
        return read_common_voice(path)
    if found := folders(path):
        return read_kaldi(path, found)
    if is_ljspeech(path):
        return read_ljspeech(path)
    if found := metadata(path):
        return read_metadata(path, found)
    if found := lists(path):
        return read_lists(path, found)
    if found := texts(path):
        return read_beside(path, found)
    raise DataError(
        f"{path}: no transcripts; give a table with columns path and text, a .txt or .lab file beside each sound, or a "
        "folder as of LibriSpeech, Common Voice, LJSpeech, Kaldi or Hugging Face"
    )
