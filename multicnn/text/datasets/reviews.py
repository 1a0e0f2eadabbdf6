"""3,000 sentences of product, film and restaurant reviews, half of them positive; ships with the package."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np

from multicnn.data.assets import asset
from multicnn.data.layouts.tabular import read_table
from multicnn.data.table import Table, strings


def reviews(path: Path | None = None) -> Table:
    """The Sentiment Labelled Sentences of Kotzias et al. 2015, doi.org/10.1145/2783258.2783380, CC BY 4.0.

    No official split; sentences of the same words ("Great phone.", "GREAT PHONE!") are one group. `path`: the folder
    of reviews.csv, elsewhere than in the package.
    """
    folder = path or asset("reviews")
    table = read_table(folder / "reviews.csv", item="text", name="reviews")
    group = same_words(table.items.tolist())
    twice = len(group) - len(np.unique(group))
    said = f"{twice} of {len(table):,} sentences repeat the words of another; such sentences stay in one part"
    return replace(table, group=group, said=(said,))


def same_words(texts: list[str]) -> np.ndarray:
    """(n,) a group for each text: that of the first text with the same words, whatever its case and punctuation."""
    first: dict[str, int] = {}
    words = (" ".join(re.findall(r"\w+", text.casefold())) for text in texts)
    return strings(first.setdefault(key or f" {row}", row) for row, key in enumerate(words))
