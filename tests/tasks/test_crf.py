"""Chains of tags against all paths one by one, against pytorch-crf, and against themselves by torch."""

import itertools
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
import torchcrf
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from multicnn.tasks import crf
from multicnn.tasks.crf import NO_TAG

WAYS = [crf.losses, crf.batched]


def answer(b: int, k: int, t: int, seed: int = 0, *, size: float = 1.0, dtype: torch.dtype = torch.float64) -> Tensor:
    """Random scores, each sample with a chain of its own.  -> b k t+k+2"""
    return (size * torch.randn(b, k, t + k + 2, generator=torch.Generator().manual_seed(seed), dtype=dtype)).detach()


def marks(b: int, k: int, t: int, seed: int = 0) -> Tensor:
    """Random tags of random contiguous cells.  -> b t"""
    draw = np.random.default_rng(seed)
    y = np.full((b, t), NO_TAG)
    for line in y:
        begin, end = sorted(draw.integers(0, t + 1, 2).tolist())
        line[begin:end] = draw.integers(0, k, end - begin)
    return torch.from_numpy(y)


def path_score(out: Tensor, begin: int, path: tuple[int, ...]) -> Tensor:
    """Of one sample's path from a cell on."""
    t = crf.cells(out)
    score = out[path[0], -2] + out[path[-1], -1]
    for place, tag in enumerate(path):
        score = score + out[tag, begin + place]
        if place:
            score = score + out[path[place - 1], t + tag]
    return score


def paths(k: int, n: int) -> list[tuple[int, ...]]:
    return list(itertools.product(range(k), repeat=n))


def plain(out: Tensor, y: Tensor) -> Tensor:
    """The losses from all paths."""
    found = []
    for own, tags in zip(out, y, strict=True):
        counted = (tags != NO_TAG).nonzero()[:, 0].tolist()
        if not counted:
            found.append(out.new_zeros(()))
            continue
        scores = [path_score(own, counted[0], p) for p in paths(len(own), len(counted))]
        true = path_score(own, counted[0], tuple(tags[counted].tolist()))
        found.append(torch.logsumexp(torch.stack(scores), 0) - true)
    return torch.stack(found)


@pytest.mark.parametrize("way", WAYS)
@settings(deadline=None, max_examples=40)
@given(k=st.integers(1, 3), t=st.integers(1, 4), b=st.integers(1, 4), seed=st.integers(0, 99))
def test_losses_and_gradients_are_those_of_all_paths(way, k: int, t: int, b: int, seed: int) -> None:
    out, y = answer(b, k, t, seed).requires_grad_(), marks(b, k, t, seed)
    found, true = way(out, y), plain(out, y)
    torch.testing.assert_close(found, true)
    weight = torch.arange(1.0, b + 1, dtype=out.dtype)
    sums = [(loss * weight).sum() + out.sum() * 0 for loss in (found, true)]  # all samples may be empty
    gradients = [torch.autograd.grad(whole, out)[0] for whole in sums]
    torch.testing.assert_close(*gradients)


@pytest.mark.parametrize("way", WAYS)
def test_gradients_are_those_of_small_steps(way) -> None:
    out, y = answer(3, 3, 5, 7).requires_grad_(), marks(3, 3, 5, 4)
    y[0] = torch.tensor([NO_TAG, 1, 2, 0, NO_TAG])
    assert torch.autograd.gradcheck(lambda o: way(o, y), out)


@settings(deadline=None, max_examples=40)
@given(k=st.integers(1, 3), t=st.integers(1, 5), seed=st.integers(0, 99))
def test_the_likeliest_path_is_the_best_of_all(k: int, t: int, seed: int) -> None:
    out, y = answer(3, k, t, seed), marks(3, k, t, seed)
    begin, end = crf.borders(y)
    found = crf.viterbi(out, begin, end)
    assert ((found == NO_TAG) == (y == NO_TAG)).all()
    for own, tags, first, behind in zip(out, found, begin.tolist(), end.tolist(), strict=True):
        if first < behind:
            best = max(paths(k, behind - first), key=lambda p: float(path_score(own, first, p)))
            assert tuple(tags[first:behind].tolist()) == best


def reference(k: int, seed: int) -> tuple[torchcrf.CRF, Tensor]:
    """pytorch-crf's layer with random scores, and the columns that say the same."""
    torch.manual_seed(seed)
    layer = torchcrf.CRF(k, batch_first=True)
    chain = [layer.transitions, layer.start_transitions[:, None], layer.end_transitions[:, None]]
    return layer, torch.cat(chain, 1)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("k", [1, 2, 9, 37])
def test_losses_gradients_and_paths_are_pytorch_crfs(way, k: int) -> None:
    layer, chain = reference(k, k)
    b, t = 6, 30
    lengths = torch.tensor([30, 1, 2, 17, 29, 8])
    mask = torch.arange(t) < lengths[:, None]
    emissions = (3 * torch.randn(b, k, t)).requires_grad_()
    y = torch.randint(0, k, (b, t))
    theirs = -layer(emissions.mT, y, mask=mask, reduction="none")
    out = torch.cat([emissions, chain.expand(b, -1, -1)], 2)
    ours = way(out, y.where(mask, NO_TAG))
    torch.testing.assert_close(ours, theirs, rtol=1e-5, atol=1e-4)
    inputs = (emissions, *layer.parameters())
    found, expected = (torch.autograd.grad(loss.sum(), inputs, retain_graph=True) for loss in (ours, theirs))
    for one, other in zip(found, expected, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-4)
    best = crf.viterbi(out, torch.zeros(b), lengths)
    assert [own[:n].tolist() for own, n in zip(best, lengths.tolist(), strict=True)] == layer.decode(emissions.mT, mask)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_compiled_is_torch(dtype: torch.dtype) -> None:
    out, y = answer(16, 9, 40, 1, size=4.0, dtype=dtype), marks(16, 9, 40, 1)
    gradients = []
    for way in WAYS:
        own = out.clone().requires_grad_()
        loss = way(own, y)
        assert loss.dtype == dtype
        gradients.append((loss.detach(), torch.autograd.grad(loss.sum(), own)[0]))
    torch.testing.assert_close(gradients[0], gradients[1], rtol=1e-4, atol=1e-4)


def test_an_answer_does_not_depend_on_its_neighbours_and_what_is_not_counted() -> None:
    out, y = answer(8, 5, 20, 3, dtype=torch.float32), marks(8, 5, 20, 3)
    own = out.clone().requires_grad_()
    losses = crf.losses(own, y)
    gradient = torch.autograd.grad(losses.sum(), own)[0]
    assert (gradient[:, :, :20].mT[y == NO_TAG] == 0).all()
    wide = torch.cat([torch.full((8, 5, 3), 50.0), out[:, :, :20], torch.full((8, 5, 4), -50.0), out[:, :, 20:]], 2)
    wide_y = torch.nn.functional.pad(y, (3, 4), value=NO_TAG)
    wide.requires_grad_()
    wide_losses = crf.losses(wide, wide_y)
    wide_gradient = torch.autograd.grad(wide_losses.sum(), wide)[0]
    assert torch.equal(wide_losses, losses)
    assert torch.equal(wide_gradient[:, :, 3:23], gradient[:, :, :20])
    assert torch.equal(wide_gradient[:, :, 27:], gradient[:, :, 20:])
    for row in range(8):
        alone = out[row : row + 1].clone().requires_grad_()
        loss = crf.losses(alone, y[row : row + 1])
        assert torch.equal(loss[0], losses[row])
        assert torch.equal(torch.autograd.grad(loss.sum(), alone)[0][0], gradient[row])
        begin, end = crf.borders(y[row : row + 1])
        assert torch.equal(crf.viterbi(alone, begin, end)[0], crf.viterbi(out, *crf.borders(y))[row])


def test_no_counted_cell_costs_nothing() -> None:
    out = answer(2, 3, 4).requires_grad_()
    y = torch.full((2, 4), NO_TAG)
    for way in WAYS:
        loss = way(out, y)
        assert loss.tolist() == [0, 0]
        assert (torch.autograd.grad(loss.sum(), out)[0] == 0).all()
    assert (crf.viterbi(out, torch.zeros(2), torch.zeros(2)) == NO_TAG).all()


@pytest.mark.parametrize("size", [1e3, 1e5])
def test_scores_out_of_the_reach_of_scaled_sums(size: float) -> None:
    out, y = answer(6, 4, 12, 5, size=size), marks(6, 4, 12, 5)
    own = out.clone().requires_grad_()
    loss = crf.losses(own, y)
    gradient = torch.autograd.grad(loss.sum(), own)[0]
    other = out.clone().requires_grad_()
    true = crf.batched(other, y)
    torch.testing.assert_close(loss, true)
    torch.testing.assert_close(gradient, torch.autograd.grad(true.sum(), other)[0])
    assert gradient.isfinite().all()
    with torch.inference_mode():
        assert torch.equal(crf.losses(out, y), loss.detach())


def test_what_is_no_number_stays_none() -> None:
    out, y = answer(3, 3, 4), torch.zeros(3, 4, dtype=torch.int64)
    out[1, 2, 1] = torch.nan
    assert crf.losses(out, y).isnan().tolist() == [False, True, False]


@settings(deadline=None, max_examples=30)
@given(k=st.integers(1, 2), t=st.integers(1, 5), seed=st.integers(0, 99))
def test_a_stretch_is_as_probable_as_the_paths_that_have_it(k: int, t: int, seed: int) -> None:
    """Tags as those of entities: 2c + 1 begins type c, 2c + 2 goes on."""
    tags = 2 * k + 1
    out = answer(1, tags, t, seed)[0]
    goes_on = np.array([0, *(2 * c + 2 for c in range(k) for _ in range(2))])
    every = paths(tags, t)
    share = torch.softmax(torch.stack([path_score(out, 0, p) for p in every]), 0).tolist()
    spans = np.array([(b, e, 2 * c + 1) for b in range(t) for e in range(b + 1, t + 1) for c in range(k)])
    found = crf.probabilities(out.numpy(), spans, goes_on)
    for (b, e, first), probability in zip(spans.tolist(), found.tolist(), strict=True):
        has = (first, *[first + 1] * (e - b - 1))
        expected = sum(s for p, s in zip(every, share, strict=True) if p[b:e] == has and p[e : e + 1] != (first + 1,))
        assert probability == pytest.approx(expected, abs=1e-9)


def test_numba_is_imported_for_use_only_and_does_without_a_place_to_write(tmp_path: Path) -> None:
    """A process that may write neither beside the package nor in its home."""
    code = """
import sys
from multicnn.tasks import crf, entities
assert "numba" not in sys.modules
import numba.core.caching as caching
for locator in caching.CacheImpl._locator_classes:
    locator.from_function = classmethod(lambda *_: None)
import torch
loss = crf.losses(torch.zeros(1, 3, 4 + 5), torch.zeros(1, 4, dtype=torch.int64))
print(float(loss), crf.viterbi(torch.zeros(1, 3, 9), torch.tensor([0]), torch.tensor([4])).tolist())
"""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    )
    assert done.returncode == 0, done.stderr
    loss, _, tags = done.stdout.partition(" ")
    assert float(loss) == pytest.approx(4 * np.log(3))
    assert tags.strip() == "[[0, 0, 0, 0]]"
