"""Evaluate: measure a finished run on its own parts, or on other labelled data."""

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from multicnn.data.along import Target
from multicnn.data.store import Store
from multicnn.data.table import PARTS, Table
from multicnn.errors import DataError
from multicnn.train.evaluate import shown
from multicnn.train.run import LONGEST_NAME, RunFolder, read_json
from multicnn.train.voice import Voice
from multicnn.verbs import measure, sources
from multicnn.verbs.layers import read_saved
from multicnn.verbs.prepare import decode, from_table
from multicnn.verbs.sources import DataSettings
from multicnn.verbs.trained import Trained


def evaluate(
    trained: Trained,
    data: str | None,
    part: str,
    voice: Voice,
    views: Sequence[str] = (),
    task: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Measure on a part of the run's own data, or on all samples of `data`; write evaluation/*.

    views: for test-time augmentation, whose files end in -tta. task: settings of the task that are not the run's own;
    these files end in -set. Classes are matched by name. Raises DataError on a class that the model does not know.
    """
    tables = read_saved(trained.folder.config, trained.modality.name)
    settings = from_table("data", DataSettings, tables["data"])
    if data is None:
        table = sources.load_table(trained.kind, settings)
        rows = sources.parts(sources.split_table(table, settings, tables["train"]["seed"]))[part]
        name = part
    else:
        table = other_data(trained, data, settings)
        rows = np.arange(len(table))
        name = file_name(Path(data).resolve().stem)
        name = f"data-{name}" if name in PARTS else name  # the run's own parts keep their files
    trained, name = trained.seeing(views), name + "-tta" * bool(views) + "-set" * bool(task)
    if not len(rows):
        raise DataError(f"{trained.folder.path}: its {part} part is empty; name labelled data to measure on")
    table = table.with_classes(trained.classes).take(rows)
    found = decoded(trained, table, settings, voice)
    trained, table, good = found.trained, found.table, found.rows
    if data is None:
        check_unchanged(trained.folder, part, found.names())
    else:
        warn_of_training_samples(trained.folder, found.store.hashes[good].tolist(), voice)
    judged = trained.judge(found.store, found.target, good, voice)
    kept = {**({"tta": [*views]} if views else {}), **({"set": dict(task)} if task else {})}
    kept = kept or (beside(trained.folder.evaluation / f"{name}.json") if data is None else {})
    told = measure.report(trained.folder, name, trained.kind, trained.task, table, good, judged, found.look) | kept
    if kept:
        trained.folder.write_json(trained.folder.evaluation / f"{name}.json", told)
    voice.say(f"{name}: {len(good):,} samples")
    for line in measure.lines(told):
        voice.say(line)
    return {"run": str(trained.folder.path), **told}


@dataclass(frozen=True, eq=False)
class Decoded:
    """Samples as a net is given them.

    trained: the net, which has met them.  table: their pieces, where they are cut.  rows: of the table, those that can
    be read.
    """

    trained: Trained
    table: Table
    store: Store
    target: Target
    rows: np.ndarray

    def names(self) -> Iterator[tuple[str, int]]:
        """Of the readable rows, with the hash of what is in them."""
        return zip(self.table.ids[self.rows], self.store.hashes[self.rows].tolist(), strict=True)

    def look(self, places: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """See `multicnn.verbs.modality.Look`; places among the readable rows."""
        few = self.trained.batches(self.store, self.target, self.rows).first(self.rows[places])
        raw = few.x.numpy()
        return raw, few.y.numpy(), shown(self.trained.net, self.trained.task, raw, self.trained.accelerator)


def decoded(trained: Trained, table: Table, settings: DataSettings, voice: Voice) -> Decoded:
    """All samples of a table. Raises DataError for what cannot be read, unless such may be skipped."""
    trained.warn_of_lost(voice)
    trained = trained.meeting(table.items)
    table = trained.kind.cut(table, trained.reader)[0] if trained.kind.cut else table
    store, target = decode(trained.kind, table, trained.reader, voice)
    good = np.array([r for r in range(len(table)) if r not in store.bad], dtype=np.int64)
    if len(good) < len(table):
        if settings.on_bad == "error" or not len(good):
            count = f"{len(store.bad)} of {len(table)} samples"
            raise DataError(f"{next(iter(store.bad.values()))}; {count} cannot be read, mend or remove them")
        voice.say(f"warning: {len(store.bad)} samples cannot be read and are left out")
    return Decoded(trained, table, store, target, good)


def other_data(trained: Trained, data: str, settings: DataSettings) -> Table:
    """All samples of other data; the run's columns are looked for only in a table, which may have them too."""
    settings = replace(settings, split_column=None, group_by=None)
    if Path(data).expanduser().is_dir():
        settings = replace(settings, item_column=None, label_column=None)
    table = sources.open_source(trained.kind, data, settings)
    if trained.facts["several_labels"]:
        return table.with_several()
    if table.several:
        raise DataError(f"{data}: its samples carry several labels, the model answers one; give each sample one label")
    return table


def check_unchanged(folder: RunFolder, part: str, now: Iterable[tuple[str, int]]) -> None:
    """Raises DataError where a part holds other samples than when the run began: some may have been trained on."""
    with open(folder.splits, encoding="utf-8", newline="") as f:
        then = {(line["id"], line["hash"]) for line in csv.DictReader(f) if line["split"] == part}
    if then != {(name, f"{hash_:016x}") for name, hash_ in now}:
        raise DataError(
            f"{folder.path}: the data changed since the run began (splits.csv differs); train it anew, "
            "or name other labelled data to measure on"
        )


def warn_of_training_samples(folder: RunFolder, hashes: list[int], voice: Voice) -> None:
    """Say how many of the samples the run was trained or chosen on."""
    with open(folder.splits, encoding="utf-8", newline="") as f:
        used = {line["hash"] for line in csv.DictReader(f) if line["split"] in ("train", "val")}
    seen = sum(f"{h:016x}" in used for h in hashes)
    if seen:
        voice.say(
            f"warning: {seen} of {len(hashes)} samples are of the training or validation part; too good to be true"
        )


def beside(path: Path) -> dict[str, Any]:
    """What training wrote of simple learners on the same samples; a new measure of the net does not change it."""
    return {k: v for k, v in (read_json(path) if path.exists() else {}).items() if k == "baselines"}


def file_name(name: str) -> str:
    """A name for the files below evaluation/."""
    return "".join(c if c.isalnum() or c in "-_" else "-" for c in name)[:LONGEST_NAME] or "data"
