"""What texts with entities are read as and trained with, unless the user says otherwise."""

from collections import Counter
from typing import Any

import numpy as np

from multicnn.data.table import Table
from multicnn.errors import DataError, UsageError
from multicnn.text.entities.reader import TokenReader, answered, words_of
from multicnn.text.reader import frequent
from multicnn.text.vectors import source
from multicnn.text.vectors.coverage import coverage

SEEN = 13_000  # pieces in a whole run, counting repeats
LEAST, MOST = 4, 30  # epochs
FEW = 5_000  # pieces; with fewer, small batches give the net enough steps


def plan_reader(
    table: Table,
    rows: np.ndarray,
    *,
    size: int = 64,
    context: int = 4,
    min_count: int = 1,
    max_vocabulary: int = 50_000,
    vectors: str = "",
    on_misaligned: str = "snap",
) -> TokenReader:
    """The reader whose vocabulary is the words of the training rows, most frequent first; see `TokenReader`.

    min_count: rarer words are unknown. vectors: a file of word vectors. Raises DataError where no training text has a
    word or the file no vectors, and UsageError for a number below 1.
    """
    for name, number in (("min_count", min_count), ("max_vocabulary", max_vocabulary)):
        if number < 1:
            raise UsageError(f"{name} is {number}; it must be at least 1")
    file = source(vectors)
    counts: Counter[str] = Counter()
    for text, answer in answered(table, rows):
        counts.update(w.lower() for w in words_of(text, answer)[0])
    words = frequent(counts, min_count, max_vocabulary)
    if not words:
        raise DataError(f"{table.name}: no training text holds a word; check which column holds the texts")
    said = [f"vocabulary: {len(words):,} of {len(counts):,} words, from {len(rows):,} training texts"]
    said += [f"vectors: {'; '.join(file.opened.said)}", coverage(counts, file)] if vectors else []
    return TokenReader(
        words=words, size=size, context=context, vectors=file, on_misaligned=on_misaligned, said=tuple(said)
    )


def defaults(table: Table, reader: TokenReader, n_train: int) -> dict[str, dict[str, Any]]:
    """Convolutions over words and what they look like; words of a file of vectors have no learnt vector beside it.

    Each word sees four on either side, which is the reader's context: so a text's cuts change no answer.
    """
    n = max(1, n_train)
    return {
        "model": {"name": "tagcnn", "width": 96, "drop": 0.2},
        "frontend": {"name": "tokens", "dim": 0 if reader.vectors.path else 64},
        "train": {
            "epochs": min(MOST, max(LEAST, SEEN // n)),
            "batch_size": 8 if n < FEW else 32,
            "optimizer": "adamw",
            "lr": 2e-3,
            "weight_decay": 0.05,
            "patience": 0,
        },
        "augment": {"unknown-words": {"p": 0.1}},
    }
