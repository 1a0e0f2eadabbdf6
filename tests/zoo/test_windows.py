"""The strongest windows by distinct vectors against torch's convolution and maximum."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from multicnn.zoo import textcnn
from multicnn.zoo.types import Types
from multicnn.zoo.windows import StrongestWindow

texts = st.lists(st.lists(st.integers(1, 6), max_size=9), min_size=1, max_size=5)
kernels = st.lists(st.integers(1, 7), min_size=1, max_size=3)


def padded(texts: list[list[int]], more: int = 0) -> Tensor:
    """Places of the vectors, 0 behind each text."""
    length = max(map(len, texts)) + more
    return torch.tensor([[*text, *[0] * (length - len(text))] for text in texts], dtype=torch.int64)


def drawn(dim: int, seed: int, dtype: torch.dtype = torch.float32) -> Tensor:
    """Seven vectors, the first zero."""
    found = torch.randn(7, dim, generator=torch.Generator().manual_seed(seed), dtype=dtype)
    found[0] = 0
    return found


@given(texts, kernels, st.integers(1, 20), st.integers(1, 5), st.integers(0, 3), st.integers(0, 99))
@settings(max_examples=150, deadline=None)
def test_outputs_and_gradients_are_those_of_the_convolution(texts, kernels, dim, width, more, seed):
    torch.manual_seed(seed)
    body, places = textcnn(1, dim, width=width, kernels=kernels, drop=0), padded(texts, more)
    ours, theirs = drawn(dim, seed).requires_grad_(), drawn(dim, seed).requires_grad_()
    (out,), (wanted,) = body.by_types(Types(ours, places)), body(Types(theirs, places).dense())
    torch.testing.assert_close(out, wanted, rtol=1e-5, atol=1e-5)
    slope = torch.randn(out.shape)
    found = torch.autograd.grad(out, [ours, *body.parameters()], slope)
    known = torch.autograd.grad(wanted, [theirs, *body.parameters()], slope)
    padding = torch.ones(7, 1)
    padding[0] = 0  # whose vector is zero for ever
    for f, k, seen in zip(found, known, [padding, *[1.0] * len(known)], strict=False):
        torch.testing.assert_close(f, k * seen, rtol=1e-5, atol=1e-5)


def test_the_gradient_is_that_of_small_differences():
    places = padded([[1, 2, 3, 3], [4], []])
    vectors, filters = drawn(5, 0, torch.float64), torch.randn(2 * (2 + 3), 5, dtype=torch.float64)

    def strongest(some: Tensor, filters: Tensor) -> Tensor:
        return StrongestWindow.apply(torch.cat([torch.zeros(1, 5), some]), filters, places, [2, 3])

    assert torch.autograd.gradcheck(strongest, (vectors[1:].requires_grad_(), filters.requires_grad_()))


def test_the_number_of_threads_changes_no_bit(monkeypatch):
    monkeypatch.setattr("multicnn.zoo.windows.WORTH", 1)
    places = torch.randint(0, 40, (33, 21))
    vectors, body = torch.randn(40, 37), textcnn(1, 37, width=9, drop=0)
    vectors[0] = 0
    found = []
    before = torch.get_num_threads()
    for threads in (1, 2, 3, 7):
        torch.set_num_threads(threads)
        given = vectors.clone().requires_grad_()
        filters = body.filters().detach().requires_grad_()
        products = torch.ones(33, 27)
        out = StrongestWindow.apply(given, filters, places, [3, 4, 5])
        found.append([out, *torch.autograd.grad(out, [given, filters], products.cumsum(0))])
    torch.set_num_threads(before)
    for other in found[1:]:
        assert all(torch.equal(a, b) for a, b in zip(found[0][1:], other[1:], strict=True))
        torch.testing.assert_close(found[0][0], other[0], rtol=1e-6, atol=1e-6)  # torch's own product may differ


def test_vectors_that_stay_as_they_are_cost_no_gradient():
    filters, places = torch.randn(6, 4, requires_grad=True), padded([[1, 2], [3]])
    StrongestWindow.apply(drawn(4, 0), filters, places, [3]).sum().backward()
    assert filters.grad is not None


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_half_precision_multiplies_in_it_and_adds_in_single(dtype):
    body, vectors, places = textcnn(1, 16, width=5).eval(), drawn(16, 1).requires_grad_(), padded([[1, 2, 3], [4]])
    with torch.autocast("cpu", dtype=dtype):
        (out,) = body.by_types(Types(vectors, places))
    out.float().sum().backward()
    assert vectors.grad is not None
    assert vectors.grad.dtype == torch.float32
    torch.testing.assert_close(out.float(), body(Types(vectors, places).dense())[0], rtol=0.05, atol=0.05)


def test_a_number_that_is_none_is_not_hidden():
    body, places = textcnn(1, 4, width=3, drop=0), padded([[1, 2, 3], [4, 5, 6]])
    with torch.no_grad():
        body.convs[0].weight.fill_(torch.nan)
    assert body.by_types(Types(drawn(4, 0), places))[0][:, :3].isnan().all()


def test_loops_compile_where_nothing_can_be_kept(monkeypatch):
    calls = []

    def njit(**options):
        calls.append(options)
        if options.get("cache"):
            raise RuntimeError("cannot cache function: no locator available for file")
        return lambda loop: loop

    import multicnn.blocks.compiled as module

    monkeypatch.setattr(module, "njit", njit)
    assert module.compiled(np.sum) is np.sum
    assert [bool(c.get("cache")) for c in calls] == [True, False]


@pytest.mark.parametrize(("n", "threads"), [(0, 3), (1, 3), (7, 2), (2, 5)])
def test_parts_cover_the_range_once(n, threads):
    from multicnn.blocks.compiled import spread

    seen: list[int] = []
    spread(lambda begin, end: seen.extend(range(begin, end)), n, threads)
    assert sorted(seen) == list(range(n))
