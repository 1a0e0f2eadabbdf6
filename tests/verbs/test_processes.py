"""Two processes on gloo train to the same result as one on the same global batches."""

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

# plain SGD in small steps: AdamW turns the last bit of a gradient near 0 into a whole step, and large ones let it grow
TRAIN = [
    "--optimizer",
    "sgd",
    "--lr",
    "0.005",
    "--epochs",
    "4",
    "--batch-size",
    "16",
    "--precision",
    "fp32",
    "--device",
    "cpu",
    "--augment",
    "mixup",
    "--set",
    "train.ema=0.0",
]


def launch(launcher: list[str], data: Path, out: Path) -> None:
    environment = os.environ | {"OMP_NUM_THREADS": "1", "MASTER_ADDR": "127.0.0.1", "GLOO_SOCKET_IFNAME": "lo"}
    command = [sys.executable, *launcher, "-m", "multicnn", "image", "train", str(data), *TRAIN, "--out", str(out)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=400)
    assert done.returncode == 0, done.stderr


def probabilities(out: Path) -> dict[str, list[float]]:
    with open(out / "evaluation" / "predictions_test.csv", newline="") as f:
        return {line["id"]: [float(line[f"p_{c}"]) for c in "012"] for line in csv.DictReader(f)}


def test_two_processes_equal_one(digit_folder, tmp_path):
    """With batch norm over both, mixup pairs kept together and unequal last batches."""
    one, two = tmp_path / "one", tmp_path / "two"
    launch([], digit_folder, one)
    launch(["-m", "torch.distributed.run", "--nproc-per-node=2", "--master-port=29611"], digit_folder, two)
    rows = [[json.loads(line) for line in (p / "metrics.jsonl").read_text().splitlines()] for p in (one, two)]
    for a, b in zip(*rows, strict=True):
        assert a["step"] == b["step"]
        assert a["train_loss"] == pytest.approx(b["train_loss"], abs=1e-6)
    found = [json.loads((p / "evaluation" / "test.json").read_text()) for p in (one, two)]
    assert found[0]["metrics"] == pytest.approx(found[1]["metrics"], abs=1e-6)
    assert found[0]["loss"] == pytest.approx(found[1]["loss"], abs=1e-6)
    first, second = probabilities(one), probabilities(two)
    assert first.keys() == second.keys()
    assert json.loads((two / "env.json").read_text())["processes"] == 2
