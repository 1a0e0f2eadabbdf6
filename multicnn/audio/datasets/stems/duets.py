"""Duets of two kinds of instrument, made of recorded notes at seeded times; ships with the package."""

import os
from pathlib import Path

import numpy as np

from multicnn.audio.datasets.instruments import instruments
from multicnn.audio.stems.track import Sound, told
from multicnn.data.table import Table, strings

PAIR = ("drums", "organ")
TRAIN, TEST = 240, 60  # duets
SECONDS = 2.0
NOTES = (3, 7)  # of each instrument, the last number not taken
LOUDER = 5.0  # dB, at most, each way
SEED = 7


def duets(path: Path | None = None) -> Table:
    """300 duets of 2 s of drums and an organ, the notes being those of `instruments` (see there, also for `path`).

    The notes of the 60 duets of the test part are those of its test part, and in no other duet.
    """
    notes = instruments(path)
    parts = ["train"] * TRAIN + ["test"] * TEST
    texts = [told(None, duet(number, notes, part), SECONDS) for number, part in enumerate(parts)]
    return Table(
        name="duets",
        items=strings(item for item, _ in texts),
        ids=strings(f"duet-{number}" for number in range(len(parts))),
        classes=PAIR,
        target=np.ones((len(parts), len(PAIR)), dtype=bool),
        split=strings(parts),
        answer=strings(answer for _, answer in texts),
        said=(f"{len(parts)} duets of {' and '.join(PAIR)}, made of recorded notes at seeded times",),
    )


def duet(number: int, notes: Table, part: str) -> dict[str, list[Sound]]:
    """What each instrument plays, a function of the number."""
    rng = np.random.default_rng([SEED, number])
    return {name: melody(rng, of(notes, name, part)) for name in PAIR}


def of(notes: Table, name: str, part: str) -> list[str]:
    """The files of an instrument's notes of a part."""
    assert notes.split is not None
    mine = notes.has(notes.classes.index(name)) & (notes.split == part)
    return [os.fspath(file) for file in notes.items[mine]]


def melody(rng: np.random.Generator, files: list[str]) -> list[Sound]:
    """Some notes, each at a place and a level of its own."""
    count = int(rng.integers(*NOTES))
    at = np.sort(rng.uniform(0, SECONDS - 0.3, count))
    db = rng.uniform(-LOUDER, LOUDER, count) - 6
    chosen = rng.choice(len(files), count)
    return [(files[k], round(float(s), 4), round(float(g), 2)) for k, s, g in zip(chosen, at, db, strict=True)]
