"""The strongest window of each text, by distinct vectors: exact, without padding, and without a number a position.

A convolution over words is a sum over the words of a window, sum_j filter_j . vector(word at t + j). The products of
all distinct vectors with all filters are one matrix product; the rest is to gather, add and compare. The gradient of a
maximum goes to one window, so that its cost does not depend on how long a text is. Equal to torch's convolution and
maximum, gradients too.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

WORTH = 3_000_000  # sums that a second thread is worth


class StrongestWindow(torch.autograd.Function):
    """vectors u d, filters (sizes width) d, places b t -> b (len(sizes) width)"""

    @staticmethod
    def forward(ctx: Any, vectors: Tensor, filters: Tensor, places: Tensor, sizes: Sequence[int]) -> Tensor:
        best, at = strongest_of(places, products(vectors, filters), sizes)
        ctx.save_for_backward(vectors, filters, places, at)
        ctx.sizes = sizes
        return best

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, ...]:  # pyright: ignore[reportIncompatibleMethodOverride]
        from multicnn.blocks.compiled import spread
        from multicnn.zoo.type_loops import gradients

        vectors, filters, places, at = ctx.saved_tensors
        wanted, width = ctx.needs_input_grad[0], at.shape[1] // len(ctx.sizes)
        of_vectors, of_filters = torch.zeros_like(vectors) if wanted else vectors, torch.zeros_like(filters)
        sizes, grad = np.array(ctx.sizes), grads[0].contiguous().to(vectors.dtype)
        given = [t.detach().numpy() for t in (places, vectors, filters)]
        out = of_vectors.detach().numpy(), of_filters.numpy()

        def work(begin: int, end: int) -> None:
            gradients(*given, sizes, width, at.numpy(), grad.numpy(), begin, end, *out, wanted)

        spread(work, vectors.shape[1], threads(at.numel() * filters.shape[1]))
        return of_vectors if wanted else None, of_filters, None, None


def products(vectors: Tensor, filters: Tensor) -> Tensor:
    """Of every vector with every filter, in double or single precision.  u d, f d -> u f"""
    found = vectors.detach() @ filters.detach().t()
    return found.float() if found.dtype in (torch.bfloat16, torch.float16) else found


def strongest_of(places: Tensor, products: Tensor, sizes: Sequence[int]) -> tuple[Tensor, Tensor]:
    """The largest sum over a window of the texts, and where its window starts.

    products: row 0, which is padding, is zero.  b t, u (sizes width) -> b (len(sizes) width), the same int32
    """
    from multicnn.blocks.compiled import spread
    from multicnn.zoo.type_loops import strongest

    width, b = products.shape[1] // sum(sizes), len(places)
    best = torch.empty(b, len(sizes) * width, dtype=products.dtype)
    at = torch.empty(b, len(sizes) * width, dtype=torch.int32)
    given, kernels = [t.contiguous().numpy() for t in (places, products)], np.array(sizes)

    def work(begin: int, end: int) -> None:
        strongest(*given, kernels, width, begin, end, best.numpy(), at.numpy())

    spread(work, b, threads(places.numel() * products.shape[1]))
    return best, at


def threads(sums: int) -> int:
    """How many threads so many sums are worth."""
    return max(1, min(torch.get_num_threads(), sums // WORTH))
