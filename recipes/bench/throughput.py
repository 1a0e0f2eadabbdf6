"""Training throughput of LeNet-5 on Fashion-MNIST: our whole loop beside a bare one and torchvision's data path.

    python recipes/bench/throughput.py DATA

All contenders train one epoch a turn, in turns, each in a process of its own (ours changes how its process keeps freed
memory), with the same threads, network, memory layout, batch size and AdamW; the first turn warms up and does not
count. The bare loop finds its pictures in RAM, normalised, and has no data path at all. The torchvision loops are
Dataset, transforms and DataLoader as in torch's tutorials. "affine" is an augmentation of ours, and RandomAffine with
the same ranges. "defaults" has what our loop does unless told besides: its own optimizer, clipping of the gradient,
averaged weights. Ratio: the median over the turns of the two loops' ratio in that turn.

Targets: ours >= 0.85 of bare; ours >= 2.5 times torchvision.
Measured on 2 cores with AVX512-BF16, no GPU, two threads: 1.08 of bare in fp32, 0.92 in bf16, 1.10 with all defaults;
3.3 times torchvision without and with 2 workers, 3.5 with affine (15,100 pictures/s, bare 14,300, torchvision 4,500 and
4,600). With freed memory given back as glibc does of itself, and all in one process, ours was 0.82 of bare and 2.2
times torchvision (2.7 with affine).
"""

import argparse
import gzip
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, nullcontext
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from uuid import uuid4

BATCH = 256
LR = 1e-3
RANGES = {"degrees": 8.0, "low": 0.9, "high": 1.1, "shift": 0.08}
RATIOS = (
    ("ours fp32", "bare fp32"),
    ("ours bf16", "bare bf16"),
    ("ours fp32 defaults", "bare fp32"),
    ("ours fp32", "torchvision fp32 workers 0"),
    ("ours fp32", "torchvision fp32 workers 2"),
    ("ours fp32 affine", "torchvision fp32 affine workers 0"),
    ("ours fp32 affine", "torchvision fp32 affine workers 2"),
)


def main() -> None:
    args = arguments()
    with tempfile.TemporaryDirectory() as temporary, ExitStack() as stack:
        data = unpack(args.data, Path(temporary))
        homes = {name: stack.enter_context(ProcessPoolExecutor(1, get_context("spawn"))) for name in LOOPS}
        speeds: dict[str, list[float]] = {name: [] for name in LOOPS}
        for turn in range(args.turns + 1):
            for name, home in homes.items():
                seconds = home.submit(epoch, name, data, args.limit, Path(temporary)).result()
                if turn:
                    speeds[name].append(args.limit / seconds)
    print("| loop | pictures/s, median | lowest | highest |\n|---|---|---|---|")
    for name, found in speeds.items():
        print(f"| {name} | {statistics.median(found):,.0f} | {min(found):,.0f} | {max(found):,.0f} |")
    print("\n| ratio | |\n|---|---|")
    for mine, other in RATIOS:
        ratio = statistics.median(a / b for a, b in zip(speeds[mine], speeds[other], strict=True))
        print(f"| {mine} / {other} | {ratio:.2f} |")


def epoch(name: str, data: Path, limit: int, temporary: Path) -> float:
    """Seconds of an epoch of a loop, which its process builds once."""
    return built(name, data, limit, temporary)()


@cache
def built(name: str, data: Path, limit: int, temporary: Path) -> Callable[[], float]:
    """A loop by its name."""
    return LOOPS[name](data, limit, temporary)


def ours(precision: str, augment: dict, train: dict) -> Callable[[Path, int, Path], Callable[[], float]]:
    """The loop behind `multicnn image train`, without the evaluation."""

    def build(data: Path, limit: int, temporary: Path) -> Callable[[], float]:
        return lambda: trained(data, limit, temporary / uuid4().hex, precision, augment, train)

    return build


def trained(data: Path, limit: int, place: Path, precision: str, augment: dict, train: dict) -> float:
    """The seconds of our loop's only epoch."""
    from multicnn import image
    from multicnn.flags import tables
    from multicnn.train.loop import fit
    from multicnn.train.run import create
    from multicnn.train.voice import Silent
    from multicnn.verbs.prepare import prepare

    flags = {"model": "lenet5", "epochs": 1, "batch_size": BATCH, "lr": LR, "device": "cpu", "precision": precision}
    chosen = tables("image", {**flags, "augment": ",".join(augment) or "none", "limit": limit})
    chosen["data"]["source"] = str(data)
    ready = prepare(image.MODALITY, {}, chosen, {"train": train, "augment": augment}, Silent())
    folder = create("", place, overwrite=True)
    at = fit(
        ready.net, ready.task, ready.training_batches(), None, ready.augments, ready.accelerator, ready.settings,
        folder, Silent(),
    )  # fmt: skip
    shutil.rmtree(folder.path)
    return at.history[-1]["seconds"]


def bare(precision: str) -> Callable[[Path, int, Path], Callable[[], float]]:
    """A loop as short as can be, over pictures that lie in RAM as normalised floats."""
    return lambda data, limit, temporary: bare_loop(data, limit, precision)


def bare_loop(data: Path, limit: int, precision: str) -> Callable[[], float]:
    """A loop as short as can be, over pictures that lie in RAM as normalised floats."""
    import torch
    import torch.nn.functional as F

    from multicnn.image.datasets import fashion_mnist

    table = fashion_mnist(data)
    x = torch.from_numpy(table.items[:limit]).float()[:, None]
    x, y = (x - x.mean()) / x.std(), torch.from_numpy(table.target[:limit])
    net, optimizer = lenet()

    def epoch() -> float:
        start = time.perf_counter()
        for rows in torch.randperm(limit).split(BATCH):
            with torch.autocast("cpu", torch.bfloat16) if precision == "bf16" else nullcontext():
                out = net(x[rows])
            F.cross_entropy(out.float(), y[rows]).backward()
            optimizer.step()
            optimizer.zero_grad()
        return time.perf_counter() - start

    return epoch


def usual(augment: bool, workers: int) -> Callable[[Path, int, Path], Callable[[], float]]:
    """The loop of torch's tutorials."""
    return lambda data, limit, temporary: torchvision_loop(temporary, limit, augment, workers)


def torchvision_loop(root: Path, limit: int, augment: bool, workers: int) -> Callable[[], float]:
    """The loop of torch's tutorials: a Dataset of PIL pictures, transforms, a DataLoader."""
    import torch.nn.functional as F
    from torch.utils.data import DataLoader, Subset
    from torchvision import transforms
    from torchvision.datasets import FashionMNIST

    shift, low, high = (RANGES[name] for name in ("shift", "low", "high"))
    move = transforms.RandomAffine(
        RANGES["degrees"], (shift, shift), (low, high), interpolation=transforms.InterpolationMode.BILINEAR
    )
    steps = [move] * augment + [transforms.ToTensor(), transforms.Normalize((0.2860,), (0.3530,))]
    dataset = Subset(FashionMNIST(root, transform=transforms.Compose(steps)), range(limit))
    loader = DataLoader(dataset, BATCH, shuffle=True, num_workers=workers, persistent_workers=workers > 0)
    net, optimizer = lenet()

    def epoch() -> float:
        start = time.perf_counter()
        for x, y in loader:
            F.cross_entropy(net(x), y).backward()
            optimizer.step()
            optimizer.zero_grad()
        return time.perf_counter() - start

    return epoch


def lenet():
    """Our network in our memory layout, and torch's fastest AdamW."""
    import torch

    from multicnn.zoo import classifier
    from multicnn.zoo.net import build_body

    net = classifier(build_body("lenet5", 2, 1, (28, 28), {}), 10).to(memory_format=torch.channels_last)
    return net, torch.optim.AdamW(net.parameters(), LR, weight_decay=0.05, fused=True)


def unpack(data: Path, temporary: Path) -> Path:
    """The files where torchvision looks for them."""
    raw = temporary / "FashionMNIST" / "raw"
    raw.mkdir(parents=True)
    for file in data.glob("*-ubyte.gz"):
        with gzip.open(file) as packed, open(raw / file.stem, "wb") as out:
            shutil.copyfileobj(packed, out)
    return raw


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder of the four idx files, with names that end in -ubyte.gz")
    parser.add_argument("--turns", type=int, default=5, help="epochs of each loop that count")
    parser.add_argument("--limit", type=int, default=20_000, help="pictures in an epoch")
    return parser.parse_args()


PLAIN = {"optimizer": "adamw", "ema": 0.0, "clip": 0.0}
LOOPS = {
    "ours fp32": ours("fp32", {}, PLAIN),
    "bare fp32": bare("fp32"),
    "ours bf16": ours("bf16", {}, PLAIN),
    "bare bf16": bare("bf16"),
    "ours fp32 defaults": ours("fp32", {}, {}),
    "ours fp32 affine": ours("fp32", {"affine": RANGES}, PLAIN),
    "torchvision fp32 workers 0": usual(False, 0),
    "torchvision fp32 workers 2": usual(False, 2),
    "torchvision fp32 affine workers 0": usual(True, 0),
    "torchvision fp32 affine workers 2": usual(True, 2),
}

if __name__ == "__main__":
    main()
