"""Samples told apart by a short code each: how close two must be depends on how close others are."""

import numpy as np

from multicnn.insight.audit.near import LOW, Prints

TABLES = 16
FEW = 1 << 16  # products of a code with the others held at once
BACKGROUND = 2_000  # samples that show how close strangers are
RARE = 0.01  # of them are closer to a sample than its distance to strangers
LEAST = 5  # of them, at least
CLOSE = 0.05  # share of the distance to strangers within which two are one
SAME = 1e-3  # distance within which two are one whatever others are


def code_prints(codes: np.ndarray, seed: int = 0) -> Prints:
    """Prints of (n, d) codes of length 1, or 0 for samples that have nothing to be told by.

    The distance of two is 1 - their product.  Keys are signs of random projections (Charikar 2002, "Similarity
    estimation techniques from rounding algorithms"); two are alike where they are `CLOSE` times closer than either is
    to strangers, for pictures of one kind of thing, such as trousers, are all alike.
    """
    rng = np.random.default_rng(seed)
    some = np.flatnonzero(codes.any(axis=1))
    lonely = np.zeros(len(codes), dtype=np.float32)
    lonely[some] = strangers(codes[some], rng)

    def alike(pairs: np.ndarray) -> np.ndarray:
        a, b = pairs.T
        distance = 1 - np.einsum("ij,ij->i", codes[a], codes[b])
        known = (lonely[a] > 0) & (lonely[b] > 0)
        return known & (distance <= np.maximum(SAME, CLOSE * np.minimum(lonely[a], lonely[b])))

    return Prints(signs(codes, rng), alike)


def strangers(codes: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """How far each sample is from the closest hundredth of others that were drawn by chance.  (n, d) -> (n,)"""
    n = len(codes)
    drawn = codes[rng.choice(n, min(n, BACKGROUND), replace=False)]
    rank = min(len(drawn) - 1, max(LEAST, round(RARE * len(drawn))))
    out = np.full(n, 1.0, dtype=np.float32)
    for start in range(0, n if len(drawn) > 1 else 0, step := max(1, FEW * 64 // max(1, len(drawn)))):
        distance = 1 - codes[start : start + step] @ drawn.T
        out[start : start + step] = np.partition(distance, rank, axis=1)[:, rank]
    return np.maximum(out, np.finfo(np.float32).tiny)


def signs(codes: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A key a table: on which side of random planes through the middle a code lies, then how far from another plane.

    (n, d) -> (n, TABLES), uint64
    """
    n, d = codes.shape
    bits = max(1, min(24, int(np.log2(max(2, n))) - 1))
    keys = np.zeros((n, TABLES), dtype=np.uint64)
    for table in range(TABLES):
        planes = rng.normal(size=(d, bits + 1)).astype(np.float32)
        side = codes @ planes
        side -= np.median(side, axis=0)
        spread = max(float(np.abs(side[:, -1]).max(initial=0)), 1e-9)
        place = ((side[:, -1] / spread + 1) * (2**30)).astype(np.uint64)
        upper = (side[:, :-1] > 0).astype(np.uint64) @ (np.uint64(1) << np.arange(bits, dtype=np.uint64))
        keys[:, table] = (upper << np.uint64(LOW)) | place
    return keys
