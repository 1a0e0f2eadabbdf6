"""Two design principles, measured: two 3x3 convolutions for a 5x5 one, and 1x1 bottlenecks.

    python recipes/image/principles.py DATA --limit 10000 --epochs 6

Two 3x3 convolutions see what one of 5x5 sees, with 18 instead of 25 weights a pair of channels and one more
non-linearity (Simonyan and Zisserman 2014, arxiv.org/abs/1409.1556; Szegedy et al. 2015, arxiv.org/abs/1512.00567). A
1x1 convolution to fewer channels before a 3x3 one makes it cheaper (Lin et al. 2013, arxiv.org/abs/1312.4400). All
networks have three stages of 32, 64 and 128 channels with batch norm, each behind a max pooling but the first; only
what a stage is made of differs. This file also shows how a network of one's own joins the table of architectures.

DATA: any folder of pictures, or Fashion-MNIST's. The accuracy is of the test part, with its 95 % bootstrap interval;
one seed. `--time` limits the training of each network, with a schedule that fits.

Measured on Fashion-MNIST with `--limit 10000 --epochs 6`, one thread of a machine with AVX512-BF16 and AMX, no GPU,
seed 0. As the first of each stage widens, the two 3x3 have more weights here than the 5x5, not fewer.

| a stage is | parameters | accuracy | 95 % interval |
|---|---|---|---|
| one 5x5 | 258,538 | 82.96 % | 82.16 to 83.74 % |
| two 3x3 | 288,170 | 86.18 % | 85.46 to 86.85 % |
| one 3x3 | 94,186 | 77.75 % | 76.89 to 78.57 % |
| bottleneck 1/2 | 66,458 | 78.43 % | 77.58 to 79.28 % |
| bottleneck 1/4 | 22,002 | 77.09 % | 76.23 to 77.90 % |
| bottleneck 1/8 | 8,846 | 67.75 % | 66.82 to 68.69 % |
"""

import argparse
from pathlib import Path

WIDTHS = (32, 64, 128)
STAGES = {  # kernel and share of the stage's channels, one convolution after the other
    "one 5x5": [(5, 1)],
    "two 3x3": [(3, 1), (3, 1)],
    "one 3x3": [(3, 1)],
    "bottleneck 1/2": [(1, 1 / 2), (3, 1 / 2), (1, 1)],
    "bottleneck 1/4": [(1, 1 / 4), (3, 1 / 4), (1, 1)],
    "bottleneck 1/8": [(1, 1 / 8), (3, 1 / 8), (1, 1)],
}


def main() -> None:
    args = arguments()
    from multicnn import image
    from multicnn.cli.console import Console
    from multicnn.zoo import BODIES, Member

    console = Console(as_json=False, quiet=False, lines_to_stderr=True)
    print("| a stage is | parameters | accuracy | 95 % interval | epochs |\n|---|---|---|---|---|", flush=True)
    for name, convolutions in STAGES.items():
        BODIES["staged"] = Member(staged(convolutions), "this recipe", (1, 28, 28), 10)
        run = image.train(
            args.data, out=args.out and args.out / name.replace(" ", "-").replace("/", "-"), model="staged",
            epochs=args.epochs, time=args.time, limit=args.limit, seed=args.seed, patience=0, voice=console,
        )  # fmt: skip
        low, high = run.intervals["accuracy"]
        print(
            f"| {name} | {run.parameters:,} | {100 * run.metrics['accuracy']:.2f} % "
            f"| {100 * low:.2f} to {100 * high:.2f} % | {len(run.history)} |",
            flush=True,
        )


def staged(convolutions: list[tuple[int, float]]):
    """What builds a body of three stages of these convolutions."""
    from torch import nn

    from multicnn.blocks import ConvBlock, kaiming, pool
    from multicnn.zoo.body import Body

    class Staged(Body):
        """b c_in *grid -> [b 32 *grid, b 64 *(grid / 2), b 128 *(grid / 4)]"""

        def __init__(self, rank: int, c_in: int):
            super().__init__()
            self.channels, self.strides = list(WIDTHS), [1, 2, 4]
            self.stages = nn.ModuleList()
            for place, width in enumerate(WIDTHS):
                layers = [pool("max", rank, 3, stride=2, padding=1)] if place else []
                for kernel, share in convolutions:
                    layers.append(ConvBlock(rank, c_in, round(share * width), kernel))
                    c_in = round(share * width)
                self.stages.append(nn.Sequential(*layers))

        def forward(self, x):
            levels = []
            for stage in self.stages:
                x = stage(x)
                levels.append(x)
            return levels

    def build(rank: int, c_in: int) -> Body:
        return kaiming(Staged(rank, c_in))

    return build


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", nargs="?", default="fashion-mnist", help="folder, or table of paths and labels")
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--time", help="limit of each network's training: 90s, 20m, 2h")
    parser.add_argument("--limit", type=int, help="training pictures; for a quick try")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, help="folder of the runs; runs/ unless named")
    return parser.parse_args()


if __name__ == "__main__":
    main()
