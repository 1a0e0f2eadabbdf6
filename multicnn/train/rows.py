"""Steps that touch only the rows of a table of vectors which a batch used: of 20,000 words, a few hundred.

A gradient of such rows is a sparse tensor. Where the table is small, or the rest of the step would need a whole
gradient, it stays dense.
"""

from collections.abc import Iterable, Sequence

import numpy as np
import torch
from torch import Tensor, nn

MANY = 1000  # rows from which on a table is worth it


def by_rows(net: nn.Module) -> list[str]:
    """Let the large tables of vectors have gradients of rows; the names of their weights."""
    found = []
    for name, module in net.named_modules():
        if isinstance(module, nn.Embedding) and module.num_embeddings >= MANY and module.max_norm is None:
            module.sparse = True
            found.append(f"{name}.weight" if name else "weight")
    return found


def merge(params: Iterable[nn.Parameter]) -> None:
    """Add up the gradients of rows that a batch used more than once."""
    for p in params:
        if p.grad is not None and p.grad.is_sparse:
            rows = p.grad._indices()[0]
            once = bool((rows[1:] > rows[:-1]).all())  # in order: as they come from distinct words
            p.grad = p.grad._coalesced_(True) if once else p.grad.coalesce()


def values(grads: Iterable[Tensor]) -> list[Tensor]:
    """The numbers of gradients, of sparse ones those that are there; they are no copies."""
    return [g._values() if g.is_sparse else g for g in grads]


@torch.no_grad()
def clip(params: Iterable[nn.Parameter], most: float) -> None:
    """Scale merged gradients so that their norm is at most `most`, as torch's clip_grad_norm_ does."""
    grads = values(p.grad for p in params if p.grad is not None)
    share = (most / (nn.utils.get_total_norm(grads) + 1e-6)).clamp(max=1.0)
    torch._foreach_mul_(grads, share)  # pyright: ignore[reportPrivateImportUsage]


def adam_rows(
    p: Tensor, first: Tensor, second: Tensor, step: Tensor, *, lr: float, decay: float, betas: Sequence[float]
) -> None:
    """AdamW's step for the rows of a merged sparse gradient; others, their moments too, stay as they are (lazy).

    As torch.optim.SparseAdam: dense Adam would go on moving a row whose word has long passed, and forget its moments.
    """
    from multicnn.train.row_loops import adam  # here, as numba takes a second

    assert p.grad is not None
    rows, grad = p.grad._indices()[0].numpy(), p.grad._values().numpy()
    step += 1
    done = step.item()
    rate, scale = lr / (1 - betas[0] ** done), 1 / (1 - betas[1] ** done)
    numbers = (np.float32(n) for n in (rate, scale, 1 - lr * decay))
    tables = p.detach().numpy(), first.numpy(), second.numpy()
    adam(tables[0], grad, rows, *tables[1:], 0, len(rows), np.array(betas, np.float32), *numbers)


class RowAverage:
    """The exponential average of a table whose rows seldom change, exact, at the cost of the rows that do.

    While a row stays, its average nears it by a known factor, which is made up for before the row changes. behind: the
    logarithm of the factor up to which each row is made up for (n,); passed: the same of all steps so far ().
    """

    def __init__(self, ours: Tensor, theirs: nn.Parameter):
        self.ours, self.theirs = ours, theirs
        self.behind = torch.zeros(len(ours), dtype=torch.float64)
        self.passed = torch.zeros((), dtype=torch.float64)

    @torch.no_grad()
    def before(self) -> None:
        """Make up for the rows that a step is about to change."""
        grad = self.theirs.grad
        if grad is not None:
            self.catch_up(grad._indices()[0] if grad.is_sparse else torch.arange(len(self.ours)))

    @torch.no_grad()
    def catch_up(self, rows: Tensor) -> None:
        """Bring some rows to the present."""
        from multicnn.train.row_loops import follow  # here, as numba takes a second

        factors = (self.passed - self.behind[rows]).exp().to(self.ours.dtype).numpy()
        follow(self.ours.numpy(), self.theirs.detach().numpy(), rows.numpy(), factors, 0, len(rows))
        self.behind[rows] = self.passed

    def settle(self) -> None:
        """Bring all rows to the present."""
        self.catch_up((self.behind != self.passed).nonzero()[:, 0])
