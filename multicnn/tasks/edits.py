"""Word and character errors: the fewest insertions, deletions and substitutions that make one text another.

Counted by jiwer. A sample's judgement is one row of numbers: the edits of words (substituted, deleted, inserted, true
words), the same of characters, the loss, then for each unit how often it is said and how often found, then the number
of units found and these themselves, as many as fit.
"""

from collections.abc import Sequence

import numpy as np

HEAD = 9
ROOM = 8  # units that a wrong answer may have beyond twice the longest text, to be shown whole


def spell(units: Sequence[int], texts: Sequence[str]) -> str:
    """Units in a row as a text, spaces single."""
    return " ".join("".join(texts[u] for u in units).split())


def pack(said: list[int], true: list[int], texts: Sequence[str], loss: float, longest: int) -> np.ndarray:
    """One sample's judgement.

    texts: of the units, of the blank, and of letters that are none. longest: units of the longest true text.
    """
    room = 2 * longest + ROOM
    shown = np.full(room, -1.0)
    shown[: min(room, len(said))] = said[:room]
    counts = counted(spell(true, texts), spell(said, texts))
    return np.concatenate([counts, [loss], *found(said, true, len(texts) - 2), [len(said)], shown])


def counted(truth: str, answer: str) -> list[float]:
    """Substitutions, deletions, insertions and true ones of the words, then of the characters, spaces included."""
    import jiwer

    words, letters = jiwer.process_words(truth, answer), jiwer.process_characters(truth, answer)
    return [
        *(words.substitutions, words.deletions, words.insertions, len(truth.split())),
        *(letters.substitutions, letters.deletions, letters.insertions, len(truth)),
    ]


def found(said: list[int], true: list[int], k: int) -> tuple[np.ndarray, np.ndarray]:
    """How often each unit is in the truth, and how often an alignment with the fewest edits keeps it.  -> k, k"""
    from rapidfuzz.distance import Levenshtein

    kept = [
        u
        for step in Levenshtein.opcodes(true, said)
        if step.tag == "equal"
        for u in true[step.src_start : step.src_end]
    ]
    said_of, kept_of = (np.bincount(np.array(u, dtype=np.int64), minlength=k)[:k] for u in (true, kept))
    return said_of.astype(float), kept_of.astype(float)


def measured(judged: np.ndarray, weight: np.ndarray | None) -> dict[str, float]:
    """Errors of words and characters over a whole split, and the share of samples with any; 1 for no true word."""
    w = np.ones(len(judged)) if weight is None else weight
    ws, wd, wi, words, cs, cd, ci, letters = w @ judged[:, : HEAD - 1]
    wrong = judged[:, [0, 1, 2, 4, 5, 6]].any(axis=1)
    return {
        "wer_corpus": float((ws + wd + wi) / max(words, 1)),
        "cer_corpus": float((cs + cd + ci) / max(letters, 1)),
        "ser": float(np.average(wrong, weights=w)),
        "wer_substituted": float(ws / max(words, 1)),
        "wer_deleted": float(wd / max(words, 1)),
        "wer_inserted": float(wi / max(words, 1)),
    }


def loss(judged: np.ndarray) -> np.ndarray:
    """n ... -> n"""
    return judged[:, HEAD - 1]


def by_unit(judged: np.ndarray, classes: Sequence[str]) -> dict[str, dict[str, float]]:
    """Recall and count of each unit."""
    k = len(classes)
    said = judged[:, HEAD : HEAD + k].sum(axis=0)
    kept = judged[:, HEAD + k : HEAD + 2 * k].sum(axis=0)
    return {c: {"recall": float(h / max(n, 1)), "count": int(n)} for c, n, h in zip(classes, said, kept, strict=True)}


def answers(judged: np.ndarray, k: int) -> list[list[int]]:
    """The units that were said, of very long wrong answers the first.  n ... -> n lists"""
    shown = judged[:, HEAD + 2 * k + 1 :].astype(int)
    return [line[line >= 0].tolist() for line in shown]
