"""JPEGs decoded, cropped at random, resized and flipped in every epoch, as ImageNet is trained: beside torchvision.

    python recipes/bench/jpeg_pipeline.py
    python recipes/bench/jpeg_pipeline.py PICTURES --count 400 --turns 5

Writes JPEGs, 500 x 375 pixels of quality 90, into a temporary folder: random crops of the pictures in PICTURES, or of
scikit-learn's two photographs. Every pipeline reads each file and ends with the same: batches of 64 colour pictures of
224 x 224 bytes, a random part of 8 to 100 % of the area resized (bilinear, antialiased), mirrored half of the time.
Ours decodes with simplejpeg (libjpeg-turbo), draws all crops of a batch at once from the samples' keys, and resizes a
view of the decoded bytes, so that only the part that is kept is touched. torchvision v1 works on Pillow's pictures, v2
on tensors made of them, and "v2, its decoder" on what torchvision.io decodes. One thread; time of the processor, not
of the clock, so that other processes disturb little; the median of turns in which all take part. Resident memory is
read after each of 20 epochs of ours.

Target: >= 700 pictures/s a core; memory flat within 2 % after epoch 2.
Measured on one of 2 cores with AVX512-BF16, no GPU, while other jobs kept both busy (load 9 to 15): ours 745
pictures/s, torchvision v1 404, v2 464, v2 with its decoder 673; memory +0.00 % of 780.1 MB
after epoch 2, through 7,600 pictures more. Again at load 8 (200 pictures, 3 turns): 690, 416, 420 and 656;
on a quiet machine with AMX: 833, 494, 518 and 772.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

WIDTH, HEIGHT, QUALITY = 500, 375, 90
SIZE, BATCH = 224, 64


def main() -> None:
    args = arguments()
    import psutil
    import torch

    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as temporary:
        photos = photographs(Path(temporary), originals(args.pictures), args.count)
        print("| pipeline | pictures/s a core |\n|---|---|", flush=True)
        for name, speed in measure(photos, args.turns):
            print(f"| {name} | {speed:,.0f} |", flush=True)
        resident = []
        for epoch in range(args.epochs):
            drained(ours(photos, epoch))
            resident.append(psutil.Process().memory_info().rss)
    settled = resident[min(1, len(resident) - 1)]
    low, high = (100 * (edge(resident[1:] or resident) / settled - 1) for edge in (min, max))
    change = f"{low:+.2f} to {high:+.2f} % of {settled / 1e6:.1f} MB"
    print(f"\nresident memory of ours over {args.epochs} epochs, after epoch 2: {change}")


def measure(photos: Sequence[Path], turns: int) -> Iterator[tuple[str, float]]:
    """Each pipeline and its speed."""
    seconds: dict[str, list[float]] = {name: [] for name in PIPELINES}
    for turn in range(turns):
        for name, load in PIPELINES.items():
            start = time.process_time()
            drained(load(photos, turn))
            seconds[name].append(time.process_time() - start)
    yield from ((name, len(photos) / statistics.median(found)) for name, found in seconds.items())


def ours(photos: Sequence[Path], epoch: int) -> Iterator[Any]:
    """b 3 224 224, uint8"""
    import torch
    from torch.nn.functional import interpolate

    from multicnn.data.random import keys
    from multicnn.image.decode import decode
    from multicnn.image.moves import chosen
    from multicnn.image.warps import CropResize

    crop, order = CropResize(), torch.randperm(len(photos), generator=torch.Generator().manual_seed(epoch))
    for rows in order.split(BATCH):
        key = keys(0, epoch, rows)
        flips, boxes = chosen(key, 0.5).tolist(), crop.boxes(key + 1, HEIGHT, WIDTH).int().tolist()
        batch = torch.empty(len(rows), 3, SIZE, SIZE, dtype=torch.uint8)
        for place, row in enumerate(rows.tolist()):
            top, left, height, width = boxes[place]
            picture = torch.from_numpy(decode(photos[row], (HEIGHT, WIDTH))).permute(2, 0, 1)[None]
            part = picture[..., top : top + height, left : left + width]
            kept = interpolate(part, (SIZE, SIZE), mode="bilinear", antialias=True)[0]
            batch[place] = kept.flip(2) if flips[place] else kept
        yield batch


def torchvision_v1(photos: Sequence[Path], epoch: int) -> Iterator[Any]:
    """b 3 224 224, uint8"""
    from PIL import Image
    from torchvision import transforms

    steps = [transforms.RandomResizedCrop(SIZE), transforms.RandomHorizontalFlip(), transforms.PILToTensor()]
    change = transforms.Compose(steps)
    return batched(photos, epoch, lambda path: change(Image.open(path).convert("RGB")))


def torchvision_v2(photos: Sequence[Path], epoch: int) -> Iterator[Any]:
    """b 3 224 224, uint8"""
    from PIL import Image
    from torchvision.transforms import v2

    steps = [v2.PILToTensor(), v2.RandomResizedCrop(SIZE, antialias=True), v2.RandomHorizontalFlip()]
    change = v2.Compose(steps)
    return batched(photos, epoch, lambda path: change(Image.open(path).convert("RGB")))


def torchvision_v2_decoder(photos: Sequence[Path], epoch: int) -> Iterator[Any]:
    """b 3 224 224, uint8"""
    from torchvision.io import decode_jpeg, read_file
    from torchvision.transforms import v2

    change = v2.Compose([v2.RandomResizedCrop(SIZE, antialias=True), v2.RandomHorizontalFlip()])
    return batched(photos, epoch, lambda path: change(decode_jpeg(read_file(str(path)))))


PIPELINES = {
    "ours": ours,
    "torchvision v1": torchvision_v1,
    "torchvision v2": torchvision_v2,
    "torchvision v2, its decoder": torchvision_v2_decoder,
}


def batched(photos: Sequence[Path], epoch: int, load: Callable[[Path], Any]) -> Iterator[Any]:
    """As torch's DataLoader without workers, shuffled."""
    import torch

    order = torch.randperm(len(photos), generator=torch.Generator().manual_seed(epoch))
    for rows in order.split(BATCH):
        yield torch.stack([load(photos[row]) for row in rows.tolist()])


def drained(batches: Iterator[Any]) -> None:
    for _ in batches:
        pass


def originals(folder: Path | None) -> list[Path]:
    """The pictures to cut from."""
    images = folder or Path(str(files("sklearn.datasets.images")))
    return sorted(p for p in images.iterdir() if p.suffix.lower() in (".jpg", ".jpeg", ".png"))


def photographs(folder: Path, pictures: Sequence[Path], count: int) -> list[Path]:
    """Write `count` JPEGs."""
    import numpy as np
    from PIL import Image

    random, found = np.random.default_rng(0), []
    for number in range(count):
        original = Image.open(pictures[number % len(pictures)]).convert("RGB")
        side = random.uniform(0.6, 0.95)
        width, height = int(original.width * side), int(original.height * side)
        left, top = (int(random.integers(room)) for room in (original.width - width, original.height - height))
        found.append(folder / f"{number:05}.jpg")
        cut = original.crop((left, top, left + width, top + height))
        cut.resize((WIDTH, HEIGHT)).save(found[-1], quality=QUALITY)
    return found


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pictures", nargs="?", type=Path, help="folder of pictures to cut from")
    parser.add_argument("--count", type=int, default=400, help="photographs")
    parser.add_argument("--turns", type=int, default=5, help="of each pipeline")
    parser.add_argument("--epochs", type=int, default=20, help="after each of which memory is read")
    return parser.parse_args()


if __name__ == "__main__":
    main()
