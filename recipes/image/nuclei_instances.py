"""Nuclei of one fluorescence picture, each by itself: boxes and masks learnt on the left half, measured on the right.

    pip download --no-deps stardist==0.9.2 && unzip stardist-*.whl 'stardist/data/*'
    python recipes/image/nuclei_instances.py stardist/data/images

512 x 512 pixels with 125 labelled nuclei, shipped with StarDist (BSD-3; Schmidt et al. 2018, arxiv.org/abs/1806.03535).
Columns 0 to 191 train, 192 to 255 tune, 256 to 511 test, all cut into tiles of 128 x 64, those of training overlapping;
nuclei that a tile cuts are counted by what is left of them, all but those of which less than a fifth is.
Prototype masks: YOLACT, Bolya et al. 2019, arxiv.org/abs/1904.02689.

Measured on 2 busy cores with AVX512-BF16, one thread, no GPU, seed 0, first settings, none tuned: mask_map50 0.9574,
mask_map75 0.7596, mask_map 0.6836, map50 of the boxes 0.9228; 347 s wall, 151 s of processor time.
"""

import argparse
import time
from pathlib import Path

HEIGHT, WIDTH = 128, 64  # pixels of a tile
STEP = 32, 16  # pixels from a training tile to the next, down and across
PARTS = {"train": (0, 192), "val": (192, 256), "test": (256, 512)}  # columns
LEFT = 0.2  # share of a nucleus that a tile must hold
SETTINGS = {
    "augment": {"flip": {}, "flip-vertical": {}, "affine": {"degrees": 30.0, "low": 0.8, "high": 1.25, "shift": 0.1}}
}


def main() -> None:
    args = arguments()
    write_tiles(args.folder, args.out / "tiles")
    from multicnn import image

    start, cpu = time.perf_counter(), time.process_time()
    run = image.train(
        args.out / "tiles", task="instances", epochs=args.epochs, batch_size=8, seed=args.seed, out=args.out / "run",
        overwrite=True, settings=SETTINGS,
    )  # fmt: skip
    wall, cpu = time.perf_counter() - start, time.process_time() - cpu
    names = ("mask_map50", "mask_map75", "mask_map", "map50")
    found = " | ".join(f"{run.metrics[name]:.4f}" for name in names)
    print(f"| epochs | {' | '.join(names)} | wall, s | processor, s |\n|{'---|' * 7}")
    print(f"| {args.epochs} | {found} | {wall:.0f} | {cpu:.0f} |")


def write_tiles(folder: Path, out: Path) -> None:
    """PART/images/Y-X.png and PART/masks/Y-X.png, both of 16 bits; numbers in a mask are nuclei."""
    import numpy as np
    from PIL import Image

    picture, labels = (np.asarray(Image.open(folder / name)) for name in ("img2d.tif", "mask2d.tif"))
    light = (picture.astype(np.float64) / picture.max() * 65535).astype(np.uint16)
    whole = np.bincount(labels.ravel())
    for part, (left, right) in PARTS.items():
        down, across = STEP if part == "train" else (HEIGHT, WIDTH)
        for kind in ("images", "masks"):
            (out / part / kind).mkdir(parents=True, exist_ok=True)
        for y in range(0, len(picture) - HEIGHT + 1, down):
            for x in range(left, right - WIDTH + 1, across):
                place = np.s_[y : y + HEIGHT, x : x + WIDTH]
                kept = np.bincount(labels[place].ravel(), minlength=len(whole)) >= LEFT * whole
                mask = np.where(kept[labels[place]], labels[place], 0).astype(np.uint16)
                Image.fromarray(light[place]).save(out / part / "images" / f"{y}-{x}.png")
                Image.fromarray(mask).save(out / part / "masks" / f"{y}-{x}.png")
    (out / "classes.txt").write_text("background\nnucleus\n")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="folder of img2d.tif and mask2d.tif")
    parser.add_argument("--epochs", type=int, default=60)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=Path("runs/nuclei-instances"), help="folder of tiles and run")
    return parser.parse_args()


if __name__ == "__main__":
    main()
