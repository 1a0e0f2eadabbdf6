"""Does the advice of `plan` pay? Each of its rules broken and followed on real data, all else equal, over seeds.

    python recipes/principles.py --sets FOLDER --rule early-stride --seeds 3

The same command line twice, once breaking the rule and once with the flag that `plan` proposes. The score is that of
the last epoch on the validation part (macro F1; of masks mean IoU); no test part is read. A seed deals the parts anew,
alike for both (of imbalance they are fixed), so the differences of the seeds are differences of pairs. `--sets`: a
folder with the sets fashion-mnist and fsdd as their publishers lay them out; the others ship with the package. A rule
stays in the advice only where the mean gain is above twice its standard error; LOG.md has those that did not. The rule
from-scratch is shown by image/transfer_photos.py.

Measured on one NVIDIA H100 with `--seeds 5 --device cuda`; receptive-field (where the deeper net has four times the
parameters too) and batch-norm (where the larger batch also takes an eighth of the steps) on one thread of a busy
processor with AVX512-BF16, `--seeds 3`.

| rule | broken | followed | gain | its standard error |
|---|---|---|---|---|
| early-stride | 0.7911 | 0.8178 | +0.0267 | 0.0018 |
| receptive-field | 0.1719 | 0.4492 | +0.2773 | 0.0337 |
| bottleneck | 0.5582 | 0.7508 | +0.1926 | 0.0137 |
| batch-norm | 0.7803 | 0.8024 | +0.0222 | 0.0016 |
| augmentation | 0.7219 | 0.7530 | +0.0310 | 0.0033 |
| imbalance | 0.7974 | 0.8136 | +0.0162 | 0.0050 |
| window | 0.1183 | 0.5691 | +0.4508 | 0.0263 |
| window-words | 0.6987 | 0.8172 | +0.1184 | 0.0054 |
| resolution | 0.8301 | 0.8475 | +0.0174 | 0.0031 |
"""

import argparse
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple


class Ablation(NamedTuple):
    """One rule on one set: the words of the command line that both runs share, and those of each."""

    modality: str
    data: Callable[[Path, Path], str]  # the sets' folder, a folder of one's own -> what the command line calls DATA
    shared: str
    broken: str
    followed: str


def clothes(sets: Path, own: Path) -> str:
    """400 pictures a class of the training part of Fashion-MNIST, as files."""
    from PIL import Image

    from multicnn.image.datasets.idx import fashion_mnist

    table = fashion_mnist(sets / "fashion-mnist")
    for k in range(len(table.classes)):
        folder = own / "clothes" / str(k)
        folder.mkdir(parents=True, exist_ok=True)
        for row in [r for r in range(8_000) if table.target[r] == k][:400]:
            Image.fromarray(table.items[row]).save(folder / f"{row}.png")
    return str(own / "clothes")


def uneven(sets: Path, own: Path) -> str:
    """The same for training with 10 pictures of each second class; the validation part is in balance."""
    import csv

    root = Path(clothes(sets, own))
    with open(own / "uneven.csv", "w", newline="") as file:
        write = csv.writer(file).writerow
        write(["path", "label", "split"])
        for k, folder in enumerate(sorted(root.iterdir())):
            for n, picture in enumerate(sorted(folder.iterdir())):
                if n < 200 or n < 200 + (10 if k % 2 else 200):
                    write([picture, folder.name, "val" if n < 200 else "train"])
    return str(own / "uneven.csv")


def spoken(sets: Path, own: Path) -> str:
    """1,200 sounds of the training part of FSDD, a folder a digit."""
    for file in sorted((sets / "fsdd" / "recordings").glob("*.wav")):
        digit, _, index = file.stem.split("_")
        if 5 <= int(index) < 25:  # below 5 lies the official test part
            (own / "spoken" / digit).mkdir(parents=True, exist_ok=True)
            (own / "spoken" / digit / file.name).symlink_to(file.resolve())
    return str(own / "spoken")


def named(name: str) -> Callable[[Path, Path], str]:
    """A set that ships with the package."""
    return lambda sets, own: name


HALF = "--val 0.5 --test 0"
VOICES = r"--val 0.33 --test 0 --group-by _(\w+)_"

ABLATIONS = {
    "early-stride": Ablation(
        "image", clothes, f"{HALF} --limit 1000 --epochs 15 --model resnet18 --set model.width=16",
        "--set model.stem=imagenet", "--set model.stem=small",
    ),
    "receptive-field": Ablation(
        "image", named("digit-scenes"), "--task segment --val 0.25 --epochs 25",
        "--set model.depth=1", "--set model.depth=2",
    ),
    "bottleneck": Ablation(
        "image", clothes, f"{HALF} --limit 1000 --epochs 15", "--set model.width=2", "--set model.width=4",
    ),
    "batch-norm": Ablation(
        "image", clothes, f"{HALF} --limit 500 --epochs 10", "--batch-size 2", "--batch-size 16",
    ),
    "augmentation": Ablation(
        "image", clothes, f"{HALF} --limit 200 --epochs 30", "--augment none", "--augment shift",
    ),
    "imbalance": Ablation("image", uneven, "--epochs 15", "--class-weights none", "--class-weights sqrt"),
    "window": Ablation("audio", spoken, f"{VOICES} --limit 600 --epochs 10", "--seconds 0.1", "--seconds 0.6"),
    "window-words": Ablation("text", named("reviews"), HALF, "--max-words 5", "--max-words 40"),
    "resolution": Ablation(
        "image", clothes, f"{HALF} --limit 1000 --epochs 15", "--image-size 10", "--image-size 28",
    ),
}  # fmt: skip


def main() -> None:
    args = arguments()
    print("| rule | broken | followed | difference | its standard error | seeds | processor s |")
    print("|---|---|---|---|---|---|---|", flush=True)
    for name in args.rule or ABLATIONS:
        with TemporaryDirectory() as own:
            row(name, args, Path(own))


def row(name: str, args: argparse.Namespace, own: Path) -> None:
    """Measure one rule and print its line."""
    one, began = ABLATIONS[name], time.process_time()
    data = one.data(args.sets, own)
    pairs = [
        [
            score(one, data, words, seed, args, own / f"{seed}-{side}")
            for side, words in enumerate((one.broken, one.followed))
        ]
        for seed in range(args.first, args.first + args.seeds)
    ]
    broken, followed = zip(*pairs, strict=True)
    gains = [b - a for a, b in pairs]
    error = statistics.stdev(gains) / len(gains) ** 0.5 if len(gains) > 1 else float("nan")
    means = f"{statistics.fmean(broken):.4f} | {statistics.fmean(followed):.4f} | {statistics.fmean(gains):+.4f}"
    print(f"| {name} | {means} | {error:.4f} | {len(pairs)} | {time.process_time() - began:.0f} |", flush=True)


def score(one: Ablation, data: str, words: str, seed: int, args: argparse.Namespace, out: Path) -> float:
    """Of the last epoch on the validation part."""
    import multicnn
    from multicnn.cli.main import cli

    said = f"{one.modality} train {data} --patience 0 --device {args.device} --seed {seed} -q --out {out}"
    quick = f"--epochs {args.epochs} --limit {args.limit}" if args.epochs else ""
    asked = [*said.split(), *one.shared.split(), *words.split(), *quick.split()]
    cli.main(asked, prog_name="multicnn", standalone_mode=False)
    run = multicnn.load(out)
    return run.history[-1][run.trained.task.monitor]


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sets", type=Path, default=Path(), help="folder of fashion-mnist and fsdd")
    parser.add_argument("--rule", nargs="+", choices=ABLATIONS, help="all, if left out")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--epochs", type=int, help="of each run; for a quick try")
    parser.add_argument("--limit", type=int, default=100, help="training samples; for a quick try")
    parser.add_argument("--device", default="cpu")
    return parser.parse_args()


if __name__ == "__main__":
    main()
