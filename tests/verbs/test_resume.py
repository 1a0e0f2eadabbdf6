"""A run that was stopped, killed or crashed ends with the same bytes as one that was not."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

import multicnn
from multicnn import image, text
from multicnn.errors import DataError, UsageError
from multicnn.train.voice import Silent

COMMON = {"epochs": 3, "precision": "fp32", "device": "cpu", "model": "compact", "batch_size": 16}
EVERY_STEP = {"train": {"checkpoint": 0.0}}


class Crash(Exception):
    """Not an error that anything handles."""


class Crashing(Silent):
    """Crashes the process's work after some ticks of training."""

    def __init__(self, ticks: int):
        self.ticks = ticks

    def tick(self, what: str, done: int, of: int) -> None:
        self.ticks -= what.startswith("epoch")
        if self.ticks < 0:
            raise Crash


def weights(path: Path) -> bytes:
    return (path / "weights" / "best.safetensors").read_bytes()


def state(path: Path) -> bytes:
    """All saved tensors; the file's header holds seconds, which differ."""
    data = (path / "weights" / "last" / "state.safetensors").read_bytes()
    return data[8 + int.from_bytes(data[:8], "little") :]


@pytest.mark.parametrize(("optimizer", "lookahead"), [("adamw", False), ("sgd", False), ("muon", False), ("sgd", True)])
def test_a_crash_in_mid_epoch_changes_nothing(digit_folder, tmp_path, optimizer, lookahead):
    settings = {"train": {"checkpoint": 0.0, "lookahead": lookahead}, "model": {"drop": 0.1}}
    common = COMMON | {"optimizer": optimizer, "settings": settings}
    whole = image.train(digit_folder, out=tmp_path / "whole", **common)
    with pytest.raises(Crash):
        image.train(digit_folder, out=tmp_path / "broken", voice=Crashing(6), **common)
    multicnn.load(tmp_path / "broken").resume()
    assert weights(tmp_path / "broken") == weights(whole.path)
    assert state(tmp_path / "broken") == state(whole.path)
    rows = [(tmp_path / n / "metrics.jsonl").read_text().splitlines() for n in ("whole", "broken")]
    assert len(rows[0]) == len(rows[1]) == 3


@pytest.mark.parametrize("model", ["textcnn", "ngramcnn"])
def test_a_crash_changes_nothing_where_steps_touch_rows_alone(tmp_path: Path, model: str):
    common = {"model": model, "epochs": 2, "precision": "fp32", "device": "cpu", "limit": 400, "settings": EVERY_STEP}
    whole = text.train("reviews", out=tmp_path / "whole", **common)
    with pytest.raises(Crash):
        text.train("reviews", out=tmp_path / "broken", voice=Crashing(4), **common)
    multicnn.load(tmp_path / "broken").resume()
    assert weights(tmp_path / "broken") == weights(whole.path)
    assert state(tmp_path / "broken") == state(whole.path)


def test_a_crash_between_saved_states_changes_nothing(digit_folder, tmp_path):
    whole = image.train(digit_folder, out=tmp_path / "whole", **COMMON)
    with pytest.raises(Crash):
        image.train(digit_folder, out=tmp_path / "broken", voice=Crashing(9), **COMMON)
    multicnn.load(tmp_path / "broken").resume()
    assert weights(tmp_path / "broken") == weights(whole.path)


COMMAND = """
import sys
from multicnn.cli import main
main(sys.argv[1:])
"""


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-c", COMMAND, *arguments]


def start(*arguments: str) -> subprocess.Popen:
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    return subprocess.Popen(
        command(*arguments), env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def wait_for(path: Path, process: subprocess.Popen) -> None:
    for _ in range(2400):
        if path.exists() or process.poll() is not None:
            return
        time.sleep(0.05)


def test_killed_again_and_again_a_run_ends_with_the_same_bytes(digit_folder, tmp_path):
    train = ["image", "train", str(digit_folder), "--epochs", "12", "--batch-size", "8", "--precision", "fp32",
             "--device", "cpu", "--set", "train.checkpoint=0", "--patience", "0"]  # fmt: skip
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    finish(start(*train, "--out", str(whole)))
    random = np.random.default_rng(os.getpid())
    process, kills = start(*train, "--out", str(broken)), 0
    for _ in range(3):
        wait_for(broken / "weights" / "last" / "state.safetensors", process)
        time.sleep(float(random.uniform(0.0, 1.0)))
        if process.poll() is not None:
            break
        process.kill()
        process.communicate()
        kills += 1
        process = start("resume", str(broken))
    finish(process)
    assert kills > 0
    assert weights(broken) == weights(whole)
    assert state(broken) == state(whole)


def finish(process: subprocess.Popen) -> None:
    _, err = process.communicate(timeout=300)
    assert process.returncode == 0, err


def test_ctrl_c_saves_and_says_how_to_go_on(digit_folder, tmp_path):
    out = tmp_path / "run"
    process = start("image", "train", str(digit_folder), "--epochs", "100000", "--patience", "0", "--precision", "fp32",
                    "--device", "cpu", "--out", str(out))  # fmt: skip
    wait_for(out / "metrics.jsonl", process)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=120)
    assert process.returncode == 130
    assert f"go on with: multicnn resume {out}" in err
    assert len(err.strip().splitlines()) == 1
    assert (out / "weights" / "last" / "state.safetensors").exists()


def test_a_finished_run_has_nothing_to_resume(digit_folder, tmp_path):
    run = image.train(digit_folder, out=tmp_path / "run", **COMMON)
    with pytest.raises(UsageError, match="is finished after 3 epochs"):
        run.resume()


def test_changed_data_are_noticed(digit_folder, tmp_path):
    with pytest.raises(Crash):
        image.train(digit_folder, out=tmp_path / "run", voice=Crashing(6), **COMMON)
    (digit_folder / "0" / "00.png").unlink()
    with pytest.raises(DataError, match="the data changed since the run began"):
        multicnn.load(tmp_path / "run").resume()
