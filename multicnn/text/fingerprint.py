"""What tells texts apart for the audit: pieces of their letters, their lengths, and signs of a wrong encoding."""

import re
from collections import Counter
from hashlib import blake2b
from unicodedata import name as letter_name
from unicodedata import normalize

import numpy as np

from multicnn.data.store import Store, Tick
from multicnn.data.table import Table
from multicnn.insight.audit.fingerprint import Fingerprint, Flaw
from multicnn.insight.audit.near import LOW, Prints
from multicnn.text.reader import WordReader

PIECE = 5  # letters of a shingle
HASHES, ROWS = 32, 3  # least hashes of a text, and how many of them make a key
NEAR = 0.8  # of the shingles of two texts are the same
LIKELY = 0.6  # of the least hashes of such texts are, at least
HELD = 4_096  # texts at once
PRIME = np.uint64(0x9E3779B97F4A7C15)
FOLDED = re.compile(r"[\W_]+")
# UTF-8 read as Latin-1 or as CP1251, letters that nobody could decode, and what HTML writes for letters
CYRILLIC = "(?:[\u0420\u0421][\u0402-\u040f\u0451-\u045f\u0490\u0491\u00a0-\u00bb\u2013-\u203a\u20ac\u2116\u2122]){2}"
LOST = re.compile(f"\ufffd|[ÃÂ][\u0080-\u00bf]|â€|[ÐÑ][\u0080-\u00bf]|{CYRILLIC}|&(?:amp|quot|lt|gt|nbsp|#\\d+);")
FOREIGN = 0.9  # of the texts are in one script where others are odd


def fingerprint(table: Table, reader: WordReader, store: Store, tick: Tick) -> Fingerprint:
    """Of texts: the same after case, spaces and punctuation are folded, or nearly."""
    texts = [str(item) for item in table.items]
    folded = [fold(text) for text in texts]
    same = np.array([digest(text) for text in texts], dtype=np.uint64)
    words = np.array([float(len(text.split())) for text in texts])
    return Fingerprint(same, shingle_prints(folded, tick), {"words": words}, flaws(texts, folded))


def digest(text: str) -> int:
    """64 bits of a text as it is."""
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")


def fold(text: str) -> str:
    """Its letters and digits alone, in small letters."""
    return FOLDED.sub("", normalize("NFKC", text).casefold())


def shingle_prints(folded: list[str], tick: Tick) -> Prints:
    """Least hashes of the shingles of each text (Broder 1997, "On the resemblance and containment of documents")."""
    least = np.concatenate([_least(folded[at : at + HELD]) for at in range(0, len(folded), HELD)])
    some = np.array([bool(text) for text in folded])
    keys = np.zeros((len(folded), HASHES // ROWS), dtype=np.uint64)
    for table in range(HASHES // ROWS):
        mixed = np.zeros(len(folded), dtype=np.uint64)
        for column in least[:, table * ROWS : (table + 1) * ROWS].T:
            mixed = (mixed ^ column) * PRIME
        keys[:, table] = ((mixed >> np.uint64(LOW)) << np.uint64(LOW)) | (least[:, -1] >> np.uint64(LOW))
    tick(len(folded), len(folded))

    def alike(pairs: np.ndarray) -> np.ndarray:
        a, b = pairs.T
        return some[a] & some[b] & ((least[a] == least[b]).mean(axis=1) >= LIKELY)

    def sure(pairs: np.ndarray) -> np.ndarray:
        return np.array([resemble(folded[a], folded[b]) for a, b in pairs.tolist()], dtype=bool)

    return Prints(keys, alike, sure)


def _least(folded: list[str]) -> np.ndarray:
    """The least of each hash over the shingles of each text; of a shorter one the text itself.  -> n HASHES, uint64"""
    letters = [
        np.frombuffer(t.ljust(PIECE, "\0").encode("utf-32-le", "surrogatepass"), dtype=np.uint32) for t in folded
    ]
    ends = np.cumsum([len(line) for line in letters])
    whole = np.concatenate(letters).astype(np.uint64)
    hashed = np.zeros(len(whole) - PIECE + 1, dtype=np.uint64)
    for step in range(PIECE):
        hashed = (hashed ^ whole[step : step + len(hashed)]) * PRIME
        hashed ^= hashed >> np.uint64(29)
    starts = np.concatenate([[0], ends[:-1]])
    inside = np.zeros(len(hashed), dtype=bool)
    for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
        inside[start : end - PIECE + 1] = True
    counts = ends - starts - PIECE + 1
    own, firsts = hashed[inside], np.concatenate([[0], np.cumsum(counts)[:-1]])
    multipliers = np.random.default_rng(0).integers(1, 2**63, HASHES, dtype=np.uint64) * np.uint64(2) + np.uint64(1)
    return np.stack([np.minimum.reduceat(_mixed(own, m), firsts) for m in multipliers], axis=1)


def _mixed(hashed: np.ndarray, multiplier: np.uint64) -> np.ndarray:
    turned = hashed * multiplier
    return (turned ^ (turned >> np.uint64(31))) * PRIME


def resemble(a: str, b: str) -> bool:
    """Whether most shingles of two folded texts are the same, and all their digits."""
    if a == b:
        return True
    if re.findall(r"\d", a) != re.findall(r"\d", b):
        return False
    one, other = ({t[i : i + PIECE] for i in range(max(1, len(t) - PIECE + 1))} for t in (a, b))
    return len(one & other) >= NEAR * len(one | other)


def flaws(texts: list[str], folded: list[str]) -> list[Flaw]:
    """Texts without letters, wrongly decoded ones, and those in another script than nearly all others."""
    empty = np.array([row for row, text in enumerate(folded) if not text], dtype=np.int64)
    lost = np.array([row for row, text in enumerate(texts) if LOST.search(text)], dtype=np.int64)
    scripts = [script(text) for text in texts]
    main, n = Counter(s for s in scripts if s).most_common(1)[0] if any(scripts) else ("", 0)
    rare = n >= FOREIGN * sum(map(bool, scripts))
    odd = [row for row, s in enumerate(scripts) if rare and s and s != main]
    return [
        Flaw("empty", "warning", empty, "no letter and no digit", "drop"),
        Flaw("encoding", "note", lost, "signs of a wrong encoding or of HTML", "keep"),
        Flaw("script", "note", np.array(odd, dtype=np.int64), f"other letters than {main.title()} ones", "keep"),
    ]


def script(text: str) -> str:
    """The script of most of its first letters, as LATIN or CYRILLIC; "" without letters."""
    letters = [c for c in text[:200] if c.isalpha()]
    if not letters:
        return ""
    if "".join(letters).isascii():
        return "LATIN"
    return Counter(letter_name(c, "").split(" ")[0] for c in letters).most_common(1)[0][0]
