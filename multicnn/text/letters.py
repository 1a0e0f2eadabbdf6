"""Words by their letters: a small convolution over each distinct word, so that unseen words mean something."""

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from torch import Tensor, nn

from multicnn.blocks import Dropout, conv, xavier
from multicnn.errors import UsageError
from multicnn.text.reader import FIRST, PADDING, UNKNOWN

LONGEST = 30  # letters of a word that are looked at: of a longer one the first and the last half of these


def alphabet(counts: Mapping[str, int], *, at_least: int = 1) -> tuple[str, ...]:
    """The letters of some words, most frequent first; those of one count in the order of Unicode.

    counts: how often each word occurs. at_least: letters that occur less often are unknown.
    """
    found: dict[str, int] = {}
    for word, n in counts.items():
        for letter in word:
            found[letter] = found.get(letter, 0) + n
    return tuple(sorted((c for c, n in found.items() if n >= at_least), key=lambda c: (-found[c], c)))


def spell(words: Sequence[str], letters: Sequence[str], *, longest: int = LONGEST) -> np.ndarray:
    """The numbers of the words' letters: 0 behind a word's end, 1 unknown, FIRST + i for `letters[i]`.

    longest: at least 2; of a longer word the first and the last half of so many letters. An empty word has none.
    Raises UsageError.
    n words -> n letters, int32
    """
    if longest < 2:
        raise UsageError(f"longest is {longest}; give at least 2 letters")
    half = longest // 2
    short = [w if len(w) <= longest else w[: longest - half] + w[-half:] for w in words]
    sizes = np.array([len(w) for w in short], dtype=np.int64)
    out = np.full((len(words), max(1, sizes.max(initial=0))), PADDING, dtype=np.int32)
    out[np.arange(out.shape[1]) < sizes[:, None]] = numbers("".join(short), letters)
    return out


def numbers(text: str, letters: Sequence[str]) -> np.ndarray:
    """The number of each letter of a text.  -> t, int32"""
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")
    known = np.array([ord(c) for c in letters], dtype="<u4")
    if not len(known):
        return np.full(len(codes), UNKNOWN, dtype=np.int32)
    order = np.argsort(known)
    place = order[np.minimum(np.searchsorted(known, codes, sorter=order), len(known) - 1)]
    return np.where(known[place] == codes, FIRST + place, UNKNOWN).astype(np.int32)


class Letters(nn.Module):
    """The strongest answers of a convolution over a word's letters, each a learnt vector.

    Ma and Hovy 2016, arxiv.org/abs/1603.01354, with their sizes; Chiu and Nichols 2016, arxiv.org/abs/1511.08308, have
    dim 25 and width 53. letters: how many numbers there are, 0 and 1 among them. Beyond a word's ends are zeros; how
    far it is padded changes nothing, and a word without letters is 0. drop: of the letters' numbers.
    u letters, int -> u width
    """

    def __init__(self, letters: int, *, dim: int = 30, width: int = 30, kernel: int = 3, drop: float = 0.5):
        super().__init__()
        self.channels = width
        self.vectors = nn.Embedding(letters, dim, padding_idx=PADDING)
        bound = (3 / dim) ** 0.5  # the paper's
        nn.init.uniform_(self.vectors.weight, -bound, bound)
        with torch.no_grad():
            self.vectors.weight[PADDING] = 0.0
        self.drop = Dropout(drop)
        self.conv = xavier(conv(1, dim, width, kernel))

    def forward(self, spelled: Tensor) -> Tensor:
        there = (spelled != PADDING)[:, None]
        found = self.conv(self.drop(self.vectors(spelled).mT)).masked_fill(~there, -torch.inf)
        return torch.tanh(found.amax(2)).masked_fill(~there.any(2), 0.0)
