"""How long the program takes to begin: `multicnn --help`, and the first training step of `multicnn text train`.

    python recipes/bench/startup.py --turns 7

Each a new process, in turns. The first step is measured from the start of the process to the end of the first step,
less the data time: reading the built-in reviews, splitting them, and decoding them into a cache that is empty.

Targets: --help <= 0.4 s; first step less data time <= 1.5 times `python -c "import torch"`.
Measured on 2 busy cores with AVX512-BF16, no GPU, medians: `--help` 0.15 s; import torch 4.35 s; first step less its
data 4.18 s; ratio 0.96.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time

FIRST_STEP = """
import os, sys, time
from pathlib import Path

from multicnn.api import modality
from multicnn.cli.training import Asked, train

class Stamps:
    def say(self, line):
        self.told = getattr(self, "told", time.time())  # the first line comes when the data are there

    def tick(self, what, done, of):
        if what.startswith("epoch"):
            print(started, self.told, time.time(), flush=True)
            os._exit(0)

modality("text")  # its import is no data time
started = time.time()
asked = Asked(modality="text", data="reviews", flags={}, config=None, sets=[], out=Path(sys.argv[1]),
              overwrite=False, require=None, folds=None, verbose=False)
train(asked, Stamps())
"""


def main() -> None:
    args = arguments()
    seconds: dict[str, list[float]] = {"import torch": [], "multicnn --help": [], "first step": [], "its data": []}
    for turn in range(args.turns + 1):
        found = [command("-c", "import torch"), command("-m", "multicnn", "--help"), *first_step()]
        for times, second in zip(seconds.values(), found, strict=True):
            times.extend([second] if turn else [])  # the first turn reads the files into the system's memory
    seconds["first step less data"] = [a - b for a, b in zip(seconds["first step"], seconds["its data"], strict=True)]
    print("| what | median, s | lowest | highest |\n|---|---|---|---|")
    for name, times in seconds.items():
        print(f"| {name} | {statistics.median(times):.2f} | {min(times):.2f} | {max(times):.2f} |")
    pairs = zip(seconds["first step less data"], seconds["import torch"], strict=True)
    print(f"\nfirst step less data / import torch: {statistics.median(a / b for a, b in pairs):.2f}")


def command(*arguments: str) -> float:
    """Seconds that Python takes with these arguments."""
    start = time.perf_counter()
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def first_step() -> tuple[float, float]:
    """Seconds from the start of the process to the end of the first step, and those of them that the data took."""
    with tempfile.TemporaryDirectory() as temporary:
        environment = os.environ | {"MULTICNN_CACHE": f"{temporary}/cache"}
        arguments = [sys.executable, "-c", FIRST_STEP, f"{temporary}/run"]
        start = time.time()
        told = subprocess.run(arguments, check=True, capture_output=True, text=True, env=environment).stdout
        data_from, data_to, stepped = map(float, told.split())
        return stepped - start, data_to - data_from


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--turns", type=int, default=7, help="that count, after one that does not")
    return parser.parse_args()


if __name__ == "__main__":
    main()
