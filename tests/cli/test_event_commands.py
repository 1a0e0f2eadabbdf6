"""Finding events by the command line, on short scenes of real drums and organ notes."""

import csv
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from multicnn.audio.datasets.events.scenes import heard
from multicnn.audio.datasets.instruments import instruments
from multicnn.audio.reader import SoundReader
from multicnn.cli.main import run

RATE = 8_000
SECONDS = 2.0
KINDS = ("drums", "organ")
PARTS = {"train": 32, "val": 8, "test": 8}
SMALL = ("--set", "model.width=8", "--set", "model.hidden=24", "--precision", "fp32", "--device", "cpu", "-q")


def notes() -> dict[str, list[np.ndarray]]:
    table = instruments()
    read = SoundReader(rate=RATE, seconds=SECONDS)
    found: dict[str, list[np.ndarray]] = {}
    for kind in KINDS:
        rows = np.flatnonzero(table.target == table.classes.index(kind))[:12]
        found[kind] = [heard(read(str(table.items[row]))) for row in rows]
    return found


@pytest.fixture(scope="module")
def scenes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A table of 48 scenes, every fourth without an event."""
    root = tmp_path_factory.mktemp("scenes")
    random = np.random.default_rng(1)
    pool = notes()
    rows = []
    for number, part in enumerate(p for p, n in PARTS.items() for _ in range(n)):
        mixed = random.normal(0, 0.01, round(SECONDS * RATE))
        kind = None if number % 4 == 3 else KINDS[number % 2]
        if kind:
            note = pool[kind][random.integers(len(pool[kind]))]
            start = random.integers(0, len(mixed) - len(note))
            mixed[start : start + len(note)] += 0.5 * note
            rows.append((f"{number}.wav", start / RATE, (start + len(note)) / RATE, kind, part))
        else:
            rows.append((f"{number}.wav", "", "", "", part))
        soundfile.write(root / f"{number}.wav", mixed, RATE, subtype="PCM_16")
    write(root / "scenes.csv", [("filename", "onset", "offset", "event_label", "split"), *rows])
    return root / "scenes.csv"


def write(path: Path, rows: list[tuple]) -> Path:
    with open(path, "w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
    return path


def lines(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(text.splitlines()))


@pytest.fixture(scope="module")
def finder(scenes: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of some seconds."""
    work = tmp_path_factory.mktemp("work")
    options = ("--epochs", 25, "--batch-size", 8, "--lr", 0.006, "--augment", "shift", "--set", "train.ema=0.9")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MULTICNN_CACHE", str(work / "cache"))
        given = ["audio", "train", scenes, "--task", "events", "-o", work / "run", *SMALL, *options]
        assert run([str(g) for g in given], debug=True) == 0
    return work / "run"


def test_a_net_learns_to_find_events_and_is_measured(finder: Path) -> None:
    found = json.loads((finder / "evaluation" / "test.json").read_text())
    assert found["metrics"].keys() == {
        "f1_event_200ms", "f1_event_200ms_micro", "f1_segment_1s", "error_rate_segment_1s", "f1_intersection_50",
        "psds1", "psds2", "map_recording",
    }  # fmt: skip
    assert found["metrics"]["f1_segment_1s"] > 0.6
    assert found["metrics"]["f1_event_200ms_micro"] > 0.4
    history = [json.loads(line) for line in (finder / "metrics.jsonl").read_text().splitlines()]
    assert history[-1]["train_loss"] < 0.5 * history[0]["train_loss"]
    thresholds = json.loads((finder / "model.json").read_text())["settings"]["task"]["threshold"]
    assert len(thresholds) == 2
    assert all(row["median"] in (0.0, 0.25, 0.4, 0.55, 0.8, 1.2) for row in found["per_class"].values())
    assert [row["threshold"] for row in found["per_class"].values()] == pytest.approx(thresholds, abs=1e-4)
    assert (finder / "evaluation" / "events_test.png").stat().st_size > 10_000
    page = (finder / "report.html").read_text(encoding="utf-8")
    assert 0 < page.count('<svg class="spans"') <= page.count("<audio") <= 8  # none where nothing is true or said
    assert '<rect class="true"' in page
    assert '<rect class="said"' in page


def test_evaluating_again_gives_the_same_numbers(finder: Path, works: Callable) -> None:
    before = json.loads((finder / "evaluation" / "test.json").read_text())
    works("evaluate", finder, "-q")
    after = json.loads((finder / "evaluation" / "test.json").read_text())
    assert after["metrics"] == pytest.approx(before["metrics"], abs=1e-6)


def test_predictions_are_those_of_the_evaluation(finder: Path, scenes: Path, works: Callable) -> None:
    kept = lines((finder / "evaluation" / "predictions_test.csv").read_text())
    first = len(list(scenes.parent.glob("*.wav"))) - PARTS["test"]
    files = [scenes.parent / f"{n}.wav" for n in range(first, first + PARTS["test"])]
    told = lines(works("predict", finder, *files).out)
    assert list(told[0]) == ["id", "label", "onset", "offset", "probability", "error"]
    assert [Path(r["id"]).name for r in told] == [r["id"] for r in kept]
    for ours, theirs in zip(told, kept, strict=True):
        assert ours["label"] == theirs["label"]
        assert all(ours[n] == theirs[n] for n in ("onset", "offset"))


def test_long_files_are_answered_in_pieces_with_files_of_their_own(
    finder: Path, scenes: Path, works: Callable, tmp_path: Path
) -> None:
    whole = np.concatenate([soundfile.read(scenes.parent / f"{n}.wav")[0] for n in range(40, 47)])
    soundfile.write(tmp_path / "long.flac", np.repeat(whole, 2), 2 * RATE)
    (tmp_path / "other").mkdir()
    soundfile.write(tmp_path / "other" / "long.wav", whole[:9000], RATE)
    out = tmp_path / "found"
    inputs = (tmp_path / "long.flac", tmp_path / "other" / "long.wav")
    said = json.loads(works("predict", finder, *inputs, "--out", out, "--json").out)
    one, other = said["predictions"]
    assert one["seconds"] == pytest.approx(14.0)
    assert other["seconds"] == pytest.approx(9000 / RATE)
    assert {e["label"] for e in one["events"]} == set(KINDS)
    assert max(e["offset"] for e in one["events"]) > 8
    assert all(0 <= e["onset"] < e["offset"] <= 14 and 0 < e["probability"] <= 1 for e in one["events"])
    assert (one["labels"], other["labels"]) == ("labels/long.txt", "labels/long-2.txt")
    told = [line.split("\t") for line in (out / "labels/long.txt").read_text().splitlines()]
    assert [(float(a), float(b), c) for a, b, c in told] == [
        (pytest.approx(e["onset"], abs=1e-3), pytest.approx(e["offset"], abs=1e-3), e["label"]) for e in one["events"]
    ]
    with np.load(out / "scores/long.npz") as kept:
        assert kept["scores"].shape == (2, len(kept["edges"]) - 1)
        assert kept["edges"][-1] == pytest.approx(14.0)
        assert kept["classes"].tolist() == [*KINDS]
    assert (out / "pictures/long.png").stat().st_size > 5_000
    assert len(lines((out / "predictions.csv").read_text())) == sum(max(1, len(p["events"])) for p in (one, other))
    works("predict", finder, *inputs, "--out", out, "--overwrite", "-q")
    assert sorted(p.name for p in (out / "labels").iterdir()) == ["long-2.txt", "long.txt"]


def test_an_unreadable_recording_is_named_among_the_answers(
    finder: Path, scenes: Path, command: Callable, tmp_path: Path
) -> None:
    (tmp_path / "broken.wav").write_bytes(b"no sound at all")
    answer = command("predict", finder, tmp_path / "broken.wav", scenes.parent / "40.wav")
    assert answer.code == 3
    rows = lines(answer.out)
    assert "broken.wav" in rows[0]["error"]
    assert rows[1]["error"] == ""


def test_sounds_of_which_only_tags_are_known_teach_too(scenes: Path, works: Callable, tmp_path: Path) -> None:
    """Half of the training scenes lose their times; and then all of the validation's, too."""
    with open(scenes, encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    strong = [tuple(r.values()) for r in rows if r["split"] == "test" or int(r["filename"][:-4]) < 16]
    weak = [(r["filename"], r["event_label"], r["split"]) for r in rows if tuple(r.values()) not in strong]
    data = tmp_path / "data"
    for number in range(48):
        (data / "audio").mkdir(parents=True, exist_ok=True)
        (data / "audio" / f"{number}.wav").symlink_to(scenes.parent / f"{number}.wav")
    (data / "metadata").mkdir()
    write(data / "metadata" / "strong.csv", [("filename", "onset", "offset", "event_label", "split"), *strong])
    write(data / "metadata" / "weak.csv", [("filename", "event_labels", "split"), *weak])
    options = ("--task", "events", "--epochs", 2, "--set", "task.pool=attention", "-o", tmp_path / "weak", *SMALL)
    works("audio", "train", data, *options)
    found = json.loads((tmp_path / "weak" / "evaluation" / "test.json").read_text())
    assert found["n"] == PARTS["test"]
    facts = json.loads((tmp_path / "weak" / "data.json").read_text())
    assert any("only known for what occurs" in note for note in facts["notes"])


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--augment", "roll"), "take shift instead"),
        (("--set", "task.pool=meen"), "did you mean 'mean'|pooling"),
        (("--model", "fcnn1"), "keeps no time"),
        (("--seconds", "0.0001"), "milliseconds|hold a sample"),
        (("--set", "reader.context=3"), "a quarter at most"),
        (("--set", "model.times=[1,2]"), "give 5 strides"),
    ],
)
def test_what_cannot_be_is_refused(scenes: Path, command: Callable, tmp_path: Path, options: tuple, says: str) -> None:
    import re

    answer = command("audio", "train", scenes, "--task", "events", "-o", tmp_path / "run", *options)
    assert answer.code == 2, answer.err
    assert re.search(says, answer.err)


def test_test_time_augmentation_is_refused(finder: Path, scenes: Path, command: Callable) -> None:
    answer = command("predict", finder, scenes.parent / "0.wav", "--tta")
    assert answer.code == 2
    assert "no test-time augmentation" in answer.err
