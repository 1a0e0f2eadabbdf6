"""A data set as a run sees it."""

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from multicnn.data.store import Store
from multicnn.data.table import Table, strings
from multicnn.errors import DataError, UsageError
from multicnn.train.evaluate import outputs
from multicnn.train.run import open_run, read_model
from multicnn.train.voice import Voice
from multicnn.verbs.audited import Audited
from multicnn.verbs.features import featuring
from multicnn.verbs.modality import Modality
from multicnn.verbs.prepare import decode
from multicnn.verbs.trained import Trained


@dataclass(frozen=True, eq=False)
class Known:
    """A data set as a run sees it, without what it cannot read.

    rows: of the audited table.  table: those rows, with the run's classes.  store: their decoded samples, numbered as
    in the audited table.  part: (n,) of the run, for samples that it knows; else that of the audited table.
    """

    trained: Trained
    rows: np.ndarray
    table: Table
    store: Store
    features: np.ndarray
    p: np.ndarray
    part: np.ndarray


def check(modality: Modality, run: Path, task: str | None) -> None:
    """Raises UsageError where a run answers another question than is asked; task: None for the run's own."""
    facts = read_model(open_run(run))
    if facts["modality"] != modality.name:
        raise UsageError(
            f"--run {run}: it is of {facts['modality']}; say `multicnn {facts['modality']} audit`, or name another run"
        )
    if task not in (None, facts["task"]):
        raise UsageError(f"--run {run}: its task is {facts['task']}; say --task {facts['task']}, or name another run")
    if facts["task"] != "classify":
        raise UsageError(
            f"--run {run}: {modality.name} {facts['task']} does not answer from one vector a sample; take a run that "
            "classifies, or leave --run out"
        )


def look(seen: Audited, trained: Trained, voice: Voice) -> Known:
    """Decode the data set as the run does, and ask its net."""
    table = seen.table.with_classes(trained.classes)
    if trained.facts["several_labels"]:
        table = table.with_several()
    elif table.several:
        raise DataError(f"{table.name}: its samples carry several labels, the run answers one; name another run")
    trained.warn_of_lost(voice)
    trained = trained.meeting(table.items)
    store, _ = decode(trained.kind, table, trained.reader, voice)
    rows = np.array([r for r in range(len(table)) if r not in store.bad], dtype=np.int64)
    if not len(rows):
        raise DataError(f"{table.name}: no sample can be read, such as {next(iter(store.bad.values()), 'none')}")
    features = asked(featuring(trained), store, rows, voice)
    p = trained.answer(store, rows, voice)
    part = run_parts(trained, store.hashes[rows], seen.part[rows])
    return Known(trained, rows, table.take(rows), store, features, p, part)


def asked(trained: Trained, store: Store, rows: np.ndarray, voice: Voice) -> np.ndarray:
    """What the net itself says of rows of a store.  -> n d"""
    blank = np.zeros(len(store), dtype=np.int64)
    return outputs(trained.net, trained.batches(store, blank, rows), trained.accelerator, voice)


def run_parts(trained: Trained, hashes: np.ndarray, part: np.ndarray) -> np.ndarray:
    """The part of each sample in the run, also of one that repeats it; that of `part` for unknown ones."""
    with open(trained.folder.splits, encoding="utf-8", newline="") as f:
        lines = sorted(csv.DictReader(f), key=lambda line: line["split"] == "train")  # who learnt it once, knows it
    known = {int(line["hash"], 16): line["split"] for line in lines if line["split"]}
    return strings(known.get(h, str(p)) for h, p in zip(hashes.tolist(), part, strict=True))
