"""Morse code."""

from pathlib import Path

from multicnn.data.table import Table
from multicnn.errors import DataError


def morse(path: Path | None = None) -> Table:
    """Soon."""
    raise DataError("morse: not yet; give a folder")
