"""Runs that are none, damaged, or not for this: one sentence with the file and the next step."""

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

Spoil = Callable[[Path], object]


@pytest.fixture
def copy(image_run, tmp_path) -> Path:
    """The run of pictures, to be damaged."""
    return Path(shutil.copytree(image_run, tmp_path / "run"))


def cut(path: Path, keep: float = 0.5) -> None:
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * keep)])


def edit(path: Path, change: Callable[[dict], object]) -> None:
    value = json.loads(path.read_text())
    change(value)
    path.write_text(json.dumps(value))


NONE = {
    "no folder": (lambda r: shutil.rmtree(r), 2, r"no run at .*run: there is no such folder; runs lie under runs/"),
    "a file": (
        lambda r: (shutil.rmtree(r), r.write_text("x")),
        2,
        r"run is a file; name a run folder",
    ),
    "an empty folder": (lambda r: (shutil.rmtree(r), r.mkdir()), 2, r"run is no run: it has no model\.json; name"),
    "no settings": (lambda r: (r / "config.toml").unlink(), 2, r"run is no run: it has no config\.toml; name"),
    "model.json cut": (lambda r: cut(r / "model.json"), 3, r"model\.json: .*; the run folder is damaged|damaged"),
    "model.json empty": (lambda r: cut(r / "model.json", 0), 3, r"model\.json: .*damaged, train it anew"),
    "model.json a list": (lambda r: (r / "model.json").write_text("[]"), 3, r"model\.json: .*damaged, train it anew"),
    "model.json without a key": (
        lambda r: edit(r / "model.json", lambda m: m.pop("classes")),
        3,
        r"model\.json: .*'classes'.*damaged, train it anew",
    ),
    "model.json of an unknown modality": (
        lambda r: edit(r / "model.json", lambda m: m.update(modality="smell")),
        2,
        r"no modality named 'smell'; known: image, audio, text",
    ),
}


@pytest.mark.parametrize("verb", ["predict", "evaluate", "resume"])
@pytest.mark.parametrize(("spoil", "code", "says"), NONE.values(), ids=NONE)
def test_what_is_no_run_is_refused(spoil, code, says, verb, copy, refuses):
    spoil(copy)
    refuses(verb, copy, *([copy / "model_card.md"] if verb == "predict" else []), code=code, says=says)


DAMAGED = {
    "no weights": (lambda r: (r / "weights/best.safetensors").unlink(), r"has no trained weights yet; finish it with"),
    "weights cut": (lambda r: cut(r / "weights/best.safetensors"), r"best\.safetensors: no readable weights .*; train"),
    "weights empty": (lambda r: cut(r / "weights/best.safetensors", 0), r"best\.safetensors: no readable weights"),
    "weights of another net": (
        lambda r: edit(r / "model.json", lambda m: m.update(classes=["0", "1", "2"])),
        r"best\.safetensors: the weights belong to another network",
    ),
    "an unknown reader setting": (
        lambda r: edit(r / "model.json", lambda m: m["preprocessing"].update(sharpness=3)),
        r"model\.json: .*damaged, train it anew",
    ),
}


@pytest.mark.parametrize("verb", ["predict", "evaluate"])
@pytest.mark.parametrize(("spoil", "says"), DAMAGED.values(), ids=DAMAGED)
def test_a_damaged_run_is_refused(spoil, says, verb, copy, refuses, pictures):
    spoil(copy)
    refuses(verb, copy, *([pictures / "0/00.png"] if verb == "predict" else []), code=3, says=says)


@pytest.mark.parametrize("verb", ["evaluate", "plan", "resume", "report"])
def test_a_damaged_config_is_named(copy, refuses, verb):
    file = copy / "config.toml"
    file.write_text(file.read_text()[:-20] + "\n[")
    (copy / "weights/last/state.safetensors").unlink()
    refuses(verb, copy, code=3, says=r"config\.toml: cannot be read \(.*\); the run folder is damaged, train it anew")


@pytest.mark.parametrize("verb", ["evaluate", "resume"])
def test_a_config_that_lost_its_end_is_named(copy, refuses, verb):
    file = copy / "config.toml"
    file.write_text(file.read_text().partition("[data]")[0])
    if verb == "resume":
        (copy / "weights/last/state.safetensors").unlink()
    refuses(
        verb, copy, code=3, says=r"config\.toml: cannot be read \(no table \[data\] in it\); the run folder is damaged"
    )


STATES = {
    "a finished run": (lambda r: None, 2, r"run is finished after 8 epochs; there is nothing to resume"),
    "a state cut": (lambda r: cut(r / "weights/last/state.safetensors"), 3, r"state\.safetensors: no saved state"),
    "weights for a state": (
        lambda r: shutil.copy(r / "weights/best.safetensors", r / "weights/last/state.safetensors"),
        3,
        r"state\.safetensors: no saved state of a run",
    ),
}


@pytest.mark.parametrize(("spoil", "code", "says"), STATES.values(), ids=STATES)
def test_what_cannot_be_resumed_is_refused(spoil, code, says, copy, refuses):
    spoil(copy)
    refuses("resume", copy, code=code, says=says)


def test_a_run_whose_data_changed_is_neither_resumed_nor_measured(image_run, work, tmp_path, refuses, pictures):
    """Samples of the training part must not slip into the test part."""
    copy = Path(shutil.copytree(image_run, tmp_path / "run"))
    settings = (copy / "config.toml").read_text()
    (copy / "config.toml").write_text(settings.replace(str(work / "pictures"), str(pictures)))
    shutil.rmtree(copy / "evaluation")
    for path in list((pictures / "0").iterdir())[:4]:
        path.unlink()
    refuses("resume", copy, code=3, says=r"the data changed since the run began \(splits\.csv differs\); train it anew")
    refuses("evaluate", copy, code=3, says=r"the data changed since the run began \(splits\.csv differs\); ")


def test_data_that_went_away_are_named(image_run, work, tmp_path, refuses):
    copy = Path(shutil.copytree(image_run, tmp_path / "run"))
    settings = (copy / "config.toml").read_text()
    (copy / "config.toml").write_text(settings.replace(str(work / "pictures"), "/nowhere/pictures"))
    refuses("evaluate", copy, code=3, says=r"no data at '/nowhere/pictures': no such file or folder")


INPUTS = {
    "a missing file": ("gone.png", r"no such file or folder: gone\.png; "),
    "a folder without pictures": ("empty", r"empty: no file that a model of image reads \(.*\.png"),
    "text from standard input": ("-", r"- reads texts from standard input; a model of image needs files or folders"),
    "a table without paths": ("table.csv", r"table\.csv: no column for the files among 'a', 'b'; "),
    "a zero-byte table": ("empty.csv", r"empty\.csv: the table is empty; "),
}


@pytest.mark.parametrize(("given", "says"), INPUTS.values(), ids=INPUTS)
def test_what_cannot_be_answered_is_refused(given, says, image_run, tmp_path, refuses):
    (tmp_path / "empty").mkdir()
    (tmp_path / "table.csv").write_text("a,b\n1,2\n")
    (tmp_path / "empty.csv").write_text("")
    code = 2 if given == "-" else 3
    refuses("predict", image_run, given, "--out", "answers.csv", code=code, says=says)


UNREADABLE = {
    "a sound": ("a.wav", b"RIFF\x24\0\0\0WAVEfmt ", r"a\.wav: not a picture of a known format"),
    "a zero-byte picture": ("a.png", b"", r"a\.png: the file is empty"),
    "a program": ("a.py", b"print()", r"a\.py: not a picture of a known format"),
}


@pytest.mark.parametrize(("name", "content", "says"), UNREADABLE.values(), ids=UNREADABLE)
def test_a_wrong_kind_of_file_is_refused(name, content, says, image_run, tmp_path, command):
    (tmp_path / name).write_bytes(content)
    answer = command("predict", image_run, tmp_path / name)
    assert answer.code == 3
    assert len(answer.errors) == 1
    assert re.search(says, answer.err)


def test_answers_are_not_written_over_a_file_unasked(image_run, pictures, refuses, tmp_path):
    (tmp_path / "mine.csv").write_text("years of work")
    says = r"--out mine\.csv: the file exists; add --overwrite"
    refuses("predict", image_run, pictures, "--out", "mine.csv", code=2, says=says)


def test_answers_written_over_a_folder_leave_nothing(image_run, pictures, refuses, tmp_path):
    (tmp_path / "mine").mkdir()
    says = r"--out mine: a folder; name the file to write"
    refuses("predict", image_run, pictures, "--out", "mine", "--overwrite", code=2, says=says)


def test_an_unknown_device_is_refused_not_replaced(image_run, pictures, refuses):
    refuses("predict", image_run, pictures, "--device", "tpu", code=2, says=r"no device named 'tpu'; did you mean cpu")
    refuses("evaluate", image_run, "--device", "gpu", code=2, says=r"no device named 'gpu'; ")


OTHER = {
    "an unknown class": ("7/a.png", r"7/a\.png: class '7' is not one the model knows; known: 0, 1"),
    "no class folders": ("a.png", r"no class folders, 1 \.png lie directly in it"),
}


@pytest.mark.parametrize(("name", "says"), OTHER.values(), ids=OTHER)
def test_other_data_that_do_not_fit_are_refused(name, says, image_run, pictures, tmp_path, refuses):
    (tmp_path / "other" / name).parent.mkdir(parents=True)
    shutil.copy(pictures / "0/00.png", tmp_path / "other" / name)
    refuses("evaluate", image_run, tmp_path / "other", code=3, says=says)


def test_a_split_of_other_data_is_refused_not_ignored(image_run, pictures, refuses):
    says = r"--split val is a part of the run's own data, and .*pictures is other data; leave one out"
    refuses("evaluate", image_run, pictures, "--split", "val", code=2, says=says)


def test_several_labels_are_refused_by_a_run_of_one(text_run, tmp_path, refuses):
    (tmp_path / "more.csv").write_text("text,labels\na film,good|bad\na book,good\n")
    says = r"more\.csv: its samples carry several labels, the model answers one; "
    refuses("evaluate", text_run, "more.csv", code=3, says=says)


def test_runs_of_other_classes_are_not_compared(image_run, audio_run, refuses):
    says = r"image-run and .*audio-run know other classes; only runs on the same data"
    refuses("compare", image_run, audio_run, code=2, says=says)


def test_runs_that_were_not_measured_are_not_compared(image_run, copy, refuses):
    shutil.rmtree(copy / "evaluation")
    says = r"predictions_test\.csv does not exist; finish the run with `multicnn resume .*` or evaluate it"
    refuses("compare", image_run, copy, code=3, says=says)
    refuses(
        "compare", image_run, image_run, "--split", "../test", code=3, says=r"predictions_.*test\.csv does not exist"
    )


def test_damaged_predictions_are_not_compared(image_run, copy, refuses):
    (copy / "evaluation/predictions_test.csv").write_text("id,label\n0/00.png,0\n")
    refuses("compare", image_run, copy, code=3, says=r"predictions_test\.csv: sample 1 has no 'p_0'; measure again")
    lines = (image_run / "evaluation/predictions_test.csv").read_text().splitlines()
    (copy / "evaluation/predictions_test.csv").write_text("\n".join(line.rsplit(",", 1)[0] for line in lines))
    refuses("compare", image_run, copy, code=3, says=r"predictions_test\.csv: sample 1 has no 'p_1'; measure")
