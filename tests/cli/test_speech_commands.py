"""Transcribing by the command line: a few transmissions in Morse code, a network that has hardly learnt."""

import csv
import json
import re
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import pytest

from multicnn.cli.main import run

QUICK = (
    "--epochs",
    1,
    "--set",
    "model.width=16",
    "--set",
    "model.kernels=[5]",
    "--device",
    "cpu",
    "--precision",
    "fp32",
)
Command = Callable[..., object]


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run on 16 transmissions, and the sounds beside it."""
    work = tmp_path_factory.mktemp("work")
    write = import_module("multicnn.audio.datasets.transcripts.morse").write
    write(work / "morse", {"train": 16, "val": 4, "test": 4})
    table = work / "morse" / "table.csv"  # with one more column
    head, *rows = table.read_text(encoding="utf-8").splitlines()
    beside = [f"{line},{('slow', 'fast')[n % 2]}" for n, line in enumerate(rows)]
    table.write_text("\n".join([f"{head},keyer", *beside]), encoding="utf-8")
    given = ["audio", "train", f"morse={work / 'morse'}", "--task", "transcribe", "-o", work / "run", "-q", *QUICK]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MULTICNN_CACHE", str(work / "cache"))
        assert run([str(g) for g in given], debug=True) == 0
    return work


def test_without_data_the_set_is_made(works: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        import_module("multicnn.audio.datasets.transcripts.morse"), "PARTS", {"train": 8, "val": 2, "test": 2}
    )
    answer = works("audio", "train", "--task", "transcribe", "-o", tmp_path / "run", *QUICK)
    assert "no data named: training on the built-in set 'morse'" in answer.out
    assert "units; 8 train, 2 val, 2 test (official train, val, test)" in answer.out
    assert "warning" not in answer.out


def test_the_report_lets_sounds_be_heard_beside_their_texts(trained: Path) -> None:
    page = (trained / "run" / "report.html").read_text(encoding="utf-8")
    with open(trained / "run" / "evaluation" / "predictions_test.csv", newline="", encoding="utf-8") as file:
        texts = [line["text"] for line in csv.DictReader(file)]
    assert page.count("<audio") == len(texts) == 4
    shown = re.sub(r"<[^>]*>", "", page)
    assert all(word in shown for text in texts for word in text.split())


def test_errors_of_words_are_told_apart_by_a_column_of_the_table(
    works: Command, refuses: Command, trained: Path, tmp_path: Path
) -> None:
    works("report", trained / "run", "--slice", "keyer", "--out", tmp_path / "page.html", "--device", "cpu")
    with open(trained / "morse" / "table.csv", newline="", encoding="utf-8") as file:
        keyer = {line["path"]: line["keyer"] for line in csv.DictReader(file)}
    with open(trained / "run" / "evaluation" / "predictions_test.csv", newline="", encoding="utf-8") as file:
        lines = [*csv.DictReader(file)]
    for page in (tmp_path / "page.html", trained / "run" / "report.html"):
        found = page.read_text(encoding="utf-8").partition("<h3>keyer</h3>")[2]
        for value in ("slow", "fast"):
            own = [line for line in lines if keyer[line["id"]] == value]
            wer = sum(int(line["word_edits"]) for line in own) / sum(int(line["words"]) for line in own)
            assert f'<tr><td>{value}</td><td class="n">{len(own)}</td><td class="n">{wer:.4f}</td>' in found
    refuses(
        "report", trained / "run", "--slice", "kyer", "--out", tmp_path / "b.html", code=2, says="did you mean keyer"
    )


def test_a_folder_gets_subtitles(works: Command, trained: Path, tmp_path: Path) -> None:
    sounds = sorted((trained / "morse").glob("test*.flac"))
    works("predict", trained / "run", *sounds, "--out", tmp_path / "out", "--set", "task.beam=2")
    table = (tmp_path / "out" / "predictions.csv").read_text().splitlines()
    assert table[0] == "id,text,confidence,error"
    assert len(table) == 5
    found = sorted(p.suffix for p in (tmp_path / "out" / "subtitles").iterdir())
    assert found == sorted([".TextGrid", ".srt", ".vtt"] * 4)


def test_a_table_stays_alone(works: Command, trained: Path, tmp_path: Path) -> None:
    sounds = sorted((trained / "morse").glob("test*.flac"))
    works("predict", trained / "run", trained / "morse", "--out", tmp_path / "out.jsonl")
    assert (tmp_path / "out.jsonl").is_file()
    lines = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert {"id", "text", "confidence", "words"} == set(lines[0])
    assert {str(s) for s in sounds} < {line["id"] for line in lines}
    assert [p.name for p in tmp_path.iterdir() if p.name != "cache"] == ["out.jsonl"]


def test_evaluate_takes_settings_of_the_task(works: Command, trained: Path, tmp_path: Path) -> None:
    (tmp_path / "words.txt").write_text("the\nis\n")
    words = f"task.words={tmp_path / 'words.txt'}"
    answer = works("evaluate", trained / "run", "--json", "--set", "task.beam=4", "--set", words)
    found = json.loads(answer.out)
    assert found["set"] == {"beam": 4, "words": str(tmp_path / "words.txt")}
    assert found["metrics"]["cer_corpus"] >= 0


@pytest.mark.parametrize(
    ("setting", "says"),
    [
        ("task.beam=0", "task.beam is 0"),
        ("task.beem=4", "no setting of task 'transcribe' named 'beem'; did you mean beam"),
        ("model.width=4", "--set model...: settled by training"),
        ("task.level=2", "task.level is 2"),
        ("task.words=nowhere", "task.words needs a search"),
        ("beam=4", "write table.key=value"),
    ],
)
def test_wrong_settings(refuses: Command, trained: Path, setting: str, says: str) -> None:
    sound = trained / "morse" / "test-000.flac"
    refuses("predict", trained / "run", sound, "--set", setting, code=2, says=says)
    refuses("evaluate", trained / "run", "--set", setting, code=2, says=says)


def test_what_is_no_sound_is_named(refuses: Command, trained: Path, tmp_path: Path) -> None:
    (tmp_path / "talk.wav").write_text("hello")
    refuses("predict", trained / "run", tmp_path / "talk.wav", code=3, says=r"talk\.wav: not a sound that can be read")


def test_other_commands_refuse_what_does_not_apply(refuses: Command, trained: Path) -> None:
    sound = trained / "morse" / "test-000.flac"
    refuses("predict", trained / "run", sound, "--tta", code=2, says="audio transcribe has no test-time augmentation")
    refuses("compare", trained / "run", trained / "run", code=2, says="compare reads runs of classify only")
