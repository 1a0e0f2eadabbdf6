"""Sets of sounds and of series, by name or in a usual layout."""

from pathlib import Path

from multicnn.audio.datasets.audioset import audioset, is_audioset
from multicnn.audio.datasets.esc10 import esc10, is_esc10
from multicnn.audio.datasets.esc50 import esc50, is_esc50
from multicnn.audio.datasets.fsd50k import fsd50k, is_fsd50k
from multicnn.audio.datasets.fsdd import fsdd, fsdd_speakers, is_fsdd
from multicnn.audio.datasets.instruments import instruments
from multicnn.audio.datasets.irmas import irmas, is_irmas
from multicnn.audio.datasets.kaldi import is_kaldi, read_kaldi
from multicnn.audio.datasets.lhotse import is_cuts, read_cuts
from multicnn.audio.datasets.listed import read_listed
from multicnn.audio.datasets.nsynth import is_nsynth, nsynth
from multicnn.audio.datasets.openmic import is_openmic, openmic
from multicnn.audio.datasets.soundfolder import is_soundfolder, read_soundfolder
from multicnn.audio.datasets.speechcommands import is_speech_commands, speech_commands, speech_commands_12
from multicnn.audio.datasets.suffixes import SUFFIXES
from multicnn.audio.datasets.urbansound8k import is_urbansound8k, urbansound8k
from multicnn.audio.series import files
from multicnn.audio.series.layouts import holds_series, open_collections, refuse_mixed, refuse_single
from multicnn.data.layouts.layout import open_layout
from multicnn.data.layouts.tabular import SUFFIXES as TABLES
from multicnn.data.table import Table

__all__ = ["SETS", "SUFFIXES", "open_audio"]

SETS = {
    "instruments": instruments,
    "fsdd": fsdd,
    "fsdd-speakers": fsdd_speakers,
    "esc10": esc10,
    "esc50": esc50,
    "urbansound8k": urbansound8k,
    "speech-commands": speech_commands,
    "speech-commands-12": speech_commands_12,
    "fsd50k": fsd50k,
    "audioset": audioset,
    "irmas": irmas,
    "openmic": openmic,
    "nsynth": nsynth,
}
LAYOUTS = (
    (is_fsdd, fsdd),
    (is_esc10, esc10),
    (is_esc50, esc50),
    (is_urbansound8k, urbansound8k),
    (is_speech_commands, speech_commands),
    (is_fsd50k, fsd50k),
    (is_audioset, audioset),
    (is_irmas, irmas),
    (is_openmic, openmic),
    (is_nsynth, nsynth),
    (is_kaldi, read_kaldi),
    (is_soundfolder, read_soundfolder),
    (is_cuts, read_cuts),
)  # whether a path is in a layout, and what reads it


def open_audio(
    path: Path,
    *,
    item_column: str | None = None,
    label_column: str | None = None,
    split_column: str | None = None,
    group_column: str | None = None,
) -> Table:
    """A folder of class folders, the same in train, val and test folders, a table of paths, or a known layout.

    Of sounds or of series (.npy, .csv, .bvh ...); also files that hold many series (.ts, .arff, .npz). Columns of times
    in a table make pieces of sounds. Raises DataError for what is none of these or a mixture of sounds and series,
    UsageError for a column that does not apply.
    """
    columns = {
        "item_column": item_column, "label_column": label_column, "split_column": split_column,
        "group_column": group_column,
    }  # fmt: skip
    if not any(columns.values()):
        if known := next((read for fits, read in LAYOUTS if fits(path)), None):
            return known(path)
        if many := open_collections(path):
            return many
        refuse_single(path)
    if path.is_file() and path.suffix.lower() in TABLES:
        table = read_listed(path, **columns)
    else:
        table = open_layout(path, item="path", suffixes=_suffixes(path), **columns)
    refuse_mixed(table)
    return table


def _suffixes(path: Path) -> frozenset[str]:
    """Of the files that a path can hold: series, or sounds; of a file by itself, either."""
    if path.is_dir():
        return files.SUFFIXES if holds_series(path, SUFFIXES) else SUFFIXES
    return SUFFIXES | files.SUFFIXES
