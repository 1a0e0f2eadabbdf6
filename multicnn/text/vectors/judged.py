"""What vectors are worth by themselves: similarity as people see it, analogies, neighbours."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from multicnn.data.layouts.encoding import read_as
from multicnn.errors import DataError
from multicnn.text.vectors.learnt import ANALOGIES, PAIRS, Learnt, shipped

LEAST = 3  # pairs that a rank correlation is told of
SHIPPED = "gensim"


def judge_analogies(learnt: Learnt, path: str) -> dict[str, Any]:
    """The share of right answers to a file of questions `a b c d` under headings `: name`; "gensim": its own."""
    file = shipped(ANALOGIES) if path == SHIPPED else readable(path)
    lines = _lines(file)
    asked = sum(len(line.split()) == 4 for line in lines if not line.startswith(":"))
    if not asked or not lines[0].startswith(":"):
        raise DataError(f"{file}: no analogies; write `: heading`, then lines of four words")
    right, known = learnt.analogies(file)
    return {
        "file": str(file),
        "right": right,
        "known": known,
        "asked": asked,
        "share": right / known if known else None,
    }


def judge_similarity(learnt: Learnt, path: str) -> dict[str, Any]:
    """Spearman's correlation of cosines with scores in a file of lines `word word score`; wordsim353, simlex999."""
    from scipy import stats

    file = shipped(PAIRS[path]) if path in PAIRS else readable(path)
    asked = pairs(file)
    words = set(learnt.words)
    known = [(a, b, score) for a, b, score in asked if a in words and b in words]
    rho = None
    if len(known) >= LEAST:
        found: Any = stats.spearmanr([s for *_, s in known], [learnt.cosine(a, b) for a, b, _ in known])
        rho = round(float(found.statistic), 4)
    return {"file": str(file), "known": len(known), "asked": len(asked), "spearman": rho}


def pairs(path: Path) -> list[tuple[str, str, float]]:
    """Two words and a score of each line, parted by tabs, commas, semicolons or spaces; headings are passed over.

    Raises DataError for a file without such lines.
    """
    found = []
    for line in _lines(path):
        cells = [cell for cell in re.split(r"[\t,; ]+", line.strip().lower()) if cell]
        score = next((float(c) for c in cells[2:] if re.fullmatch(r"-?\d+(\.\d+)?", c)), None)
        if score is not None and not line.startswith("#"):
            found.append((cells[0], cells[1], score))
    if not found:
        raise DataError(f"{path}: no pairs of words; write `word word score` a line")
    return found


def neighbours(learnt: Learnt, words: Sequence[str], n: int) -> dict[str, list[tuple[str, float]]]:
    """Of each word that has a vector."""
    known = set(learnt.words)
    return {word: learnt.neighbours(word, n) for word in words if word in known}


def telling(learnt: Learnt, n: int) -> list[str]:
    """The `n` most frequent words that look like content: of five letters and more."""
    return [word for word in learnt.words if len(word) > 4 and word.isalpha()][:n]


def readable(path: str) -> Path:
    """Raises DataError for a file that is not there."""
    file = Path(path).expanduser()
    if not file.is_file():
        raise DataError(f"{path}: no such file; check its name")
    return file


def _lines(path: Path) -> list[str]:
    text, _ = read_as(path, lambda file: file.read())
    return [line for line in text.splitlines() if line.strip()] or [""]
