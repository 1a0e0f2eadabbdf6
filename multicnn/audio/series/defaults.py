"""What a set of series is trained with, unless the user says otherwise."""

from typing import Any

from multicnn.audio.series.reader import SeriesReader
from multicnn.data.table import Table

SEEN = 8_000  # series in a whole run, counting repeats
FEW = 2_000  # series; with fewer, small batches give the net enough steps, and a small net does as well as the paper's
SMALL = {"width": 16, "bottleneck": 16, "depth": 3}


def defaults(table: Table, reader: SeriesReader, n_train: int) -> dict[str, dict[str, Any]]:
    """Model, front-end, training and augmentation for `n_train` series as `reader` makes them."""
    return {
        "model": {"name": "inceptiontime", **(SMALL if n_train < FEW else {})},
        "frontend": {"name": "series"},
        "train": {
            "epochs": int(min(100, max(10, SEEN / max(1, n_train)))),
            "batch_size": 16 if n_train < FEW else 64,
            "optimizer": "adamw",
            "lr": 2e-3,
            "patience": 0,  # the last epochs, at small rates, are the best; few series to validate on hide that
            "weight_decay": 0.05,
        },
        "augment": {"time-warp": {}, "jitter": {}, "scaling": {}, "mixup": {"alpha": 0.2}},
    }
