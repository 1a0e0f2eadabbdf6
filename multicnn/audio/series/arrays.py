"""NumPy's files: one series in a .npy, or a .npz with one array; whole sets in a .npz with X and y."""

import zipfile
from pathlib import Path

import numpy as np

from multicnn.audio.series.signal import Collection, Signal
from multicnn.errors import DataError

SAMPLES = ("x", "data", "series")  # names of the array with all series, any case
LABELS = ("y", "label", "labels", "target", "targets")
PARTED = {"train": "train", "val": "val", "valid": "val", "test": "test"}


def read_array(path: Path) -> Signal:
    """One series, `t c`, `c t` or `t`. Raises DataError for what is no such array."""
    found = _load(path)
    if isinstance(found, np.ndarray):
        return signal(str(path), found)
    if len(found) != 1:
        names = ", ".join(found)
        raise DataError(f"{path}: {len(found)} arrays ({names[:80]}); save one series alone, or a set as X and y")
    return signal(str(path), next(iter(found.values())))


def read_arrays(path: Path) -> Collection | None:
    """The set in a .npz of X and y, with or without _train, _val and _test behind the names; None for another file.

    X is `n t c`, `n c t` or `n t`, NaN behind the ends of shorter series. Raises DataError where X and y do not fit.
    """
    found = _load(path)
    if isinstance(found, np.ndarray):
        return None
    by_part = {part: _pair(path, found, ending) for ending, part in (("", ""), *PARTED.items())}
    pairs = {part: pair for part, pair in by_part.items() if pair}
    if not pairs:
        return None
    series = [s for x, _ in pairs.values() for s in _all(path, x)]
    labels = [label for x, y in pairs.values() for label in (y if y is not None else [""] * len(x))]
    split = [part for part, (x, _) in pairs.items() for _ in range(len(x))]
    complete = all(y is not None for _, y in pairs.values())
    return Collection(series, labels if complete else None, split if any(split) else None)


def _load(path: Path) -> np.ndarray | dict[str, np.ndarray]:
    """Never a pickle. Raises DataError naming the file."""
    try:
        with open(path, "rb") as file:  # which numpy leaves open where a .npz is damaged
            found = np.load(file, allow_pickle=False)
            return found if isinstance(found, np.ndarray) else {name: found[name] for name in found.files}
    except (OSError, ValueError, EOFError, zipfile.BadZipFile, KeyError) as error:
        pickled = "pickle" in str(error) or "Object arrays" in str(error)
        why = "it holds Python objects, which are never unpickled" if pickled else f"{error}".splitlines()[0][:120]
        how = "save numbers only, NaN behind the ends of short series" if pickled else "save it again with numpy.save"
        raise DataError(f"{path}: cannot be read ({why}); {how}") from None


def signal(name: str, array: np.ndarray) -> Signal:
    """An array as a series. Raises DataError naming its shape where it is none."""
    if array.dtype.kind not in "iufb" or array.ndim not in (1, 2) or array.size == 0:
        raise DataError(
            f"{name}: an array of shape {array.shape}, {array.dtype}, is no series; give numbers of shape t c"
        )
    values = array.astype(np.float64)
    return Signal(values[:, None]) if array.ndim == 1 else Signal(values, turnable=True)


def _pair(path: Path, found: dict[str, np.ndarray], ending: str) -> tuple[np.ndarray, list[str] | None] | None:
    """X and y of one part, by their usual names."""
    plain = {name.lower().replace("-", "_"): array for name, array in found.items()}
    tail = f"_{ending}" if ending else ""
    x = next((plain[n + tail] for n in SAMPLES if n + tail in plain), None)
    y = next((plain[n + tail] for n in LABELS if n + tail in plain), None)
    if x is None or (y is None and len(found) == 1 and x.ndim < 3):
        return None
    if x.ndim not in (2, 3) or x.dtype.kind not in "iufb" or x.size == 0:
        raise DataError(f"{path}: X{tail} has shape {x.shape}, {x.dtype}; give numbers of shape n t c")
    if y is not None and y.shape != (len(x),):
        raise DataError(f"{path}: X{tail} holds {len(x)} series, y{tail} has shape {y.shape}; give a label a series")
    return x, None if y is None else [_label(v) for v in y.tolist()]


def _label(value: object) -> str:
    return str(int(value)) if isinstance(value, float) and value == int(value) else str(value)


def _all(path: Path, x: np.ndarray) -> list[Signal]:
    """Each series, without the NaN behind its end."""
    return [_ended(signal(f"{path}#{n}", row)) for n, row in enumerate(x)]


def _ended(found: Signal) -> Signal:
    """Without trailing steps that hold no number: along either axis, where the file does not say which is time."""
    values = found.values
    some = ~np.isnan(values)
    if not some.any():
        return found
    rows = int(np.flatnonzero(some.any(1))[-1]) + 1
    columns = int(np.flatnonzero(some.any(0))[-1]) + 1 if found.turnable else values.shape[1]
    return Signal(values[:rows, :columns], turnable=found.turnable)
