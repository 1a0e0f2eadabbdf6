"""Learning curves by the command and from Python: parts, files, refusals."""

import csv
import json
from itertools import pairwise
from pathlib import Path

import pytest

import multicnn
from multicnn.api import learning_curve
from multicnn.cli.main import run as command
from multicnn.insight.learning import Point
from multicnn.train.run import RunFolder
from multicnn.verbs.learning import Measured, lines, told

QUICK = ("--epochs", "1", "--model", "cnn1", "--precision", "fp32", "--device", "cpu")


def parts(run: Path) -> dict[str, set[str]]:
    with open(run / "splits.csv", newline="") as f:
        lines = list(csv.DictReader(f))
    return {part: {line["id"] for line in lines if line["split"] == part} for part in ("train", "val", "test")}


@pytest.fixture
def curve(digit_folder, tmp_path, capsys) -> Path:
    call = ["image", "learning-curve", str(digit_folder), "--shares", "20,40,60,100", "-o", str(tmp_path / "curve")]
    assert command([*call, *QUICK, "--json"], debug=True) == 0
    said = capsys.readouterr()
    assert json.loads(said.out) == json.loads((tmp_path / "curve" / "curve.json").read_text())
    assert ("4 times the data" in said.err) != ("no trend that could be continued" in said.err)
    return tmp_path / "curve"


def test_a_curve_is_measured_on_one_validation_part_and_ends_with_the_test(curve, digit_folder, capsys):
    found = json.loads((curve / "curve.json").read_text())
    assert found["metric"] == "f1_macro"
    assert [p["share"] for p in found["points"]] == [20, 40, 60, 100]
    assert (curve / "curve.png").stat().st_size > 5_000
    held = [parts(Path(p["run"])) for p in found["points"]]
    assert all(h["val"] == held[-1]["val"] for h in held)
    assert all(a["train"] < b["train"] for a, b in pairwise(held))
    assert [bool(h["test"]) for h in held] == [False, False, False, True]
    for p, h in zip(found["points"], held, strict=True):
        assert p["n"] == len(h["train"])
        val = json.loads((Path(p["run"]) / "evaluation" / "val.json").read_text())
        assert p["score"] == val["metrics"]["f1_macro"]
        assert p["interval"] == val["intervals"]["f1_macro"]
    test = json.loads((curve / "share-100-1" / "evaluation" / "test.json").read_text())
    assert found["test"] == {"score": test["metrics"]["f1_macro"], "runs": 1}
    assert [f["times"] for f in found["forecast"]] == ([] if found["reason"] else [1, 2, 4])
    # and it is replaced only if asked
    call = ["image", "learning-curve", str(digit_folder), "--shares", "50,100", "-o", str(curve), *QUICK, "-q"]
    before = (curve / "curve.json").read_bytes()
    assert command(call, debug=False) == 2
    assert "add --overwrite to replace that run" in capsys.readouterr().err
    assert (curve / "curve.json").read_bytes() == before
    assert command([*call, "--overwrite"], debug=False) == 0
    assert not (curve / "share-20-1").exists()
    found = json.loads((curve / "curve.json").read_text())
    assert found["fit"] is None
    assert found["forecast"] == []
    assert "2 numbers of samples" in found["reason"]


def curve_of(scores: tuple[float, ...], tmp_path: Path) -> dict:
    sizes = (100, 250, 500, 1000)
    found = [
        Measured(n / 10, 1, "", "accuracy", Point(n, s, s - 0.02, s + 0.02), None)
        for n, s in zip(sizes, scores, strict=True)
    ]
    return told(RunFolder(tmp_path), found)


def test_a_forecast_gains_against_the_measured_score(tmp_path):
    found = curve_of(tuple(0.95 - 4 * n**-0.5 for n in (100, 250, 500, 1000)), tmp_path)
    assert found["reason"] is None
    assert [f["times"] for f in found["forecast"]] == [1, 2, 4]
    for f in found["forecast"]:
        assert f["range"][0] <= f["score"] <= f["range"][1]
        assert f["gain"] == pytest.approx(f["score"] - found["points"][-1]["score"])
    assert any("4 times the data (4,000)" in line for line in lines(found))


@pytest.mark.parametrize("scores", [(0.15, 0.49, 0.72, 0.90), (0.8, 0.79, 0.8, 0.8), (0.9, 0.8, 0.7, 0.6)])
def test_where_there_is_no_trend_nothing_is_forecast(scores, tmp_path):
    found = curve_of(scores, tmp_path)
    assert (found["fit"], found["forecast"]) == (None, [])
    assert json.loads((tmp_path / "curve.json").read_text()) == found
    assert any(line.startswith("no forecast: there is no trend that could be continued: ") for line in lines(found))


def test_repeats_draw_other_samples_for_the_same_parts(tmp_path):
    rows = [f"{w} film {i},{'good' if w == 'fine' else 'bad'}" for i in range(40) for w in ("fine", "poor")]
    (tmp_path / "texts.csv").write_text("text,label\n" + "\n".join(rows) + "\n")
    heard: list[str] = []

    class Voice:
        def say(self, line: str) -> None:
            heard.append(line)

        def tick(self, what: str, done: int, of: int) -> None:
            pass

    found = learning_curve(
        "text", tmp_path / "texts.csv", shares=(25, 50), repeats=2, out=tmp_path / "out", epochs=1, precision="fp32",
        device="cpu", voice=Voice(),
    )  # fmt: skip
    held = {(p["share"], p["repeat"]): parts(Path(p["run"])) for p in found["points"]}
    assert held[25, 1]["train"] < held[50, 1]["train"]
    assert held[25, 1]["train"] != held[25, 2]["train"]
    assert len({frozenset(h["val"]) for h in held.values()}) == 1
    assert found["test"] is None  # no run learnt from the whole training part
    assert any("no forecast: 2 numbers of samples, and 4 are needed" in line for line in heard)
    again = multicnn.load(found["points"][0]["run"]).evaluate(split="val")
    assert again["metrics"]["f1_macro"] == found["points"][0]["score"]


@pytest.mark.parametrize(
    ("flags", "says"),
    [
        (["--shares", "50,25"], "give per cents in ascending order"),
        (["--shares", "0,50"], "give per cents in ascending order"),
        (["--shares", "50,150"], "give per cents in ascending order"),
        (["--shares", "few"], "give per cents with commas between them"),
        (["--repeats", "0"], "--repeats 0: give 1 at least"),
        (["--val", "0"], "a learning curve is measured on the validation part"),
        (["--data", "digits"], "two data sets are named"),
        (["--modle", "cnn1"], "No such option"),
    ],
)
def test_what_cannot_be_is_refused_before_any_work(digit_folder, tmp_path, monkeypatch, capsys, flags, says):
    monkeypatch.chdir(tmp_path)
    assert command(["image", "learning-curve", str(digit_folder), *flags], debug=False) == 2
    assert says in capsys.readouterr().err
    assert not (tmp_path / "runs").exists()


def test_too_few_samples_of_a_class_are_named(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "texts.csv").write_text("text,label\na,x\nb,x\nc,x\nd,y\ne,y\n")
    assert command(["text", "learning-curve", "texts.csv"], debug=False) == 3
    assert "class 'y' has 2 samples" in capsys.readouterr().err
    assert not list((tmp_path / "runs").iterdir())
