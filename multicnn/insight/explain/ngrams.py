"""The exact parts of a score that is linear in features of n-grams: what each n-gram, and each word of it, adds."""

from collections import defaultdict
from typing import Any

import torch
from torch import Tensor

from multicnn.errors import UsageError
from multicnn.insight.explain.question import Heat, Question, gradients, tape
from multicnn.zoo.heads import Pooled
from multicnn.zoo.ngrams import ByNgrams, Ngrams

SHOWN = 20  # n-grams of a sample that are told, those that add or take the most


def exact(net: Any) -> bool:
    """Whether the scores of a net are linear in features of n-grams."""
    return isinstance(net.body, ByNgrams) and isinstance(net.head, Pooled) and net.body.rank == 1


def ngrams(this: Question) -> Heat:
    """What each word adds to the score. Each feature is the answer of one filter to one n-gram, its strongest, so that
    nothing is approximated.

    facts: "score"; "ngrams", [begin, end, what it adds] of cells, the largest first; "bias", which with all n-grams
    makes the score; "rest", which with all words does (the filters' own biases too). Raises UsageError for other nets.
    """
    if not exact(this.net):
        raise UsageError(
            "--method ngrams is for texts and networks that keep the strongest answer of each filter, textcnn and "
            "ngramcnn; take integrated-gradients or occlusion"
        )
    body: Any = this.net.body
    with torch.enable_grad():
        grid, levels, score = tape(this)
        slopes = gradients(score.sum(), levels[-1]).flatten(1)  # constant, as the head is linear
    with torch.no_grad():
        parts = body.ngrams(grid.detach())
    shares = slopes.split([part.value.shape[1] for part in parts], 1)
    words = torch.stack([by_word(p, s, grid.shape[2]) for p, s in zip(parts, shares, strict=True)]).sum(0)
    found = [by_ngram([(p.size, p.begin[i], p.value[i] * s[i][:, None]) for p, s in zip(parts, shares, strict=True)],
                      grid.shape[2]) for i in range(len(grid))]
    facts = [told(float(v), w, n) for v, w, n in zip(score, words, found, strict=True)]
    return Heat(words, True, facts)


def by_word(part: Ngrams, slopes: Tensor, t: int) -> Tensor:
    """What each cell adds to the score by some features.  b f -> b t"""
    added = (part.words * slopes[:, :, None, None]).flatten(1)
    place = (part.begin[..., None] + torch.arange(part.size, device=slopes.device)).flatten(1)
    there = (place >= 0) & (place < t)
    out = torch.zeros(len(slopes), t, device=slopes.device, dtype=added.dtype)
    return out.scatter_add_(1, place.clamp(0, t - 1), added * there)


def by_ngram(parts: list[tuple[int, Tensor, Tensor]], t: int) -> dict[tuple[int, int], float]:
    """What each n-gram of one sample adds, by its first cell and that behind its last; (0, 0) for outside.  f m, f m"""
    total: dict[tuple[int, int], float] = defaultdict(float)
    for size, begin, added in parts:
        first, last = begin.clamp(0, t), (begin + size).clamp(0, t)
        for a, b, value in zip(*(x.flatten().tolist() for x in (first, last, added)), strict=True):
            total[(a, b) if a < b else (0, 0)] += value
    return total


def told(score: float, words: Tensor, found: dict[tuple[int, int], float]) -> dict[str, Any]:
    """As JSON says it."""
    real = sorted(((a, b, v) for (a, b), v in found.items() if b), key=lambda row: -abs(row[2]))
    return {
        "score": score,
        "bias": score - sum(v for *_, v in real),
        "rest": score - float(words.sum()),
        "ngrams": [[a, b, v] for a, b, v in real[:SHOWN]],
    }
