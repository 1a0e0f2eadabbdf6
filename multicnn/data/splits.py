"""Which rows train, which tune and which test: official parts first, the rest dealt by class and group."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from multicnn.data.stratify import deal, pick
from multicnn.data.table import PARTS, Table
from multicnn.errors import DataError, UsageError

MANY_CLASSES = 10  # with a sample or two each: not classes at all
PURPOSE = {"train": "train", "val": "tune", "test": "test"}


@dataclass(frozen=True, eq=False)
class Splits:
    """Rows of each part in ascending order, without overlap; `how` they were chosen, to be said aloud."""

    train: np.ndarray
    val: np.ndarray
    test: np.ndarray
    how: str


def split(table: Table, *, val: float = 0.15, test: float = 0.15, seed: int = 0) -> Splits:
    """Official parts where the table has them; those it lacks are dealt out of the rows for training.

    val, test: shares of all rows that no official part claims, 0 for none; rows whose part is open count as training
    rows. A sample's part depends on its name, its class and the seed, not on its row. Raises DataError where a class
    cannot be learnt or tested, and UsageError for shares out of range.
    """
    _check_shares(val, test)
    official = {p: np.flatnonzero(table.split == p) if table.split is not None else _none() for p in PARTS}
    pool = np.setdiff1d(np.arange(len(table)), np.concatenate([official["val"], official["test"]]))
    shares = {p: s for p, s in (("test", test), ("val", val)) if s and not len(official[p])}
    needed = ["train"] if len(official["test"]) else ["train", *reversed(shares)]  # a rare class can still be tested
    _check_classes(table, pool, needed)
    rows = _carve(table, pool, shares, seed)
    parts = {p: rows.get(p, official[p]) for p in PARTS}
    how = [_how(table, official, shares, seed), *_leaks(table, parts), *_absent(table, parts)]
    return Splits(**parts, how="; ".join(how))


def folds(table: Table, k: int | None = None, *, val: float = 0.15, seed: int = 0) -> list[Splits]:
    """One split a fold: the fold tests, and a share `val` of the other rows tunes.

    Official folds where the table has them (k is their number, or None), else k folds by class and group; official
    parts are pooled. Raises UsageError for a k that does not fit, and DataError for a class with too few samples.
    """
    _check_shares(val, 0.0)
    if table.classes or table.answer is None:
        _check_two_classes(table)
    number, how = _folds(table, k, seed)
    numbers = np.unique(number)
    return [
        _fold(table, number == f, val, seed, f"fold {i} of {len(numbers)}, {how}") for i, f in enumerate(numbers, 1)
    ]


def limit(table: Table, rows: np.ndarray, n: int, *, seed: int = 0) -> np.ndarray:
    """`n` of the given rows with the shares of the classes. Raises UsageError for an n below their number."""
    if n >= len(rows):
        return rows
    part = _labels(table, rows)
    classes = sum(count > 0 for count in part.counts().values())
    if n < classes:
        raise UsageError(f"--limit {n}: fewer samples than the {classes} classes; take {classes} at least")
    return rows[np.sort(pick(part, n, seed))]


def nested(table: Table, splits: Splits, shares: Sequence[float], *, seed: int = 0) -> list[Splits]:
    """The same parts with shares of the training part, each within the next: by class, groups whole.

    shares: ascending, above 0 and at most 1. Only the whole training part keeps the test part, which the smaller ones
    have no need to see. Raises UsageError for other shares.
    """
    steps = np.diff([0.0, *shares, 1.0])
    if not len(shares) or (steps[:-1] <= 0).any() or steps[-1] < 0:
        raise UsageError(f"shares of the training part are {[*shares]}; give ascending ones above 0, at most 1")
    slices = [s for s in steps.tolist() if s > 0]
    place = deal(_labels(table, splits.train), slices[::-1], seed)  # the smallest share misses no class: the last part
    found = []
    for number, share in enumerate(shares, start=1):
        rows = splits.train[place >= len(slices) - number]
        how = f"{splits.how}; {100 * share:.4g} % of the training part, draw {seed}"
        found.append(replace(splits, train=rows, test=splits.test if share == 1 else _none(), how=how))
    return found


def _none() -> np.ndarray:
    return np.zeros(0, dtype=np.int64)


def _labels(table: Table, rows: np.ndarray) -> Table:
    """The chosen rows without their items, which may be large."""
    return replace(table, items=table.ids).take(rows)


def _carve(table: Table, pool: np.ndarray, shares: dict[str, float], seed: int) -> dict[str, np.ndarray]:
    """The rows of `pool` for each of `shares`, and for train the rest."""
    names = [*shares, "train"]
    if not shares:
        return {"train": pool}
    part = deal(_labels(table, pool), [*shares.values(), 1.0 - sum(shares.values())], seed)
    return {name: pool[part == number] for number, name in enumerate(names)}


def _fold(table: Table, test: np.ndarray, val: float, seed: int, how: str) -> Splits:
    pool = np.flatnonzero(~test)
    for k, c in enumerate(table.classes):
        if table.has(k).any() and not table.has(k)[pool].any():
            raise DataError(f"{table.name}: all samples of class {c!r} are in one fold; spread them or drop the class")
    rows = _carve(table, pool, {"val": val} if val else {}, seed)
    return Splits(rows["train"], rows.get("val", _none()), np.flatnonzero(test), how)


def _folds(table: Table, k: int | None, seed: int) -> tuple[np.ndarray, str]:
    """The fold of each row, and how it was chosen."""
    if table.fold is not None:
        n = len(np.unique(table.fold))
        if n < 2:
            raise DataError(f"{table.name}: the fold column has one value only; it takes two folds to test on another")
        if k not in (None, n):
            raise UsageError(f"--folds {k}: {table.name} has {n} official folds; give {n}, or leave the number out")
        return table.fold, "official"
    if k is None:
        raise UsageError(f"{table.name} has no official folds; give their number, as in --folds 5")
    if k < 2:
        raise UsageError(f"--folds {k}: cross-validation takes at least 2 folds")
    for c, n in table.counts().items():
        if 0 < n < k:
            raise DataError(
                f"{table.name}: class {c!r} has {_samples(n)}; {k} folds need {k}, take fewer folds or drop it"
            )
    pooled = "; the official parts are pooled" if table.split is not None else ""
    return deal(table, [1 / k] * k, seed), f"dealt {_manner(table)}, seed {seed}{pooled}"


def _check_shares(val: float, test: float) -> None:
    for flag, share in (("--val", val), ("--test", test)):
        if not 0 <= share < 1:
            raise UsageError(f"{flag} {share}: a share of the samples is at least 0 and below 1")
    if val + test >= 1:
        raise UsageError(f"--val {val} and --test {test} leave nothing to train on; together they must be below 1")


def _check_two_classes(table: Table) -> None:
    present = [c for c, n in table.counts().items() if n]
    if len(present) < (1 if table.answer is not None else 2):  # boxes of one class are still to be found
        only = f"one class only, {present[0]!r}" if present else "no labelled sample"
        raise DataError(f"{table.name}: {only}; it takes two classes to tell apart")


def _check_classes(table: Table, pool: np.ndarray, parts: Sequence[str]) -> None:
    """Raises DataError naming a class that has no sample for one of the parts dealt out of `pool`."""
    if not len(pool):
        raise DataError(f"{table.name}: no sample to train on; mark some rows as train")
    if not table.classes and table.answer is not None:
        if len(pool) < len(parts):
            purposes = " and ".join(PURPOSE[p] for p in parts)
            raise DataError(f"{table.name}: {_samples(len(pool))}; at least {len(parts)} are needed to {purposes}")
        return
    _check_two_classes(table)
    counts = _labels(table, pool).counts()
    everywhere = table.counts()
    few = {c: n for c, n in counts.items() if everywhere[c] and n < len(parts)}
    if not few:
        return
    if len(few) > MANY_CLASSES and len(few) > len(table) / 2:
        raise DataError(
            f"{table.name}: {len(counts)} different labels for {len(table)} samples, such as {next(iter(few))!r}; "
            "they look like names, numbers or texts, not classes: name another column with --label-column"
        )
    c, n = min(few.items(), key=lambda item: item[1])
    if n == 0:
        part = next(p for p in ("test", "val") if table.has(table.classes.index(c))[table.split == p].any())
        raise DataError(f"{table.name}: class {c!r} is in {part} but not in train; add training samples or drop it")
    purposes = [PURPOSE[p] for p in parts]
    needed = f"{', '.join(purposes[:-1])} and {purposes[-1]}" if len(purposes) > 1 else purposes[0]
    others = f" (and {len(few) - 1} more classes have too few)" if len(few) > 1 else ""
    raise DataError(
        f"{table.name}: class {c!r} has {_samples(n)}; at least {len(parts)} are needed to {needed}, "
        f"add samples or drop it{others}"
    )


def _samples(n: int) -> str:
    return f"{n} sample{'s' * (n != 1)}"


def _manner(table: Table) -> str:
    return "by class, groups whole" if table.group is not None else "by class"


def _how(table: Table, official: dict[str, np.ndarray], shares: dict[str, float], seed: int) -> str:
    """`official test; val is 15 % of the training samples, dealt by class, seed 0`"""
    given = [p for p in PARTS if len(official[p])]
    source = "the training samples" if len(given) else "all samples"
    dealt = [f"{part} is {100 * share:.3g} % of {source}" for part, share in reversed(shares.items())]
    pieces = [f"official {', '.join(given)}"] if given else []
    if dealt:
        pieces.append(f"{' and '.join(dealt)}, dealt {_manner(table)}, seed {seed}")
    return "; ".join(pieces) or "all samples train"


def _leaks(table: Table, parts: dict[str, np.ndarray]) -> list[str]:
    """A warning for groups that official parts tear apart."""
    if table.group is None:
        return []
    seen = {p: set(table.group[rows]) for p, rows in parts.items()}
    shared = seen["test"] & (seen["train"] | seen["val"])
    return [f"warning: {len(shared)} groups of the test part are also in train or val"] if shared else []


def _absent(table: Table, parts: dict[str, np.ndarray]) -> list[str]:
    """A warning for classes on which a part cannot say anything."""
    said = []
    for part in ("val", "test"):
        absent = [c for k, c in enumerate(table.classes) if table.has(k).any() and not table.has(k)[parts[part]].any()]
        if absent and len(parts[part]):
            more = f" and {len(absent) - 5} more classes" if len(absent) > 5 else ""
            said.append(f"warning: {part} has no sample of {', '.join(absent[:5])}{more}")
    return said
