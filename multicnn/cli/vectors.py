"""The command `predict --features`, once its options are parsed."""

import sys
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

from multicnn.api import load
from multicnn.cli.answers import check_place
from multicnn.cli.console import Console, readable
from multicnn.errors import DataError, UsageError
from multicnn.train.run import write_bytes, write_text
from multicnn.verbs.features import as_csv, features, featuring
from multicnn.verbs.inputs import gather

NAME = "features"  # of the files, where --out is a folder
ENDINGS = (".npy", ".csv")


def write_features(
    run: Path, inputs: Sequence[str], out: Path | None, overwrite: bool, on_bad: str, tta: bool, device: str,
    console: Console, others: dict[str, Any],
) -> None:  # fmt: skip
    """Write the vectors of the inputs and their names; unreadable samples are NaN, and make the exit code 3.

    others: options of `predict` that do not apply here, which must not be given.
    """
    refuse(others)
    if out is None:
        raise UsageError("--features writes two files, NAME.npy and NAME.csv; name them with --out NAME, or a folder")
    numbers, table = (place(out, ending) for ending in ENDINGS)
    for path in (numbers, table):
        check_place(path, None, overwrite)
    loaded = load(run, device=device)
    net = featuring(loaded.trained)
    net = net.seeing(loaded.trained.views) if tta else net
    items = gather(loaded.modality, inputs, sys.stdin, loaded.item_column, loaded.reader)
    found, bad = features(net, items, console)
    written = BytesIO()
    np.save(written, found, allow_pickle=False)
    write_bytes(numbers, written.getvalue())
    write_text(table, readable(as_csv([name for name, _ in items], bad)))
    console.say(f"{len(found):,} vectors of {found.shape[1]:,} numbers: {numbers}, their names: {table}")
    if console.as_json:
        files = {"features": str(numbers), "names": str(table)}
        console.result({"run": str(run), "n": len(found), "dim": found.shape[1], "unread": len(bad), **files})
    if bad and on_bad == "error":
        raise DataError(
            f"{next(iter(bad.values()))}; {len(bad)} of {len(items)} samples could not be read, the others are written"
        )


def refuse(others: dict[str, Any]) -> None:
    """Raises UsageError for an option that says how answers look."""
    for name, value in others.items():
        if value not in (None, ()):
            raise UsageError(f"--{name} is for answers, and --features writes vectors; leave one of them out")


def place(out: Path, ending: str) -> Path:
    """The file of --out with that ending: in it, where it is a folder, or beside it."""
    stem = out / NAME if out.is_dir() else out
    stem = stem.with_suffix("") if stem.suffix.lower() in ENDINGS else stem
    return stem.with_name(stem.name + ending)
