"""Odd and broken files of series through the real commands: each is read, or named with its reason."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from multicnn.cli.main import run

QUICK = ("--epochs", "1", "--precision", "fp32", "--device", "cpu", "--batch-size", "8")
SMALL = ("--set", "model.width=4", "--set", "model.bottleneck=4", "--set", "model.kernels=[3,5]")
RANDOM = np.random.default_rng(0)
GOOD = RANDOM.standard_normal((12, 3))
BVH = "HIERARCHY ROOT a { OFFSET 0 0 0 CHANNELS 3 Xrotation Yrotation Zrotation }\nMOTION\nFrames: 2\nFrame Time: 0.1\n"
TS = "@univariate false\n@dimensions 3\n@equalLength true\n@seriesLength 4\n@classLabel true a b\n@data\n"
CASE = "1,2,3,4:5,6,7,8:1,1,1,2:a\n"
Write = Callable[[Path], Any]


def array(values: Any, dtype: Any = np.float64) -> Write:
    return lambda path: np.save(path, np.array(values, dtype=dtype), allow_pickle=True)


def text(content: str, encoding: str = "utf-8") -> Write:
    return lambda path: path.write_bytes(content.encode(encoding))


def bytes_of(content: bytes) -> Write:
    return lambda path: path.write_bytes(content)


def cut(path: Path) -> None:
    """An array whose second half is lost."""
    np.save(path, GOOD)
    path.write_bytes(path.read_bytes()[:200])


def with_gaps(share: float) -> np.ndarray:
    return np.where(np.random.default_rng(1).random(GOOD.shape) < share, np.nan, GOOD)


BROKEN: dict[str, tuple[Write, str]] = {
    "empty.npy": (bytes_of(b""), "the file is empty (0 bytes)"),
    "empty.csv": (bytes_of(b""), "the file is empty (0 bytes)"),
    "blank.csv": (text("\n \n\n"), "the file is empty"),
    "header-only.csv": (text("x,y,z\n"), "no numbers in the file"),
    "cut.npy": (cut, "cannot be read"),
    "text.npy": (text("1,2,3\n"), "cannot be read"),
    "pickle.npy": (array([{"a": 1}], object), "holds Python objects, which are never unpickled"),
    "volume.npy": (array(np.zeros((2, 3, 4))), "shape (2, 3, 4), float64, is no series"),
    "no-steps.npy": (array(np.zeros((0, 3))), "shape (0, 3), float64, is no series"),
    "words.npy": (array([["a", "b", "c"]], "U1"), "is no series"),
    "complex.npy": (array(GOOD, complex), "complex128, is no series"),
    "two-channels.npy": (array(GOOD[:, :2]), "has 2 channels, the model reads 3"),
    "four-channels.csv": (text("1,2,3,4\n5,6,7,8\n"), "has 4 channels, the model reads 3"),
    "no-numbers.npy": (array(np.full((5, 3), np.nan)), "channel 0 holds no number"),
    "dead-channel.npy": (array(GOOD * [1, np.nan, 1]), "channel 1 holds no number"),
    "infinite.npy": (array(np.where(GOOD > 1, np.inf, GOOD)), "is infinite"),
    "huge.npy": (array(GOOD * 1e60), "too large for float32"),
    "ragged.csv": (text("1,2,3\n4,5\n6,7,8\n"), "row 2 has 2 cells, the first row 3"),
    "ragged-long.csv": (text("x,y,z\n1,2,3\n4,5,6,7\n"), "row 3 has 4 cells, the first row 3"),
    "word.csv": (text("x,y,z\n1,2,3\n4,five,6\n"), "row 3, column 'y': 'five' is no number"),
    "unsorted.csv": (text("time,x,y,z\n0,1,2,3\n2,1,2,3\n1,1,2,3\n"), "row 4: time 1 is not after 2"),
    "twice.csv": (text("time,x,y,z\n0,1,2,3\n0,1,2,3\n"), "row 3: time 0 is not after 0"),
    "no-time.csv": (text("time,x,y,z\n0,1,2,3\nsoon,1,2,3\n"), "row 3: time 'soon' is neither a number nor a date"),
    "zeros.csv": (bytes_of(b"\0" * 64), "no number"),
    "bvh-cut.bvh": (text(BVH + "1 2 3\n4 5\n"), "5 numbers, where 2 frames of 3 channels make 6"),
    "bvh-open.bvh": (text(BVH.replace("}", "") + "1 2 3 4 5 6\n"), "joint 'a' of the skeleton is never closed"),
    "bvh-none.bvh": (text("not a skeleton"), "no HIERARCHY and MOTION"),
    "bvh-still.bvh": (text(BVH.replace("0.1", "0") + "1 2 3 4 5 6\n"), "both must be above 0"),
    "many.npz": (lambda p: np.savez(p, one=GOOD, two=GOOD), "2 arrays (one, two); save one series alone"),
}
ODD: dict[str, Write] = {
    "one-step.npy": array(GOOD[:1]),
    "whole.npy": array(GOOD * 100, np.int16),
    "half.npy": array(GOOD, np.float16),
    "constant.npy": array(np.ones((9, 3))),
    "gaps.npy": array(with_gaps(0.3)),
    "big-endian.npy": array(GOOD, ">f8"),
    "fortran.npy": lambda p: np.save(p, np.asfortranarray(GOOD)),
    "long.npy": array(RANDOM.standard_normal((300, 3))),
    "bom.csv": text("\ufeffx,y,z\n1,2,3\n4,5,6\n"),
    "utf-16.csv": text("x,y,z\n1,2,3\n4,5,6\n", "utf-16"),
    "windows.csv": text("x;y;z\r\n1,5;2;3\r\n4;5;6\r\n"),
    "uneven.csv": text("time,x,y,z\n0,1,2,3\n1,4,5,6\n5,7,8,9\n"),
    "dates.csv": text("timestamp,x,y,z\n2024-01-01T00:00:00,1,2,3\n2024-01-01T00:00:01,4,5,6\n"),
    "walk.bvh": text(BVH + "1 2 3\n4 5 6\n"),
    "alone.npz": lambda p: np.savez(p, GOOD),
}
LYING: dict[str, tuple[str, str]] = {
    "dimensions": (TS.replace("3", "4") + CASE, "line 7 has 3 dimensions, the header says 4"),
    "length": (TS + CASE + CASE.replace("1,2,3,4", "1,2,3"), "line 8: its 3 dimensions have 3 to 4 numbers"),
    "series length": (TS.replace("seriesLength 4", "seriesLength 9") + CASE, "line 7 has 4 steps, the header says"),
    "class": (TS.replace("a b", "b c") + CASE, "line 7 has the label 'a', the header lists b, c"),
    "univariate": (
        TS.replace("univariate false", "univariate true") + CASE,
        "line 7 has 3 dimensions, the header says 1",
    ),
    "no data": (TS, "no series behind @data"),
    "no @data": (TS.replace("@data\n", ""), "no line @data"),
    "stamps": ("@timeStamps true\n" + TS + CASE, "series with time stamps are not read"),
    "number": (TS + CASE.replace("6,7", "six,7"), "line 7: 'six' is no number"),
}


@pytest.fixture
def good(tmp_path: Path) -> Path:
    """A set of two classes, twelve series each."""
    for label in ("a", "b"):
        (tmp_path / "set" / label).mkdir(parents=True)
        for n in range(12):
            length = 8 + n % 5
            np.save(tmp_path / "set" / label / f"{n}.npy", RANDOM.standard_normal((length, 3)) + (label == "b"))
    return tmp_path / "set"


def said(capfd: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    """The exit code, and what stands on stdout and stderr."""
    capfd.readouterr()
    code = run([str(a) for a in arguments], debug=False)
    out, err = capfd.readouterr()
    assert "Traceback" not in err
    return code, out, err


def trained(capfd: pytest.CaptureFixture[str], data: Path, out: Path) -> Path:
    assert said(capfd, "audio", "train", data, *QUICK, *SMALL, "--out", out)[0] == 0
    return out


def test_broken_files_are_all_named_and_left_out_and_the_rest_is_learnt(good: Path, tmp_path: Path, capfd):
    for n, (name, (write, _)) in enumerate(BROKEN.items()):
        write(good / "ab"[n % 2] / name)
    options = (*QUICK, *SMALL, "--test", "0", "--val", "0.1")
    code, _, err = said(capfd, "audio", "train", good, *options, "--out", tmp_path / "run")
    assert code == 3
    assert len(err.splitlines()) == 1
    assert f"add --on-bad skip to leave out what cannot be read ({len(BROKEN)} of {24 + len(BROKEN)} samples)" in err
    code, out, err = said(
        capfd, "audio", "train", good, *options, "--on-bad", "skip", "--out", tmp_path / "run", "--overwrite"
    )
    assert code == 0, err
    assert f"{len(BROKEN)} samples cannot be read and are left out" in out + err
    kept = json.loads((tmp_path / "run" / "data.json").read_text())["unreadable"]
    assert {Path(name).name for name in kept} == set(BROKEN)
    for name, why in kept.items():
        assert BROKEN[Path(name).name][1] in why, why
        assert Path(name).name in why


def test_broken_files_are_named_by_predict_and_the_others_answered(good: Path, tmp_path: Path, capfd):
    run_folder, inputs = trained(capfd, good, tmp_path / "run"), tmp_path / "inputs"
    inputs.mkdir()
    for name, (write, _) in BROKEN.items():
        write(inputs / name)
    np.save(inputs / "good.npy", GOOD)
    code, out, err = said(capfd, "predict", run_folder, inputs, "--json")
    assert code == 3
    assert f"{len(BROKEN)} of {len(BROKEN) + 1} samples could not be read, the others are answered" in err
    for answer in json.loads(out)["predictions"]:
        name = Path(answer["id"]).name
        assert (name in BROKEN) == ("error" in answer)
        assert name not in BROKEN or BROKEN[name][1] in answer["error"]


def test_odd_files_are_read_as_what_they_are(good: Path, tmp_path: Path, capfd):
    run_folder, inputs = trained(capfd, good, tmp_path / "run"), tmp_path / "inputs"
    inputs.mkdir()
    for name, write in ODD.items():
        write(inputs / name)
    code, out, err = said(capfd, "predict", run_folder, inputs, "--json")
    assert code == 0, err
    answers = json.loads(out)["predictions"]
    assert {Path(a["id"]).name for a in answers} == set(ODD)
    assert all(np.isfinite(list(a["probabilities"].values())).all() for a in answers)


def test_odd_files_are_learnt_from(good: Path, tmp_path: Path, capfd):
    for n, (name, write) in enumerate(ODD.items()):
        write(good / "ab"[n % 2] / name)
    code, _, err = said(capfd, "audio", "train", good, *QUICK, *SMALL, "--out", tmp_path / "run")
    assert code == 0, err
    assert np.isfinite(json.loads((tmp_path / "run" / "evaluation" / "test.json").read_text())["loss"])


@pytest.mark.parametrize(("content", "says"), LYING.values(), ids=LYING.keys())
def test_a_ts_file_that_lies_is_named_by_its_line(tmp_path: Path, content: str, says: str, capfd):
    (tmp_path / "set.ts").write_text(content)
    code, _, err = said(capfd, "audio", "train", tmp_path / "set.ts", "--out", tmp_path / "run")
    assert code == 3
    assert len(err.splitlines()) == 1
    assert "set.ts" in err
    assert says in err


@pytest.mark.parametrize(
    ("name", "write", "says"),
    [
        ("one.csv", text("x,y,z\n1,2,3\n"), "one.csv is a single series, of 3 columns; give a folder with"),
        ("bare.csv", text("1,2,3\n4,5,6\n"), "bare.csv is a single series, of 3 columns"),
        ("steps.csv", text("time,x,label\n0,1,a\n1,2,b\n"), "steps.csv is a single series, of 3 columns"),
        ("words.csv", text("text,value\nhi,1\n"), "no column for the files among 'text', 'value'"),
        (
            "walk.bvh",
            text(BVH + "1 2 3\n4 5 6\n"),
            "walk.bvh is a single sample; give a folder with a folder per class",
        ),
        ("one.npy", array(GOOD), "one.npy is a single sample"),
        ("X.npz", lambda p: np.savez(p, X=np.zeros((4, 5, 2))), "its series have no labels"),
        ("empty.ts", bytes_of(b""), "the file is empty (0 bytes)"),
        ("empty.arff", bytes_of(b""), "the file is empty (0 bytes)"),
        ("pickle.npz", lambda p: np.savez(p, X=np.array([{}], object), y=[0]), "never unpickled"),
    ],
)
def test_a_file_that_is_no_set_is_refused_as_data(tmp_path: Path, name: str, write: Write, says: str, capfd):
    write(tmp_path / name)
    code, _, err = said(capfd, "audio", "train", tmp_path / name, "--out", tmp_path / "run")
    assert code == 3
    assert len(err.splitlines()) == 1
    assert says in err


def test_a_set_of_one_step_a_series_can_be_learnt(tmp_path: Path, capfd):
    np.savez(tmp_path / "set.npz", X=RANDOM.standard_normal((40, 1, 3)), y=np.arange(40) % 2)
    options = (*QUICK, *SMALL, "--set", "reader.axes=tc", "--out", tmp_path / "run")
    code, out, err = said(capfd, "audio", "train", tmp_path / "set.npz", *options)
    assert code == 0, err
    assert "series of 3 channels, 1 step of" in out
