"""Speech Commands: words of a second, said by thousands of people, versions 1 (30 words) and 2 (35).

Warden 2018, arXiv 1804.03209. CC BY 4.0. The parts are those of its two lists; the twelve classes are the paper's.
"""

import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from multicnn.audio.datasets.source import lacking, sounds
from multicnn.audio.decode import header
from multicnn.audio.segment import named
from multicnn.data.layouts.tree import is_file, is_folder, kind, listing
from multicnn.data.table import Table, number, strings
from multicnn.errors import DataError

SOURCE = "https://download.tensorflow.org/data/speech_commands_v0.02.tar.gz"
LISTS = {"test": "testing_list.txt", "val": "validation_list.txt"}
NOISE = "_background_noise_"
ARCHIVE = "speech_commands_test_set*"  # the folder of the separate test archive
SILENCE, UNKNOWN = "_silence_", "_unknown_"
WORDS = ("yes", "no", "up", "down", "left", "right", "on", "off", "stop", "go")
SHARE = 0.1  # of the ten words' samples: as many of the other words, and of silence, in each part
SECOND = 1.0  # s of a piece of noise that stands for silence
STRETCH = {
    "train": (0.0, 0.8),
    "val": (0.8, 0.9),
    "test": (0.9, 1.0),
}  # of each noise, so that no piece is in two parts
SEED = 0  # of the choice of other words and of silence, the same in every run


class Row(NamedTuple):
    """A sample: `bed/0c40e715_nohash_0.wav`, where it lies, and what is known of it."""

    id: str
    item: str
    label: str
    part: str
    group: str


def speech_commands(path: Path | None = None) -> Table:
    """All words, in the parts of the official lists; what one person said is a group.

    Raises DataError where the folder has another layout, or a list names files that are not there.
    """
    rows = _spoken(_root("speech-commands", path))
    words = len({row.label for row in rows})
    return _table("speech-commands", rows, f"Speech Commands: {words} words, official lists")


def speech_commands_12(path: Path | None = None) -> Table:
    """Ten words, what is none of them, and silence.

    Of the other words and of pieces of the noises, a tenth as many as of the ten words, in each part. Where the test
    archive (`speech_commands_test_set_v0.02`) lies in the folder or beside it, it is the test part.
    """
    root = _root("speech-commands-12", path)
    rng = np.random.default_rng(SEED)
    spoken, rows = _spoken(root), []
    for part in STRETCH:
        here = [row for row in spoken if row.part == part]
        ten, others = (_of(here, known=known) for known in (True, False))
        n = math.ceil(SHARE * len(ten))
        unknown = [others[i]._replace(label=UNKNOWN) for i in np.sort(rng.permutation(len(others))[:n])]
        rows += [*ten, *unknown, *_silence(root, part, n, rng)]
    said = "ten words; other words and, cut from the noises, silence: a tenth as many each, the same in every run"
    archive = _archive(root)
    if archive is not None:
        tested = [_tested(archive, Path(file)) for file in sounds(archive)]
        rows = [*(row for row in rows if row.part != "test"), *tested]
        said += f"; the test part is {archive.name}"
    return _table("speech-commands-12", rows, said)


def is_speech_commands(root: Path) -> bool:
    """Whether a folder holds the two lists."""
    return all((root / name).is_file() for name in LISTS.values())


def _root(name: str, path: Path | None) -> Path:
    if path is None or not is_speech_commands(path):
        raise lacking(name, path, " and ".join(LISTS.values()), SOURCE)
    return path.absolute()


def _table(name: str, rows: Sequence[Row], said: str) -> Table:
    ids, items, labels, parts, groups = zip(*rows, strict=True)
    classes, target = number(labels)
    return Table(
        name, strings(items), strings(ids), classes, target, strings(parts), group=strings(groups), said=(said,)
    )  # fmt: skip


def _spoken(root: Path) -> list[Row]:
    """All words. Raises DataError where a listed file is not there."""
    part = {name: p for p, list_ in LISTS.items() for name in (root / list_).read_text(encoding="utf-8").split()}
    files = list(_files(root))
    if missing := sorted(part.keys() - set(files)):
        count = f"{len(missing):,} of {len(part):,} files of its lists are not there, such as {missing[0]}"
        raise DataError(f"{root}: {count}; unpack the archive anew")
    return [Row(name, str(root / name), name.split("/")[0], part.get(name, "train"), speaker(name)) for name in files]


def _files(root: Path) -> Iterator[str]:
    """`word/file` of all words; not the noises, and not what a test archive within holds."""
    for word in listing(root):
        if is_folder(word) and not word.name.startswith(("_", "speech_commands_")):
            for file in listing(word.path):
                if is_file(file) and kind(file.name) == ".wav":
                    yield f"{word.name}/{file.name}"


def speaker(name: str) -> str:
    """`0c40e715` of `bed/0c40e715_nohash_0.wav`."""
    return Path(name).name.split("_nohash_")[0]


def _of(rows: Sequence[Row], *, known: bool) -> list[Row]:
    return [row for row in rows if (row.label in WORDS) == known]


def _silence(root: Path, part: str, n: int, rng: np.random.Generator) -> Iterator[Row]:
    """`n` pieces of a second of the noises, from the part's own stretch of each."""
    files = sorted(sounds(root / NOISE)) if (root / NOISE).is_dir() else []
    if not files:
        raise DataError(f"{root}: no sounds in {NOISE}, from which silence is cut; unpack the archive anew")
    for i in range(n):
        file = files[i % len(files)]
        low, high = (edge * header(file).seconds for edge in STRETCH[part])
        start = rng.uniform(low, max(low, high - SECOND))
        item = named(file, start, min(start + SECOND, high))
        yield Row(f"{NOISE}/{Path(item).name}", item, SILENCE, part, f"{NOISE} {part}")


def _tested(archive: Path, file: Path) -> Row:
    """A sound of the test archive, whose folder is its class."""
    label = file.parent.name
    group = f"{NOISE} test" if label == SILENCE else speaker(file.name)
    return Row(f"{archive.name}/{label}/{file.name}", str(file), label, "test", group)


def _archive(root: Path) -> Path | None:
    """The folder of the separate test archive. Raises DataError where it holds other classes than the twelve."""
    found = sorted(p for place in (root, root.parent) for p in place.glob(ARCHIVE) if p.is_dir())
    if not found:
        return None
    folders = {e.name for e in listing(found[0]) if is_folder(e)}
    if folders != {*WORDS, SILENCE, UNKNOWN}:
        odd = sorted(folders ^ {*WORDS, SILENCE, UNKNOWN})
        raise DataError(f"{found[0]}: not the twelve folders of the test archive, {odd[0]!r} differs; unpack it anew")
    return found[0]
