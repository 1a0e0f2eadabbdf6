"""Features: the vectors that a net answers from, for other learners."""

import csv
import io
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from multicnn.data.store import pack
from multicnn.errors import DataError, UsageError
from multicnn.train.evaluate import outputs
from multicnn.train.voice import Voice
from multicnn.verbs.predict import BLOCK
from multicnn.verbs.trained import Trained
from multicnn.zoo.heads import Features, Pooling
from multicnn.zoo.net import Net
from multicnn.zoo.views import Views


def featuring(trained: Trained) -> Trained:
    """The same net, with the vectors that its head answers from instead of answers.

    Raises UsageError for a task that answers otherwise than once a sample.
    """
    net = trained.net
    if isinstance(net, Views) or not isinstance(net.head, Pooling):
        raise UsageError(
            f"--features: {trained.modality.name} {trained.facts['task']} does not answer from one vector a sample; "
            "take a run that classifies"
        )
    return replace(trained, net=Net(net.frontend, net.body, Features(net.head)))


def features(
    trained: Trained, items: Sequence[tuple[str, Any]], voice: Voice
) -> tuple[np.ndarray, dict[int, DataError]]:
    """The vector of each of `items`, pairs of a name and what the reader takes; and why some could not be read.

    trained: from `featuring`. Of a sample longer than the net's window the mean over windows. What could not be read is
    NaN.  -> n d float32, {place: reason}
    """
    trained.warn_of_lost(voice)
    parts, bad = [], {}
    for start in range(0, len(items), BLOCK):
        part, reasons = _block(trained, items[start : start + BLOCK], voice)
        parts.append(part)
        bad |= {start + place: reason for place, reason in reasons.items()}
    dim = max((part.shape[1] for part in parts), default=0)  # a block without a readable sample does not know it
    wide = [part if part.shape[1] else np.full((len(part), dim), np.nan, dtype=np.float32) for part in parts]
    return (np.concatenate(wide) if wide else np.zeros((0, 0), dtype=np.float32)), bad


def _block(trained: Trained, items: Sequence[tuple[str, Any]], voice: Voice) -> tuple[np.ndarray, dict[int, DataError]]:
    trained = trained.meeting(item for _, item in items)
    samples: dict[int, np.ndarray] = {}
    bad: dict[int, DataError] = {}
    for place, (_, item) in enumerate(items):
        try:
            samples[place] = trained.reader(item)
        except DataError as error:
            bad[place] = error
    if not samples:
        return np.zeros((len(items), 0), dtype=np.float32), bad
    store = pack(list(samples.values()), trained.reader)
    blank = np.zeros(len(store), dtype=np.int64)
    found = outputs(trained.net, trained.batches(store, blank, np.arange(len(store))), trained.accelerator, voice)
    out = np.full((len(items), found.shape[1]), np.nan, dtype=np.float32)
    out[list(samples)] = found
    return out, bad


def as_csv(names: Sequence[str], bad: dict[int, DataError]) -> str:
    """The name of each row of the vectors, and why some are NaN."""
    out = io.StringIO()
    write = csv.writer(out, lineterminator="\n").writerow
    write(["row", "id", "error"])
    for row, name in enumerate(names):
        write([row, name, str(bad.get(row, ""))])
    return out.getvalue()
