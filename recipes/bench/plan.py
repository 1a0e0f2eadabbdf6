"""Memory and time that `plan` foretells against those of a real training, both in processes of their own.

    python recipes/bench/plan.py
    python recipes/bench/plan.py --only 3

Six networks on the built-in sets of the three modalities. Memory: the most that the process takes beyond what it had
before the first step, without pages of files. Time: from the end of the first epoch to the end of the third, halved,
with validation and saving; on the processor too, which other programs on the machine do not lengthen.

Target: memory within 20 %, time within 25 %.
Measured on 2 cores with nothing else running, foretold / measured in the order of PAIRS: memory 0.91, 0.97, 1.09, 0.90,
0.91, 0.98; time on the wall 1.00, 0.97, 0.86, 0.90, 1.27, 1.11: missed by two hundredths for the default of texts. With
tenfold load memory is 0.80 to 1.02, processor time 0.81 to 1.48, and time on the wall tells nothing.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from importlib import import_module
from pathlib import Path
from typing import Any

PAIRS: list[tuple[str, dict[str, Any]]] = [
    ("image", {"data": "digits", "model": "compact", "image_size": 32, "limit": 600, "batch_size": 128}),
    ("image", {"data": "digits", "model": "resnet18", "image_size": 64, "limit": 300}),
    ("audio", {"data": "instruments", "limit": 400}),
    ("audio", {"data": "instruments", "model": "cnn6", "limit": 96, "batch_size": 16}),
    ("text", {"data": "reviews"}),
    ("text", {"data": "reviews", "model": "textcnn"}),
]
EPOCHS = 3
SAME = {
    "epochs": EPOCHS,
    "precision": "fp32",
}  # "auto" times both precisions, and on a busy machine may choose otherwise


class Scales:
    """A voice that weighs the process from the first step on, and looks at the clock after each epoch."""

    def __init__(self) -> None:
        self.times: list[tuple[float, float]] = []
        self.peak: Any = None
        self.rise = 0

    def say(self, line: str) -> None:
        import torch

        from multicnn.insight.cost.memory import Peak
        from multicnn.train.memory import return_freed

        if " parameters; " in line:
            return_freed()  # what the preparation gave back; training goes on to keep what it frees
            self.peak = Peak(torch.device("cuda" if torch.cuda.is_available() else "cpu")).__enter__()
        if line.startswith("epoch "):
            self.times.append((time.perf_counter(), time.process_time()))
            self.rise = self.peak.rise

    def tick(self, what: str, done: int, of: int) -> None:
        pass


def measure(modality: str, flags: dict[str, Any]) -> dict[str, float]:
    """Train, and say what it took."""
    scales = Scales()
    with tempfile.TemporaryDirectory() as folder:
        train = import_module(f"multicnn.{modality}").train
        train(out=f"{folder}/run", voice=scales, patience=0, **SAME, **flags)
    first, last = scales.times[0], scales.times[-1]
    wall, processor = ((b - a) / (len(scales.times) - 1) for a, b in zip(first, last, strict=True))
    return {"rise": scales.rise, "epoch": wall, "epoch_processor": processor}


def foretell(modality: str, flags: dict[str, Any]) -> dict[str, float]:
    """What `plan` says."""
    from multicnn import api

    found = api.plan(modality, **SAME, **flags)
    return {"rise": found["memory"]["rise"], **{k: found["time"][k] for k in ("epoch", "epoch_processor")}}


def apart(what: str, number: int) -> dict[str, float]:
    """One of the two in a process of its own."""
    command = [sys.executable, str(Path(__file__)), "--only", str(number), "--alone", what]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)


def main() -> None:
    args = arguments()
    if args.alone:
        modality, flags = PAIRS[args.only]
        print(json.dumps((foretell if args.alone == "plan" else measure)(modality, flags)))
        return
    print(
        "| pair | memory, MB: plan | training | ratio | epoch, s: plan | training | ratio | on the processor, ratio |"
    )
    print("|---|---|---|---|---|---|---|---|")
    for number in range(len(PAIRS)) if args.only is None else [args.only]:
        modality, flags = PAIRS[number]
        plan, real = apart("plan", number), apart("train", number)
        ratio = {k: plan[k] / real[k] for k in plan}
        print(
            f"| {modality} {flags.get('model', 'default')} | {plan['rise'] / 1e6:.0f} | {real['rise'] / 1e6:.0f} | "
            f"{ratio['rise']:.2f} | {plan['epoch']:.2f} | {real['epoch']:.2f} | {ratio['epoch']:.2f} | "
            f"{ratio['epoch_processor']:.2f} |",
            flush=True,
        )


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", type=int, choices=range(len(PAIRS)), help="one of the pairs, from 0 on")
    parser.add_argument("--alone", choices=("plan", "train"), help="one half of a pair, told as JSON")
    return parser.parse_args()


if __name__ == "__main__":
    main()
