"""The exact parts of a score that is linear in features of n-grams: what each n-gram, and each word of it, adds."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from multicnn.errors import UsageError
from multicnn.insight.explain.question import Heat, Question, gradients, tape
from multicnn.zoo.heads import Pooled
from multicnn.zoo.ngrams import ByNgrams, Ngrams


def exact(net: Any) -> bool:
    """Whether the scores of a net are linear in features of n-grams."""
    return isinstance(net.body, ByNgrams) and isinstance(net.head, Pooled) and getattr(net.body, "rank", 0) == 1


def check_exact(net: Any, level: int | None = None) -> None:
    """Raises UsageError for other nets."""
    if not exact(net):
        raise UsageError(
            "--method ngrams is for texts and networks that keep the strongest answer of each filter, textcnn and "
            "ngramcnn; take integrated-gradients or occlusion"
        )


def ngrams(this: Question) -> Heat:
    """What each word adds to the score. Each feature is the answer of one filter to one n-gram, its strongest, so that
    nothing is approximated.

    facts: "score"; "ngrams", [begin, end, what it adds] of cells, the largest first; "bias" of the head and of filters
    that found nothing, which with all n-grams makes the score; "rest", which with all words does, the filters' own
    biases among it. Raises UsageError for other nets.
    """
    check_exact(this.net)
    body: Any = this.net.body
    with torch.enable_grad():
        grid, levels, score = tape(this)
        slopes = gradients(score.sum(), levels[-1]).flatten(1)  # constant, as the head is linear
    with torch.no_grad():
        offset = score.detach() - (slopes * levels[-1].flatten(1)).sum(1)
        parts = body.ngrams(grid.detach())
        shares = slopes.split([part.value.shape[1] for part in parts], 1)
        pairs = [weighted(part, share) for part, share in zip(parts, shares, strict=True)]
        words = torch.stack([by_word(part, grid.shape[2]) for part in pairs]).sum(0)
        unspent = torch.stack([(p.value - p.words.sum(3)).flatten(1).sum(1) for p in pairs]).sum(0)
    numbers = torch.stack([score.detach(), offset, offset + unspent], 1).tolist()
    facts = [told(row, by_ngram(pairs, n, grid.shape[2])) for n, row in enumerate(numbers)]
    return Heat(words, True, facts)


def weighted(part: Ngrams, slopes: Tensor) -> Ngrams:
    """What n-grams and words add to the score instead of to the features.  b f"""
    return part._replace(value=part.value * slopes[..., None], words=part.words * slopes[..., None, None])


def by_word(part: Ngrams, t: int) -> Tensor:
    """What each cell adds.  -> b t"""
    place = (part.begin[..., None] + torch.arange(part.size, device=part.begin.device)).flatten(1)
    there = (place >= 0) & (place < t)
    out = torch.zeros(len(place), t, device=place.device, dtype=part.words.dtype)
    return out.scatter_add_(1, place.clamp(0, t - 1), part.words.flatten(1) * there)


def by_ngram(parts: Sequence[Ngrams], row: int, t: int) -> dict[tuple[int, int], float]:
    """What each n-gram of a sample adds, by its first cell and that behind its last; (0, 0) for those outside."""
    total: dict[tuple[int, int], float] = defaultdict(float)
    for part in parts:
        begin = part.begin[row]
        first, last = begin.clamp(0, t), (begin + part.size).clamp(0, t)
        for a, b, value in zip(*(x.flatten().tolist() for x in (first, last, part.value[row])), strict=True):
            total[(a, b) if a < b else (0, 0)] += value
    return total


def told(numbers: Sequence[float], found: dict[tuple[int, int], float]) -> dict[str, Any]:
    """As JSON says it.  numbers: score, what is left of it without n-grams, and without words."""
    score, offset, rest = numbers
    real = sorted(((a, b, v) for (a, b), v in found.items() if b), key=lambda row: -abs(row[2]))
    ngrams = [[a, b, v] for a, b, v in real]
    return {"score": score, "bias": offset + found.get((0, 0), 0.0), "rest": rest, "ngrams": ngrams}
