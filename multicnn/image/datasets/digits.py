"""1,797 scans of handwritten digits, 8 x 8 pixels, that come with scikit-learn."""

import gzip
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from multicnn.data.table import Table, strings
from multicnn.errors import DataError

FILE = "digits.csv.gz"
WHITE = 16  # the file's largest value: pixels set in a 4 x 4 block of the original scan


def digits(path: Path | None = None) -> Table:
    """The test part of the UCI set "Optical Recognition of Handwritten Digits", doi.org/10.24432/C50P49, CC BY 4.0.

    No official split. `path`: the folder of digits.csv.gz, elsewhere than in scikit-learn.
    """
    file = (path or _scikit_learn()) / FILE
    try:
        with gzip.open(file, "rt") as lines:
            rows = np.loadtxt(lines, delimiter=",", dtype=np.float64)
    except OSError as error:
        raise DataError(f"{file}: cannot be read ({error}); install scikit-learn again") from error
    return Table(
        name="digits",
        items=np.rint(rows[:, :64] * (255 / WHITE)).astype(np.uint8).reshape(-1, 8, 8),
        ids=strings(f"digit-{i}" for i in range(len(rows))),
        classes=tuple("0123456789"),
        target=rows[:, 64].astype(np.int64),
    )


def _scikit_learn() -> Path:
    """Where its data lies, without the seconds that importing it takes."""
    spec = find_spec("sklearn")
    if spec is None or spec.origin is None:
        raise DataError("digits: scikit-learn is not installed; install it with: pip install scikit-learn")
    return Path(spec.origin).parent / "datasets" / "data"
