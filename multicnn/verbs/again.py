"""Samples of a run's own data, for what looks at its answers anew."""

from typing import Any

import numpy as np

from multicnn.data.table import Table
from multicnn.errors import DataError, MulticnnError
from multicnn.insight.export.feeding import batches
from multicnn.verbs import sources
from multicnn.verbs.layers import read_saved
from multicnn.verbs.prepare import from_table
from multicnn.verbs.sources import DataSettings
from multicnn.verbs.trained import Trained

Item = tuple[str, Any]


def part_of(trained: Trained, part: str, most: int) -> Table:
    """At most so many samples of a part, evenly; of the validation part where there is no such part.

    Raises DataError where the data are gone or changed.
    """
    tables = read_saved(trained.folder.config, trained.modality.name)
    settings = from_table("data", DataSettings, tables["data"])
    try:
        table = sources.load_table(trained.kind, settings)
        found = sources.parts(sources.split_table(table, settings, tables["train"]["seed"]))
    except (MulticnnError, OSError) as error:
        raise DataError(f"the run's data are not there any more: {error}") from error
    rows = found[part] if len(found[part]) else found["val"]
    places = np.linspace(0, len(rows) - 1, min(most, len(rows))).round().astype(int)
    return table.with_classes(trained.classes).take(rows[places]) if len(rows) else table.take(rows)


def readable(table: Table, trained: Trained) -> tuple[list[Item], Table]:
    """Names and items, and the same rows as a table, those left out that cannot be read."""
    found: list[Item] = []
    kept: list[int] = []
    for row in range(len(table)):
        item = table.items[row]
        try:
            item = item if isinstance(item, np.ndarray) else at_hand(str(item), trained)
            next(batches(trained.reader, item))
        except DataError:
            continue
        found.append((str(table.ids[row]), item))
        kept.append(row)
    return found, table.take(np.array(kept, dtype=np.int64))


def at_hand(item: str, trained: Trained) -> Any:
    """What `predict` takes for an item; a mixture that is told by its stems becomes its samples."""
    return trained.reader(item) if trained.modality.item == "path" and item.startswith("{") else item
