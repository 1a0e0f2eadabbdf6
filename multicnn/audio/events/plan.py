"""What recordings with events are read as and trained with, unless the user says otherwise."""

from typing import Any

import numpy as np

from multicnn.audio import reader as whole
from multicnn.audio.events.reader import PieceReader
from multicnn.data.table import Table

LONGEST = 10.0  # seconds of a piece, unless the user asks for more
SEEN = 30_000  # seconds of sound in a whole run, counting repeats
FEW = 5_000  # pieces; with fewer, small batches give the net enough steps


def plan_reader(
    table: Table,
    rows: np.ndarray,
    *,
    sample_rate: int | None = None,
    seconds: float | None = None,
    context: float | None = None,
) -> PieceReader:
    """A reader of pieces, what the user left open decided by up to 200 of the training recordings.

    sample_rate: as for `multicnn.audio.reader.plan_reader`. seconds: of a piece; left open, the longest recording's,
    at most 10. context: that pieces of longer recordings overlap on either side, left open a tenth of a piece.
    """
    looked = whole.headers(table, rows, sample_rate or whole.USUAL)
    planned = whole.plan_reader(table, rows, sample_rate=sample_rate, seconds=seconds)
    if seconds is None:
        seconds = max(0.1, min(LONGEST, np.ceil(max(h.seconds for h in looked) * 10 - 1e-6) / 10))
    context = round(seconds / 10, 3) if context is None else float(context)
    return PieceReader(rate=planned.rate, seconds=round(float(seconds), 3), context=context, said=planned.said[:1])


def defaults(table: Table, reader: PieceReader, n_train: int) -> dict[str, dict[str, Any]]:
    """A small convolutional recurrent network on 64 mel bands, 20 ms apart."""
    seen = max(1.0, n_train * reader.seconds)
    return {
        "model": {"name": "crnn"},
        "frontend": {"name": "logmel", "hop": 0.02, "window": 0.04, "top": 120.0},
        "train": {
            "epochs": int(min(60, max(8, SEEN / seen))),
            "batch_size": 8 if n_train < FEW else 32,
            "optimizer": "muon",  # with which the recurrent layer learns in a third of the steps
            "lr": 0.02,
            "patience": 0,
            "weight_decay": 0.02,
        },
        "augment": {"shift": {"fraction": 0.1}, "specaugment": {"times": 0}},
    }
