"""A smart watch tells walking, resting, running and badminton: BasicMotions with the default settings.

    python recipes/audio/basic_motions.py DATA --seeds 5

DATA: the folder of `BasicMotions_TRAIN.ts` and `BasicMotions_TEST.ts`, as aeon's wheel has it at
aeon/datasets/data/BasicMotions (pip download aeon==1.6.0 --no-deps, unzip), or from
timeseriesclassification.com. The official split; 40 series of 6 channels (acceleration and turning) and 100 steps
of 0.1 s to learn from, 40 to test.
Deviation: over the seeds, of which each deals another validation part from the training part.

Measured on one of 2 busy cores with AVX512-BF16, no GPU, seeds 0 to 4: 100.00 +- 0.00 %; summaries + logistic
regression 94.50 +- 1.12 %; 76 processor seconds in all, 15 a seed. Nothing was tuned on this set.
"""

import argparse
import statistics
import time
from pathlib import Path


def main(name: str, note: str | None) -> None:
    """Print what the runs on the set called `name` reach; `note` is what --help says."""
    args = arguments(note)
    start, busy = time.perf_counter(), time.process_time()
    ours, others = zip(*[trained(name, args, seed) for seed in range(args.seeds)], strict=True)
    print("| series | accuracy | accuracy of summaries + logistic regression | processor, s | wall, s |")
    print("|---|---|---|---|---|")
    spent = f"{time.process_time() - busy:.0f} | {time.perf_counter() - start:.0f}"
    print(f"| {name}, {args.seeds} seeds | {percent(ours)} | {percent(others)} | {spent} |")


def trained(name: str, args: argparse.Namespace, seed: int) -> tuple[float, float]:
    """The accuracy on the official test part, ours and the baseline's."""
    from multicnn import audio
    from multicnn.audio.series.baseline import NAME
    from multicnn.cli.console import Console

    voice = Console(as_json=False, quiet=False, lines_to_stderr=True)
    run = audio.train(
        args.data / f"{name}_TRAIN.ts", seed=seed, epochs=args.epochs, precision="fp32", voice=voice,
        out=args.out and args.out / f"seed-{seed}",
    )  # fmt: skip
    return run.metrics["accuracy"], run.baselines[NAME]["accuracy"]


def percent(found: tuple[float, ...]) -> str:
    deviation = statistics.stdev(found) if len(found) > 1 else 0.0
    return f"{100 * statistics.fmean(found):.2f} +- {100 * deviation:.2f} %"


def arguments(note: str | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=note, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder of the set")
    parser.add_argument("--seeds", type=int, default=5, help="runs, with seeds 0, 1, ...")
    parser.add_argument("--epochs", type=int, help="instead of the default; for a quick try")
    parser.add_argument("--out", type=Path, help="folder of the runs; runs/ unless named")
    return parser.parse_args()


if __name__ == "__main__":
    main("BasicMotions", __doc__)
