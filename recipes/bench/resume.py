"""Kill a run with SIGKILL at a random moment, resume it, and compare its weights with those of an unbroken run.

    python recipes/bench/resume.py --kills 10

Digits, the default network. The moment is uniform over the training of the unbroken run, so most kills fall within an
epoch, between two saved states. A state is saved about every tenth of a second; the seed of the moments is printed.

Target: best.safetensors equal, byte by byte, every time.
Measured on 2 busy cores with AVX512-BF16, no GPU: 10 of 10 equal, killed 0.5 to 3.4 s after the start.
"""

import argparse
import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path


def main() -> None:
    args = arguments()
    random.seed(args.seed)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        finish(train(folder / "whole", args.epochs))
        seconds = trained(folder / "whole")
        equal = 0
        print(f"the unbroken run trains {seconds:.1f} s\n\n| kill | after, s | found | weights |\n|---|---|---|---|")
        for number in range(1, args.kills + 1):
            broken, moment = folder / f"broken-{number}", kill(folder / f"broken-{number}", args.epochs, seconds)
            found = progress(broken)
            finish(start("resume", str(broken)))
            same = weights(broken) == weights(folder / "whole")
            equal += same
            print(f"| {number} | {moment:.2f} | {found} | {'equal' if same else 'DIFFER'} |", flush=True)
    print(f"\n{equal} of {args.kills} equal (seed {args.seed})")
    sys.exit(equal < args.kills)


def train(out: Path, epochs: int) -> subprocess.Popen:
    """Begin a run that saves its state as often as it may."""
    settings = [
        "--epochs",
        str(epochs),
        "--batch-size",
        "16",
        "--limit",
        "480",
        "--device",
        "cpu",
        "--precision",
        "fp32",
    ]
    return start(
        "image", "train", "digits", "--out", str(out), *settings, "--set", "train.checkpoint=0.1", "--patience", "0"
    )


def start(*arguments: str) -> subprocess.Popen:
    command = [sys.executable, "-m", "multicnn", *arguments]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)


def finish(process: subprocess.Popen) -> None:
    _, error = process.communicate()
    if process.returncode:
        sys.exit(f"the run failed: {error}")


def kill(run: Path, epochs: int, within: float) -> float:
    """Begin a run and kill it at a random moment; returns that, in seconds after the run could be resumed.

    A run that was quicker than the moment is begun anew.
    """
    while True:
        process, moment = train(run, epochs), random.uniform(0, within)
        while not (run / "model.json").exists() and process.poll() is None:
            time.sleep(0.005)
        time.sleep(moment)
        process.kill()
        process.communicate()
        if not (run / "evaluation" / "test.json").exists():
            return moment
        shutil.rmtree(run)


def trained(run: Path) -> float:
    """Seconds from the moment that a run can be resumed, as its parts are written, to its last saved state."""
    return (run / "weights" / "last" / "state.safetensors").stat().st_mtime - (run / "splits.csv").stat().st_mtime


def progress(run: Path) -> str:
    """How far the saved state is."""
    from multicnn.train.checkpoint import read_progress

    state = run / "weights" / "last" / "state.safetensors"
    if not state.exists():
        return "no state yet"
    at = read_progress(state)
    return f"epoch {at.epoch + 1}, batch {at.batch}"


def weights(run: Path) -> bytes:
    return (run / "weights" / "best.safetensors").read_bytes()


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=10, help="runs, each killed once")
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--seed", type=int, default=int(time.time()), help="of the moments; the clock unless given")
    return parser.parse_args()


if __name__ == "__main__":
    main()
