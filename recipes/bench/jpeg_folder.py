"""Loading 5,000 JPEG photographs: decoded once and mapped into memory, beside torchvision's ImageFolder.

    python recipes/bench/jpeg_folder.py
    python recipes/bench/jpeg_folder.py PICTURES --count 5000 --sizes 128 224

Writes a folder of JPEGs, 400 x 300 pixels of quality 90, into a temporary folder: random crops, turned a little, of the
pictures in PICTURES, or of scikit-learn's two photographs. Everything runs on one core. "decode" is our first epoch,
which fills the store; "batches" are the raw pictures of the later epochs as tensors, "normalised" these as the network
sees them, "augmented" with our default augmentation (mirror, rotation, scale, shift) besides. torchvision decodes in
every epoch: RandomResizedCrop, RandomHorizontalFlip, ToTensor, Normalize, no workers.

Target: >= 2,000 pictures/s a core after the first epoch.
Measured on 2 busy cores with AVX512-BF16, no GPU, one thread: at 128 px, batches 85,000 pictures/s, normalised too
11,400, with the default augmentation 1,600, torchvision's ImageFolder 440; at 224 px 57,000, 1,100, 290 and 280.
"""

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path

WIDTH, HEIGHT, QUALITY = 400, 300, 90
BATCH = 64


def main() -> None:
    args = arguments()
    import torch

    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as temporary:
        os.environ["MULTICNN_CACHE"] = f"{temporary}/cache"
        photographs(Path(temporary) / "photos", originals(args.pictures), args.count)
        print("| size | loader | pictures/s a core |\n|---|---|---|", flush=True)
        for size in args.sizes:
            for name, speed in measure(Path(temporary) / "photos", size, args.epochs):
                print(f"| {size} x {size} | {name} | {speed:,.0f} |", flush=True)


def measure(photos: Path, size: int, epochs: int) -> Iterable[tuple[str, float]]:
    """Each loader and its speed: the first epoch of the store, then the median of the later ones in turns."""
    seconds_decoding, count = decode(photos, size)
    yield "ours, decode", count / seconds_decoding
    loaders = ours(photos, size) | {"torchvision": torchvision_loader(photos, size)}
    seconds: dict[str, list[float]] = {name: [] for name in loaders}
    for epoch in range(epochs):
        for name, load in loaders.items():
            seconds[name].append(drained(load(epoch)))
    yield from ((name, count / statistics.median(found)) for name, found in seconds.items())


def decode(photos: Path, size: int) -> tuple[float, int]:
    """Seconds to fill the store, and the pictures in it."""
    import numpy as np

    from multicnn import image
    from multicnn.data.store import open_store

    table = image.open_image(photos)
    reader = image.plan_reader(table, np.arange(len(table)), image_size=size)
    start = time.perf_counter()
    open_store(table, reader, workers=1)
    return time.perf_counter() - start, len(table)


def ours(photos: Path, size: int) -> dict[str, Callable[[int], Iterable]]:
    """Our loaders over the store, each a function of the epoch's number."""
    from multicnn import image
    from multicnn.data.random import keys
    from multicnn.flags import tables
    from multicnn.train.augment import apply
    from multicnn.train.voice import Silent
    from multicnn.verbs.prepare import prepare

    flags = {"image_size": size, "batch_size": BATCH, "workers": 1, "val": 0.0, "test": 0.0, "device": "cpu",
             "precision": "fp32", "model": "cnn2"}  # fmt: skip
    ready = prepare(image.MODALITY, {}, tables("image", flags) | {"data": {"source": str(photos)}}, {}, Silent())
    batches = ready.training_batches()

    def normalised(epoch: int) -> Iterable:
        return (ready.net.frontend(batch.x) for batch in batches.epoch(epoch))

    def augmented(epoch: int) -> Iterable:
        for batch in batches.epoch(epoch):
            grid, y = ready.net.frontend(batch.x), ready.task.encode(batch.y)
            yield apply(ready.augments, "grid", ready.task.move, grid, y, keys(0, epoch, batch.index))

    return {"ours, batches": batches.epoch, "ours, normalised": normalised, "ours, augmented": augmented}


def torchvision_loader(photos: Path, size: int) -> Callable[[int], Iterable]:
    """The usual pipeline for training on photographs."""
    from torch.utils.data import DataLoader
    from torchvision import transforms
    from torchvision.datasets import ImageFolder

    steps = [
        transforms.RandomResizedCrop(size),
        transforms.RandomHorizontalFlip(),
        transforms.ToTensor(),
        transforms.Normalize((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)),
    ]
    loader = DataLoader(ImageFolder(photos, transforms.Compose(steps)), BATCH, shuffle=True)
    return lambda epoch: loader


def drained(batches: Iterable) -> float:
    """Seconds until the last batch is there."""
    start = time.perf_counter()
    for _ in batches:
        pass
    return time.perf_counter() - start


def originals(folder: Path | None) -> list[Path]:
    """The pictures to cut from."""
    from importlib.resources import files

    images = folder or Path(str(files("sklearn.datasets.images")))
    return sorted(p for p in images.iterdir() if p.suffix.lower() in (".jpg", ".jpeg", ".png"))


def photographs(folder: Path, pictures: list[Path], count: int) -> None:
    """Write `count` JPEGs, those of each original into a class folder of its own."""
    import numpy as np
    from PIL import Image

    random = np.random.default_rng(0)
    for place, path in enumerate(pictures):
        original = Image.open(path).convert("RGB")
        (folder / path.stem).mkdir(parents=True)
        for number in range(place, count, len(pictures)):
            side = random.uniform(0.5, 0.9)
            width, height = int(original.width * side), int(original.height * side)
            left, top = random.integers(original.width - width), random.integers(original.height - height)
            cut = original.crop((left, top, left + width, top + height)).rotate(random.uniform(-10, 10))
            cut.resize((WIDTH, HEIGHT)).save(folder / path.stem / f"{number:05}.jpg", quality=QUALITY)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pictures", nargs="?", type=Path, help="folder of two pictures or more to cut from")
    parser.add_argument("--count", type=int, default=5000, help="photographs")
    parser.add_argument("--sizes", type=int, nargs="+", default=(128, 224), help="pixels a side")
    parser.add_argument("--epochs", type=int, default=3, help="after the first, of each loader")
    return parser.parse_args()


if __name__ == "__main__":
    main()
