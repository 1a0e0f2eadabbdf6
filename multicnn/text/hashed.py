"""Words by what they look like, without a vocabulary: small letters, beginning, end and shape, as hashed vectors.

As spaCy's MultiHashEmbed (spacy.io/api/architectures): a few thousand rows serve any number of words, since two that
share a row in one hash hardly share all four. Weinberger et al. 2009, arxiv.org/abs/0902.2206; Svenstrup et al. 2017,
arxiv.org/abs/1709.03933.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from hashlib import blake2b

import numpy as np
import torch
from torch import Tensor, nn

from multicnn.names import find

HASHES = 4  # rows that a feature is the sum of
RUN = 4  # letters of one kind that a shape shows at most
RUNS = re.compile(rf"(.)\1{{{RUN},}}", re.DOTALL)
MOST = 200  # letters of a word that its shape is made of


def norm(word: str) -> str:
    """The word in small letters."""
    return word.lower()


def prefix(word: str) -> str:
    """Its first letter."""
    return word[:1]


def suffix(word: str) -> str:
    """Its last three letters."""
    return word[-3:]


def shape(word: str) -> str:
    """`Xxxxx` of Moscow, `dd.dd` of 12.30: capitals X, other letters x, digits d; no more than four of one kind."""
    kinds = [("X" if c.isupper() else "x") if c.isalpha() else "d" if c.isdigit() else c for c in word[:MOST]]
    return RUNS.sub(lambda found: found[1] * RUN, "".join(kinds))


FEATURES: dict[str, Callable[[str], str]] = {"norm": norm, "prefix": prefix, "suffix": suffix, "shape": shape}
ROWS: dict[str, int] = {"norm": 5000, "prefix": 1000, "suffix": 2500, "shape": 2500}  # spaCy's


def hashes(words: Sequence[str], rows: Mapping[str, int] = ROWS) -> np.ndarray:
    """The rows of a table, all features' in one, that stand for each word; the same on every machine and for ever.

    rows: of each feature in FEATURES, in the order of the table. Row 0 is nobody's, and all that an empty word has.
    Raises UsageError for an unknown feature.
    n words -> n features HASHES, int32
    """
    out = np.zeros((len(words), len(rows), HASHES), dtype=np.int32)
    there = np.array([bool(w) for w in words], dtype=bool)
    first = 1
    for place, (name, n) in enumerate(rows.items()):
        feature = find("feature of words", FEATURES, name)
        known: dict[str, bytes] = {}
        raw = b"".join(digest(feature(w), known) for w in words)
        out[:, place] = np.frombuffer(raw, dtype="<u4").reshape(-1, HASHES) % n + first
        first += n
    return np.where(there[:, None, None], out, 0)


def digest(text: str, known: dict[str, bytes]) -> bytes:
    """16 bytes that follow from the text; those in `known` are not computed again."""
    if text not in known:
        known[text] = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=4 * HASHES).digest()
    return known[text]


class Hashed(nn.Module):
    """For each feature the sum of the vectors of its rows, the features one behind the other.

    rows: as for `hashes`. A word that has but row 0 is 0.
    u features HASHES, int -> u (features dim)
    """

    def __init__(self, rows: Mapping[str, int] = ROWS, *, dim: int = 96):
        super().__init__()
        self.channels = len(rows) * dim
        self.table = nn.EmbeddingBag(1 + sum(rows.values()), dim, mode="sum", padding_idx=0)
        nn.init.uniform_(self.table.weight, -0.1, 0.1)  # spaCy's
        with torch.no_grad():
            self.table.weight[0] = 0.0

    def forward(self, rows: Tensor) -> Tensor:
        return self.table(rows.flatten(0, 1)).reshape(len(rows), -1)
