"""Promises of the parts: disjoint, complete, fair to classes, whole groups, the same for the same seed."""

import re
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from multicnn.data.splits import Splits, folds, limit, nested, split
from multicnn.data.table import Table, strings
from multicnn.errors import DataError, UsageError

QUICK = settings(max_examples=40, deadline=None)


def table(
    target: np.ndarray, *, split: list[str] | None = None, fold: list[int] | None = None, group: list | None = None
) -> Table:
    """Samples `s0`, `s1`, ... of classes `c0`, `c1`, ..."""
    k = target.shape[1] if target.ndim == 2 else int(target.max(initial=-1)) + 1
    return Table(
        name="set",
        items=np.arange(len(target)),
        ids=strings(f"s{i}" for i in range(len(target))),
        classes=tuple(f"c{i}" for i in range(k)),
        target=target,
        split=None if split is None else strings(split),
        fold=None if fold is None else np.array(fold),
        group=None if group is None else strings(group),
    )


def of(counts: list[int]) -> np.ndarray:
    """Class numbers with the given counts."""
    return np.repeat(np.arange(len(counts)), counts)


def parts(s: Splits) -> list[np.ndarray]:
    return [s.train, s.val, s.test]


@st.composite
def tables(draw: st.DrawFn, *, several: bool | None = None, grouped: bool | None = None) -> Table:
    """Tables with at least four samples of two or more classes, with one label or several, with or without groups."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    counts = draw(st.lists(st.integers(4, 40), min_size=2, max_size=6))
    target = rng.permutation(of(counts))
    if draw(st.booleans()) if several is None else several:
        target = np.eye(len(counts), dtype=bool)[target] | (rng.random((len(target), len(counts))) < 0.15)
        target[rng.random(len(target)) < 0.1] = False
        target[: 4 * len(counts)] = np.tile(np.eye(len(counts), dtype=bool), (4, 1))
    group = None
    if draw(st.booleans()) if grouped is None else grouped:
        group = [f"g{g}" for g in rng.integers(0, draw(st.integers(8, 60)), len(target))]
        group[:8] = list("stuvwxyz")
    return table(target, group=group)


SHARES = st.sampled_from([0.0, 0.1, 0.15, 0.25, 0.3])


# --- properties ---


@QUICK
@given(t=tables(), val=SHARES, test=SHARES, seed=st.integers(-5, 2**40))
def test_parts_are_disjoint_complete_and_ascending(t: Table, val: float, test: float, seed: int) -> None:
    s = split(t, val=val, test=test, seed=seed)
    assert np.sort(np.concatenate(parts(s))).tolist() == list(range(len(t)))
    assert all(np.all(np.diff(rows) > 0) for rows in parts(s))
    assert (len(s.val) > 0, len(s.test) > 0) == (val > 0, test > 0)


@QUICK
@given(t=tables(grouped=True), k=st.integers(2, 3), seed=st.integers(0, 99))
def test_a_group_is_never_parted(t: Table, k: int, seed: int) -> None:
    assert t.group is not None
    for s in [split(t, seed=seed), *folds(t, k, seed=seed)]:
        train, val, test = (set(t.group[rows]) for rows in parts(s))
        assert not train & val
        assert not (train | val) & test


@QUICK
@given(t=tables(several=False, grouped=False), val=SHARES, test=SHARES, seed=st.integers(0, 99))
def test_each_class_is_within_one_sample_of_its_exact_share(t: Table, val: float, test: float, seed: int) -> None:
    s = split(t, val=val, test=test, seed=seed)
    for k in range(len(t.classes)):
        n = t.has(k).sum()
        for rows, share in zip(parts(s), (1 - val - test, val, test), strict=True):
            bound = 1 if rows is not s.train or n * min(val or 1, test or 1) >= 1 else 2  # one of a rare class is lent
            assert abs(t.has(k)[rows].sum() - share * n) < bound + 1e-9


@QUICK
@given(t=tables(several=False, grouped=False), seed=st.integers(0, 99))
def test_the_parts_have_their_share_of_all_samples(t: Table, seed: int) -> None:
    s = split(t, val=0.25, test=0.25, seed=seed)
    assert abs(len(s.val) - len(t) / 4) <= 1.5
    assert abs(len(s.test) - len(t) / 4) <= 1.5


@QUICK
@given(t=tables(grouped=False), seed=st.integers(0, 99))
def test_every_class_is_in_every_part(t: Table, seed: int) -> None:
    s = split(t, seed=seed)
    for k in range(len(t.classes)):
        assert t.has(k)[s.train].any()
        if not t.several:
            assert t.has(k)[s.val].any()
            assert t.has(k)[s.test].any()


@QUICK
@given(t=tables(), seed=st.integers(0, 99), data=st.data())
def test_the_order_of_the_rows_does_not_matter(t: Table, seed: int, data: st.DataObject) -> None:
    order = np.array(data.draw(st.permutations(range(len(t)))))
    for a, b in zip(
        [split(t, seed=seed), *folds(t, 3, seed=seed)],
        [split(t.take(order), seed=seed), *folds(t.take(order), 3, seed=seed)],
        strict=True,
    ):
        for mine, theirs in zip(parts(a), parts(b), strict=True):
            assert set(t.ids[mine]) == set(t.ids[order[theirs]])


@QUICK
@given(t=tables(), k=st.integers(2, 4), seed=st.integers(0, 99))
def test_each_sample_is_tested_in_one_fold_and_trained_on_in_the_others(t: Table, k: int, seed: int) -> None:
    runs = folds(t, k, val=0, seed=seed)
    assert len(runs) == k
    assert np.sort(np.concatenate([s.test for s in runs])).tolist() == list(range(len(t)))
    for s in runs:
        assert np.sort(np.concatenate([s.train, s.test])).tolist() == list(range(len(t)))
        assert not len(s.val)


@QUICK
@given(t=tables(several=False, grouped=False), k=st.integers(2, 4))
def test_folds_have_equal_shares_of_each_class(t: Table, k: int) -> None:
    sizes = [len(s.test) for s in folds(t, k)]
    assert max(sizes) - min(sizes) <= 2
    for c in range(len(t.classes)):
        counts = [t.has(c)[s.test].sum() for s in folds(t, k)]
        assert max(counts) - min(counts) <= 1


def test_the_seed_decides() -> None:
    for t in (table(of([40, 60])), table(of([40, 60]), group=list(range(50)) * 2)):
        first, again, other = split(t, seed=1), split(t, seed=1), split(t, seed=2)
        assert first.test.tolist() == again.test.tolist()
        assert first.test.tolist() != other.test.tolist()
        assert first.val.tolist() != other.val.tolist()


def test_more_samples_leave_most_of_the_old_ones_where_they_were() -> None:
    before = table(of([100, 100]))
    after = table(np.concatenate([of([100, 100]), of([10, 10])]))
    stayed = np.isin(split(before).test, split(after).test).mean()
    assert stayed > 0.8


@pytest.mark.parametrize("counts", [[3, 3, 3], [3, 50], [3, 4, 5, 6, 7, 100]])
def test_three_samples_of_a_class_are_one_in_each_part(counts: list[int]) -> None:
    t = table(of(counts))
    for seed in range(5):
        s = split(t, seed=seed)
        assert [int(t.has(0)[rows].sum()) for rows in parts(s)] == [1, 1, 1]


def test_a_class_of_three_groups_is_in_every_part() -> None:
    rng = np.random.default_rng(0)
    for seed in range(20):
        group = np.concatenate([np.repeat([0, 1, 2], 5), rng.integers(3, 40, 200)])
        t = table(of([15, 200]), group=group.tolist())
        s = split(t, seed=seed)
        assert all(t.has(0)[rows].any() for rows in parts(s))


def test_a_class_of_one_group_is_trained_on_and_its_absence_is_said() -> None:
    t = table(of([5, 200]), group=[0] * 5 + list(range(1, 41)) * 5)
    for seed in range(20):
        s = split(t, seed=seed)
        assert t.has(0)[s.train].all() or t.has(0)[s.train].sum() == 5
        assert "warning: val has no sample of c0; warning: test has no sample of c0" in s.how


# --- official parts ---


def test_official_parts_are_kept_as_they_are() -> None:
    names = ["train"] * 6 + ["val"] * 2 + ["test"] * 2
    s = split(table(np.arange(10) % 2, split=names), val=0.4, test=0.4)
    assert (s.train.tolist(), s.val.tolist(), s.test.tolist()) == ([0, 1, 2, 3, 4, 5], [6, 7], [8, 9])
    assert s.how == "official train, val, test"


@pytest.mark.parametrize(
    ("given_", "how"),
    [
        (["train", "test"], "official train, test; val is 15 % of the training samples, dealt by class, seed 0"),
        (["", "test"], "official test; val is 15 % of the training samples, dealt by class, seed 0"),
        (["train", "val"], "official train, val; test is 15 % of the training samples, dealt by class, seed 0"),
        (["train"], "official train; val is 15 % of the training samples and test is 15 % of the training samples"),
    ],
)
def test_a_part_that_is_not_official_is_dealt_out_of_the_training_samples(given_: list[str], how: str) -> None:
    names = given_ * 60
    t = table(np.arange(len(names)) // 3 % 2, split=names)
    assert t.split is not None
    s = split(t)
    assert s.how.startswith(how)
    for part in ("val", "test"):
        rows = getattr(s, part)
        source = part if part in given_ else given_[0]
        assert set(t.split[rows]) == {source}
        assert len(rows) == (60 if part in given_ else 9)


def test_open_rows_beside_official_ones_are_trained_on() -> None:
    t = table(np.arange(12) % 2, split=["train", "", "val", "val", "test", "test"] * 2)
    assert split(t).train.tolist() == [0, 1, 6, 7]


def test_groups_that_official_parts_tear_apart_are_said() -> None:
    t = table(np.arange(8) % 2, split=["train"] * 4 + ["val"] * 2 + ["test"] * 2, group=list("abcdefga"))
    assert split(t).how.endswith("warning: 1 groups of the test part are also in train or val")


def test_official_folds_are_the_folds() -> None:
    t = table(np.arange(12) % 2, fold=[3, 3, 3, 3, 1, 1, 1, 1, 10, 10, 10, 10])
    runs = folds(t, val=0.25)
    assert [s.test.tolist() for s in runs] == [[4, 5, 6, 7], [0, 1, 2, 3], [8, 9, 10, 11]]
    assert [s.how for s in runs] == [f"fold {i} of 3, official" for i in (1, 2, 3)]
    assert [len(s.val) for s in runs] == [2, 2, 2]
    assert [s.test.tolist() for s in folds(t, 3)] == [s.test.tolist() for s in runs]


# --- against scikit-learn ---


def imbalance(t: Table, tests: list[np.ndarray]) -> float:
    """Root of the mean squared difference of the classes' shares from 1 / folds."""
    shares = np.array([[t.has(k)[rows].sum() / t.has(k).sum() for k in range(len(t.classes))] for rows in tests])
    return float(np.sqrt(np.mean((shares - 1 / len(tests)) ** 2)))


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(("groups", "skew"), [(20, 1.0), (60, 1.0), (60, 3.0), (300, 2.0)])
def test_grouped_folds_are_at_least_as_even_as_those_of_scikit_learn(groups: int, skew: float, seed: int) -> None:
    from sklearn.model_selection import StratifiedGroupKFold

    rng = np.random.default_rng(seed)
    group = (groups * rng.random(1500) ** skew).astype(int)
    target = (group + (rng.random(1500) < 0.5) * rng.integers(0, 4, 1500)) % 4
    t = table(target, group=group.tolist())
    theirs = [rows for _, rows in StratifiedGroupKFold(5, shuffle=True, random_state=seed).split(target, target, group)]
    assert imbalance(t, [s.test for s in folds(t, 5, seed=seed)]) <= imbalance(t, theirs) * 1.02 + 1e-3


def test_ungrouped_folds_are_as_even_as_those_of_scikit_learn() -> None:
    from sklearn.model_selection import StratifiedKFold

    target = np.random.default_rng(0).permutation(of([7, 23, 101, 500]))
    t = table(target)
    theirs = [rows for _, rows in StratifiedKFold(5, shuffle=True, random_state=0).split(target, target)]
    assert imbalance(t, [s.test for s in folds(t, 5)]) <= imbalance(t, theirs) + 1e-9


def test_several_labels_are_dealt_more_evenly_than_by_chance() -> None:
    rng = np.random.default_rng(0)
    t = table(rng.random((2000, 12)) < np.geomspace(0.005, 0.4, 12))
    chance = np.array_split(rng.permutation(2000), 5)
    assert imbalance(t, [s.test for s in folds(t, 5)]) < imbalance(t, chance) / 5


# --- what cannot be split ---

BAD = {
    "one class": (table(of([10])), {}, DataError, "set: one class only, 'c0'; it takes two classes to tell apart"),
    "nothing": (table(of([])), {}, DataError, "set: no sample to train on"),
    "1 sample": (
        table(of([10, 1])),
        {},
        DataError,
        "class 'c1' has 1 sample; at least 3 are needed to train, tune and test, add samples or drop it",
    ),
    "2 samples": (table(of([2, 10])), {}, DataError, "class 'c0' has 2 samples; at least 3 are needed"),
    "more": (table(of([2, 10, 1, 2])), {}, DataError, r"'c2' has 1 sample; .* \(and 2 more classes have too few\)"),
    "1 without val": (table(of([9, 1])), {"val": 0}, DataError, "1 sample; at least 2 are needed to train and test"),
    "only in test": (
        table(np.array([0, 1, 0, 1, 2]), split=["train", "train", "val", "val", "test"]),
        {},
        DataError,
        "class 'c2' is in test but not in train; add training samples or drop it",
    ),
    "only in val": (
        table(np.array([0, 1, 2, 1, 0]), split=["train", "train", "val", "val", "test"]),
        {},
        DataError,
        "class 'c2' is in val but not in train",
    ),
    "no train": (table(of([2, 2]), split=["val", "test"] * 2), {}, DataError, "no sample to train on; mark some rows"),
    "identifiers": (table(np.arange(30)), {}, DataError, "30 different labels for 30 samples, such as 'c0'; they look"),
    "two groups": (
        table(of([9, 9]), group=[0, 1] * 9),
        {},
        DataError,
        "2 groups cannot be dealt into 3 parts; group by",
    ),
    "negative": (table(of([9, 9])), {"val": -0.1}, UsageError, "--val -0.1: a share of the samples is at least 0"),
    "one": (
        table(of([9, 9])),
        {"test": 1.0},
        UsageError,
        "--test 1.0: a share of the samples is at least 0 and below 1",
    ),
    "all": (
        table(of([9, 9])),
        {"val": 0.5, "test": 0.5},
        UsageError,
        "--val 0.5 and --test 0.5 leave nothing to train",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_what_cannot_be_split_is_refused_by_name(case: str) -> None:
    t, shares, kind, sentence = BAD[case]
    with pytest.raises(kind, match=sentence):
        split(t, **shares)


BAD_FOLDS = {
    "no number": (table(of([9, 9])), None, UsageError, "set has no official folds; give their number, as in --folds 5"),
    "one": (table(of([9, 9])), 1, UsageError, "--folds 1: cross-validation takes at least 2 folds"),
    "small class": (table(of([9, 3])), 5, DataError, "class 'c1' has 3 samples; 5 folds need 5, take fewer folds or"),
    "other number": (
        table(of([9, 9]), fold=[1, 2] * 9),
        3,
        UsageError,
        "--folds 3: set has 2 official folds; give 2, or",
    ),
    "one fold": (table(of([9, 9]), fold=[1] * 18), None, DataError, "the fold column has one value only"),
    "class in a fold": (
        table(of([9, 9]), fold=[1] * 9 + [2] * 9),
        None,
        DataError,
        "all samples of class 'c0' are in one fold; spread",
    ),
    "few groups": (table(of([9, 9]), group=[0, 1, 2] * 6), 4, DataError, "3 groups cannot be dealt into 4 parts"),
    "one class": (table(of([9])), 2, DataError, "one class only, 'c0'"),
}


@pytest.mark.parametrize("case", BAD_FOLDS)
def test_what_cannot_be_folded_is_refused_by_name(case: str) -> None:
    t, k, kind, sentence = BAD_FOLDS[case]
    with pytest.raises(kind, match=sentence):
        folds(t, k)


# --- limit ---


@QUICK
@given(t=tables(), data=st.data())
def test_a_limit_takes_that_many_and_loses_no_class(t: Table, data: st.DataObject) -> None:
    rows = split(t).train
    n = data.draw(st.integers(len(t.classes), len(rows) + 5))
    some = limit(t, rows, n)
    assert len(some) == min(n, len(rows))
    assert np.isin(some, rows).all()
    assert np.all(np.diff(some) > 0)
    for k in range(len(t.classes)):
        assert t.has(k)[some].any()


def test_a_limit_keeps_the_shares_of_the_classes() -> None:
    t = table(of([100, 300, 600]))
    some = limit(t, np.arange(1000), 100)
    assert [int(t.has(k)[some].sum()) for k in range(3)] == [10, 30, 60]
    assert some.tolist() == limit(t, np.arange(1000), 100).tolist()
    assert some.tolist() != limit(t, np.arange(1000), 100, seed=1).tolist()


def test_a_limit_below_the_number_of_classes_is_refused() -> None:
    with pytest.raises(UsageError, match=re.escape("--limit 2: fewer samples than the 3 classes; take 3 at least")):
        limit(table(of([9, 9, 9])), np.arange(27), 2)


def test_samples_without_classes_suffice_for_each_part() -> None:
    few = Table("set", np.arange(2), strings("ab"), (), np.zeros((2, 0), dtype=bool), answer=strings(["x", "y"]))
    with pytest.raises(DataError, match="set: 2 samples; at least 3 are needed to"):
        split(few, val=0.15, test=0.15)
    assert len(split(few, val=0, test=0).train) == 2


def test_beside_an_official_test_part_a_class_of_one_training_sample_is_learnt_and_said() -> None:
    rare = table(np.concatenate([of([20, 1]), of([4, 1])]), split=["train"] * 21 + ["test"] * 5)
    s = split(rare, val=0.2)
    assert (rare.target[s.train] == 1).sum() == 1
    assert not (rare.target[s.val] == 1).any()
    assert "warning: val has no sample of c1" in s.how


def test_nested_shares_hold_each_other_and_every_class():
    made = table(np.arange(200) % 3)
    whole = split(made)
    found = nested(made, whole, (0.1, 0.25, 0.5, 1.0), seed=3)
    for small, large in pairwise(found):
        assert set(small.train) < set(large.train)
    for share, part in zip((0.1, 0.25, 0.5, 1.0), found, strict=True):
        counts = np.bincount(made.target[part.train], minlength=3)
        assert abs(counts - share * np.bincount(made.target[whole.train])).max() <= 1.5
        assert (part.val == whole.val).all()
        assert len(part.test) == (len(whole.test) if share == 1 else 0)
    assert (found[-1].train == whole.train).all()
    other = nested(made, whole, (0.1,), seed=4)[0]
    assert set(other.train) != set(found[0].train)
    with pytest.raises(UsageError, match="give ascending ones above 0, at most 1"):
        nested(made, whole, (0.5, 0.2))


def test_nested_shares_never_part_groups():
    made = table(np.arange(240) % 2, group=[f"g{i // 6}" for i in range(240)])
    assert made.group is not None
    for part in nested(made, split(made), (0.2, 0.5, 1.0)):
        left = np.setdiff1d(np.arange(240), part.train)
        assert not set(made.group[part.train]) & set(made.group[left])
