"""Segmentation from a folder to masks, by commands."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from multicnn import image, load
from multicnn.train.voice import Silent

SMALL = ("--set", "model.width=4", "--set", "model.depth=2", "--precision", "fp32", "--device", "cpu", "--epochs", "2")


def scene(number: int, height: int = 24, width: int = 32) -> tuple[np.ndarray, np.ndarray]:
    """A bright disc on dark noise, and its mask.  -> h w 3, h w"""
    rng = np.random.default_rng(number)
    y, x, radius = rng.uniform(6, height - 6), rng.uniform(6, width - 6), rng.uniform(3, 6)
    inside = np.hypot(*(np.indices((height, width)) - np.array([y, x])[:, None, None])) < radius
    picture = rng.integers(0, 90, (height, width, 3)) + 140 * inside[..., None]
    return picture.astype(np.uint8), inside.astype(np.uint8)


def table(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.read_text().splitlines()))


def write_discs(root: Path) -> Path:
    """40 pictures with masks of 0 and 255."""
    for name in ("images", "masks"):
        (root / name).mkdir(parents=True)
    for n in range(40):
        picture, mask = scene(n)
        Image.fromarray(picture).save(root / "images" / f"{n}.png")
        Image.fromarray(mask * np.uint8(255)).save(root / "masks" / f"{n}.png")
    return root


@pytest.fixture
def discs(tmp_path) -> Path:
    return write_discs(tmp_path / "discs")


@pytest.fixture(scope="module")
def trained(tmp_path_factory) -> Path:
    """A run that found discs, beside its data; trained once."""
    place = tmp_path_factory.mktemp("trained")
    settings = {"model": {"width": 8, "depth": 2}, "train": {"ema": 0.0}}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MULTICNN_CACHE", str(place / "cache"))
        image.train(
            write_discs(place / "discs"), task="segment", out=place / "run", epochs=15, lr=0.01, batch_size=4,
            precision="fp32", device="cpu", settings=settings,
        )  # fmt: skip
    return place / "run"


def test_discs_are_found_and_drawn_in_their_own_size(trained, command, tmp_path):
    assert load(trained).metrics["iou_object"] > 0.6
    names = {p.name for p in (trained / "evaluation").iterdir()}
    assert {"test.json", "predictions_test.csv", "maps_test.png", "curves.png"} <= names
    page = (trained / "report.html").read_text(encoding="utf-8")
    assert page.count('alt="truth"') == page.count('alt="answer"') == min(8, load(trained).measured["n"])
    beside = json.loads((trained / "evaluation" / "test.json").read_text())["baselines"]
    assert beside["background everywhere"]["iou_object"] == 0
    lines = table(trained / "evaluation" / "predictions_test.csv")
    assert list(lines[0]) == ["id", "loss", "iou_background", "iou_object"]
    assert len(lines) == 6

    picture, mask = scene(99, 70, 50)
    Image.fromarray(picture).resize((100, 140)).save(tmp_path / "large.png")
    answer = command("predict", trained, tmp_path / "large.png", "--out", tmp_path / "found")
    assert answer.code == 0, answer.err
    line = table(tmp_path / "found" / "predictions.csv")[0]
    with Image.open(tmp_path / "found" / line["mask"]) as said:
        said.load()
    assert said.mode == "P"
    assert said.size == (100, 140)
    assert float(line["share_object"]) == pytest.approx(np.mean(np.asarray(said) == 1), rel=1e-4)
    with Image.open(tmp_path / "found" / "overlays" / "large.png") as drawn:
        assert drawn.size == (100, 140)
    truth = np.asarray(Image.fromarray(mask).resize((100, 140), Image.Resampling.NEAREST))
    assert (np.asarray(said) == truth).mean() > 0.9


def test_without_out_the_shares_are_printed(trained, command, discs):
    answer = command("predict", trained, discs / "images")
    lines = answer.out.splitlines()
    assert lines[0] == "id,mask,share_background,share_object,error"
    assert len(lines) == 41
    again = command("predict", trained, discs / "images" / "3.png", "--json")
    assert json.loads(again.out)["predictions"][0]["shares"]["object"] > 0


def test_pictures_of_one_name_keep_masks_of_their_own(trained, command, discs, tmp_path):
    for folder, n in (("a", 3), ("b", 4)):
        (tmp_path / folder).mkdir()
        (discs / "images" / f"{n}.png").rename(tmp_path / folder / "same.png")
    for more in ((), ("--overwrite",)):
        answer = command("predict", trained, tmp_path / "a", tmp_path / "b", "--out", tmp_path / "found", *more)
        assert answer.code == 0, answer.err
        lines = table(tmp_path / "found" / "predictions.csv")
        assert [line["mask"] for line in lines] == ["masks/same.png", "masks/same-2.png"]
    assert command("predict", trained, tmp_path / "a", "--out", tmp_path / "found").code == 2


def test_evaluate_measures_other_data_alike(trained, command, discs):
    own = json.loads(command("evaluate", trained, "--json").out)
    assert own["metrics"]["iou_object"] == pytest.approx(load(trained).metrics["iou_object"])
    other = json.loads(command("evaluate", trained, discs, "--json").out)
    assert other["n"] == 40


def test_a_run_gives_masks_and_probabilities(trained, discs):
    answer = load(trained).predict(str(discs / "images" / "5.png"))[0]
    assert answer.mask.shape == answer.probability.shape == (24, 32)
    assert np.array_equal(answer.mask == 1, answer.probability > 0.5)
    assert sum(answer.shares.values()) == pytest.approx(1)


def test_tiles_of_large_pictures_stay_in_one_part_and_are_stitched(tmp_path):
    for n in range(8):
        parts = [scene(4 * n + i) for i in range(4)]
        whole = [rows(*pieces) for pieces in zip(*parts, strict=True)]
        for kind, array in zip(("images", "masks"), whole, strict=True):
            (tmp_path / "set" / kind).mkdir(parents=True, exist_ok=True)
            Image.fromarray(array).save(tmp_path / "set" / kind / f"{n}.png")
    run = image.train(
        tmp_path / "set", task="segment", tile=32, out=tmp_path / "run", epochs=1, precision="fp32", device="cpu",
        settings={"model": {"width": 4, "depth": 2}},
    )  # fmt: skip
    lines = table(tmp_path / "run" / "splits.csv")
    assert len(lines) == 8 * 4
    assert all(len({line["split"] for line in lines if line["group"] == f"{n}.png"}) == 1 for n in range(8))
    assert run.predict(str(tmp_path / "set" / "images" / "0.png"))[0].mask.shape == (48, 64)
    assert run.evaluate()["n"] == sum(line["split"] == "test" for line in lines)


def rows(a: np.ndarray, b: np.ndarray, c: np.ndarray, d: np.ndarray) -> np.ndarray:
    return np.concatenate([np.concatenate([a, b], axis=1), np.concatenate([c, d], axis=1)])


class Crash(Exception):
    """Not an error that anything handles."""


class Crashing(Silent):
    """Crashes the process's work after six steps."""

    left = 6

    def tick(self, what: str, done: int, of: int) -> None:
        self.left -= what.startswith("epoch")
        if self.left < 0:
            raise Crash


def test_a_crashed_run_goes_on_to_the_same_weights(discs, tmp_path):
    settings = {"model": {"width": 4, "depth": 2}, "train": {"checkpoint": 0.0}}
    common = {"task": "segment", "epochs": 2, "precision": "fp32", "device": "cpu", "settings": settings}
    image.train(discs, out=tmp_path / "whole", **common)
    with pytest.raises(Crash):
        image.train(discs, out=tmp_path / "broken", voice=Crashing(), **common)
    load(tmp_path / "broken").resume()
    best = [(tmp_path / name / "weights" / "best.safetensors").read_bytes() for name in ("whole", "broken")]
    assert best[0] == best[1]


def test_masks_refuse_what_has_no_mean(refuses, discs):
    refuses("image", "train", discs, "--task", "segment", "--augment", "mixup", code=2, says="mixes two samples")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--tile", "8"), "--tile 8: a net needs to see more"),
        (("--tile", "64", "--image-size", "64"), "--tile 64 and --image-size"),
        (("--model", "fcnn1"), "keeps no cells"),
        (("--set", "task.loss=dicee"), "no loss named 'dicee'; did you mean dice"),
    ],
)
def test_settings_that_cannot_be_are_refused(refuses, discs, arguments, says):
    refuses("image", "train", discs, "--task", "segment", *arguments, code=2, says=says)


def test_tiles_are_for_segment_only(refuses, discs):
    refuses("image", "train", "digits", "--tile", "64", code=2, says="tile")


@pytest.mark.parametrize(
    ("kind", "says"),
    [("jpeg", "lossy compression"), ("size", "the mask has 5 x 7 pixels"), ("missing", "no mask of that name")],
)
def test_bad_masks_are_refused_in_one_line(refuses, discs, kind, says):
    mask = discs / "masks" / "7.png"
    if kind == "missing":
        mask.unlink()
    elif kind == "size":
        Image.fromarray(np.zeros((5, 7), np.uint8)).save(mask)
    else:
        mask.unlink()
        Image.fromarray(np.zeros((24, 32), np.uint8)).save(discs / "masks" / "7.jpg")
    refuses("image", "train", discs, "--task", "segment", code=3, says=says)


def test_bad_masks_may_be_skipped(discs, command, tmp_path):
    Image.fromarray(np.zeros((5, 7), np.uint8)).save(discs / "masks" / "7.png")
    answer = command(
        "image", "train", discs, "--task", "segment", "--on-bad", "skip", "--out", tmp_path / "run", *SMALL
    )
    assert answer.code == 0, answer.err
    assert "1 samples cannot be read and are left out" in answer.out + answer.err


def test_maps_go_into_a_folder(refuses, trained, discs, tmp_path):
    (tmp_path / "file.csv").write_text("mine")
    picture = discs / "images" / "1.png"
    refuses("predict", trained, picture, "--out", tmp_path / "file.csv", code=2, says="name a folder for them")
