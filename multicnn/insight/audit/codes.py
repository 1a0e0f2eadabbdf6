"""Samples told apart by a short code each: how close two must be depends on how close strangers are."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from multicnn.insight.audit.near import LOW, Compare, Prints

TABLES = 16
MOST = 24  # bits of a key: as many as leave a few samples for each
HELD = 1 << 22  # products of codes held at once
BACKGROUND = 2_000  # samples that show how close strangers are
RARE = 0.01  # of them are closer to a sample than its distance to strangers
LEAST = 5  # of them, at least
SAME = 1e-3  # distance within which two are one whatever others are
EVEN = 0.25  # power of a band's share: 0 would take faint bands for as good as strong ones, 1 miss a blurred copy


def cosines(size: int, k: int) -> np.ndarray:
    """The first k waves of the cosine transform, over `size` places.  -> k size, float32"""
    at = (np.arange(size) + 0.5) * np.pi / size
    return (np.cos(np.outer(np.arange(min(k, size)), at)) / size).astype(np.float32)


def waves(grids: np.ndarray, k: int) -> np.ndarray:
    """The lowest k x k waves of each grid, in cycles of the whole grid, so that another size changes nothing.

    n h w -> n k k, fewer for a grid that has fewer cells
    """
    return cosines(grids.shape[1], k) @ grids.astype(np.float32) @ cosines(grids.shape[2], k).T


def banded(coefficients: np.ndarray, edges: Sequence[float]) -> np.ndarray:
    """A code of length 1 that gain, an added constant and blur leave as it is: each ring of waves brought near one
    strength.

    edges: radii of the rings, the last open; the mean is left out.  n k k -> n d, float32; 0 for a blank grid
    """
    n = len(coefficients)
    radius = radii(coefficients)
    whole = np.linalg.norm(coefficients[:, radius > 0], axis=1, keepdims=True)
    parts = []
    for low, high in zip(edges, [*edges[1:], np.inf], strict=True):
        ring = coefficients[:, (radius >= low) & (radius < high)]
        strength = np.linalg.norm(ring, axis=1, keepdims=True)
        parts.append(ring * (np.maximum(strength, 1e-9) / np.maximum(whole, 1e-9)) ** EVEN / np.maximum(strength, 1e-9))
    code = np.concatenate(parts, axis=1).reshape(n, -1).astype(np.float32)
    length = np.linalg.norm(code, axis=1, keepdims=True)
    return np.where(whole > 1e-6, code / np.maximum(length, 1e-9), 0).astype(np.float32)


def agreement(a: np.ndarray, b: np.ndarray, edges: Sequence[float]) -> np.ndarray:
    """The mean cosine of two grids over their rings: finer than codes, and deaf to gain and blur.

    n k k, n k k -> (n,)
    """
    radius, found = radii(a), []
    for low, high in pairwise(edges):
        within = (radius >= low) & (radius < high)
        if within.any():
            x, y = a[:, within].astype(np.float32), b[:, within].astype(np.float32)
            size = np.maximum(np.linalg.norm(x, axis=1) * np.linalg.norm(y, axis=1), 1e-12)
            found.append((x * y).sum(axis=1) / size)
    return np.mean(found, axis=0) if found else np.ones(len(a))


def radii(coefficients: np.ndarray) -> np.ndarray:
    """How fast each wave is.  n k l -> k l"""
    return np.hypot(*np.mgrid[: coefficients.shape[1], : coefficients.shape[2]])


def code_prints(codes: np.ndarray, close: float, sure: Compare, *, seed: int = 0) -> Prints:
    """Prints of (n, d) codes of length 1, or 0 for samples that have nothing to be told by.

    The distance of two is 1 - their product.  Two are alike where that is at most `close` times the distance of either
    from strangers: pictures of one kind of thing, such as trousers, are all near each other.  Keys are the signs of
    random projections (Charikar 2002, "Similarity estimation techniques from rounding algorithms").
    """
    rng = np.random.default_rng(seed)
    some = np.flatnonzero(codes.any(axis=1))
    lonely = np.zeros(len(codes), dtype=np.float32)
    lonely[some] = strangers(codes[some], rng)

    def alike(pairs: np.ndarray) -> np.ndarray:
        a, b = pairs.T
        distance = 1 - np.einsum("ij,ij->i", codes[a], codes[b])
        nearer = np.minimum(lonely[a], lonely[b])
        return (nearer > 0) & (distance <= np.maximum(SAME, close * nearer))

    return Prints(signs(codes, rng), alike, sure)


def strangers(codes: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """How far each sample is from the closest hundredth of others that were drawn by chance.  n d -> (n,), above 0"""
    n = len(codes)
    drawn = codes[rng.choice(n, min(n, BACKGROUND), replace=False)]
    rank = max(LEAST, round(RARE * len(drawn)))
    out = np.ones(n, dtype=np.float32)
    if len(drawn) > 2 * rank:
        for start in range(0, n, step := HELD // len(drawn)):
            distance = 1 - codes[start : start + step] @ drawn.T
            out[start : start + step] = np.partition(distance, rank, axis=1)[:, rank]
    return np.maximum(out, np.finfo(np.float32).tiny)


def signs(codes: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A key a table: on which side of random planes through the middle a code lies, then how far from another plane.

    n d -> n TABLES, uint64
    """
    n, d = codes.shape
    bits = max(1, min(MOST, int(np.log2(max(2, n))) - 1))
    keys = np.zeros((n, TABLES), dtype=np.uint64)
    for table in range(TABLES if n else 0):
        side = codes @ rng.normal(size=(d, bits + 1)).astype(np.float32)
        side -= np.median(side, axis=0)
        spread = max(float(np.abs(side[:, -1]).max()), 1e-9)
        place = ((side[:, -1] / spread + 1) * 2.0**30).astype(np.uint64)
        upper = (side[:, :-1] > 0).astype(np.uint64) @ (np.uint64(1) << np.arange(bits, dtype=np.uint64))
        keys[:, table] = (upper << np.uint64(LOW)) | place
    return keys
