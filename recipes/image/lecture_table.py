"""Seven networks on one data set, as in a lecture's table: from one hidden layer to ResNet-50.

    python recipes/image/lecture_table.py DATA --time 20m

DATA: any folder of pictures, or Fashion-MNIST's. All networks get the same augmentation, optimizer, epochs and split;
only the network differs. The accuracy is of the test part, with its 95 % bootstrap interval; one seed.

The ResNets keep their first layers of 2015 unless told --stem small: these quarter a grid of 28 x 28 to 7 x 7, which
costs some accuracy, and makes a step about 16 times as cheap. `--time` limits the training of each network, with a
schedule that fits; where it ended a run before all its epochs, the table says how many there were, and the accuracy is
what that much time buys, not what the network can reach.

Measured on one of 2 busy cores with AVX512-BF16, no GPU: Fashion-MNIST, --time 2m, seed 0. Two minutes on one thread
buy the ResNets one or two epochs; --time 20m is not yet measured.

| network | parameters | accuracy | 95 % interval | epochs | training |
|---|---|---|---|---|---|
| fcnn1 | 101,770 | 86.78 % | 86.11 to 87.44 % | 10 | 10 s |
| fcnn2 | 109,386 | 87.47 % | 86.79 to 88.15 % | 10 | 11 s |
| fcnn3 | 334,560 | 88.41 % | 87.76 to 89.06 % | 10 | 17 s |
| cnn1 | 50,186 | 90.07 % | 89.48 to 90.65 % | 6 | 109 s |
| cnn2 | 50,762 | 78.82 % | 77.96 to 79.64 % | 3 | 110 s |
| resnet18 | 11,175,370 | 88.37 % | 87.76 to 88.93 % | 2 | 116 s |
| resnet50 | 23,522,250 | 79.90 % | 79.12 to 80.71 % | 1 | 120 s |
"""

import argparse
from pathlib import Path

NAMES = ("fcnn1", "fcnn2", "fcnn3", "cnn1", "cnn2", "resnet18", "resnet50")


def main() -> None:
    args = arguments()
    from multicnn import image
    from multicnn.cli.console import Console

    console = Console(as_json=False, quiet=False, lines_to_stderr=True)
    print(
        "| network | parameters | accuracy | 95 % interval | epochs | training |\n|---|---|---|---|---|---|", flush=True
    )
    for name in args.networks:
        run = image.train(
            args.data, out=args.out and args.out / name, model=name, epochs=args.epochs, time=args.time,
            limit=args.limit, seed=args.seed, patience=0, voice=console,
            settings={"model": {"stem": args.stem}} if name.startswith("resnet") else None,
        )  # fmt: skip
        print(line(name, run), flush=True)


def line(name: str, run) -> str:
    """A row of the table."""
    low, high = run.intervals["accuracy"]
    return (
        f"| {name} | {run.parameters:,} | {100 * run.metrics['accuracy']:.2f} % "
        f"| {100 * low:.2f} to {100 * high:.2f} % | {len(run.history)} "
        f"| {sum(epoch['seconds'] for epoch in run.history):.0f} s |"
    )


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", nargs="?", default="fashion-mnist", help="folder, or table of paths and labels")
    parser.add_argument("--networks", nargs="+", default=NAMES, metavar="NAME", help=", ".join(NAMES))
    parser.add_argument("--stem", choices=("imagenet", "small"), default="imagenet", help="first layers of the ResNets")
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--time", help="limit of each network's training: 90s, 20m, 2h")
    parser.add_argument("--limit", type=int, help="training pictures; for a quick try")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, help="folder of the runs; runs/ unless named")
    return parser.parse_args()


if __name__ == "__main__":
    main()
