"""What a set of texts is trained with, unless the user says otherwise."""

from typing import Any

from multicnn.data.table import Table
from multicnn.text.effort import effort
from multicnn.text.reader import WordReader
from multicnn.zoo.charcnn import SHORTEST

READINGS: dict[str, dict[str, Any]] = {  # of the alphabet's 70, one is for all other letters; the paper's length
    name: {"tokenizer": "characters", "max_vocabulary": 69, "max_words": 1014, "max_pairs": 0, "min_count": 1}
    for name in ("charcnn", "charcnn_large")
}


def defaults(table: Table, reader: WordReader, n_train: int) -> dict[str, dict[str, Any]]:
    """Model, training and augmentation for `n_train` texts as `reader` makes them."""
    n = max(n_train, 1)
    if reader.vectors.path:
        return with_vectors(table, n)
    if reader.tokenizer == "characters":
        return with_characters(table, reader, n)
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


def with_vectors(table: Table, n: int) -> dict[str, dict[str, Any]]:
    """Of `n` texts whose words have vectors: Kim's network, chosen on validation parts of MR; twice as many rounds."""
    return {
        "model": {"name": "textcnn"},
        "frontend": {"name": "vectors"},
        "train": {
            "batch_size": 50,
            "optimizer": "adamw",
            "lr": 2e-3,
            **effort(table, n),
            "epochs": effort(table, max(1, n // 2))["epochs"],
        },
        "augment": {"word-dropout": {"p": 0.1}},
    }


def with_characters(table: Table, reader: WordReader, n: int) -> dict[str, dict[str, Any]]:
    """Of `n` texts as letters: Zhang's small network, no longer than the longest training text asks for."""
    return {
        "model": {"name": "charcnn", "length": max(SHORTEST, reader.max_words)},
        "frontend": {"name": "onehot"},
        "train": {
            "epochs": effort(table, n)["epochs"],
            "batch_size": 64,
            "optimizer": "adamw",
            "lr": 1e-3,
            "weight_decay": 0.05,
        },
        "augment": {},
    }
