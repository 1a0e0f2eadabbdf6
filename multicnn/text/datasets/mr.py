"""Movie reviews: 5,331 positive and 5,331 negative sentences. Pang and Lee 2005, aclanthology.org/P05-1015."""

from pathlib import Path

import numpy as np

from multicnn.data.table import Table, strings
from multicnn.errors import DataError
from multicnn.text.datasets.lines import read_lines

FILES = {"negative": "rt-polarity.neg", "positive": "rt-polarity.pos"}
FOLDS = 10
SOURCE = "https://www.cs.cornell.edu/people/pabo/movie-review-data/rt-polaritydata.tar.gz"


def mr(path: Path | None = None) -> Table:
    """The sentences of rt-polarity.pos and rt-polarity.neg (Latin-1, one a line), in ten folds.

    The authors published no folds, and those of Kim 2014 are random. Here sentence i of each file, from 0 on, is in
    fold i modulo 10: 533 or 534 of each class in every fold. Raises DataError where a file is absent.
    """
    if path is None or not is_mr(path):
        where = f"no {' and '.join(FILES.values())} in {path}" if path else "its folder is not given"
        raise DataError(f"mr: {where}; unpack {SOURCE} and give the folder of the two files")
    texts = [read_lines(path / file, encoding="latin-1") for file in FILES.values()]
    sizes = [len(part) for part in texts]
    return Table(
        name="mr",
        items=strings(text for part in texts for _, text in part),
        ids=strings(f"{file}:{n}" for file, part in zip(FILES.values(), texts, strict=True) for n, _ in part),
        classes=tuple(FILES),
        target=np.repeat(np.arange(len(FILES)), sizes),
        fold=np.concatenate([np.arange(n) % FOLDS for n in sizes]),
        said=(f"rt-polarity files (movie reviews): {sum(sizes):,} sentences in {FOLDS} folds",),
    )


def is_mr(root: Path) -> bool:
    """Whether a folder holds both files."""
    return all((root / file).is_file() for file in FILES.values())
