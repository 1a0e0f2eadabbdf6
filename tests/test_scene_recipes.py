"""The recipes of made scenes, on discs of noise in place of the packages' cut-outs and photos."""

import re
import runpy
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import torch
from PIL import Image

from multicnn.zoo import efficientnet_lite0

ROOT = Path(__file__).resolve().parents[1] / "recipes"


@pytest.fixture
def recipe(
    scenes: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., str]:
    """Runs a script; returns what it prints."""

    def run(script: str, *arguments: str | Path) -> str:
        monkeypatch.setattr(sys, "argv", [str(ROOT / script), *map(str, arguments)])
        runpy.run_path(sys.argv[0], run_name="__main__")
        return capsys.readouterr().out

    return run


@pytest.fixture
def scenes(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The module beside the recipes that make scenes."""
    monkeypatch.syspath_prepend(ROOT / "image")
    return import_module("scenes")


@pytest.fixture
def cut_outs(scenes: ModuleType, tmp_path: Path) -> Path:
    """A folder with four cut-out discs of each class and a photo without alpha, and noise for each of the grounds."""
    rng = np.random.default_rng(0)
    disc = 255 * (np.hypot(*(np.mgrid[0:40, 0:40] - 19.5)) < 15)
    pictures = {path: rng.integers(0, 255, (70, 80, 3)) for _, path in scenes.wanted()}
    for kinds in scenes.CLASSES.values():
        for word in ("ant-1", "ant-2", "bee", "cat", "dog"):  # the first word tests, the fourth tunes
            pictures[f"tuxpaint/stamps/{kinds[0]}/{word}"] = np.dstack([rng.integers(0, 255, (40, 40, 3)), disc])
        pictures[f"tuxpaint/stamps/{kinds[0]}/whole"] = rng.integers(0, 255, (40, 40, 3))
    for path, pixels in pictures.items():
        place = tmp_path / "share" / f"{path.removeprefix('share/')}.png"
        place.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels.astype(np.uint8)).save(place)
    return tmp_path / "share"


@pytest.fixture
def lite0(tmp_path: Path) -> Path:
    """A file of weights for EfficientNet-lite0, untrained."""
    path = tmp_path / "lite0.pth"
    torch.save(efficientnet_lite0(2, 3).state_dict(), path)
    return path


def test_scenes_are_dealt_by_the_first_word_and_drawn(cut_outs, tmp_path, recipe):
    told = recipe("image/scenes.py", cut_outs, "--side", "32", "--out", tmp_path / "sheets")
    rows = {part: counts for part, counts, *_ in re.findall(r"^\| (\w+) \| (.+?) \|", told, re.M)}
    each = {part: ", ".join(f"{n} {c}" for c in ("animal", "food", "plant", "thing")) for part, n in
            (("train", 2), ("val", 1), ("test", 2))}  # fmt: skip
    assert each.items() <= rows.items()
    assert {p.name for p in (tmp_path / "sheets").iterdir()} == {"train.png", "val.png", "test.png"}


def test_kin_stay_together(scenes):
    names = ["apple_red", "bear", "cat", "dog", "apple-2", "dog2", "egg"]
    assert scenes.dealt(names) == ["test", "train", "train", "val", "test", "val", "train"]


def test_boxes_go_round_what_shows(scenes):
    """The second hides the upper half of the first, the third is nearly out of the scene."""
    owners = np.zeros((8, 8), dtype=np.uint8)
    owners[2:6, 1:4], owners[2:4, 1:4], owners[0, 7] = 1, 2, 3
    scene = scenes.Scene(np.zeros((8, 8, 3)), owners, ["food", "plant", "animal"], [12, 6, 20])
    assert [*scene.boxes()] == [("food", 1, 4, 4, 6), ("plant", 1, 2, 4, 4)]


def test_a_pasted_disc_is_marked_where_it_shows(scenes, cut_outs):
    """Cut-outs of noise on a black ground: the marked pixels are those that are not black, but for soft rims."""
    stamps = scenes.find_stamps([cut_outs])["train"]
    scene = scenes.make(np.random.default_rng(1), stamps, [np.zeros((64, 64, 3), dtype=np.uint8)], 64)
    both, either = ((f(scene.pixels.any(-1), scene.owners > 0)).sum() for f in (np.logical_and, np.logical_or))
    assert both > 0.8 * either > 0


def test_scenes_without_their_packages_say_what_is_missing(scenes, cut_outs, tmp_path):
    with pytest.raises(SystemExit, match="apt-get install tuxpaint-stamps-default"):
        scenes.find_stamps([tmp_path / "none"])
    (cut_outs / "tuxpaint/templates/cliff.png").unlink()
    with pytest.raises(SystemExit, match="no photo tuxpaint/templates/cliff in the folders"):
        scenes.find_grounds([cut_outs])


def test_things_are_found_pixel_by_pixel(cut_outs, lite0, tmp_path, recipe):
    few = ["--scenes", "4", "--tests", "2", "--epochs", "1", "--out", tmp_path / "run"]
    told = recipe("image/copy_paste_segmentation.py", lite0, cut_outs, *few)
    assert re.findall(r"^\| (.+?) \| never seen \|(?: \d\.\d{4} \|){3}$", told, re.M) == ["never seen", "known"]


def test_things_are_found_in_boxes(cut_outs, lite0, tmp_path, recipe):
    few = ["--scenes", "4", "--tests", "2", "--epochs", "1", "--out", tmp_path / "run"]
    told = recipe("image/cut_out_boxes.py", lite0, cut_outs, *few)
    assert re.findall(r"^\| (.+?) \| never seen \|(?: \d\.\d{4} \|){6}$", told, re.M) == ["never seen", "known"]


def test_trees_are_found_in_another_scene(lite0, tmp_path, recipe):
    """Four scenes under the names of the real ones, a bright square round each box."""
    for name in (
        "2019_YELL_2_528000_4978000_image_crop2",
        "2019_YELL_2_541000_4977000_image_crop",
        "OSBS_029",
        "SOAP_061",
    ):
        pixels = np.zeros((256, 1400 if name.endswith("crop2") else 256, 3), dtype=np.uint8)
        pixels[100:140, 30::100] = 255
        edges = [
            f"<bndbox><xmin>{x}</xmin><ymin>100</ymin><xmax>{x + 40}</xmax><ymax>140</ymax></bndbox>" for x in (30, 130)
        ]
        (tmp_path / f"{name}.xml").write_text(f"<annotation>{''.join(edges)}</annotation>")
        Image.fromarray(pixels).save(tmp_path / f"{name}.png")
    told = recipe("image/tree_boxes.py", lite0, tmp_path, "--epochs", "1", "--limit", "4", "--out", tmp_path / "run")
    assert re.search(r"^\| 8 \+ 2 \+ 1 \| 1 \| \d\.\d{4} \| \d\.\d{4} \| \d+ \| \d+ \|$", told, re.M)
