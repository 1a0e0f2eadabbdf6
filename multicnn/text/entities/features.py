"""What a word looks like, in numbers that need no vocabulary: its ends, its shape, its letters."""

from functools import lru_cache
from zlib import crc32

import numpy as np

from multicnn.text.tokens import SAME

PREFIX, SUFFIX, ENDING, SHAPE = range(4)  # of `looks`, before the letters
LETTERS = 16  # of a word: its first and its last eight
PLAIN, CODES = 0x600, 0x700  # letters below are themselves (Latin, Greek, Cyrillic, Hebrew), others share the rest
RUN = 4  # equal signs in a row that a shape tells apart
KNOWN = 1 << 17  # words whose looks are remembered
WIDTH = 4 + LETTERS


@lru_cache(maxsize=KNOWN)
def looks(word: str) -> np.ndarray:
    """Hashes of the first three letters, the last two, the last three and the shape, then letters; 0 is none.

    -> WIDTH, int32
    """
    low = word.lower()
    ends = [hashed("^" + low[:3]), hashed(low[-2:] + "$"), hashed(low[-3:] + "$"), hashed(shape(word))]
    kept = word if len(word) <= LETTERS else word[: LETTERS // 2] + word[-LETTERS // 2 :]
    codes = [code(c) for c in kept] + [0] * (LETTERS - len(kept))
    return np.array(ends + codes, dtype=np.int32)


def shape(word: str) -> str:
    """`Xxxxx` of London, `dd.d` of 12.5: a sign a letter, of equal ones up to four, with the word's own punctuation."""
    signs: list[str] = []
    for c in word:
        sign = ("X" if c.isupper() else "x") if c.isalpha() else "d" if c.isdigit() else c
        if signs[-RUN:] != [sign] * RUN:
            signs.append(sign)
    return "".join(signs)


def hashed(text: str) -> int:
    """From 1 to 2 ** 31 - 1, the same in every process."""
    return 1 + (crc32(text.encode("utf-8", "surrogatepass")) >> 1) % (2**31 - 1)


def code(letter: str) -> int:
    """From 1 to CODES - 1."""
    n = ord(letter)
    return n if 0 < n < PLAIN else PLAIN + n % (CODES - PLAIN)


def plain(word: str) -> str:
    """With plain apostrophes and hyphens, without characters that nobody sees."""
    return word if word.isascii() else word.translate(SAME)
