"""Answers that run along their samples."""

import numpy as np
import torch

from multicnn.data.along import Along
from multicnn.data.batches import Batches
from multicnn.data.store import Store

LENGTHS = (25, 7, 3)


def stores() -> tuple[Store, Along]:
    """Samples that count up from 1, and answers of two lines: the number, and its negative."""
    offsets = np.cumsum([0, *LENGTHS])
    values = np.concatenate([np.arange(1, n + 1) for n in LENGTHS]).astype(np.int16)
    hashes = np.zeros(len(LENGTHS), np.uint64)
    both = np.stack([values, -values], 1).ravel()
    return Store(values, offsets, hashes, {}), Along(Store(both, 2 * offsets, hashes, {}), 2)


def test_a_window_of_a_sample_has_the_same_window_of_its_answer():
    store, target = stores()
    plain = Batches(store, target, np.arange(3), 4, window=5)
    for batches in (plain, Batches(store, target, np.arange(3), 4, window=5, training=True, seed=3)):
        for epoch in range(3):
            for batch in batches.epoch(epoch):
                assert batch.y.shape == (len(batch.x), 2, 5)
                assert torch.equal(batch.y, torch.stack([batch.x, -batch.x], 1))


def test_in_training_long_samples_come_as_often_as_they_hold_windows_each_time_elsewhere():
    store, target = stores()
    batches = Batches(store, target, np.arange(3), 100, window=5, training=True)
    (plan,) = batches.plan(0)
    assert sorted(plan[:, 0]) == [0] * 5 + [1, 2]
    assert len({*plan[plan[:, 0] == 0, 1].tolist()}) > 1
    assert plan[plan[:, 0] == 0, 1].max() <= 20
    (other,) = batches.plan(1)
    assert not np.array_equal(plan, other)
    (again,) = batches.plan(0)
    assert np.array_equal(plan, again)


def test_without_a_window_answers_are_as_long_as_their_samples():
    store, target = stores()
    found = [batch.y.shape[2] for batch in Batches(store, target, np.arange(3), 4).epoch()]
    assert sorted(found) == sorted(LENGTHS)


def test_starts_are_steps_and_zeros_follow_a_shorter_answer():
    store, target = stores()
    assert target.windows(np.array([[0, 23], [2, 1]]), 4).tolist() == [
        [[24, 25, 0, 0], [-24, -25, 0, 0]],
        [[2, 3, 0, 0], [-2, -3, 0, 0]],
    ]
    assert Batches(store, target, np.array([2, 0]), 4).truth.tolist() == [2, 0]


def test_the_first_windows_are_there_to_look_at():
    store, target = stores()
    few = Batches(store, target, np.arange(3), 4, window=5).first(np.array([2, 0]))
    assert few.x.tolist() == [[1, 2, 3, 0, 0], [1, 2, 3, 4, 5]]
    assert torch.equal(few.y[:, 1], -few.x)
