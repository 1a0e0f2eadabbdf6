"""Data sets with one odd file each, trained on by the real command."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from multicnn.cli.main import run

SMALL = {
    "segment": ("--model", "unet", "--set", "model.width=2", "--set", "model.depth=1"),
    "detect": (
        *("--model", "resnet18", "--set", "model.width=4", "--set", "task.width=8"),
        *("--set", "task.depth=1", "--set", "task.finest=8"),
    ),
}
QUICK = ("--epochs", "1", "--precision", "fp32", "--device", "cpu", "-q")


@dataclass(frozen=True)
class Said:
    """Exit code, the lines of errors, and what a finished run notes of its data."""

    code: int
    errors: list[str]
    notes: str


@pytest.fixture
def trains(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Callable[[Path, str], Said]:
    """Train a small net on data, of which no byte and no time may change."""

    def call(data: Path, task: str) -> Said:
        root = data if data.is_dir() else data.parent
        before = held(root)
        capfd.readouterr()
        given = ["image", "train", str(data), "--task", task, "-o", str(tmp_path / "run"), *SMALL[task], *QUICK]
        code = run(given, debug=False)
        err = capfd.readouterr().err
        assert held(root) == before
        assert "Traceback" not in err
        facts = tmp_path / "run" / "data.json"
        notes = json.loads(facts.read_text("utf-8"))["notes"] if facts.is_file() else []
        return Said(code, [line for line in err.splitlines() if line.startswith("multicnn: ")], "\n".join(notes))

    return call


def held(root: Path) -> dict[str, tuple[bytes, int]]:
    """Every file's bytes and time."""
    return {str(p): (p.read_bytes(), p.stat().st_mtime_ns) for p in sorted(root.rglob("*")) if p.is_file()}
