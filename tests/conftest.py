"""Fixtures that every test may use."""

import os
import runpy
import sys
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")  # as many processes as cores run tests; before torch is imported

import pytest
import torch

RECIPES = Path(__file__).resolve().parents[1] / "recipes"
SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture
def shared_data() -> Callable[[str], Path]:
    """The folder of a real data set that lies beside the repository; skips the test where it is absent."""

    def folder(name: str) -> Path:
        if not (SHARED / name).is_dir():
            pytest.skip(f"real data set {name!r} is not at {SHARED}")
        return SHARED / name

    return folder


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test writes into the user's cache, or into the folder that the tests are started from."""
    monkeypatch.setenv("MULTICNN_CACHE", str(tmp_path / "cache"))


@pytest.fixture(autouse=True)
def seeded() -> None:
    """Every test starts from the same random state."""
    torch.manual_seed(0)


@pytest.fixture
def digit_folder(tmp_path: Path) -> Path:
    """A folder per class of real scans: three digits, 30 PNG files each."""
    import gzip
    from importlib.resources import files

    import numpy as np
    from PIL import Image

    packed = files("sklearn.datasets.data").joinpath("digits.csv.gz").read_bytes()
    rows = np.loadtxt(gzip.decompress(packed).decode().splitlines(), delimiter=",")
    root = tmp_path / "digits"
    for digit in (0, 1, 2):
        (root / str(digit)).mkdir(parents=True)
        for number, row in enumerate(rows[rows[:, -1] == digit][:30]):
            pixels = (row[:-1].reshape(8, 8) * 15.9375).round().astype(np.uint8)
            Image.fromarray(pixels).save(root / str(digit) / f"{number:02}.png")
    return root


@pytest.fixture
def recipe(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Runs a script of recipes/ in this process, which has imported torch; returns what it prints."""

    def run(script: str, *arguments: str | Path) -> str:
        monkeypatch.syspath_prepend((RECIPES / script).parent)  # as `python SCRIPT` does
        monkeypatch.setattr(sys, "argv", [str(RECIPES / script), *map(str, arguments)])
        runpy.run_path(sys.argv[0], run_name="__main__")
        return capsys.readouterr().out

    return run
