"""The recipes of segmentation, on a few made pictures in place of the packages' files."""

import re
import runpy
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

ROOT = Path(__file__).resolve().parents[1] / "recipes" / "image"


def run(monkeypatch: pytest.MonkeyPatch, script: str, *arguments: object) -> None:
    monkeypatch.setattr(sys, "argv", [str(ROOT / script), *map(str, arguments)])
    runpy.run_path(sys.argv[0], run_name="__main__")


def test_nuclei_are_learnt_on_one_half_and_measured_on_the_other(monkeypatch, tmp_path, capsys):
    inside = np.hypot(*(np.indices((512, 512)) % 32 - 16)) < 9
    Image.fromarray((200 * inside + 20).astype(np.uint16)).save(tmp_path / "img2d.tif")
    Image.fromarray(inside.astype(np.uint16)).save(tmp_path / "mask2d.tif")
    run(monkeypatch, "unet_nuclei.py", tmp_path, "--epochs", 1, "--out", tmp_path / "out")
    assert re.search(r"\| 1 \| \d\.\d{4} \| \d\.\d{4} \| \d+ \| \d+ \|", capsys.readouterr().out)
    assert len(list((tmp_path / "out" / "tiles" / "test" / "masks").iterdir())) == 4 * 8
    with Image.open(tmp_path / "out" / "test.png") as drawn:
        assert min(drawn.size) > 200


def test_nuclei_are_found_each_by_itself(monkeypatch, tmp_path, capsys):
    inside = np.hypot(*(np.indices((512, 512)) % 32 - 16)) < 9
    numbers = inside * (np.indices((512, 512)) // 32 * np.array([16, 1])[:, None, None]).sum(0) + inside
    Image.fromarray((200 * inside + 20).astype(np.uint16)).save(tmp_path / "img2d.tif")
    Image.fromarray(numbers.astype(np.uint16)).save(tmp_path / "mask2d.tif")
    run(monkeypatch, "nuclei_instances.py", tmp_path, "--epochs", 1, "--out", tmp_path / "out")
    assert re.search(r"\| 1 \|( \d\.\d{4} \|){4} \d+ \| \d+ \|", capsys.readouterr().out)
    for part, n in (("val", 4), ("test", 16)):
        masks = [np.asarray(Image.open(f)) for f in (tmp_path / "out" / "tiles" / part / "masks").iterdir()]
        assert len(masks) == n
        assert all(len(np.unique(mask)) == 1 + 4 * 2 for mask in masks)
