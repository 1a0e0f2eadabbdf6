"""Stanford Sentiment Treebank: trees in brackets, with five sentiments or two."""

import re
from pathlib import Path

from multicnn.data.table import Table
from multicnn.errors import DataError
from multicnn.text.datasets.labelled import SENTIMENTS, is_numbered, numbered
from multicnn.text.datasets.lines import guessed_lines, mostly, parted
from multicnn.text.datasets.rows import Row, lacking, tabled

FIVE = SENTIMENTS[5]
TWO = {0: "negative", 1: "negative", 3: "positive", 4: "positive"}  # neutral sentences are left out, as in Socher 2013
TREE = re.compile(r"\(([0-4]) .*\)")
LEAF = re.compile(r"\([0-4] ([^()\s]+)\)")
BRACKETS = {"-LRB-": "(", "-RRB-": ")", "-LSB-": "[", "-RSB-": "]", "-LCB-": "{", "-RCB-": "}"}
SOURCE = "https://nlp.stanford.edu/sentiment/trainDevTestTrees_PTB.zip, unpack it"


def is_trees(path: Path) -> bool:
    """Whether a file, or the part files of a folder, hold trees like `(3 (2 It) (4 works))`."""
    return bool(_files(path))


def sst5(path: Path | None = None) -> Table:
    """Whole sentences with five sentiments, from trees or from stsa.fine.*. Socher 2013, aclanthology.org/D13-1170.

    Raises DataError where there is no such file, or naming the line that is no tree.
    """
    if path is not None and not is_trees(path) and is_numbered(path):
        return numbered(path)
    if path is None or not is_trees(path):
        raise lacking("sst5", path, "train.txt, dev.txt and test.txt with trees", SOURCE)
    rows, said = _rows(path)
    labelled = [row._replace(labels=(FIVE[int(row.labels[0])],)) for row in rows]
    return tabled(
        path, labelled, name="sst5", said=["trees of sentiment, whole sentences of five classes", *said], classes=FIVE
    )


def trees_of_two(path: Path) -> Table:
    """The sentences that are not neutral, as positive or negative."""
    rows, said = _rows(path)
    kept = [row._replace(labels=(TWO[int(row.labels[0])],)) for row in rows if int(row.labels[0]) in TWO]
    how = f"trees of sentiment, whole sentences; {len(rows) - len(kept):,} neutral ones left out"
    return tabled(path, kept, name="sst2", said=[how, *said])


def _files(path: Path) -> dict[str, Path]:
    return parted(path, lambda file: mostly(file, TREE.fullmatch))


def _rows(path: Path) -> tuple[list[Row], list[str]]:
    rows, said = [], []
    for part, file in _files(path).items():
        lines, notes = guessed_lines(file)
        said += notes
        for number, line in lines:
            match = TREE.fullmatch(line)
            words = LEAF.findall(line) if match and line.count("(") == line.count(")") else []
            if not match or not words:
                raise DataError(
                    f"{file}: line {number} is no tree such as `(3 (2 It) (4 works))`; fetch the file again"
                )
            text = " ".join(BRACKETS.get(str(w), str(w).replace("\\/", "/").replace("\\*", "*")) for w in words)
            rows.append(Row(f"{file.name}:{number}", text, (match[1],), part))
    return rows, said
