"""Runs that are none, damaged, or not for this: one sentence with the file and the next step."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from multicnn.cli.main import run

ROOT = Path(__file__).resolve().parents[2]
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
        r"no run at .*run: there is no such folder; runs lie under runs/",
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


def test_a_damaged_config_is_named(copy, refuses):
    cut(copy / "config.toml", 0.05)
    refuses("evaluate", copy, code=2, says=r"config\.toml: .*; ")


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


def test_a_file_in_the_place_of_a_folder_is_named(pictures, quick, refuses, tmp_path):
    (tmp_path / "file").write_text("x")
    says = r"cannot write to file/run: Not a directory; choose another folder with --out"
    refuses("image", "train", pictures, *quick, "--out", "file/run", code=3, says=says)


def test_a_folder_that_cannot_be_written_is_named(pictures, quick, refuses):
    says = r"cannot write to /proc/run: .*; choose another folder with --out"
    refuses("image", "train", pictures, *quick, "--out", "/proc/run", code=3, says=says)


def test_answers_that_cannot_be_written_are_said(image_run, pictures, refuses):
    says = r"cannot write /proc/answers\.csv: .*; free some space or choose another --out"
    refuses("predict", image_run, pictures, "--out", "/proc/answers.csv", code=3, says=says)


def test_a_cache_that_cannot_be_written_is_named(pictures, quick, refuses, monkeypatch):
    monkeypatch.setenv("MULTICNN_CACHE", "/proc/cache")
    says = r"cannot write to the cache folder /proc/cache: .*; free some space .*or set MULTICNN_CACHE"
    refuses("image", "train", pictures, *quick, "--out", "run", code=3, says=says)


DAMAGES = {"meta.json": 0.5, "values.bin": 0.5, "hashes.npy": 0.1}


@pytest.mark.parametrize("name", DAMAGES)
def test_a_damaged_cache_is_built_anew(name, pictures, quick, works, tmp_path):
    works("image", "train", pictures, *quick, "--out", tmp_path / "a")
    (path,) = (tmp_path / "cache/stores").glob(f"*/{name}")
    cut(path, DAMAGES[name])
    works("image", "train", pictures, *quick, "--out", tmp_path / "b")
    one, other = ((tmp_path / r / "weights/best.safetensors").read_bytes() for r in "ab")
    assert one == other


LIMITED = """
import resource, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), int(sys.argv[1])))
from multicnn.cli.main import run
sys.exit(run(sys.argv[2:], debug=False))
"""


def outcome(done: subprocess.CompletedProcess[str]) -> tuple[int, list[str]]:
    return done.returncode, [line for line in done.stderr.splitlines() if not line.startswith("warning:")]


@pytest.mark.parametrize(
    ("limit", "says"),
    [
        (1_000, r"cannot write to the cache folder .*: File too large; free some space"),
        (20_000, r"cannot write .*safetensors: "),
    ],
)
def test_a_file_that_may_not_grow_is_said(limit, says, pictures, quick, tmp_path):
    """At 1 kB the decoded pictures do not fit, at 20 kB the weights do not."""
    arguments = ["image", "train", str(pictures), *quick, "--out", str(tmp_path / "run")]
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, str(limit), *arguments], capture_output=True, text=True, cwd=ROOT
    )
    code, errors = outcome(done)
    assert code == 3, done.stderr
    assert len(errors) == 1
    assert re.search(says, errors[0]), errors[0]
    assert not list((tmp_path).rglob("*.partial"))


@pytest.fixture
def small_disk(tmp_path) -> Path:
    """A real file system of 256 kB."""
    disk = tmp_path / "cache" / "disk"  # where `refuses` expects changes
    disk.mkdir(parents=True)
    mount = ["mount", "-t", "tmpfs", "-o", "size=256k", "multicnn-test", str(disk)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True).returncode != 0:
        pytest.skip("mounting a small disk takes the rights of root")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def filled(disk: Path, left: int) -> None:
    """Fill a disk up to so many bytes."""
    free = os.statvfs(disk)
    (disk / "other").write_bytes(bytes(max(0, free.f_bavail * free.f_bsize - left)))


def test_a_full_disk_for_the_cache_is_said(small_disk, pictures, quick, refuses, monkeypatch):
    filled(small_disk, 0)
    monkeypatch.setenv("MULTICNN_CACHE", str(small_disk))
    says = r"cannot write to the cache folder .*disk: No space left on device; free some space .*MULTICNN_CACHE"
    refuses("image", "train", pictures, *quick, "--out", "run", code=3, says=says)


@pytest.mark.parametrize("left", [0, 8_192, 65_536, 131_072])
def test_a_full_disk_for_the_run_is_said(left, small_disk, pictures, quick, command):
    """Wherever the run gets to, it ends in a sentence, and leaves no half of a file."""
    filled(small_disk, left)
    answer = command("image", "train", pictures, *quick, "--out", small_disk / "run")
    assert answer.code == 3
    assert len(answer.errors) == 1, answer.err
    assert re.search(r"No space left on device.*; ", answer.errors[0])
    assert not list(small_disk.rglob("*.partial"))


def test_a_full_disk_for_answers_is_said(small_disk, image_run, pictures, refuses):
    filled(small_disk, 0)
    says = r"cannot write .*answers\.csv: No space left on device; free some space"
    refuses("predict", image_run, pictures, "--out", small_disk / "answers.csv", code=3, says=says)


def test_two_runs_at_once_share_one_cache(pictures, quick, tmp_path):
    command = [
        sys.executable,
        "-m",
        "multicnn",
        "image",
        "train",
        str(pictures),
        *quick,
        "--image-size",
        "64",
        "-q",
        "--out",
    ]
    both = [subprocess.Popen([*command, str(tmp_path / r)], stderr=subprocess.PIPE, text=True, cwd=ROOT) for r in "ab"]
    for process in both:
        _, errors = process.communicate()
        assert process.returncode == 0, errors
    assert len(list((tmp_path / "cache/stores").glob("*/meta.json"))) == 1
    one, other = ((tmp_path / r / "weights/best.safetensors").read_bytes() for r in "ab")
    assert one == other


def test_a_failed_cross_validation_leaves_no_folder(pictures, quick, refuses):
    (pictures / "0/00.png").write_bytes(b"")
    refuses(
        "image", "train", pictures, *quick, "--folds", 2, "--out", "folds", code=3, says=r"0/00\.png: the file is empty"
    )


def test_a_cross_validation_can_be_replaced(pictures, quick, tmp_path):
    arguments = ["image", "train", str(pictures), *quick, "-q", "--folds", "2", "--out", str(tmp_path / "folds")]
    assert run(arguments, debug=True) == 0
    assert run(arguments, debug=False) == 2
    assert run([*arguments, "--overwrite"], debug=True) == 0
