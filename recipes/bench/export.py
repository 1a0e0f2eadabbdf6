"""Every network as a fixed graph by torch.export, which ONNX and other runtimes start from: the largest differences.

    python recipes/bench/export.py
    python recipes/bench/export.py resnet50 fcos_resnet50

Each network in its reference form, with all its layers and the head of its paper. A graph is exported from a batch of 2
and answers a batch of 3; another one is exported for grids of any size, in whole multiples of 32 cells, and answers
a larger grid. Grids are at most 256 cells a side where the network leaves that open. "fixed": its layers are
built for one grid.

Target: every network, every batch size, at most 1e-5 (relative to the largest answer); other sizes where layers allow.
Measured on one of 2 cores with AVX512-BF16, no GPU, torch 2.11: all 58 networks answer another batch with the very
numbers ("equal"), 52 another size too; fcnn1, fcnn2, fcnn3, lenet5_1998, lenet5 and cnn1 are "fixed". 339 s of the
processor (607 of the clock, other jobs beside it).
"""

import argparse
import time
from collections.abc import Sequence
from typing import Any

LARGEST, LARGER = 256, 320  # cells a side: exported from, and answered too
STEP = 32  # cells of the grid that the coarsest level's stand for, in the networks that halve it most


def main() -> None:
    args = arguments()
    import torch

    from multicnn.zoo import BODIES

    torch.set_num_threads(1)
    print("| network | parameters | another batch | another size | seconds |\n|---|---|---|---|---|", flush=True)
    for name in args.names or BODIES:
        start = time.process_time()
        torch.manual_seed(0)
        net, member = network(name)
        found = " | ".join([another_batch(net, member), another_size(net, member)])
        print(f"| {name} | {member.parameters():,} | {found} | {time.process_time() - start:.0f} |", flush=True)


def network(name: str) -> tuple[Any, Any]:
    """The reference form, and its line in the table of members."""
    from torch import nn

    from multicnn.zoo import BODIES, CellNet, Cells, Net
    from multicnn.zoo.fcos import FcosHead
    from multicnn.zoo.pyramid import BoxNet

    member = BODIES[name]
    body, head = member.reference()
    kind = {Cells: CellNet, FcosHead: BoxNet}.get(type(head), Net)
    return kind(nn.Identity(), body, head).eval(), member


def another_batch(net: Any, member: Any) -> str:
    """The difference of a batch of 3."""
    from torch.export import Dim

    from multicnn.names import schema

    own = list(member.input[1:])
    grid = own if "grid" in schema(member.build) else [min(n, LARGEST) for n in own]
    return difference(net, member, {0: Dim.DYNAMIC}, grid, grid)


def another_size(net: Any, member: Any) -> str:
    """The difference of a larger grid, or why there is none."""
    from torch.export import Dim

    small, large = ([most] * member.rank for most in (LARGEST, LARGER))
    if not takes(net, member.input[0], large):
        return "fixed"
    axes = {2 + i: STEP * Dim(f"axis{i}", min=2, max=64) for i in range(member.rank)}
    return difference(net, member, {0: Dim.DYNAMIC, **axes}, small, large)


def takes(net: Any, c: int, grid: Sequence[int]) -> bool:
    """Whether the layers take a grid that they were not built for."""
    import torch

    from multicnn.errors import UsageError

    try:
        with torch.no_grad():
            net(torch.zeros(1, c, *grid))
    except UsageError:
        return False
    return True


def difference(net: Any, member: Any, open_: dict[int, Any], grid: Sequence[int], other: Sequence[int]) -> str:
    """Of the graph's answers to a batch of 3 and the network's, relative to the largest."""
    import torch
    from torch.export import export

    c = member.input[0]
    try:
        graph = export(net, (torch.randn(2, c, *grid),), dynamic_shapes=(open_,)).module()
        x = torch.randn(3, c, *other)
        with torch.no_grad():
            wanted, answered = net(x), graph(x)
    except Exception as error:  # torch says in many ways that a layer is in the way
        return f"no: {str(error).strip().splitlines()[0][:70]}"
    found = ((answered - wanted).abs().max() / wanted.abs().max()).item()
    return f"{found:.0e}" if found else "equal"


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help="networks; all unless named")
    return parser.parse_args()


if __name__ == "__main__":
    main()
