"""Does a temperature make the answers as sure as they are right, and what do half of the data tell about all?

    python recipes/calibration.py image:fashion-mnist=FOLDER audio:instruments text:mr=FOLDER --limit 4000
    python recipes/calibration.py text:mr=FOLDER --curve

Each set is trained with the defaults, over seeds; the temperature is fitted on the validation part (Guo et al. 2017,
arXiv 1706.04599), the expected calibration error (15 bins) is that of the test part, without it and with it.
`--abstain` is the precision that `predict --abstain` is asked for: what is answered on test, and how rightly. With
`--curve` instead: networks on 10 to 50 % of the training part, what the power law fitted to them says of the whole, and
what a network on the whole has, all on the validation part.

Measured on 2 cores that others used too, no GPU, one thread. Every error is that of the official test part, or of one
dealt by seed (reviews, MR); none of them chose a setting, see recipes/LOG.md for the one test part that did.

| set | seed | accuracy | temperature | error without | error with | log loss | answered for 0.95 |
|---|---|---|---|---|---|---|---|
| fashion-mnist | 0 | 86.27 % | 1.042 | 0.0139 | 0.0090 | 0.3911 to 0.3899 | 76.3%, right 94.7% |
| fashion-mnist | 1 | 86.41 % | 1.083 | 0.0168 | 0.0060 | 0.3866 to 0.3837 | 77.0%, right 95.1% |
| fsdd | 0 | 85.00 % | 0.404 | 0.2705 | 0.0460 | 0.7224 to 0.5148 | 73.3%, right 95.0% |
| fsdd | 1 | 78.00 % | 0.473 | 0.2409 | 0.0408 | 0.8249 to 0.6176 | 26.0%, right 96.2% |
| reviews | 0 | 83.33 % | 1.000 | 0.0301 | 0.0301 | 0.3788 to 0.3788 | no threshold is good enough |
| reviews | 1 | 82.89 % | 1.000 | 0.0365 | 0.0365 | 0.3776 to 0.3776 | no threshold is good enough |
| reviews | 2 | 82.67 % | 1.000 | 0.0239 | 0.0239 | 0.3945 to 0.3945 | no threshold is good enough |
| mr | 0 | 79.11 % | 1.398 | 0.0345 | 0.0242 | 0.4638 to 0.4534 | no threshold is good enough |

Fashion-MNIST with `--limit 2000 --epochs 8`, FSDD (official test of 300) with `--limit 300 --epochs 20`, reviews
and MR with the defaults (reviews 13 processor seconds a seed). The error does not fall on reviews: the best
temperatures, 1.04 to 1.20, are not clearly better than none there (p = 0.65, 0.05 and 0.12).

`--curve --seeds 1` of reviews, 10, 20, 30, 40 and 50 % of the training part:

| set | samples | metric | at 50 % | told of 100 % | 95 % range | at 100 % | off by |
|---|---|---|---|---|---|---|---|
| reviews | 2,100 | f1_macro | 0.7888 | 0.8083 | 0.7221 to 0.8824 | 0.8133 | -0.0050 |
"""

import argparse
from pathlib import Path
from typing import Any

SETS = ["image:digits", "audio:instruments", "text:reviews"]
SHARES = (10.0, 20.0, 30.0, 40.0, 50.0, 100.0)


def main() -> None:
    args = arguments()
    from multicnn.cli.console import Console

    console = Console(as_json=False, quiet=False, lines_to_stderr=True)
    if args.curve:
        forecasts(args, console)
    else:
        calibrations(args, console)


def calibrations(args: argparse.Namespace, console: Any) -> None:
    """A row a set and seed, and then which sets did not become better."""
    from multicnn.errors import UsageError
    from multicnn.train.run import read_json

    print(
        f"| set | seed | accuracy | temperature | error without | error with | log loss | answered for {args.abstain} |"
    )
    print("|---|---|---|---|---|---|---|---|")
    worse = []
    for chosen in args.sets:
        for seed in range(args.seeds):
            run = trained(chosen, args, seed, console)
            found = read_json(run.path / "evaluation" / "calibration.json")
            test = found["test"]
            try:
                given = run.abstaining(args.abstain).test
                told = f"{given['coverage']:.1%}, right {given['precision']:.1%}" if given else "not measured"
            except UsageError:
                told = "no threshold is good enough"
            if test["ece_after"] >= test["ece_before"]:
                worse.append(f"{name(chosen)} (seed {seed}: {found['how']})")
            print(
                f"| {name(chosen)} | {seed} | {100 * run.metrics['accuracy']:.2f} % | {found['temperature']:.3f} "
                f"| {test['ece_before']:.4f} | {test['ece_after']:.4f} | {test['loss_before']:.4f} to "
                f"{test['loss_after']:.4f} | {told} |",
                flush=True,
            )
    print(f"\nthe error did not fall: {'; '.join(worse) or 'nowhere'}")


def trained(chosen: str, args: argparse.Namespace, seed: int, console: Any) -> Any:
    """A run of one set."""
    from importlib import import_module

    modality, _, data = chosen.partition(":")
    out = args.out and args.out / f"{modality}-{name(chosen)}-{seed}"
    train = import_module(f"multicnn.{modality}").train
    return train(data, out=out, epochs=args.epochs, limit=args.limit, seed=seed, voice=console)


def forecasts(args: argparse.Namespace, console: Any) -> None:
    """A row a set: what half of the data told, and what came."""
    from multicnn.api import learning_curve
    from multicnn.insight.learning import Point, fit

    print("| set | samples | metric | at 50 % | told of 100 % | 95 % range | at 100 % | off by |")
    print("|---|---|---|---|---|---|---|---|")
    for chosen in args.sets:
        modality, _, data = chosen.partition(":")
        found = learning_curve(
            modality, data, shares=SHARES, repeats=args.seeds, out=args.out and args.out / f"{name(chosen)}-curve",
            epochs=args.epochs, limit=args.limit, voice=console,
        )  # fmt: skip
        points = [(p["share"], Point(p["n"], p["score"], *p["interval"])) for p in found["points"]]
        curve = fit([p for share, p in points if share < 100], lower_is_better=False, bounded=True)
        assert curve is not None
        half, whole = ([p for share, p in points if share == s] for s in (50, 100))
        told, low, high = curve.score(whole[0].n)
        was = sum(p.score for p in whole) / len(whole)
        print(
            f"| {name(chosen)} | {whole[0].n:,} | {found['metric']} | {sum(p.score for p in half) / len(half):.4f} "
            f"| {told:.4f} | {low:.4f} to {high:.4f} | {was:.4f} | {told - was:+.4f} |",
            flush=True,
        )


def name(chosen: str) -> str:
    """A set by its name, without where it lies."""
    return Path(chosen.partition(":")[2].partition("=")[0]).stem


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sets", nargs="*", default=SETS, metavar="MODALITY:DATA", help=", ".join(SETS))
    parser.add_argument("--seeds", type=int, default=3, help="runs of each set, with --curve of each share")
    parser.add_argument("--epochs", type=int)
    parser.add_argument("--limit", type=int, help="training samples")
    parser.add_argument("--abstain", type=float, default=0.95, help="wanted precision")
    parser.add_argument("--curve", action="store_true", help="forecast the whole training part from its half")
    parser.add_argument("--out", type=Path, help="folder of the runs; runs/ unless named")
    return parser.parse_args()


if __name__ == "__main__":
    main()
