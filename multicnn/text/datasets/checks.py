"""What is wrong with a set of texts that a model would learn all the same."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from multicnn.data.table import Table
from multicnn.errors import DataError
from multicnn.text.tokens import tokens

LEAKS = 0.99  # share of both sides that one word tells apart
ENOUGH = 50  # texts of a class, below which a word may do so by chance
LOOKED_AT = 10_000  # texts
LONGEST = 5_000  # characters of a text
FEW, MANY = 0.1, 0.5  # shares of the rows that differ in a column of classes, and in one of texts


def checked(table: Table, path: Path) -> Table:
    """The same table, with warnings. Raises DataError naming a text with a zero byte or an empty file.

    Also where texts and labels are taken for each other, or the labels only count the rows.
    """
    refuse_what_is_no_text(table, path)
    if not table.several:
        refuse_row_numbers(table)
        refuse_swapped(table)
    return replace(table, said=(*table.said, *leaks(table)))


def refuse_what_is_no_text(table: Table, path: Path) -> None:
    """Raises DataError naming the first text that holds a zero byte, or the first file that is empty."""
    for name, text in zip(table.ids, table.items, strict=True):
        if "\0" in text:
            raise DataError(f"{name}: not a text, it holds zero bytes; remove it or save it as text")
        if not text.strip() and (path / name).is_file():
            raise DataError(f"{path / name}: the file is empty; remove it or put its text in")


def refuse_row_numbers(table: Table) -> None:
    """Raises DataError where the labels are 0, 1, 2, ... or 1, 2, 3, ... down the rows."""
    if len(table) < ENOUGH or len(table.classes) < len(table):
        return
    told = [table.classes[k] for k in table.target]
    for first in (0, 1):
        if told == [str(n) for n in range(first, first + len(told))]:
            raise DataError(
                f"{table.name}: the labels are the numbers of the rows; name the right column with --label-column"
            )


def refuse_swapped(table: Table) -> None:
    """Raises DataError where the labels are long and all different, and the texts few."""
    if len(table) < ENOUGH:
        return
    texts = len(np.unique(table.items))
    if len(table.classes) < MANY * len(table) or texts > FEW * len(table):
        return
    label = max(table.classes, key=len)
    raise DataError(
        f"{table.name}: {texts} different texts, such as {table.items[0][:30]!r}, and {len(table.classes):,} different "
        f"labels, such as {label[:40]!r}; they look swapped, name the columns with --text-column and --label-column"
    )


def leaks(table: Table) -> list[str]:
    """A warning for a word that alone tells a class from all others, in more than 99 % of both."""
    rows = np.random.default_rng(0).permutation(len(table))[:LOOKED_AT]
    words = [set(tokens(text[:LONGEST].lower())) for text in table.items[rows].tolist()]
    said = []
    for k, name in enumerate(table.classes):
        inside = table.has(k)[rows]
        if min(inside.sum(), (~inside).sum()) < ENOUGH:
            continue
        if found := telling(words, inside):
            word, rate, there = found
            how = "is" if there else "is not"
            said.append(
                f"warning: that {word!r} {how} in a text tells class {name!r} in {100 * rate:.1f} % of both sides; "
                "if that is how the labels were made, remove it from the texts"
            )
    return said[:3]


def telling(words: Sequence[set[str]], inside: np.ndarray) -> tuple[str, float, bool] | None:
    """The word whose presence, or absence, tells the two sides apart best, and the mean of its rates, if above 99 %."""
    counts = [Counter(w for row in np.flatnonzero(side).tolist() for w in words[row]) for side in (inside, ~inside)]
    sizes = inside.sum(), (~inside).sum()
    best = max(
        (
            (0.5 + 0.5 * (counts[0][w] / sizes[0] - counts[1][w] / sizes[1]), w)
            for w in counts[0].keys() | counts[1].keys()
        ),
        key=lambda item: (abs(item[0] - 0.5), item),
        default=(0.5, ""),
    )
    rate = max(best[0], 1 - best[0])
    return (best[1], float(rate), best[0] > 0.5) if rate > LEAKS else None
