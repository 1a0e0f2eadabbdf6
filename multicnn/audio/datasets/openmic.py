"""OpenMIC-2018: 20,000 clips of 10 s, which of 20 instruments were asked for and heard. Humphrey et al. 2018,
zenodo.org/records/1432913. CC BY 4.0.
"""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from multicnn.audio.datasets.source import lacking, present, rows
from multicnn.data.table import Table, strings
from multicnn.errors import DataError

SOURCE = "https://zenodo.org/records/1432913"
ARRAYS = "openmic-2018.npz"
LABELS = "openmic-2018-aggregated-labels.csv"
CLASSES = "class-map.json"
PARTS = {
    "train": ("split01_train.csv", "train01.txt"),
    "test": ("split01_test.csv", "test01.txt"),
}  # in partitions/
HEARD = 0.5  # relevance, from which an instrument counts as heard


@dataclass(frozen=True, eq=False)
class Answers:
    """What people heard.  keys: (n,) of the clips.  relevance: (n, k) 0 to 1.  asked: (n, k) whether it is known."""

    keys: list[str]
    relevance: np.ndarray
    asked: np.ndarray


def openmic(path: Path | None = None) -> Table:
    """The clips in the parts of partitions/; an instrument that nobody was asked for is neither there nor not there.

    The labels are those of Y_true and Y_mask, or of the list of aggregated labels where the arrays are pickled, as in
    the first release. Raises DataError where the folder has another layout.
    """
    if path is None or not is_openmic(path):
        raise lacking("openmic", path, f"{CLASSES} and {ARRAYS} or {LABELS}", SOURCE)
    root = path.absolute()
    classes = _classes(root / CLASSES)
    answers = _arrays(root / ARRAYS, classes) or _listed(root / LABELS, classes)
    part = _parts(root)
    listed = [(f"audio/{key[:3]}/{key}.ogg", row) for row, key in enumerate(answers.keys)]
    there, gone = present(root / (ARRAYS if (root / ARRAYS).is_file() else LABELS), root, listed)
    chosen = np.array([row for _, row in there])
    known = answers.asked[chosen]
    said = f"OpenMIC: {100 * known.mean():.3g} % of the labels are known; the others neither teach nor count"
    return Table(
        name="openmic",
        items=strings(root / name for name, _ in there),
        ids=strings(name for name, _ in there),
        classes=classes,
        target=(answers.relevance[chosen] >= HEARD) & known,
        split=strings(part.get(answers.keys[row], "train") for row in chosen) if part else None,
        group=strings(answers.keys[row].split("_")[0] for row in chosen),
        known=known,
        said=(said, *gone),
    )


def is_openmic(root: Path) -> bool:
    """Whether a folder holds the classes and the labels."""
    return (root / CLASSES).is_file() and any((root / name).is_file() for name in (ARRAYS, LABELS))


def _classes(file: Path) -> tuple[str, ...]:
    """The instruments by their numbers."""
    try:
        found = {str(name): int(number) for name, number in json.loads(file.read_text(encoding="utf-8")).items()}
    except (ValueError, AttributeError, TypeError) as error:
        raise DataError(f"{file}: not an object of instrument: number ({error}); fetch the file anew") from error
    if sorted(found.values()) != list(range(len(found))):
        raise DataError(f"{file}: its numbers are not 0 to {len(found) - 1}; fetch the file anew")
    return tuple(sorted(found, key=found.__getitem__))


def _arrays(file: Path, classes: tuple[str, ...]) -> Answers | None:
    """Y_true and Y_mask; None without the file, or where reading it would take unpickling."""
    if not file.is_file():
        return None
    try:
        with np.load(file, allow_pickle=False) as arrays:
            keys = [k.decode() if isinstance(k, bytes) else str(k) for k in arrays["sample_key"]]
            found = Answers(keys, arrays["Y_true"], arrays["Y_mask"].astype(bool))
    except (ValueError, KeyError, OSError) as error:
        if (file.parent / LABELS).is_file():
            return None
        raise DataError(
            f"{file}: cannot be read without running what is pickled in it ({error}); put {LABELS} of the same "
            "archive beside it"
        ) from error
    if not found.relevance.shape == found.asked.shape == (len(keys), len(classes)):
        raise DataError(f"{file}: Y_true is {found.relevance.shape}, not ({len(keys)}, {len(classes)}); fetch it anew")
    return found


def _listed(file: Path, classes: tuple[str, ...]) -> Answers:
    """A row for each clip and instrument that people were asked for."""
    place = {c: k for k, c in enumerate(classes)}
    row: dict[str, int] = {}
    cells = []
    for where, line in rows(file, ("sample_key", "instrument", "relevance")):
        if line["instrument"] not in place:
            raise DataError(f"{where}: no instrument {line['instrument']!r} in {CLASSES}; fetch the files anew")
        cells.append((row.setdefault(line["sample_key"], len(row)), place[line["instrument"]], line["relevance"]))
    relevance, asked = np.zeros((len(row), len(classes))), np.zeros((len(row), len(classes)), dtype=bool)
    for n, k, value in cells:
        relevance[n, k], asked[n, k] = float(value), True
    return Answers(list(row), relevance, asked)


def _parts(root: Path) -> dict[str, str]:
    """The part of each clip; a key a line."""
    files = {
        p: next((f for n in names if (f := root / "partitions" / n).is_file()), None) for p, names in PARTS.items()
    }
    return {key: p for p, f in files.items() if f for key in f.read_text(encoding="utf-8").split()}
