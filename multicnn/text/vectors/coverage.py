"""How much of a set's texts a file of vectors knows."""

from collections.abc import Mapping
from heapq import nsmallest

from multicnn.text.vectors.source import Source

SHOWN = 8  # of the missing words


def coverage(counts: Mapping[str, int], source: Source) -> str:
    """A sentence on words as they are listed, as they occur, and on the most frequent ones that have no vector."""
    known = set(source.known(list(counts)))
    missing = [(-n, word) for word, n in counts.items() if word not in known]
    tokens = sum(counts.values())
    occurring = (tokens + sum(n for n, _ in missing)) / max(1, tokens)
    told = (
        f"they know {len(known):,} of {len(counts):,} words of the training texts "
        f"({len(known) / max(1, len(counts)):.1%}), {occurring:.1%} of these as they occur"
    )
    often = ", ".join(f"{word} {-n:,}" for n, word in nsmallest(SHOWN, missing))
    return f"{told}; missing most often: {often}" if missing else told
