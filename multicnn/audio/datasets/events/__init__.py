"""Recordings with events, in the usual layouts."""

from pathlib import Path

from multicnn.audio.datasets.events.scenes import note_scenes
from multicnn.data.table import Table
from multicnn.errors import DataError

__all__ = ["note_scenes", "open_events"]


def open_events(
    path: Path,
    *,
    item_column: str | None = None,
    label_column: str | None = None,
    split_column: str | None = None,
    group_column: str | None = None,
) -> Table:
    """Todo."""
    raise DataError(f"{path}: no events")
