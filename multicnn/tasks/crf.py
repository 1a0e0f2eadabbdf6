"""A chain of tags as one answer (conditional random field): its loss, its likeliest path, how sure a stretch of it is.

Lafferty, McCallum, Pereira 2001, repository.upenn.edu/cis_papers/159. What a net answers holds all that is needed,
`b k (t + k + 2)` of k tags and t cells: the score of each tag in each cell; the score of each transition, column t + j
of row i from tag i to tag j; column t + k the score of each first tag, the last column that of each last one. The
cells that count are contiguous; what lies before and behind them has no say.
"""

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor
from torch.autograd.function import once_differentiable

NO_TAG = -1  # of a cell that does not count


def cells(out: Tensor | np.ndarray) -> int:
    """How many cells an answer has."""
    return out.shape[-1] - out.shape[-2] - 2


def borders(y: Tensor) -> tuple[Tensor, Tensor]:
    """First counted cell of each sample, and the one behind the last; equal where none counts.  b t -> b, b"""
    counted = y != NO_TAG
    first = counted.to(torch.uint8).argmax(1)
    return first, first + counted.sum(1)


def losses(out: Tensor, y: Tensor) -> Tensor:
    """Minus the log-probability of the tags of each sample, in nats; 0 where no cell counts.

    Found on the CPU, to where answers on a GPU are copied, and their gradients back: beside an H100 that took a third
    (37 tags) to a fiftieth (9) of the time of `batched` there with up to 64 samples, and as much with 512.
    y: tags, NO_TAG where a cell does not count.  b k t+k+2, b t -> b
    """
    found: Tensor = _Compiled.apply(out, y)  # pyright: ignore[reportAssignmentType]
    return found


class _Compiled(torch.autograd.Function):
    """`losses` by numba, whose gradient is found with them."""

    @staticmethod
    def forward(ctx, out: Tensor, y: Tensor) -> Tensor:  # pyright: ignore[reportIncompatibleMethodOverride]
        from multicnn.tasks.crf_compiled import negative_logs  # here, as numba takes a second to import

        scores, tags = out.detach().cpu().contiguous(), y.cpu().contiguous()
        loss = scores.new_zeros(len(scores))
        gradient = torch.zeros_like(scores if ctx.needs_input_grad[0] else scores[:0])
        if not negative_logs(*(a.numpy() for a in (scores, tags, loss, gradient))):
            _in_logs(scores, tags, loss.isnan(), loss, gradient)
        ctx.save_for_backward(gradient.to(out.device))
        return loss.to(out.device)

    @staticmethod
    @once_differentiable
    def backward(ctx, *grads: Tensor):  # pyright: ignore[reportIncompatibleMethodOverride]
        (gradient,) = ctx.saved_tensors
        return gradient * grads[0][:, None, None], None


def _in_logs(out: Tensor, y: Tensor, rows: Tensor, loss: Tensor, gradient: Tensor) -> None:
    """Fill in the rows whose sums are out of a float's reach."""
    with torch.enable_grad():
        own = out[rows].double().requires_grad_()
        found = batched(own, y[rows])
        if len(gradient):
            gradient[rows] = torch.autograd.grad(found.sum(), own)[0].to(gradient.dtype)
    loss[rows] = found.detach().to(loss.dtype)


def batched(out: Tensor, y: Tensor) -> Tensor:
    """The same as `losses` by torch alone, in logarithms, cell by cell for the whole batch."""
    k, t = out.shape[1], cells(out)
    counted = (y != NO_TAG)[:, :, None]
    scores, steps, starts, ends = out[:, :, :t].mT, out[:, :, t : t + k], out[:, :, t + k], out[:, :, t + k + 1]
    begin, end = borders(y)
    place = torch.arange(t, device=out.device)
    is_first, is_last = ((place == at[:, None])[:, :, None] & counted for at in (begin, end - 1))
    total = torch.zeros_like(starts)
    for c in range(t):
        on = torch.logsumexp(total[:, :, None] + steps, 1) + scores[:, c]
        total = torch.where(is_first[:, c], starts + scores[:, c], torch.where(counted[:, c], on, total))
    whole = torch.logsumexp(total + ends, 1)
    # products with what occurs, since adding up picked scores' gradients on a GPU has no fixed order
    occurs = F.one_hot(y.clamp(min=0), k).to(out.dtype) * counted
    own = (occurs * (scores + is_first * starts[:, None] + is_last * ends[:, None])).sum((1, 2))
    own = own + ((occurs[:, :-1].mT @ occurs[:, 1:]) * steps).sum((1, 2))
    return torch.where(end > begin, whole - own, 0)


def viterbi(out: Tensor, begin: Tensor, end: Tensor) -> Tensor:
    """The likeliest tags of each sample's cells begin to end, NO_TAG elsewhere; found on the CPU.

    A GPU would need several small kernels for each cell.  b k t+k+2, b, b -> b t
    """
    from multicnn.tasks.crf_compiled import best_paths

    tags = torch.full((len(out), cells(out)), NO_TAG)
    arrays = (a.detach().cpu().contiguous().numpy() for a in (out, begin.long(), end.long(), tags))
    best_paths(*arrays)
    return tags.to(out.device)


def probabilities(out: np.ndarray, spans: np.ndarray, inside: np.ndarray) -> np.ndarray:
    """How probable it is that a path has just this stretch: tag `begins` first, then `inside`, and not that behind it.

    spans: begin, end, and the tag of the first cell.  inside: of each tag, what goes on with it.  k t+k+2, n 3, k -> n
    """
    from multicnn.tasks.crf_compiled import both_ways

    k, t = out.shape[0], cells(out)
    if not t or not len(spans):
        return np.zeros(len(spans))
    out = np.ascontiguousarray(out)
    forth, back = np.empty((t, k)), np.empty((t, k))
    both_ways(out, forth, back)
    whole = np.logaddexp.reduce(forth[-1] + back[-1])
    return np.exp([stretch(out, forth, back, inside, *span) for span in spans.tolist()] - whole).clip(max=1)


def stretch(
    out: np.ndarray, forth: np.ndarray, back: np.ndarray, inside: np.ndarray, begin: int, end: int, tag: int
) -> float:
    """The log of the sum over all paths with one stretch."""
    k, t = out.shape[0], cells(out)
    on = int(inside[tag])
    total, at = float(forth[begin, tag]), tag
    for c in range(begin + 1, end):
        total += float(out[at, t + on]) + float(out[on, c])
        at = on
    if end == t:
        return total + float(back[end - 1, at])
    other = np.arange(k) != on
    return total + float(np.logaddexp.reduce((out[at, t : t + k] + out[:, end] + back[end])[other].astype(np.float64)))
