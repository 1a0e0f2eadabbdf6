"""What a set of mixtures is trained with, unless the user says otherwise."""

import json
import re
from typing import Any

from multicnn.audio.decode import header
from multicnn.audio.stems import track
from multicnn.audio.stems.reader import MixtureReader
from multicnn.data.table import Table
from multicnn.errors import DataError

ALIKE = re.compile(r"(s|src|source|spk|speaker|voice)[_ -]?\d+", re.IGNORECASE)
SEEN = 4_000  # seconds of sound in a whole run, counting repeats
LOOKED_AT = 20  # tracks whose lengths tell of all


def defaults(table: Table, reader: MixtureReader, n_train: int) -> dict[str, dict[str, Any]]:
    """Model, front-end, training and augmentation for `n_train` mixtures as `reader` makes them.

    Sources called s1, s2 or the like are of one kind: any order of the answers is right.
    """
    alike = len(table.classes) > 1 and all(ALIKE.fullmatch(name) for name in table.classes)
    heard = n_train * max(seconds(table), reader.seconds)
    return {
        "task": {"permute": alike},
        "model": {"name": "unet", "width": 12, "depth": 4, "norm": "batch"},
        "frontend": {"name": "invertible"},
        "train": {
            "epochs": int(min(60, max(10, SEEN / max(1.0, heard)))),
            "batch_size": 8,
            "optimizer": "adamw",
            "lr": 2e-3,
            "weight_decay": 0.01,
            "patience": 0,
        },
        "augment": {"remix": {}, "polarity": {}, "slide": {}},
    }


def seconds(table: Table) -> float:
    """Mean length of some of the tracks; 0 where none of them can be read."""
    assert table.answer is not None
    found = []
    for text in table.answer[:: max(1, len(table) // LOOKED_AT)]:
        told = json.loads(str(text))
        try:
            found.append(told["seconds"] or header(track.files(told)[0]).seconds)
        except (DataError, IndexError):
            continue
    return sum(found) / max(1, len(found))
