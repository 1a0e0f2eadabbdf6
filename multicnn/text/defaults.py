"""What a set of texts is trained with, unless the user says otherwise."""

from typing import Any

from multicnn.data.table import Table
from multicnn.text.effort import effort
from multicnn.text.reader import WordReader


def defaults(table: Table, reader: WordReader, n_train: int) -> dict[str, dict[str, Any]]:
    """Model, training and augmentation for `n_train` texts as `reader` makes them."""
    n = max(n_train, 1)
    if reader.vectors.path:
        return with_vectors(n)
    return {
        "model": {"name": "ngramcnn"},
        "frontend": {"name": "embedding"},
        "train": {
            "batch_size": 64,
            "optimizer": "adamw",
            "lr": 1e-3,
            **effort(table, n),
        },
        "augment": {"word-dropout": {"p": 0.2}},
    }


def with_vectors(n: int) -> dict[str, dict[str, Any]]:
    """Of `n` texts whose words have vectors: Kim's network."""
    return {
        "model": {"name": "textcnn"},
        "frontend": {"name": "vectors"},
        "train": {"epochs": 8, "batch_size": 50, "optimizer": "adamw", "lr": 1e-3, "weight_decay": 0.05},
        "augment": {"word-dropout": {"p": 0.1}},
    }
