"""Deeper plain networks are worse even on what they learn from; residual ones are not.

    python recipes/image/degradation.py DATA --time 10m

He et al. 2015, arxiv.org/abs/1512.03385, figures 1 and 6: 20 and 56 layers, without and with shortcuts, all else equal
(SGD as in the paper, no mixing of samples, so that the training loss is comparable). DATA: any folder of pictures, or
Fashion-MNIST's. The training loss is that of the last epoch, with augmentation; the accuracy is of the test part, with
its 95 % bootstrap interval; one seed. `--time` limits the training of each network, with a schedule that fits.

Measured on Fashion-MNIST with `--limit 4000 --epochs 10`, one thread of a machine with AVX512-BF16 and AMX, no GPU,
seed 0: so early in learning the deeper plain network is far behind, the deeper residual one is not.

| network | parameters | training loss | accuracy | 95 % interval |
|---|---|---|---|---|
| cifar_plain20 | 269,434 | 0.3271 | 84.26 % | 83.51 to 85.01 % |
| cifar_plain56 | 852,730 | 0.6422 | 75.72 % | 74.89 to 76.61 % |
| cifar_resnet20 | 269,434 | 0.2948 | 86.05 % | 85.36 to 86.70 % |
| cifar_resnet56 | 852,730 | 0.2730 | 86.11 % | 85.45 to 86.75 % |
"""

import argparse
from pathlib import Path

NAMES = ("cifar_plain20", "cifar_plain56", "cifar_resnet20", "cifar_resnet56")
PAPER = {"optimizer": "sgd", "lr": 0.1, "weight_decay": 1e-4, "batch_size": 128, "patience": 0}


def main() -> None:
    args = arguments()
    from multicnn import image
    from multicnn.cli.console import Console

    console = Console(as_json=False, quiet=False, lines_to_stderr=True)
    print("| network | parameters | training loss | accuracy | 95 % interval | epochs |\n|---|---|---|---|---|---|")
    for name in args.networks:
        run = image.train(
            args.data, out=args.out and args.out / name, model=name, epochs=args.epochs, time=args.time,
            limit=args.limit, seed=args.seed, settings={"train": {"ema": 0.0}}, voice=console, **PAPER,
        )  # fmt: skip
        low, high = run.intervals["accuracy"]
        print(
            f"| {name} | {run.parameters:,} | {run.history[-1]['train_loss']:.4f} "
            f"| {100 * run.metrics['accuracy']:.2f} % | {100 * low:.2f} to {100 * high:.2f} % | {len(run.history)} |",
            flush=True,
        )


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", nargs="?", default="fashion-mnist", help="folder, or table of paths and labels")
    parser.add_argument("--networks", nargs="+", default=NAMES, metavar="NAME", help=", ".join(NAMES))
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--time", help="limit of each network's training: 90s, 20m, 2h")
    parser.add_argument("--limit", type=int, help="training pictures; for a quick try")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, help="folder of the runs; runs/ unless named")
    return parser.parse_args()


if __name__ == "__main__":
    main()
