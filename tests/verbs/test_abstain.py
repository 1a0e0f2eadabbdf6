"""Answers that are held back for a wanted precision, from Python and by the command."""

import csv
import json
import shutil
from pathlib import Path

import numpy as np
import pytest

import multicnn
from multicnn import image
from multicnn.cli.main import run as command
from multicnn.errors import DataError, UsageError
from multicnn.verbs.abstain import columns
from multicnn.verbs.run import Run


@pytest.fixture
def copy(unsure, tmp_path) -> Run:
    """The run, to write into."""
    shutil.copytree(unsure.path, tmp_path / "run")
    return multicnn.load(tmp_path / "run", device="cpu")


@pytest.fixture
def sure(copy) -> float:
    """A precision that the run can vouch for with some of its answers only."""
    everything = copy.abstaining(0.02).val
    assert everything["coverage"] > 0.95
    return round(everything["precision"] + 0.02, 2)


def lines(run: Run, part: str) -> list[dict[str, str]]:
    with open(run.path / "evaluation" / f"predictions_{part}.csv", newline="") as f:
        return list(csv.DictReader(f))


def chances(run: Run, line: dict[str, str]) -> np.ndarray:
    return np.array([float(line[f"p_{c}"]) for c in run.classes])


def test_the_counts_are_those_of_the_tables(copy, sure):
    rule = copy.abstaining(sure)
    threshold = rule.thresholds["0"]
    assert set(rule.thresholds.values()) == {threshold}
    for part, found in (("val", rule.val), ("test", rule.test)):
        given = [line for line in lines(copy, part) if chances(copy, line).max() >= threshold]
        assert found["answered"] == len(given)
        assert found["precision"] == pytest.approx(np.mean([int(line["correct"]) for line in given]))
        assert found["coverage"] == pytest.approx(len(given) / found["n"])
    assert rule.val["floor"] >= sure


def test_answers_below_the_threshold_are_held_back(copy, sure, digit_folder):
    files = [str(p) for p in sorted(digit_folder.rglob("*.png"))]
    threshold = copy.abstaining(sure).thresholds["0"]
    plain, held = copy.predict(files), copy.predict(files, abstain=sure)
    seen = set()
    for one, other in zip(plain, held, strict=True):
        a, b = one.record(), other.record()
        assert a["probabilities"] == b["probabilities"]
        assert (b["prediction"], b["abstained"]) == (
            (a["prediction"], "") if a["confidence"] >= threshold else ("", a["prediction"])
        )
        seen.add(bool(b["abstained"]))
    assert seen == {True, False}


def test_the_command_writes_what_it_holds_back(copy, sure, digit_folder, tmp_path, capsys):
    files = sorted(map(str, digit_folder.rglob("*.png")))[::6]
    (tmp_path / "no.png").write_bytes(b"no picture")
    call = ["predict", str(copy.path), *files, str(tmp_path / "no.png"), "--abstain", str(sure)]
    assert command([*call, "--on-bad", "skip"], debug=True) == 0
    said = capsys.readouterr()
    found = list(csv.DictReader(said.out.splitlines()))
    assert list(found[0])[:4] == ["id", "prediction", "abstained", "confidence"]
    assert all(bool(line["prediction"]) != bool(line["abstained"]) for line in found[:-1])
    assert found[-1]["error"]
    assert f"abstain: answers are given from confidence {copy.abstaining(sure).thresholds['0']:.4f} on" in said.err
    assert "with 95 % certainty" in said.err
    assert command([*call, "--on-bad", "skip", "--json"], debug=True) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["abstain"]["wanted"] == sure
    assert told["abstain"]["val"]["floor"] >= sure
    assert [p.get("abstained") for p in told["predictions"][:-1]] == [line["abstained"] for line in found[:-1]]


def test_what_no_threshold_reaches_is_refused_with_the_best(copy):
    with pytest.raises(UsageError, match=r"no threshold reaches that precision .* the best is 0\.\d{4}, from 0\.\d{4}"):
        copy.abstaining(0.9999)


@pytest.mark.parametrize("bad", [0.0, 1.0, -1.0, 95.0, float("nan")])
def test_a_precision_lies_between_0_and_1(copy, bad):
    with pytest.raises(UsageError, match="a precision lies between 0 and 1"):
        copy.abstaining(bad)


def test_only_runs_that_classify_abstain(copy):
    model = json.loads((copy.path / "model.json").read_text())
    (copy.path / "model.json").write_text(json.dumps(model | {"task": "segment"}))
    with pytest.raises(UsageError, match="--abstain is for runs that classify, not for image segment"):
        copy.abstaining(0.9)


def test_a_run_without_answers_to_its_validation_part_says_how_to_get_them(copy):
    (copy.path / "evaluation" / "predictions_val.csv").unlink()
    with pytest.raises(DataError, match=r"measure it with: multicnn evaluate .* --split val"):
        copy.abstaining(0.5)
    data = json.loads((copy.path / "data.json").read_text())
    data["parts"]["val"]["n"] = 0
    (copy.path / "data.json").write_text(json.dumps(data))
    with pytest.raises(UsageError, match="has no val part to choose a threshold on; train with --val"):
        copy.abstaining(0.5)


def test_views_have_thresholds_of_their_own(copy, sure, digit_folder):
    with pytest.raises(DataError, match=r"measure it with: multicnn evaluate .* --split val --tta"):
        copy.predict(str(digit_folder), tta=True, abstain=sure)
    copy.evaluate(split="val", tta=True)
    assert copy.abstaining(sure, tta=True).test is None
    assert len(copy.predict(str(digit_folder), tta=True, abstain=sure)) == 90


def test_other_settings_and_features_have_no_threshold(copy, digit_folder, tmp_path, capsys):
    call = ["predict", str(copy.path), str(digit_folder), "--abstain", "0.5"]
    assert command([*call, "--set", "task.temperature=1"], debug=False) == 2
    assert "leave out --set task.temperature" in capsys.readouterr().err
    assert command([*call, "--features", "--out", str(tmp_path / "f")], debug=False) == 2
    assert "--abstain is for answers" in capsys.readouterr().err


def test_several_labels_have_a_threshold_each(digit_folder, tmp_path):
    names = sorted(digit_folder.rglob("*.png"))
    tags = {"0": "round", "1": "thin", "2": "round|curled"}
    (tmp_path / "tags.csv").write_text("path,label\n" + "".join(f"{p},{tags[p.parent.name]}\n" for p in names))
    quick = {"epochs": 6, "model": "cnn1", "val": 0.5, "precision": "fp32", "device": "cpu", "lr": 0.01}
    run = image.train(tmp_path / "tags.csv", out=tmp_path / "run", **quick)
    table = Path(run.path / "evaluation" / "predictions_val.csv")
    rule = run.abstaining(0.7)
    assert rule.several
    for c, threshold in rule.thresholds.items():
        asked = [
            (float(n[f"p_{c}"]), c in n["label"].split("|")) for n in csv.DictReader(table.read_text().splitlines())
        ]
        given = [right for p, right in asked if p >= max(threshold, 0.5)]
        assert threshold == np.inf or np.mean(given) >= 0.7
    plain, held = run.predict(str(tmp_path / "tags.csv")), run.predict(str(tmp_path / "tags.csv"), abstain=0.7)
    for one, other in zip(plain, held, strict=True):
        a, b = one.record(), other.record()
        both = [*filter(None, b["prediction"].split("|") + b["abstained"].split("|"))]
        assert sorted(both) == sorted(filter(None, a["prediction"].split("|")))
        assert all(a["probabilities"][c] >= rule.thresholds[c] for c in filter(None, b["prediction"].split("|")))
    told = rule.record()
    assert told["threshold"].keys() == {"round", "thin", "curled"}
    assert any("labels are given from these probabilities" in line for line in rule.lines())


def test_the_column_stands_beside_the_prediction():
    assert columns(["id", "prediction", "confidence"]) == ["id", "prediction", "abstained", "confidence"]
