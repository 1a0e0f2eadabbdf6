"""What a modality brings: its tables, its reader and its defaults. Every verb works on this and nothing else."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from multicnn.data.reader import Reader
from multicnn.data.table import Table


@dataclass(frozen=True)
class Modality:
    """The parts that differ between images, audio and text.

    item: what the reader takes, a file's path or a text.  suffixes: of the sample files, lower case with the dot.
    datasets: named sets, `(path: Path | None) -> Table`; None stands for where the set usually lies on disk.
    open: any folder or table file in one of the modality's layouts.
    plan_reader: `(table, rows, **settings) -> Reader`, settled from the training rows only.
    frontends: `(reader: Reader, **settings) -> nn.Module` with `.rank`, `.channels`, and
      `fit(batches)` that measures what it needs on training batches and stores it in buffers.
    augments: `(**settings) -> augment`, see `multicnn.train.augment`.
    defaults: `(table, reader, n_train) -> {table: {key: value}}`, the settings a user may override.
    baseline: `(reader, table, train_rows, test_rows, get) -> (name, answers)`; a simple learner to beat,
      `get(row)` gives the decoded sample; None where the majority class is all.
    """

    name: str
    item: Literal["path", "text"]
    suffixes: frozenset[str]
    default_data: str
    datasets: Mapping[str, Callable[[Path | None], Table]]
    open: Callable[..., Table]
    reader: Callable[..., Reader]
    plan_reader: Callable[..., Reader]
    frontends: Mapping[str, Callable[..., Any]]
    augments: Mapping[str, Callable[..., Any]]
    tasks: Mapping[str, Callable[..., Any]]
    defaults: Callable[[Table, Any, int], dict[str, dict[str, Any]]]
    baseline: Callable[[Any, Table, np.ndarray, np.ndarray, Callable[[int], np.ndarray]], tuple[str, np.ndarray]] | None
