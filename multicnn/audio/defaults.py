"""What a set of sounds is trained with, unless the user says otherwise."""

from typing import Any

from multicnn.audio.reader import SoundReader
from multicnn.data.table import Table

SHORT = 1.5  # s; of longer sounds, fewer frames tell as much
SEEN = 60_000  # seconds of sound in a whole run, counting repeats
FEW = 2_000  # sounds; with fewer, small batches give the net enough steps


def defaults(table: Table, reader: SoundReader, n_train: int) -> dict[str, dict[str, Any]]:
    """Model, front-end, training and augmentation for `n_train` sounds as `reader` makes them.

    A few semitones up or down leave words, instruments and noises what they are, as another voice or note would; where
    pitch is the answer, set `--augment` without speed.
    """
    seen = max(1.0, n_train * max(reader.seconds, 0.5))
    return {
        "model": {"name": "compact"},
        "frontend": {"name": "logmel", "hop": 0.01 if reader.seconds <= SHORT else 0.02},
        "train": {
            "epochs": int(min(60, max(10, SEEN / seen))),
            "batch_size": 16 if n_train < FEW else 64,
            "optimizer": "adamw",
            "lr": 3e-3,
            "patience": 0,  # the last epochs, at small rates, are the best; few sounds to validate on hide that
            "weight_decay": 0.05,
        },
        "augment": {
            "speed": {"semitones": 5.0},
            "shift": {"fraction": 0.1},
            "mixup": {"alpha": 0.2},
            "specaugment": {},
        },
    }
