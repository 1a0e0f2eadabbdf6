"""How well the entities of texts are found: counts of each sample first, so that any resample is quickly measured.

Tags of k types: 0 is outside, 2c + 1 begins an entity of type c, 2c + 2 goes on with it (BIO); NO_TAG does not count.
What goes on with nothing begins, as conlleval has it.
"""

from typing import NamedTuple

import numpy as np

from multicnn.tasks.crf import NO_TAG
from multicnn.tasks.metrics import ratio


class Judged(NamedTuple):
    """true, said: n t tags.  loss: n."""

    true: np.ndarray
    said: np.ndarray
    loss: np.ndarray


class Counts(NamedTuple):
    """Of each sample what is right, what is said and what is true.

    exact: n k 3, entities with both borders and the type.  borders: n 3, whatever their type.  tokens: n k 3, cells of
    a type.  overlap: n 4, said entities that share a cell with a true one of their type, all said, and true ones alike.
    """

    exact: np.ndarray
    borders: np.ndarray
    tokens: np.ndarray
    overlap: np.ndarray


def pack(true: np.ndarray, said: np.ndarray, loss: np.ndarray, tags: int) -> np.ndarray:
    """n t, n t, n -> n t + 1"""
    both = np.where(true == NO_TAG, NO_TAG, true + tags * said)
    return np.concatenate([both, loss[:, None]], axis=1, dtype=np.float64)


def unpack(judged: np.ndarray, tags: int) -> Judged:
    """What `pack` was given."""
    both = judged[:, :-1].astype(np.int64)
    counted = both != NO_TAG
    return Judged(np.where(counted, both % tags, NO_TAG), np.where(counted, both // tags, NO_TAG), judged[:, -1])


def types(tags: np.ndarray) -> np.ndarray:
    """Of each cell, one more than its type's number; 0 outside."""
    return (tags + 1) // 2


def begins(tags: np.ndarray) -> np.ndarray:
    """Which cells are the first of an entity.  n t -> n t, bool"""
    before = np.zeros_like(tags)
    before[:, 1:] = types(tags)[:, :-1]
    return (tags > 0) & ((tags % 2 == 1) | (before != types(tags)))


def spans(tags: np.ndarray) -> np.ndarray:
    """Row, first cell, cell behind the last, and type of each entity, in order.  n t -> m 4"""
    row, begin = np.nonzero(begins(tags))
    goes_on = np.zeros_like(tags, dtype=bool)
    goes_on[:, :-1] = ((tags > 0) & ~begins(tags))[:, 1:]
    end = np.nonzero((tags > 0) & ~goes_on)[1] + 1
    return np.column_stack([row, begin, end, types(tags)[row, begin] - 1])


def owners(tags: np.ndarray) -> np.ndarray:
    """Of each cell, the number of its entity among `spans`; -1 outside.  n t -> n t"""
    number = begins(tags).ravel().cumsum().reshape(tags.shape) - 1
    return np.where(tags > 0, number, -1)


def counted(judged: Judged, k: int) -> Counts:
    """The counts of each sample."""
    n = len(judged.true)
    true, said = spans(judged.true), spans(judged.said)
    right, at_borders = (among(said[:, :end], true[:, :end]) for end in (4, 3))

    def of(found: np.ndarray, size: int) -> np.ndarray:
        return np.bincount(found[:, 0] * size + (found[:, -1] if size > 1 else 0), minlength=n * size).reshape(n, size)

    kinds = [types(judged.true), types(judged.said)]
    both = np.where(kinds[0] == kinds[1], kinds[0], 0)
    cells = [np.argwhere(kind > 0) for kind in (both, kinds[1], kinds[0])]
    named = [
        np.c_[where[:, 0], kind[tuple(where.T)] - 1] for where, kind in zip(cells, (both, *kinds[::-1]), strict=True)
    ]
    met = [np.isin(np.arange(len(own)), owners(t)[both > 0]) for own, t in ((said, judged.said), (true, judged.true))]
    return Counts(
        exact=np.stack([of(said[right], k), of(said, k), of(true, k)], axis=2),
        borders=np.concatenate([of(said[at_borders], 1), of(said, 1), of(true, 1)], axis=1),
        tokens=np.stack([of(c, k) for c in named], axis=2),
        overlap=np.concatenate([of(said[met[0]], 1), of(said, 1), of(true[met[1]], 1), of(true, 1)], axis=1),
    )


def among(some: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Which rows of whole numbers occur among others.  n c, m c -> n, bool"""
    whole = np.unique(np.concatenate([others, some]), axis=0, return_inverse=True)[1].ravel()
    return np.isin(whole[len(others) :], whole[: len(others)])


def f1(counts: np.ndarray) -> np.ndarray:
    """2 right / (said + true), 0 where there is neither.  ... 3 -> ..."""
    return ratio(2 * counts[..., 0], counts[..., 1] + counts[..., 2])


def measured(counts: Counts, weight: np.ndarray | None = None) -> dict[str, float]:
    """All metrics; `weight` is how often each sample counts.

    f1, precision, recall_entity_exact: over all entities, right with both borders and the type, as conlleval counts
    them; f1_macro_entity_exact: mean over the types that occur in truth or answer; f1_entity_borders: whatever the
    type; f1_entity_overlap: right that share a token with one of their type; f1_token_io: over the tokens of entities,
    right with their type.
    """
    once = np.ones(len(counts.exact)) if weight is None else weight
    exact, borders, tokens, overlap = (np.tensordot(once, c, axes=1) for c in counts)
    right, said, true = exact.sum(0)
    occurs = exact[:, 1:].any(1)
    precision, recall = ratio(overlap[[0, 2]], overlap[[1, 3]])
    return {
        "f1_entity_exact": float(f1(exact.sum(0))),
        "precision_entity_exact": float(ratio(right, said)),
        "recall_entity_exact": float(ratio(right, true)),
        "f1_macro_entity_exact": float(f1(exact)[occurs].mean()) if occurs.any() else 0.0,
        "f1_entity_borders": float(f1(borders)),
        "f1_entity_overlap": float(ratio(2 * precision * recall, precision + recall)),
        "f1_token_io": float(f1(tokens.sum(0))),
    }


def by_type(counts: Counts) -> list[dict[str, float]]:
    """F1, precision and recall of exact entities, F1 of tokens, true and said entities, of each type."""
    exact, tokens = counts.exact.sum(0), counts.tokens.sum(0)
    columns = (
        f1(exact), ratio(exact[:, 0], exact[:, 1]), ratio(exact[:, 0], exact[:, 2]), f1(tokens), exact[:, 2],
        exact[:, 1],
    )  # fmt: skip
    names = ("f1_entity_exact", "precision", "recall", "f1_token_io", "entities", "said")
    return [{name: float(v) for name, v in zip(names, row, strict=True)} for row in zip(*columns, strict=True)]
