"""Does the advice of `plan` pay? Each of its rules broken and followed on real data, all else equal, over seeds.

    python recipes/principles.py --sets FOLDER --rule early-stride --seeds 3

Every rule has an ablation: the same command line twice, once breaking the rule and once with the flag that `plan`
proposes. The score is that of the last epoch on the validation part (macro F1, of masks mean Dice); no test part is
read. A seed draws the parts anew, for both alike, so the differences of the seeds are differences of pairs. `--sets` is
a folder with the sets as their publishers lay them out: fashion-mnist, fsdd, esc10; the others ship with the package.

Measured on 2 cores with AVX512-BF16, no GPU.
"""

import argparse
import statistics
import sys
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
    for k, name in enumerate(table.classes):
        folder = own / "clothes" / name.replace("/", "-")
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
    print([[round(x, 4) for x in p] for p in pairs], file=sys.stderr)
    broken, followed = zip(*pairs, strict=True)
    gains = [b - a for a, b in pairs]
    error = statistics.stdev(gains) / len(gains) ** 0.5 if len(gains) > 1 else float("nan")
    print(
        f"| {name} | {statistics.fmean(broken):.4f} | {statistics.fmean(followed):.4f} | {statistics.fmean(gains):+.4f} "
        f"| {error:.4f} | {len(pairs)} | {time.process_time() - began:.0f} |",
        flush=True,
    )


def score(one: Ablation, data: str, words: str, seed: int, args: argparse.Namespace, out: Path) -> float:
    """Of the last epoch on the validation part."""
    import multicnn
    from multicnn.cli.main import cli

    said = f"{one.modality} train {data} --patience 0 --device {args.device} --seed {seed} -q --out {out}"
    quick = f"--epochs {args.epochs} --limit {args.limit}" if args.epochs else ""
    cli.main(
        [*said.split(), *one.shared.split(), *words.split(), *quick.split()],
        prog_name="multicnn",
        standalone_mode=False,
    )
    run = multicnn.load(out)
    return run.history[-1][run.trained.task.monitor]


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sets", type=Path, required=True, help="folder of fashion-mnist, fsdd and esc10")
    parser.add_argument("--rule", nargs="+", choices=ABLATIONS, help="all, if left out")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--epochs", type=int, help="of each run; for a quick try")
    parser.add_argument("--limit", type=int, default=100, help="training samples; for a quick try")
    parser.add_argument("--device", default="cpu")
    return parser.parse_args()


if __name__ == "__main__":
    main()
