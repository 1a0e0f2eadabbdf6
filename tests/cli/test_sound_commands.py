"""Commands on long sounds, on pieces of them, and on labels of which some are not known."""

import csv
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

RATE = 8_000  # Hz
KNOWN = ("110", "10?", "0?1", "?01")  # of the labels low, high, loud, in turn


def scene(path: Path) -> Path:
    """Thirty seconds of a room in which a low and a high tone sound for a second."""
    t = np.arange(30 * RATE) / RATE
    sound = 0.01 * np.random.default_rng(0).standard_normal(len(t))
    for start, pitch in ((5.0, 210.0), (20.0, 2_050.0)):
        sound += 0.5 * np.sin(2 * np.pi * pitch * t) * ((t >= start) & (t < start + 1))
    soundfile.write(path, sound, RATE)
    return path


@pytest.fixture
def hearing(tmp_path: Path, works: Callable, quick: tuple[str, ...]) -> Path:
    """A run on pieces of 0.4 s of one recording that a table cuts: low and high tones, and background."""
    t = np.arange(48 * RATE) / RATE
    pitch = np.select([t % 2 < 0.5, t % 2 < 1], [200 + 2 * t, 2_000 + 5 * t], 0)
    room = 0.01 * np.random.default_rng(1).standard_normal(len(t))
    soundfile.write(tmp_path / "long.flac", 0.5 * np.sin(2 * np.pi * pitch * t) + room, RATE)
    rows = ["file,start,end,label,split"]
    for k in range(24):
        part = ("train", "train", "val", "test")[k % 4]
        rows += [f"long.flac,{2 * k + at},{2 * k + at + 0.4:.2f},{name},{part}"
                 for name, at in (("low", 0.05), ("high", 0.55), ("background", 1.4))]  # fmt: skip
    (tmp_path / "pieces.csv").write_text("\n".join(rows), encoding="utf-8")
    options = (*quick, "--epochs", "20", "--batch-size", "4", "--set", "train.ema=0", "--augment", "none")
    works("audio", "train", tmp_path / "pieces.csv", "--out", tmp_path / "run", *options)
    return tmp_path / "run"


def test_keywords_are_found_in_a_long_sound(hearing: Path, tmp_path: Path, works: Callable):
    long = scene(tmp_path / "scene.wav")
    lines = list(csv.DictReader(works("predict", hearing, long).out.splitlines()))
    assert [(line["prediction"], bool(line["onset"])) for line in lines] == [
        ("background", False), ("low", True), ("high", True),
    ]  # fmt: skip
    for line, start in zip(lines[1:], (5.0, 20.0), strict=True):
        assert float(line["onset"]) == pytest.approx(start, abs=0.2)
        assert float(line["offset"]) == pytest.approx(start + 1, abs=0.2)
    works("predict", hearing, long, tmp_path / "long.flac", "--out", tmp_path / "out.jsonl", "--every", "0.25")
    first, second = map(json.loads, (tmp_path / "out.jsonl").read_text().splitlines())
    assert [span["label"] for span in first["spans"]] == ["low", "high"]
    assert len(second["spans"]) > 24
    sure = json.loads(works("predict", hearing, long, "--json", "--threshold", "0.999999").out)
    assert len(sure["predictions"][0]["spans"]) <= 2


def test_short_sounds_are_answered_as_before(hearing: Path, tmp_path: Path, works: Callable):
    soundfile.write(tmp_path / "short.wav", soundfile.read(scene(tmp_path / "s.wav"), frames=2 * RATE)[0], RATE)
    (line,) = csv.DictReader(works("predict", hearing, tmp_path / "short.wav").out.splitlines())
    assert (line["prediction"], line["onset"], line["offset"]) == ("background", "", "")
    assert "spans" not in json.loads(works("predict", hearing, tmp_path / "short.wav", "--format", "jsonl").out)


def test_a_long_sound_that_cannot_be_read_is_named(hearing: Path, tmp_path: Path, command: Callable):
    long = scene(tmp_path / "scene.wav")
    long.write_bytes(long.read_bytes()[: RATE * 40])
    answer = command("predict", hearing, long)
    assert (answer.code, len(answer.errors)) == (3, 1)
    assert "scene.wav" in answer.errors[0]


@pytest.mark.parametrize(
    ("flags", "says"),
    [
        (("--every", "9"), r"--every 9\.0: seconds between looks; give more than 0 and at most 0\.3"),
        (("--threshold", "2"), r"--threshold 2\.0: a probability lies between 0 and 1"),
    ],
)
def test_looks_out_of_range_are_refused(flags, says: str, audio_run: Path, sounds: Path, refuses: Callable):
    refuses("predict", audio_run, sounds, *flags, code=2, says=says)


@pytest.mark.parametrize("flags", [("--every", "0.1"), ("--threshold", "0.5")])
def test_pictures_have_no_times(flags, image_run: Path, pictures: Path, refuses: Callable):
    says = rf"{flags[0]} is for long sounds and runs that classify them, not for image classify"
    refuses("predict", image_run, pictures, *flags, code=2, says=says)


def test_labels_that_are_not_known_neither_teach_nor_count(tmp_path: Path, works: Callable, quick: tuple[str, ...]):
    """OpenMIC's layout, through training, its report, its table of predictions and a comparison."""
    keys = [f"{k:06d}_0" for k in range(24)]
    known = np.array([[c != "?" for c in KNOWN[k % 4]] for k in range(24)])
    true = np.array([[c == "1" for c in KNOWN[k % 4]] for k in range(24)])
    for k, key in enumerate(keys):
        t = np.arange(RATE // 4) / RATE
        file = tmp_path / "openmic" / "audio" / key[:3] / f"{key}.ogg"
        file.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(file, 0.3 * np.sin(2 * np.pi * (200 + 400 * (k % 4) + k) * t), RATE, subtype="VORBIS")
    root = tmp_path / "openmic"
    (root / "class-map.json").write_text('{"low": 0, "high": 1, "loud": 2}')
    np.savez(root / "openmic-2018.npz", Y_true=true.astype(float), Y_mask=known, sample_key=np.array(keys))
    (root / "partitions").mkdir()
    (root / "partitions" / "split01_train.csv").write_text("\n".join(keys[:16]))
    (root / "partitions" / "split01_test.csv").write_text("\n".join(keys[16:]))
    for name in ("a", "b"):
        works("audio", "train", root, "--out", tmp_path / name, *quick, "--seed", str(len(name)), "--val", "0.25")
    report = json.loads((tmp_path / "a" / "evaluation" / "test.json").read_text())
    assert report["metrics"].keys() >= {"map", "auc_macro", "d_prime", "lwlrap"}
    assert [report["per_class"][c]["samples"] for c in ("low", "high", "loud")] == [4, 2, 4]
    with open(tmp_path / "a" / "evaluation" / "predictions_test.csv", encoding="utf-8") as file:
        lines = list(csv.DictReader(file))
    assert [line["unknown"] for line in lines[:4]] == ["", "loud", "high", "low"]
    assert [line["label"] for line in lines[:4]] == ["low|high", "low", "loud", "loud"]
    assert 0 <= report["metrics"]["exact_match"] == np.mean([int(line["correct"]) for line in lines])
    found = json.loads(works("compare", tmp_path / "a", tmp_path / "b", "--json").out)
    assert found["metrics"]["map"]["first"] == pytest.approx(report["metrics"]["map"])
    assert found["metrics"]["loss"]["first"] == pytest.approx(report["loss"], abs=1e-6)
