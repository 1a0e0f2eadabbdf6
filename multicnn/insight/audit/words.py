"""Words that the sentences of several checks share."""

from collections.abc import Iterable

SHOWN = 5  # names in a sentence, before "and 3 more"


def samples(n: int) -> str:
    """`1 sample`, `12 samples`."""
    return f"{n:,} sample{'s' * (n != 1)}"


def named(names: Iterable[str], shown: int = SHOWN) -> str:
    """The first names, quoted, and how many more there are."""
    known = list(names)
    more = f" and {len(known) - shown:,} more" if len(known) > shown else ""
    return ", ".join(map(repr, known[:shown])) + more


def counted(counts: Iterable[tuple[str, int]], shown: int = SHOWN) -> str:
    """Names with their numbers: `'cat' (3), 'dog' (4)`."""
    known = list(counts)
    more = f" and {len(known) - shown:,} more" if len(known) > shown else ""
    return ", ".join(f"{name!r} ({n:,})" for name, n in known[:shown]) + more
