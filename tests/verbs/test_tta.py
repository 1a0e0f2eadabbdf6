"""Test-time augmentation of runs, from the library and from the command line."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from PIL import Image

from multicnn import image, text
from multicnn.cli.main import cli
from multicnn.errors import UsageError
from multicnn.verbs.run import Run

QUICK = {"precision": "fp32", "device": "cpu", "epochs": 1}


@pytest.fixture(scope="module")
def digits(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("runs")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MULTICNN_CACHE", str(folder / "cache"))
        return image.train(out=folder / "digits", limit=300, **QUICK)


def test_grey_pictures_are_shifted_and_the_evaluation_says_so(digits: Run) -> None:
    plain = json.loads((digits.path / "evaluation" / "test.json").read_text())
    found = digits.evaluate(tta=True)
    written = json.loads((digits.path / "evaluation" / "test-tta.json").read_text())
    assert (found["tta"], found["n"], found["split"]) == (["shift"], plain["n"], "test-tta")
    assert written == {k: v for k, v in found.items() if k != "run"}
    assert found["loss"] != plain["loss"]
    assert json.loads((digits.path / "evaluation" / "test.json").read_text()) == plain
    assert digits.evaluate()["loss"] == pytest.approx(plain["loss"])


def test_a_net_that_learnt_from_mirrored_pictures_sees_mirrored_ones(tmp_path: Path) -> None:
    run = image.train(out=tmp_path / "flips", limit=100, augment=["flip-alternate"], **QUICK)
    assert run.trained.views == ["flip", "shift"]


def test_views_can_be_named_and_all_have_a_say(digits: Run, digit_folder: Path) -> None:
    files = sorted((digit_folder / "2").iterdir())[:3]
    answers = [digits.predict(files, tta=tta) for tta in (False, True, ["shift"], ["flip"], ["flip", "shift"])]
    said = [[p.record()["probabilities"] for p in found] for found in answers]
    assert said[1] == said[2]
    assert len({json.dumps(found) for found in said}) == 4
    with pytest.raises(UsageError, match="no view named 'turn'"):
        digits.predict(files, tta=["turn"])


def test_the_commands_take_tta(digits: Run, digit_folder: Path) -> None:
    command = CliRunner()
    done = command.invoke(cli, ["evaluate", str(digits.path), "--tta", "--json"], catch_exceptions=False)
    assert json.loads(done.stdout)["tta"] == ["shift"]
    file = str(next((digit_folder / "1").iterdir()))
    lines = [
        command.invoke(cli, ["predict", str(digits.path), file, *flag], catch_exceptions=False).stdout
        for flag in ([], ["--tta"])
    ]
    assert lines[0] != lines[1]
    assert all(len(line.splitlines()) == 2 for line in lines)


def test_maps_are_averaged_too(digit_folder: Path, tmp_path: Path) -> None:
    """Of scanned digits, whose ink is to be found."""
    for kind in ("images", "masks"):
        (tmp_path / "ink" / kind).mkdir(parents=True)
    for number, file in enumerate(sorted(digit_folder.rglob("*.png"))[::3]):
        scan = Image.open(file).resize((16, 16))
        scan.save(tmp_path / "ink" / "images" / f"{number}.png")
        scan.point([0] * 128 + [255] * 128).save(tmp_path / "ink" / "masks" / f"{number}.png")
    small = {"width": 4, "depth": 2}
    run = image.train(tmp_path / "ink", out=tmp_path / "maps", task="segment", settings={"model": small}, **QUICK)
    plain, found = run.metrics, run.evaluate(tta=["flip", "shift"])
    assert found["metrics"].keys() == plain.keys() - {"loss"}
    assert found["loss"] != plain["loss"]


def test_texts_have_no_views(tmp_path: Path) -> None:
    run = text.train(out=tmp_path / "texts", limit=60, **QUICK)
    with pytest.raises(UsageError, match="text classify has no test-time augmentation"):
        run.evaluate(tta=True)
