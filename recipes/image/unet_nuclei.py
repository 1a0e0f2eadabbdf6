"""Nuclei of one fluorescence picture: a U-Net learns the left half and is measured on the right one.

    pip download --no-deps stardist==0.9.2 && unzip stardist-*.whl 'stardist/data/*'
    python recipes/image/unet_nuclei.py stardist/data/images

512 x 512 pixels with 125 labelled nuclei, shipped with StarDist (BSD-3; Schmidt et al. 2018, arxiv.org/abs/1806.03535).
Two classes: background and nucleus. Columns 0 to 191 train, 192 to 255 tune, 256 to 511 test,
all cut into tiles of 64 x 64. test.png shows the test half and
the tiles' answers laid together: found green, missed red, made up blue.
U-Net: Ronneberger et al. 2015, arxiv.org/abs/1505.04597. Its settings were chosen on the val tiles.

Measured on 2 cores with AVX512-BF16, no GPU: Dice of nucleus 0.947, IoU 0.899 (seed 0; Dice 0.942 on the val tiles);
124 s wall on a machine with a load of 13, one thread, 38 s of processor time.
"""

import argparse
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from multicnn.verbs.run import Run

TILE = 64  # pixels
STEP = 32  # pixels from a training tile to the next
PARTS = {"train": (0, 192), "val": (192, 256), "test": (256, 512)}  # columns
TINTS = ((0, 0, 0), (60, 110, 255), (255, 60, 60), (80, 220, 80))  # made up, missed, found
SETTINGS = {
    "model": {"name": "unet", "width": 16, "depth": 3, "norm": "batch"},
    "augment": {"flip": {}, "flip-vertical": {}, "affine": {"degrees": 180.0, "low": 0.8, "high": 1.25, "shift": 0.1}},
}


def main() -> None:
    args = arguments()
    write_tiles(args.folder, args.out / "tiles")
    from multicnn import image

    start, cpu = time.perf_counter(), time.process_time()
    run = image.train(
        args.out / "tiles", task="segment", epochs=args.epochs, seed=args.seed, out=args.out / "run", overwrite=True,
        settings=SETTINGS,
    )  # fmt: skip
    wall, cpu = time.perf_counter() - start, time.process_time() - cpu
    found = run.metrics
    draw(run, args.out / "tiles" / "test", args.out / "test.png")
    print("| epochs | Dice of nucleus | IoU | wall, s | processor, s |\n|---|---|---|---|---|")
    print(f"| {args.epochs} | {found['dice_nucleus']:.4f} | {found['iou_nucleus']:.4f} | {wall:.0f} | {cpu:.0f} |")


def write_tiles(folder: Path, out: Path) -> None:
    """PART/images/Y-X.png of 16 bits and PART/masks/Y-X.png; training tiles overlap, the others lie side by side."""
    import numpy as np
    from PIL import Image

    picture, labels = (np.asarray(Image.open(folder / name)) for name in ("img2d.tif", "mask2d.tif"))
    light = picture.astype(np.float64) / picture.max() * 65535
    for part, (left, right) in PARTS.items():
        step = STEP if part == "train" else TILE
        for kind in ("images", "masks"):
            (out / part / kind).mkdir(parents=True, exist_ok=True)
        for y in range(0, len(picture) - TILE + 1, step):
            for x in range(left, right - TILE + 1, step):
                place = np.s_[y : y + TILE, x : x + TILE]
                Image.fromarray(light[place].astype(np.uint16)).save(out / part / "images" / f"{y}-{x}.png")
                Image.fromarray((labels[place] > 0).astype(np.uint8)).save(out / part / "masks" / f"{y}-{x}.png")
    (out / "classes.txt").write_text("background\nnucleus\n")


def draw(run: "Run", tiles: Path, path: Path) -> None:
    """The tiles laid together, on their side: the picture, and in it what was found, missed and made up."""
    import numpy as np
    from PIL import Image

    from multicnn.image.maps import Mapped

    files = sorted((tiles / "images").glob("*.png"))
    places = np.array([[int(n) for n in file.stem.split("-")] for file in files])
    places -= places.min(axis=0)
    grid = tuple(places.max(axis=0) + TILE)
    light, truth, answer = np.zeros(grid), np.zeros(grid, dtype=int), np.zeros(grid, dtype=int)
    for file, (y, x), said in zip(files, places.tolist(), run.predict(files), strict=True):
        assert isinstance(said, Mapped)
        place = np.s_[y : y + TILE, x : x + TILE]
        light[place], truth[place] = (np.asarray(Image.open(tiles / kind / file.name)) for kind in ("images", "masks"))
        answer[place] = said.mask
    grey = (16 * np.sqrt(light / light.max())).round()[..., None] * [15, 15, 15]  # few shades keep the file small
    tint = np.array(TINTS)[truth * 2 + answer]
    panels = [grey, np.where(tint.any(axis=-1, keepdims=True), 0.4 * grey + 0.6 * tint, grey)]
    Image.fromarray(np.vstack([p.swapaxes(0, 1) for p in panels]).astype(np.uint8)).save(path, optimize=True)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="folder of img2d.tif and mask2d.tif")
    parser.add_argument("--epochs", type=int, default=40)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=Path("runs/nuclei"), help="folder of tiles and run")
    return parser.parse_args()


if __name__ == "__main__":
    main()
