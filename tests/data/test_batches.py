"""Order, windows, lengths and shares of batches."""

import itertools
import threading

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from multicnn.data.batches import Batches, Place, ahead, rounded, share
from multicnn.data.store import Store
from multicnn.text.reader import LENGTHS


def fixed(n: int) -> Store:
    return Store(np.arange(n * 3, dtype=np.uint8).reshape(n, 3), None, np.zeros(n, np.uint64), {})


def ragged(lengths: list[int]) -> Store:
    values = np.concatenate([np.full(m, i + 1, np.int16) for i, m in enumerate(lengths)] or [np.zeros(0, np.int16)])
    return Store(values, np.cumsum([0, *lengths]), np.zeros(len(lengths), np.uint64), {})


def batches(store: Store, **given) -> Batches:
    return Batches(store, np.arange(len(store)), np.arange(len(store)), **{"batch_size": 4, **given})


@settings(max_examples=50, deadline=None)
@given(st.integers(2, 40), st.integers(1, 9), st.integers(0, 5))
def test_an_epoch_holds_every_sample_once(n, size, epoch):
    plan = batches(fixed(n), batch_size=size, training=True, seed=3).plan(epoch)
    assert sorted(np.concatenate(plan)[:, 0].tolist()) == list(range(n))
    if size > 1 and n > 1:
        assert min(len(b) for b in plan) > 1 or len(plan) == 1


def test_an_epoch_can_be_entered_anywhere():
    made = batches(fixed(23), training=True, seed=1)
    whole = [b.index.tolist() for b in made.epoch(2)]
    assert [b.index.tolist() for b in made.epoch(2, start=3)] == whole[3:]


def test_seed_and_epoch_decide_the_order():
    made = batches(fixed(50), training=True, seed=1)
    orders = {tuple(np.concatenate(m.plan(e))[:, 0]) for m in (made, batches(fixed(50), training=True)) for e in (0, 1)}
    assert len(orders) == 4
    assert np.array_equal(made.plan(1)[0], made.plan(1)[0])


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(0, 20), min_size=1, max_size=30), st.integers(1, 30), st.booleans())
def test_a_budget_bounds_what_a_batch_holds(lengths, budget, training):
    made = batches(ragged(lengths), quantum=3, budget=budget, training=training)
    extra = training  # whose last sample joins the batch before where it would be alone
    for batch in made.epoch():
        assert len(batch.x) <= 4 + extra
        assert batch.x.numel() <= max(budget, batch.x.shape[1]) + extra * batch.x.shape[1]
    assert sorted(np.concatenate(made.plan())[:, 0].tolist()) == list(range(len(lengths)))


def test_without_different_lengths_a_budget_says_nothing():
    assert [len(b.x) for b in batches(fixed(9), budget=1).epoch()] == [4, 4, 1]


def test_documents_of_all_lengths_waste_little():
    drawn = np.random.default_rng(0).integers(33, 1000, 20_000)
    assert 1 - drawn.sum() / rounded(drawn, LENGTHS).sum() < 0.06
    assert len(np.unique(rounded(drawn, LENGTHS))) < 45


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(0, 20), min_size=1, max_size=30), st.integers(1, 5))
def test_samples_meet_only_their_own_length(lengths, quantum):
    made = batches(ragged(lengths), quantum=quantum, training=True)
    seen = []
    for batch in made.epoch():
        for row, x in zip(batch.index.tolist(), batch.x, strict=True):
            own = max(lengths[row], 1)
            assert len(x) == -(-own // quantum) * quantum
            assert x.tolist() == [row + 1] * lengths[row] + [0] * (len(x) - lengths[row])
            seen.append(row)
    assert sorted(seen) == list(range(len(lengths)))


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(0, 40), min_size=1, max_size=10), st.integers(1, 9))
def test_windows_cover_every_sample_of_a_long_one(lengths, window):
    made = batches(ragged(lengths), window=window)
    covered = [np.zeros(n, dtype=bool) for n in lengths]
    for row, start in np.concatenate(made.plan()):
        covered[row][start : start + window] = True
        assert start + window <= max(lengths[row], window)
    assert all(c.all() for c in covered)
    assert all(b.x.shape[1] == window for b in made.epoch())


def test_a_training_window_moves_with_the_epoch_and_not_with_the_batch():
    store = ragged([100] * 12)
    starts = [
        dict(np.concatenate(batches(store, window=10, training=True, batch_size=s).plan(e)))
        for s, e in [(4, 0), (6, 0), (4, 1)]
    ]
    assert starts[0] == starts[1]
    assert starts[0] != starts[2]
    many = np.concatenate([np.concatenate(batches(store, window=10, training=True).plan(e))[:, 1] for e in range(60)])
    assert many.min() == 0
    assert many.max() == 90


def test_a_balanced_draw_follows_its_probabilities():
    store = fixed(10)
    draw = np.array([0.5] + [0.5 / 9] * 9)
    rows = np.concatenate([np.concatenate(batches(store, training=True, draw=draw).plan(e))[:, 0] for e in range(300)])
    assert (rows == 0).mean() == pytest.approx(0.5, abs=0.03)


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 20), st.integers(1, 5))
def test_shares_of_the_processes_make_the_batch(n, world):
    entries = np.stack([np.arange(n), np.zeros(n, int)], axis=1)
    parts = [share(entries, Place(rank, world)) for rank in range(world)]
    assert np.concatenate([p for p, real in parts if real])[:, 0].tolist() == list(range(n))
    assert all(len(p) for p, _ in parts)
    for part, real in parts:
        assert not real or part[0, 0] % 2 == 0 or world == 1  # pairs that mixing joins are whole


def test_a_filler_weighs_nothing_and_counts_are_of_the_whole():
    made = batches(fixed(3), batch_size=8, place=Place(2, 3))
    (batch,) = list(made.epoch())
    assert batch.weight.tolist() == [0.0]
    assert batch.count == 3


def test_targets_of_several_labels_become_numbers():
    store = fixed(2)
    made = Batches(store, np.array([[True, False], [True, True]]), np.arange(2), 2)
    assert next(made.epoch()).y.tolist() == [[1.0, 0.0], [1.0, 1.0]]


def test_working_ahead_leaves_no_thread_behind():
    before = threading.active_count()
    line = ahead(itertools.count(), depth=2)
    assert next(line) == 0
    line.close()
    assert threading.active_count() == before


def test_working_ahead_keeps_order_and_passes_errors_on():
    assert list(ahead(iter(range(10)))) == list(range(10))

    def broken():
        yield 1
        raise ValueError("in the thread")

    line = ahead(broken())
    assert next(line) == 1
    with pytest.raises(ValueError, match="in the thread"):
        next(line)


@given(st.lists(st.integers(0, 200), min_size=1, max_size=20))
def test_lengths_are_rounded_up_to_the_next_of_a_list(lengths):
    known = [3, 7, 20, 50]
    found = rounded(np.array(lengths), known).tolist()
    ladder = [*known, *range(80, 300, 30)]
    assert found == [next(n for n in ladder if n >= max(1, length)) for length in lengths]
