"""Texts whose entities are known."""

from pathlib import Path

from multicnn.data.table import Table
from multicnn.text.datasets.entities.factrueval import factrueval

__all__ = ["factrueval", "open_entities"]


def open_entities(
    path: Path,
    *,
    item_column: str | None = None,
    label_column: str | None = None,
    split_column: str | None = None,
    group_column: str | None = None,
) -> Table:
    return factrueval(path)
