"""Measuring and answering for other data than those of the training, and from other places."""

import csv
import io
import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from multicnn.cli.main import run as run_command


def answers(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_evaluating_a_folder_named_test_keeps_the_own_measure(image_run, pictures, works, tmp_path):
    copy = Path(shutil.copytree(image_run, tmp_path / "run"))
    before = (copy / "evaluation/test.json").read_bytes()
    works("evaluate", copy, pictures.rename(tmp_path / "test"))
    assert (copy / "evaluation/test.json").read_bytes() == before
    assert json.loads((copy / "evaluation/data-test.json").read_text())["n"] == 24


def test_a_run_of_a_table_measures_a_folder(pictures, quick, works, tmp_path):
    rows = [f"{d}/{n:02}.png,{d},writer {n}" for d in (0, 1) for n in range(12)]
    (pictures / "table.csv").write_text("\n".join(["where,what,who", *rows]))
    columns = ("--path-column", "where", "--label-column", "what", "--group-by", "who")
    works("image", "train", pictures / "table.csv", *quick, *columns, "--out", tmp_path / "run")
    (pictures / "table.csv").unlink()
    found = json.loads(works("evaluate", tmp_path / "run", pictures, "--json").out)
    assert found["n"] == 24
    assert [row["samples"] for row in found["per_class"].values()] == [12, 12]


def test_a_run_of_a_table_answers_for_such_a_table(pictures, quick, works, tmp_path):
    """The columns that training was told are those of prediction."""
    rows = [f"{d}/{n:02}.png,{d}" for d in (0, 1) for n in range(12)]
    (pictures / "table.csv").write_text("\n".join(["where,what", *rows]))
    columns = ("--path-column", "where", "--label-column", "what")
    works("image", "train", pictures / "table.csv", *quick, *columns, "--out", tmp_path / "run")
    assert len(answers(works("predict", tmp_path / "run", pictures / "table.csv").out)) == 24


def test_a_run_of_several_labels_measures_data_of_one(pictures, quick, works, tmp_path):
    rows = [f"{d}/{n:02}.png,{d}|{'even' if n % 2 == 0 else 'odd'}" for d in (0, 1) for n in range(12)]
    (pictures / "table.csv").write_text("\n".join(["path,labels", *rows]))
    works("image", "train", pictures / "table.csv", *quick, "--out", tmp_path / "run")
    (pictures / "table.csv").unlink()
    found = json.loads(works("evaluate", tmp_path / "run", pictures, "--json").out)
    assert found["n"] == 24
    assert [row["samples"] for row in found["per_class"].values()] == [12, 12, 0, 0]


def test_evaluation_of_other_data_agrees_with_prediction(image_run, pictures, works):
    for path in sorted((pictures / "1").iterdir())[6:]:
        path.unlink()
    (pictures / "0/00.png").rename(pictures / "1/zz.png")  # a label that is wrong
    found = json.loads(works("evaluate", image_run, pictures, "--json").out)
    lines = answers(works("predict", image_run, pictures).out)
    right = [line["prediction"] == Path(line["id"]).parent.name for line in lines]
    assert found["metrics"]["accuracy"] == pytest.approx(np.mean(right))
    for name in "01":
        own = [r for r, line in zip(right, lines, strict=True) if Path(line["id"]).parent.name == name]
        assert found["per_class"][name]["recall"] == pytest.approx(np.mean(own))
        assert found["per_class"][name]["samples"] == len(own)


def test_the_simple_learners_stay_beside_a_measure_made_again(image_run, works, tmp_path):
    copy = Path(shutil.copytree(image_run, tmp_path / "run"))
    before = json.loads((copy / "evaluation/test.json").read_text())
    works("evaluate", copy)
    assert json.loads((copy / "evaluation/test.json").read_text())["baselines"] == before["baselines"]


def test_a_run_goes_on_from_another_folder(pictures, quick, tmp_path, works, monkeypatch):
    """A relative name of the data must not mean another place later."""
    monkeypatch.chdir(tmp_path)
    works("image", "train", "pictures", *quick, "--out", "run")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    works("evaluate", "../run")


def test_a_text_that_looks_like_a_path_is_a_text(tmp_path, works):
    rows = [f"{text},{label}" for label, text in (("root", "/etc/passwd is mine"), ("sea", "/dev/null and the sea"))]
    (tmp_path / "texts.csv").write_text("\n".join(["text,label", *rows * 8, "/etc/passwd,root", ""]))
    options = ("--model", "textcnn", "--epochs", "1", "--precision", "fp32", "--device", "cpu")
    assert (
        run_command(["text", "train", str(tmp_path / "texts.csv"), *options, "-q", "-o", str(tmp_path / "r")], True)
        == 0
    )
    words = json.loads((tmp_path / "r/model.json").read_text())["preprocessing"]["words"]
    assert "passwd" in words
    assert "nobody" not in words  # as in the file of that name
