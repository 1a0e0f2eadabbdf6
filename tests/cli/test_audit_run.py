"""What a run knows of a data set: the same words for pictures, sounds and texts."""

import csv
import json
import shutil
from pathlib import Path

import pytest


@pytest.fixture
def wrong_pictures(pictures: Path) -> Path:
    """The pictures, one of them among the others' class."""
    shutil.copy(pictures / "0" / "03.png", pictures / "1" / "wrong.png")
    (pictures / "0" / "03.png").unlink()
    return pictures


def rows(path: Path) -> list[dict[str, str]]:
    with open(path, encoding="utf-8", newline="") as f:
        return list(csv.DictReader(f))


def test_a_wrong_label_is_told_and_mended(works, image_run, wrong_pictures, tmp_path):
    told = works("image", "audit", wrong_pictures, "--run", image_run, "--out", tmp_path / "audit")
    assert "label errors by logistic regression on the run's features in 10 folds" in told.out
    assert rows(tmp_path / "audit" / "fris.csv")[0]["id"] == "1/wrong.png"
    fix = {line["id"]: line for line in rows(tmp_path / "audit" / "fixes.csv")}["1/wrong.png"]
    assert (fix["action"], fix["label"]) == ("relabel", "0")
    assert "prototypes stand for 2 classes" in told.out
    page = (tmp_path / "audit" / "audit.html").read_text(encoding="utf-8")
    assert '<section id="classes">' in page
    assert page.count("<img") >= 2
    fixes = tmp_path / "audit" / "fixes.csv"
    works("image", "audit", wrong_pictures, "--apply", fixes, "--out", tmp_path / "new.csv")
    assert {line["label"] for line in rows(tmp_path / "new.csv") if line["path"].endswith("wrong.png")} == {"0"}


def test_fris_of_every_sample_against_its_neighbours(works, image_run, pictures, tmp_path):
    works("image", "audit", pictures, "--run", image_run, "--out", tmp_path / "audit")
    lines = rows(tmp_path / "audit" / "fris.csv")
    assert list(lines[0]) == ["id", "class", "S", "nearest_own", "nearest_other", "likely", "margin"]
    assert len(lines) == 24
    for line in lines:
        assert -1 <= float(line["S"]) <= 1
        assert line["nearest_own"].split("/")[0] == line["class"] != line["nearest_other"].split("/")[0]
        assert line["nearest_own"] != line["id"]
    margins = [float(line["margin"]) for line in lines]
    assert margins == sorted(margins)


def test_sounds_and_texts_say_the_same_and_a_run_knows_its_own_data(works, audio_run, text_run, tmp_path):
    for modality, run in ("audio", audio_run), ("text", text_run):
        found = json.loads(works(modality, "audit", "--run", run, "--out", tmp_path / modality, "--json").out)
        assert found["samples"] == 24
        assert {"noise", "prototypes"} <= {line["check"] for line in found["findings"]}
        assert len(rows(tmp_path / modality / "fris.csv")) == 24


def test_folds_train_the_run_anew(works, text_run, tmp_path):
    told = works("text", "audit", "--run", text_run, "--folds", "2", "--out", tmp_path / "audit")
    assert "training fold 2 of 2" in told.out
    assert "textcnn trained anew in 2 folds" in told.out


def test_several_labels_are_judged_class_by_class(works, quick, pictures, tmp_path):
    names = [(str(path), digit) for digit in "01" for path in sorted((pictures / digit).iterdir())]
    labels = {name: digit if n % 2 else f"{digit}|all" for n, (name, digit) in enumerate(names)}
    labels[names[0][0]] = "1|all"
    table = tmp_path / "tags.csv"
    table.write_text("path,label\n" + "".join(f"{name},{label}\n" for name, label in labels.items()))
    works("image", "train", table, "-o", tmp_path / "run", *quick)
    told = works("image", "audit", table, "--run", tmp_path / "run", "--out", tmp_path / "audit")
    assert "likely lack a label or have one too many" in told.out
    assert not (tmp_path / "audit" / "fris.csv").exists()


@pytest.mark.parametrize(
    ("run", "options", "says"),
    [
        ("text_run", (), "it is of text; say `multicnn text audit`"),
        ("image_run", ("--task", "segment"), "its task is classify; say --task classify"),
        ("image_run", ("--folds", "-1"), "it takes at least 2 folds"),
        ("image_run", ("--apply", "fixes.csv"), "give one of them"),
    ],
)
def test_what_does_not_fit_is_refused(refuses, request, pictures, run, options, says):
    refuses("image", "audit", pictures, "--run", request.getfixturevalue(run), *options, code=2, says=says)


def test_folds_without_a_run_and_a_folder_that_is_none(refuses, pictures):
    refuses("image", "audit", pictures, "--folds", "3", code=2, says="name one with --run")
    refuses("image", "audit", pictures, "--run", pictures, code=2, says="is no run")


def test_a_class_that_the_run_does_not_know(refuses, image_run, pictures):
    (pictures / "1").rename(pictures / "seven")
    refuses("image", "audit", pictures, "--run", image_run, code=3, says="class 'seven' is not one the model knows")
