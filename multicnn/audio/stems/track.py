"""A mixture and its stems, as text: a file each, or sounds placed in time.

{"mixture": file or null, "stems": {name: [[file, seconds, dB], ...]}, "seconds": length or null}: each stem is the sum
of its sounds, each from `seconds` on and louder by so many dB; a stem without sounds is silent. Without a file of its
own the mixture is the sum of the stems. Without a length, files are as long as they are.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

from multicnn.audio.reader import SoundReader
from multicnn.audio.wave import FULL, sixteen
from multicnn.data.store import stamp
from multicnn.errors import DataError

Sound = tuple[str, float, float]  # file, seconds, dB
SHORT = 512  # placed sounds kept decoded, for notes and beats come again


def told(mixture: str | None, stems: Mapping[str, Sequence[Sound]], seconds: float | None = None) -> tuple[str, str]:
    """A track as the table's item and answer: the mixture's file, or all of it; and all of it."""
    text = json.dumps({"mixture": mixture, "stems": stems, "seconds": seconds}, ensure_ascii=False)
    return mixture or text, text


def alone(files: Mapping[str, str | None]) -> dict[str, list[Sound]]:
    """Stems that are a file each, or silent."""
    return {name: [(file, 0.0, 0.0)] if file else [] for name, file in files.items()}


def is_told(item: Any) -> bool:
    """Whether an item is a track as text; a file's absolute path never begins so."""
    return isinstance(item, str) and item.startswith("{")


def files(track: Mapping[str, Any]) -> list[str]:
    """All that it is read from, each once."""
    sounds = chain.from_iterable(track["stems"].values())
    return [*dict.fromkeys([*([track["mixture"]] if track["mixture"] else []), *(s[0] for s in sounds)])]


def stems(track: Mapping[str, Any], names: Sequence[str], rate: int) -> np.ndarray:
    """The stems called `names`, zeros behind the shorter ones; quieter together where their sum would be clipped.

    Raises DataError as the readers, and for a stem that is longer than the mixture's file.  -> s t, int16
    """
    found = [placed(track["stems"].get(name, []), rate) for name in names]
    length = _length(track, found, names, rate)
    out = np.zeros((len(names), length), dtype=np.float32)
    for line, sound in zip(out, found, strict=True):
        line[: len(sound)] = sound[:length]
    peak = float(np.abs(out.sum(0)).max(initial=0)) if track["mixture"] is None else 0.0
    return sixteen(out * min(1.0, (1 - 1e-3) / max(peak, 1e-9)))


def mixture(track: Mapping[str, Any], rate: int) -> np.ndarray:
    """The file's sound, or the sum of the stems.  -> t, int16"""
    if track["mixture"] is not None:
        return whole(track["mixture"], rate)
    total = stems(track, [*track["stems"]], rate).sum(0, dtype=np.int32)
    return total.clip(-FULL, FULL - 1).astype(np.int16)


def whole(file: str, rate: int) -> np.ndarray:
    """t, int16"""
    return SoundReader(rate=rate, seconds=1.0)(file)


def placed(sounds: Sequence[Sound], rate: int) -> np.ndarray:
    """The sum of sounds at their places.  -> t, float32"""
    read = _short if len(sounds) > 1 else _fresh
    parts = [(round(at * rate), read(file, rate, stamp([file])), 10 ** (db / 20) / FULL) for file, at, db in sounds]
    out = np.zeros(max((start + len(sound) for start, sound, _ in parts), default=0), dtype=np.float32)
    for start, sound, gain in parts:
        out[start : start + len(sound)] += sound * np.float32(gain)
    return out


def _length(track: Mapping[str, Any], found: Sequence[np.ndarray], names: Sequence[str], rate: int) -> int:
    if track["seconds"] is not None:
        return round(track["seconds"] * rate)
    longest = max(map(len, found), default=0)
    if track["mixture"] is None:
        return longest
    length = len(whole(track["mixture"], rate))
    if longest > length:
        k = int(np.argmax([len(sound) for sound in found]))
        file = track["stems"][names[k]][0][0]
        raise DataError(
            f"{file}: a stem of {longest / rate:.3f} s of a mixture of {length / rate:.3f} s, {track['mixture']}; "
            "cut it to the mixture's length, or remove the mixture to learn from the sum of the stems"
        )
    return length


def _fresh(file: str, rate: int, version: str) -> np.ndarray:
    return whole(file, rate)


_short = lru_cache(maxsize=SHORT)(_fresh)


def tracks(texts: Sequence[str]) -> Iterator[dict[str, Any]]:
    """The tracks of a table's answers."""
    return map(json.loads, texts)


def title(folder: Path, root: Path) -> str:
    """What a person calls a track."""
    return folder.relative_to(root).as_posix()
