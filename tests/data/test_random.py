"""Promises of counted random numbers."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from multicnn.data.random import GOLDEN, keys, mix, normal, uniform

INDEX = torch.arange(20_000)


def test_the_hash_is_that_of_splitmix64() -> None:
    """The first numbers of the published generator for the seed 1234567 (Vigna's splitmix64.c)."""
    published = [
        6457827717110365317,
        3203168211198807973,
        9817491932198370423,
        4593380528125082431,
        16408922859458223821,
    ]
    counter = 1234567 + torch.arange(1, 6, dtype=torch.int64) * GOLDEN
    assert [n % 2**64 for n in mix(counter).tolist()] == published


def test_uniform_numbers_are_uniform() -> None:
    u = uniform(keys(0, 0, INDEX), 3)
    assert u.shape == (20_000, 3)
    assert 0 <= u.min() <= u.max() < 1
    for column in u.T:
        assert stats.kstest(column.numpy(), "uniform").pvalue > 1e-3


@pytest.mark.parametrize("n", [1, 2, 5])
def test_normal_numbers_are_normal(n: int) -> None:
    z = normal(keys(0, 0, INDEX), n)
    assert z.shape == (20_000, n)
    assert z.isfinite().all()
    for column in z.T:
        assert stats.kstest(column.numpy(), "norm").pvalue > 1e-3


@pytest.mark.parametrize("draw", [uniform, normal])
def test_numbers_are_independent_of_each_other(draw) -> None:
    columns = torch.cat([draw(keys(s, e, INDEX, salt), 2) for s in (0, 1) for e in (0, 1) for salt in (0, 1)], dim=1)
    neighbours = torch.cat([columns[1:, :1], columns[:-1, :1]], dim=1)
    for grid in (columns, neighbours):
        off_diagonal = torch.corrcoef(grid.T) - torch.eye(grid.shape[1])
        assert off_diagonal.abs().max() < 4.5 / len(grid) ** 0.5  # of the 120 pairs none beyond 4.5 sigma


@given(
    rows=st.lists(st.integers(0, 10**6), min_size=1, max_size=30), seed=st.integers(0, 2**40), epoch=st.integers(0, 999)
)
def test_a_sample_draws_the_same_in_any_batch(rows: list[int], seed: int, epoch: int) -> None:
    together = uniform(keys(seed, epoch, torch.tensor(rows)), 4, salt=3)
    alone = torch.cat([uniform(keys(seed, epoch, torch.tensor([row])), 4, salt=3) for row in rows])
    assert torch.equal(together, alone)


@given(n=st.integers(1, 8), m=st.integers(1, 8))
def test_the_first_uniform_numbers_do_not_depend_on_how_many_follow(n: int, m: int) -> None:
    key = keys(0, 0, INDEX[:50])
    few, many = sorted((n, m))
    assert torch.equal(uniform(key, few), uniform(key, many)[:, :few])


def test_seed_epoch_row_and_purpose_all_matter() -> None:
    draws = [keys(0, 0, INDEX), keys(1, 0, INDEX), keys(0, 1, INDEX), keys(0, 0, INDEX, 1), keys(0, 0, INDEX + 20_000)]
    assert len(torch.cat(draws).unique()) == 100_000
    assert not torch.equal(uniform(draws[0], 1, salt=0), uniform(draws[0], 1, salt=1))


def reference(seed: int, epoch: int, row: int, salt: int, n: int) -> list[float]:
    """The same numbers by Python's integers."""

    def mixed(x: int) -> int:
        x %= 2**64
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9 % 2**64
        x = (x ^ (x >> 27)) * 0x94D049BB133111EB % 2**64
        return x ^ (x >> 31)

    golden = 0x9E3779B97F4A7C15
    run = mixed(seed * 1_000_003 + golden)
    key = mixed(mixed(run + epoch * golden) + row * golden)
    key = key - key % 2 + (mixed(run + row * golden) + epoch) % 2
    return [(mixed(mixed(key + salt * 0xBF58476D1CE4E5B9) + c * golden) >> 40) / 2**24 for c in range(1, n + 1)]


@given(seed=st.integers(0, 2**40), epoch=st.integers(0, 10**6), row=st.integers(0, 2**40), salt=st.integers(0, 99))
def test_numbers_are_those_of_unbounded_integers(seed: int, epoch: int, row: int, salt: int) -> None:
    drawn = uniform(keys(seed, epoch, torch.tensor([row])), 3, salt)
    assert drawn.tolist() == [reference(seed, epoch, row, salt, 3)]


def test_the_lowest_bit_alternates_with_the_epoch_and_falls_on_half_of_the_samples() -> None:
    bits = [keys(7, epoch, INDEX) & 1 for epoch in range(4)]
    assert torch.equal(bits[0], 1 - bits[1])
    assert torch.equal(bits[0], bits[2])
    assert torch.equal(bits[1], bits[3])
    assert stats.binomtest(int(bits[0].sum()), len(INDEX), 0.5).pvalue > 1e-3
