"""Made scenes: real notes of instruments somewhere in noise, with their exact times."""

from pathlib import Path

import numpy as np

from multicnn.audio.datasets.events.annotated import answer
from multicnn.audio.datasets.instruments import instruments
from multicnn.audio.reader import SoundReader
from multicnn.data.table import Table, strings
from multicnn.tasks.spans import merged
from multicnn.tasks.tracks import TIMES

RATE = 16_000  # Hz
SECONDS = 4.0  # of a scene
SCENES = {"train": 240, "val": 60, "test": 80}
KINDS = ("bass", "drums", "mallets", "organ", "saxophone", "strings")
VAL = 5  # every fifth group of training notes sounds in validation scenes only
MOST = 4  # notes of a scene
ABOVE = (6.0, 20.0)  # dB that a note is louder than the noise
QUIET = 0.03  # share of a note's peak from which it is heard
FADE = 0.01  # seconds at the cut end of a note
LEVEL = 1000  # deviation of the noise, of 32768


def note_scenes(path: Path | None = None) -> Table:
    """380 scenes of 4 s with up to 4 notes of six instruments in noise; see `instruments`. The same ones every time."""
    notes = instruments(path)
    random = np.random.default_rng(0)
    pools = {part: sounds(notes, rows) for part, rows in shared_out(notes).items()}
    made = [(part, *scene(pools[part], random)) for part, n in SCENES.items() for _ in range(n)]
    return Table(
        name="note-scenes",
        items=np.stack([sound for _, sound, _ in made]),
        ids=strings(f"scene-{i}" for i in range(len(made))),
        classes=KINDS,
        target=np.array([[c in {e[0] for e in events} for c in KINDS] for _, _, events in made]),
        split=strings(part for part, _, _ in made),
        answer=strings(answer(TIMES, events) for _, _, events in made),
        said=("scenes of recorded notes in noise; the notes of the test part sound in no other",),
    )


def shared_out(notes: Table) -> dict[str, np.ndarray]:
    """The rows of the notes of each part."""
    assert notes.split is not None
    assert notes.group is not None
    train = notes.split == "train"
    _, number = np.unique(notes.group, return_inverse=True)
    val = train & (number % VAL == 0)
    return {part: np.flatnonzero(rows) for part, rows in (("train", train & ~val), ("val", val), ("test", ~train))}


def sounds(notes: Table, rows: np.ndarray) -> dict[str, list[np.ndarray]]:
    """The heard part of the notes of each kind, peak 1."""
    read = SoundReader(rate=RATE, seconds=SECONDS)
    label = np.array(notes.classes)[notes.target[rows]]
    return {c: [heard(read(str(notes.items[r]))) for r in rows[label == c]] for c in KINDS}


def heard(sound: np.ndarray) -> np.ndarray:
    """Without the quiet at both ends, faded out.  t, int16 -> t, float64"""
    loud = np.flatnonzero(np.abs(sound) >= QUIET * np.abs(sound).max())
    kept = sound[loud[0] : loud[-1] + 1] / np.abs(sound).max()
    fade = min(len(kept), round(FADE * RATE))
    kept[len(kept) - fade :] *= np.linspace(1, 0, fade)
    return kept


def scene(pool: dict[str, list[np.ndarray]], random: np.random.Generator) -> tuple[np.ndarray, list[list[object]]]:
    """One scene and its events, those of a class that meet merged.  -> t, int16, [[class, onset, offset], ...]"""
    mixed = random.normal(0, LEVEL, round(SECONDS * RATE))
    spans: dict[str, list[tuple[float, float]]] = {}
    for _ in range(random.integers(0, MOST + 1)):
        kind = KINDS[random.integers(len(KINDS))]
        note = pool[kind][random.integers(len(pool[kind]))]
        start = int(random.integers(0, len(mixed) - len(note)))
        loudness = LEVEL * 10 ** (random.uniform(*ABOVE) / 20) / np.sqrt(np.mean(note**2))
        mixed[start : start + len(note)] += loudness * note
        spans.setdefault(kind, []).append((start / RATE, (start + len(note)) / RATE))
    events = [[c, *map(float, span)] for c in spans for span in merged(np.array(spans[c]))]
    return mixed.round().clip(-32768, 32767).astype(np.int16), events
