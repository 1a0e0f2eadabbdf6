"""Any number of boxes a sample, each with a class and a mask: a dense detector with prototype masks."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from multicnn.errors import UsageError
from multicnn.tasks import masked, pieces, precision
from multicnn.tasks.aim import Aim
from multicnn.tasks.assign import assign
from multicnn.tasks.detect import MOST, Detect
from multicnn.zoo.body import Body
from multicnn.zoo.prototypes import FINER, MaskHead, lifted
from multicnn.zoo.pyramid import BoxNet

TAUGHT = 32  # cells of a sample whose masks are compared with the truth
GOLDEN = 0.6180339887498949  # its multiples spread evenly, so that those cells are of all boxes
MARGIN = 0.2  # of a box's side, within which the rim of its mask is taught
HEAD = 4  # numbers of an answer behind its lines: height, width, and a prototype's cell as shares of the grid


class Outlines(NamedTuple):
    """An answer taken apart.  lines: class, score, box.  mix: weights of the prototypes.  cell: width and height of a
    prototype's cell, as shares of the grid.
    n 6, n p, p h w, 2
    """

    lines: np.ndarray
    mix: np.ndarray
    prototypes: np.ndarray
    cell: np.ndarray


class Instances:
    """Boxes of k classes with their masks.  out: b cells (k + 9 + 5 p), see `MaskHead`.  y: see `pieces`.

    prototypes: maps that masks are mixed of. finest: stride of the finest level that answers, at least 2; prototypes
    are twice as fine. mask: weight of the masks' loss. The other settings are those of `Detect`. Masks are judged on
    the net's grid. Raises UsageError as `Detect` does, and for no prototype.
    """

    monitor = "mask_map50"
    mixes = False  # sets of masks have no mean

    def __init__(
        self,
        classes: Sequence[str],
        *,
        prototypes: int = 16,
        finest: int = 4,
        width: int = 64,
        depth: int = 2,
        mask: float = 3.0,
        overlap: float = 0.5,
        threshold: float = 0.3,
        weights: Tensor | None = None,
        drop: float = 0.0,
    ):
        if finest < FINER:
            raise UsageError(f"task.finest is {finest}; masks need at least {FINER}")
        if prototypes < 1 or mask < 0:
            raise UsageError(f"task.prototypes is {prototypes}, task.mask {mask}; give at least 1, and at least 0")
        self.boxes = Detect(
            classes, finest=finest, width=width, depth=depth, overlap=overlap, threshold=threshold, weights=weights,
            drop=drop,
        )  # fmt: skip
        self.classes, self.threshold, self.prototypes, self.mask = tuple(classes), threshold, prototypes, mask

    def net(self, frontend: nn.Module, body: Body) -> BoxNet:
        """A pyramid and a shared head behind the body. Raises UsageError for a body without cells."""
        own = self.boxes
        head = MaskHead(
            body, len(self.classes), prototypes=self.prototypes, finest=own.finest, width=own.width, depth=own.depth,
            drop=own.drop,
        )  # fmt: skip
        return BoxNet(frontend, body, head)

    def encode(self, y: Tensor) -> Tensor:
        """As stored.  b (2 + most + h w) -> the same"""
        return y

    def move(self, y: Tensor, matrix: Tensor) -> Tensor:
        """See `pieces.moved`."""
        return pieces.moved(y, matrix)

    def loss(self, out: Tensor, y: Tensor) -> Tensor:
        """The loss of `Detect`, and of the masks mean cross-entropy and Dice loss within and near their true boxes.

        b cells (k + 9 + 5 p), b (2 + most + h w) -> b
        """
        rows, mix, maps = self._parts(out)
        true = pieces.lines(y)
        return self.boxes.loss(rows, true) + self.mask * self._shapes(rows[0, :, -4:], mix, maps, true, y)

    def _shapes(self, place: Tensor, mix: Tensor, maps: Tensor, true: Tensor, y: Tensor) -> Tensor:
        """Of up to TAUGHT cells that answer for a box.  cells 4, b cells p, b p h w, b m 5, y -> b"""
        which = assign(place, true)
        spread = torch.arange(which.shape[1], device=y.device) * GOLDEN % 1
        order = torch.where(which >= 0, spread, 2.0)
        at = order.topk(min(TAUGHT, which.shape[1]), largest=False).indices  # b t
        number = which.gather(1, at)
        said = torch.einsum("btp,bphw->bthw", mix.gather(1, at[..., None].expand(-1, -1, mix.shape[-1])), maps)
        owner, reach = shrunk(pieces.unpack(y)[1], place, maps.shape[2:])
        wanted = (owner[:, None] == number[:, :, None, None, None] + 1).float().mean(-1)
        box = true[..., 1:].gather(1, number.clamp(min=0)[..., None].expand(-1, -1, 4))
        inside = masked.within(masked.widened(box, MARGIN), maps.shape[2:], reach).float()
        cost = unlike(said, wanted, inside) * (number >= 0)
        return cost.sum(1) / (number >= 0).sum(1).clamp(min=1)

    def _parts(self, out: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """What `Detect` reads, weights, prototypes.  -> b cells (k + 9), b cells p, b p h w"""
        p = self.prototypes
        rows, mix, laid = out.float().split([len(self.classes) + 9, p, FINER * FINER * p], dim=-1)
        return rows, mix, lifted(laid, rows[0, :, -4:])

    def answer(self, out: Tensor) -> Tensor:
        """Lines of class, score, box and weights; prototypes and the size of their cells.  See `outlines`.

        b cells (k + 9 + 5 p) -> b (MOST (6 + p) + 4 + p h w)
        """
        rows, mix, maps = self._parts(out)
        found, own = self._found(rows, mix)
        size = torch.tensor(maps.shape[2:], device=out.device, dtype=rows.dtype)
        head = torch.cat([size, rows[0, 0, -2:] / FINER]).expand(len(out), -1)
        return torch.cat([torch.cat([found, own], -1).flatten(1), head, maps.flatten(1)], 1)

    def _found(self, rows: Tensor, mix: Tensor) -> tuple[Tensor, Tensor]:
        """The boxes, and the weights of their cells.  -> b MOST 6, b MOST p"""
        chosen = self.boxes.chosen(rows)
        return chosen[..., :6], mix.gather(1, chosen[..., 6:].long().expand(-1, -1, mix.shape[-1]))

    def outlines(self, answer: np.ndarray) -> Outlines:
        """One sample's answer taken apart, without lines that hold no box."""
        end = MOST * (6 + self.prototypes)
        lines = answer[:end].reshape(MOST, -1)
        lines = lines[lines[:, 0] >= 0]
        height, width = answer[end : end + 2].astype(int)
        maps = answer[end + HEAD :].reshape(self.prototypes, height, width)
        return Outlines(lines[:, :6], lines[:, 6:], maps, answer[end + 2 : end + HEAD])

    def judge(self, out: Tensor, y: Tensor) -> Tensor:
        """See `masked.pack`.  b cells (k + 9 + 5 p), b (2 + most + h w) -> b (10 MOST + 5 most + 1)"""
        rows, mix, maps = self._parts(out)
        found, own = self._found(rows, mix)
        true, owner = pieces.lines(y), pieces.unpack(y)[1]
        step = stride(rows[0, :, -4:], owner.shape[1:])
        share, area = out.new_zeros(*found.shape[:2], true.shape[1]), out.new_zeros(found.shape[:2])
        for i in range(len(out)):
            n = int((found[i, :, 0] >= 0).sum())
            shapes = masked.masks(own[i, :n], maps[i], found[i, :n, 2:], step, owner.shape[1:])
            share[i, :n] = masked.overlaps(shapes, owner[i], true.shape[1])
            area[i, :n] = shapes.float().mean((1, 2))
        return masked.pack(found, true, share, area, self.loss(out, y))

    def unpack(self, judged: np.ndarray) -> masked.Judged:
        """What `judge` has packed."""
        return masked.unpack(judged, MOST)

    def metrics(self, judged: np.ndarray, y: np.ndarray, weight: np.ndarray | None = None) -> dict[str, float]:
        """map, map50 and map75 of the boxes as COCO defines them, and with mask_ before the name of the masks."""
        boxes, shapes = self._precision(judged, weight)
        return precision.measured(boxes) | {f"mask_{k}": v for k, v in precision.measured(shapes).items()}

    def losses(self, judged: np.ndarray, y: np.ndarray) -> np.ndarray:
        """The loss of each sample, as `loss` has it."""
        return self.unpack(judged).loss

    def per_class(self, judged: np.ndarray, y: np.ndarray) -> dict[str, dict[str, float]]:
        """Average precision of boxes and masks, and true boxes, of each class."""
        true = self.unpack(judged).true[..., 0]
        boxes, shapes = (precision.by_class(p, true, self.classes) for p in self._precision(judged, None))
        return {c: boxes[c] | {f"mask_{k}": shapes[c][k] for k in ("ap", "ap50")} for c in self.classes}

    def _precision(self, judged: np.ndarray, weight: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
        """Of boxes and of masks.  -> k overlaps, k overlaps"""
        this, k = self.unpack(judged), len(self.classes)
        lines, true = this.found[..., :2], this.true[..., 0]
        boxes, shapes = (precision.average_precision(lines, h, true, k, weight) for h in (this.hits, this.mask_hits))
        return boxes, shapes

    def decode(self, answer: np.ndarray) -> list[str]:
        """How many instances of each class reach the threshold: `3 tree, 1 house`."""
        end = MOST * (6 + self.prototypes)
        return self.boxes.decode(answer[:, :end].reshape(len(answer), MOST, -1))

    def aims(self, out: Tensor, names: Sequence[str]) -> list[Aim]:
        """The mean logit of a mask over its cells, of each class that of the surest box.  1 cells (k + 9 + 5 p)"""
        rows, _, maps = self._parts(out)
        size = maps.shape[2:]
        reach = [FINER / float(side) for side in rows[0, 0, -2:].flip(0)]  # prototypes' cells that lie on the sample
        found = []
        for k, box, at in self.boxes.surest(rows, names):
            own = masked.within(masked.widened(out.new_tensor(box), masked.ROOM), size, reach)
            cells = own & (self._mask(out, at)[0] > 0)
            if cells.any():
                found.append(self._of(k, at, cells, [round(n) for n in reach]))
        return found

    def _mask(self, out: Tensor, at: int) -> Tensor:
        """Logits of the mask of a cell.  b ... -> b h w"""
        _, mix, maps = self._parts(out)
        return torch.einsum("bp,bphw->bhw", mix[:, at], maps)

    def _of(self, k: int, at: int, cells: Tensor, grid: Sequence[int]) -> Aim:
        """Of the mask of a cell; grid: prototypes' cells that lie on the sample."""
        return Aim(
            self.classes[k],
            lambda out: self._mask(out, at)[:, cells].mean(1),
            lambda out: self._mask(out, at)[:, cells].sigmoid().mean(1),
            cells[: grid[0], : grid[1]].cpu().numpy(),
        )


def stride(place: Tensor, grid: Sequence[int]) -> int:
    """Cells of the grid along the side of a prototype's cell.  cells 4 ->"""
    return round(float(place[0, 2].detach()) * grid[1] / FINER)


def shrunk(owner: Tensor, place: Tensor, cells: Sequence[int]) -> tuple[Tensor, tuple[float, float]]:
    """Whose the middle of each prototype's cell is, by the two cells of the grid on both sides of it.

    Also how many of those cells make up the grid.  b h w -> b *cells 2
    """
    step = stride(place, owner.shape[1:])
    height, width = owner.shape[1:]
    wide = F.pad(owner, (0, cells[1] * step - width, 0, cells[0] * step - height))
    before, after = (step - 1) // 2, step // 2
    sides = [wide[:, i::step, i::step] for i in (before, after)]
    return torch.stack(sides, -1), (height / step, width / step)


def unlike(said: Tensor, wanted: Tensor, inside: Tensor) -> Tensor:
    """Mean cross-entropy plus Dice loss of logits, where `inside`.  b t h w, the same, the same -> b t"""
    cost = (F.binary_cross_entropy_with_logits(said, wanted, reduction="none") * inside).sum((2, 3))
    p, wanted = said.sigmoid() * inside, wanted * inside
    dice = (2 * (p * wanted).sum((2, 3)) + 1) / ((p + wanted).sum((2, 3)) + 1)
    return cost / inside.sum((2, 3)).clamp(min=1) + 1 - dice
