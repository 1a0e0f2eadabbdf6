"""Morse code as a radio hears it: sentences of the packed reviews, keyed by hand, with noise and fading.

The sounds are computed, the texts are people's. Code: ITU-R M.1677-1.
"""

import csv
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from multicnn.audio.datasets.transcripts.rows import read_rows
from multicnn.audio.speech.text import plain
from multicnn.audio.wave import sixteen
from multicnn.data import cache
from multicnn.data.assets import asset
from multicnn.data.layouts.tabular import read_sheet
from multicnn.data.table import Table
from multicnn.errors import DataError

MARKS = (
    ".- -... -.-. -.. . ..-. --. .... .. .--- -.- .-.. -- -. --- .--. --.- .-. ... - ..- ...- .-- -..- -.-- --.. "
    "----- .---- ..--- ...-- ....- ..... -.... --... ---.. ----."
)
CODE = dict(zip("abcdefghijklmnopqrstuvwxyz0123456789", MARKS.split(" "), strict=True))
RATE = 4_000  # Hz
PARTS = {"train": 600, "val": 80, "test": 120}
LETTERS = (6, 18)  # of a text, spaces included
EDITION = 1  # of the sounds; part of their folder's name


def morse(path: Path | None = None) -> Table:
    """800 transmissions of a few words, at 25 to 40 words a minute, computed once and kept in the cache.

    path: where they lie elsewhere, with their table.csv. Raises DataError where they do not.
    """
    folder = path or made(cache.folder() / "sets" / f"morse-{EDITION}")
    if not (folder / "table.csv").is_file():
        raise DataError(f"morse: no table.csv in {folder}; leave the folder out, and the set is made")
    return read_rows(folder / "table.csv", name="morse")


def made(folder: Path) -> Path:
    """The folder of the sounds, written anew where it is not there."""
    with cache.locked(folder.name):
        if folder.is_dir():
            return folder
        partial = folder.with_name(folder.name + ".partial")
        shutil.rmtree(partial, ignore_errors=True)
        try:
            write(partial, PARTS)
            os.replace(partial, folder)
        except OSError as error:
            raise cache.unwritable(folder, error) from error
    return folder


def write(folder: Path, parts: dict[str, int]) -> None:
    """So many transmissions of each part, and their table."""
    from soundfile import write

    folder.mkdir(parents=True)
    random = np.random.default_rng(EDITION)
    texts = phrases(random)
    with open(folder / "table.csv", "w", encoding="utf-8", newline="") as file:
        lines = csv.writer(file, lineterminator="\n")
        lines.writerow(["path", "text", "split"])
        for part, number in parts.items():
            for n in range(number):
                name, text = f"{part}-{n:03}.flac", next(texts)
                write(folder / name, sixteen(heard(keyed(text, random), random)), RATE, subtype="PCM_16")
                lines.writerow([name, text, part])


def phrases(random: np.random.Generator) -> Iterator[str]:
    """The first words of sentences that the code can say, each once, in random order."""
    seen: set[str] = set()
    items = read_sheet(asset("reviews") / "reviews.csv").column("text")
    for row in random.permutation(len(items)):
        words = plain(items[row], "lower", "drop", "keep").replace("'", "").split()
        text, most = "", random.integers(*LETTERS)
        for word in words:
            if len(text) + 1 + len(word) > most:
                break
            text = f"{text} {word}".strip()
        if len(text) >= LETTERS[0] and set(text) <= {" ", *CODE} and text not in seen:
            seen.add(text)
            yield text


def keyed(text: str, random: np.random.Generator) -> np.ndarray:
    """Whether the key is down, as a hand does it: times vary by a tenth.  -> t, float32"""
    dot = 1.2 / random.uniform(25, 40)  # s; PARIS is fifty dots long
    times = [(0, random.uniform(2, 6))]
    for letter in text:
        if letter == " ":
            times.append((0, 4))  # three more stand behind each letter
            continue
        for mark in CODE[letter]:
            times += [(1, 1 if mark == "." else 3), (0, 1)]
        times.append((0, 2))
    times.append((0, random.uniform(2, 6)))
    lengths = [max(1, round(dot * n * random.normal(1, 0.1) * RATE)) for _, n in times]
    return np.repeat(np.array([down for down, _ in times], dtype=np.float32), lengths)


def heard(key: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """A tone of soft edges that fades and comes back, in noise.  t -> t, float32"""
    soft = np.hanning(RATE // 100)
    tone = np.convolve(key, soft / soft.sum(), mode="same")
    t = np.arange(len(key)) / RATE
    fading = 1 - random.uniform(0, 0.6) * np.sin(2 * np.pi * random.uniform(0.05, 0.4) * t + random.uniform(0, 6)) ** 2
    wave = tone * fading * np.sin(2 * np.pi * random.uniform(400, 900) * t)
    noise = random.normal(size=len(t)) * 10 ** (random.uniform(-1.0, 0.0))
    return (0.15 * (wave + noise)).clip(-1, 1).astype(np.float32)
