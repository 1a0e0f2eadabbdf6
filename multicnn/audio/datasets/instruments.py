"""Recorded notes of ten kinds of instrument; ships with the package."""

from pathlib import Path

from multicnn.audio.datasets.suffixes import SUFFIXES
from multicnn.data.assets import asset
from multicnn.data.layouts.tabular import read_table
from multicnn.data.table import Table


def instruments(path: Path | None = None) -> Table:
    """The first half second of notes of the FluidR3 SoundFont, Frank Wen 2000-2008, MIT licence.

    Official test part: every fourth note of each instrument. The channels of a recorded note, and the hits of one drum,
    are a group. `path`: the folder of table.csv, elsewhere than in the package.
    """
    folder = path or asset("instruments")
    return read_table(folder / "table.csv", item="path", suffixes=SUFFIXES, name="instruments")
