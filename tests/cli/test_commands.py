"""What every command prints, under all its names, for people and for programs."""

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from multicnn.cli.main import main

ROOT = Path(__file__).resolve().parents[2]


def parsed(text: str) -> object:
    """One JSON value, alone: no second line, no NaN."""

    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is no JSON")

    assert text.count("\n") == 1
    return json.loads(text, parse_constant=refuse)


def lines(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def shell(command: str, *, given: bytes = b"", **environment: str) -> subprocess.CompletedProcess[str]:
    """A command in a process of its own."""
    settings = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", **environment}
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command], capture_output=True, cwd=ROOT, env=settings, input=given
    )
    return subprocess.CompletedProcess(command, done.returncode, done.stdout.decode(), done.stderr.decode())


def test_train_prints_one_object_alone(works, pictures, quick, tmp_path):
    answer = works("image", "train", pictures, *quick, "--json", "--out", tmp_path / "run")
    found = parsed(answer.out)
    assert found["run"] == str(tmp_path / "run")
    assert found["split"] == "test"
    assert found["metrics"].keys() == found["intervals"].keys() - {"loss"}
    assert found["baselines"]["majority class"]["accuracy"] == 0.5
    assert "epoch 1/1" in answer.err


def test_folds_print_one_object_alone(works, pictures, quick, tmp_path):
    found = parsed(works("image", "train", pictures, *quick, "--folds", 2, "--json", "--out", tmp_path / "folds").out)
    assert len(found["folds"]) == 2
    assert found["metrics"]["accuracy"].keys() == {"mean", "deviation"}
    runs = [json.loads((Path(r) / "evaluation/test.json").read_text()) for r in found["folds"]]
    assert sum(r["n"] for r in runs) == 24
    assert found["metrics"]["accuracy"]["mean"] == pytest.approx(sum(r["metrics"]["accuracy"] for r in runs) / 2)


def test_evaluate_and_compare_print_one_object_alone(works, image_run):
    found = parsed(works("evaluate", image_run, "--json").out)
    assert found["run"] == str(image_run)
    assert found["n"] == sum(c["samples"] for c in found["per_class"].values())
    both = parsed(works("compare", image_run, image_run, "--json").out)
    assert both["n"] == found["n"]
    assert both["metrics"]["accuracy"]["difference"] == 0


def test_predict_prints_one_object_alone(works, image_run, pictures):
    found = parsed(works("predict", image_run, pictures / "0/00.png", pictures / "1/00.png", "--json").out)
    assert [p["prediction"] for p in found["predictions"]] == ["0", "1"]
    for p in found["predictions"]:
        assert sum(p["probabilities"].values()) == pytest.approx(1)
        assert p["confidence"] == max(p["probabilities"].values())


def test_answers_are_the_same_in_every_form(works, image_run, pictures, tmp_path):
    plain = works("predict", image_run, pictures).out
    rows = lines(plain)
    assert len(rows) == 24
    assert list(rows[0]) == ["id", "prediction", "confidence", "p_0", "p_1", "error"]
    objects = [json.loads(line) for line in works("predict", image_run, pictures, "--format", "jsonl").out.splitlines()]
    assert [(o["id"], o["prediction"]) for o in objects] == [(r["id"], r["prediction"]) for r in rows]
    assert [o["probabilities"]["0"] for o in objects] == pytest.approx([float(r["p_0"]) for r in rows], rel=1e-5)
    answer = works("predict", image_run, pictures, "-o", tmp_path / "new" / "answers.csv")
    assert answer.out == ""
    assert (tmp_path / "new/answers.csv").read_text() == plain
    works("predict", image_run, pictures, "--out", tmp_path / "answers.jsonl")
    assert [json.loads(line) for line in (tmp_path / "answers.jsonl").read_text().splitlines()] == objects
    works("predict", image_run, pictures, "--out", tmp_path / "answers.jsonl", "--overwrite", "--format", "csv")
    assert (tmp_path / "answers.jsonl").read_text() == plain


def test_unreadable_samples_stay_in_the_answers_with_their_reason(command, works, image_run, pictures):
    (pictures / "0/03.png").write_bytes(b"")
    answer = command("predict", image_run, pictures)
    assert answer.code == 3
    (error,) = answer.errors
    assert "03.png: the file is empty" in error
    assert "1 of 24 samples could not be read, the others are answered" in error
    rows = lines(answer.out)
    assert len(rows) == 24
    (bad,) = [r for r in rows if r["error"]]
    assert bad["id"].endswith("0/03.png")
    assert bad["prediction"] == bad["confidence"] == bad["p_0"] == ""
    assert lines(works("predict", image_run, pictures, "--on-bad", "skip").out) == rows
    found = parsed(command("predict", image_run, pictures, "--json").out)
    assert [p["id"] for p in found["predictions"] if "error" in p] == [bad["id"]]


def test_a_file_missing_from_a_table_stays_in_the_answers(command, image_run, pictures):
    (pictures / "list.csv").write_text("path\n0/00.png\n0/gone.png\n1/01.png\n")
    answer = command("predict", image_run, pictures / "list.csv")
    assert answer.code == 3
    rows = lines(answer.out)
    assert [r["id"] for r in rows] == ["0/00.png", "0/gone.png", "1/01.png"]
    assert [r["prediction"] for r in rows] == ["0", "", "1"]
    assert "no such file" in rows[1]["error"]


def test_texts_come_from_lines_documents_and_tables(text_run, tmp_path):
    good, bad = "a wonderful film, I loved it", "an awful meal, I hated it"
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/a.txt").write_text(f"{good}\n{good}\n")
    (tmp_path / "docs/b.txt").write_text(bad)
    (tmp_path / "texts.csv").write_text(f'text\n"{bad}"\n"{good}"\n')
    command = f"printf '{good}\\n\\n{bad}\\n' | multicnn predict {text_run} - {tmp_path}/docs {tmp_path}/texts.csv"
    done = shell(command)
    assert done.returncode == 0, done.stderr
    rows = lines(done.stdout)
    names = [
        "line 1",
        "line 2",
        "line 3",
        f"{tmp_path}/docs/a.txt",
        f"{tmp_path}/docs/b.txt",
        "texts.csv:2",
        "texts.csv:3",
    ]
    assert [r["id"] for r in rows] == names
    said = [r["prediction"] for r in rows]
    assert said[:1] + said[2:] == ["good", "bad", "good", "bad", "bad", "good"]


STDIN = {
    "nothing": (b"", "- standard input is empty; write one text a line"),
    "another encoding": ("отлично\n".encode("cp1251"), "- standard input is not UTF-8; convert it, as by `iconv"),
}


@pytest.mark.parametrize(("given", "says"), STDIN.values(), ids=STDIN)
def test_what_is_no_text_on_standard_input_is_refused(given, says, text_run, command, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(given), "utf-8"))
    answer = command("predict", text_run, "-")
    assert answer.code == 3
    assert [says in line for line in answer.errors] == [True]


@pytest.mark.parametrize("verb", ["val", "eval", "validate", "test", "evaluate"])
def test_evaluate_has_the_names_that_people_try(verb, works, image_run):
    assert parsed(works(verb, image_run, "--json").out)["split"] == "test"


def test_predict_has_another_name(works, image_run, pictures):
    assert len(lines(works("inference", image_run, pictures).out)) == 24


SPELLINGS = {
    "hyphens": "--batch-size 7 --weight-decay 0.25 --class-weights balanced",
    "underscores": "--batch_size 7 --weight_decay 0.25 --class_weights balanced",
    "short": "-b 7 --weight-decay=0.25 --class-weights=balanced",
    "other names": "--batch 7 --weight-decay .25 --set task.class_weights=balanced",
    "settings": "--set train.batch-size=7 --set train.weight_decay=0.25 --set task.class-weights=balanced",
}


@pytest.mark.parametrize("options", SPELLINGS.values(), ids=SPELLINGS)
def test_settings_have_the_spellings_that_people_try(options, works, pictures, quick, tmp_path):
    import tomllib

    works("image", "train", pictures, *quick, *options.split(), "-o", tmp_path / "run")
    found = tomllib.loads((tmp_path / "run/config.toml").read_text())
    assert found["train"]["batch_size"] == 7
    assert found["train"]["weight_decay"] == 0.25
    assert found["task"]["class_weights"] == "balanced"


@pytest.mark.parametrize("option", ["-o", "--out", "--output", "--output-dir", "--output_dir"])
def test_the_run_folder_has_the_names_that_people_try(option, works, pictures, quick, tmp_path):
    works("image", "train", "--data", pictures, *quick, option, tmp_path / "run")
    assert (tmp_path / "run/model.json").exists()


def test_quiet_is_silent(works, pictures, quick, tmp_path):
    """But for warnings, here of a net that learnt nothing in an epoch."""
    answer = works("image", "train", pictures, *quick, "-q", "--out", tmp_path / "run")
    assert answer.out == ""
    assert answer.errors == []
    answer = works("predict", tmp_path / "run", pictures, "-q", "--out", tmp_path / "answers.csv")
    assert answer.out == answer.err == ""


def test_verbose_shows_every_setting(works, pictures, quick, tmp_path):
    answer = works("image", "train", pictures, *quick, "-v", "--out", tmp_path / "run")
    assert (tmp_path / "run/config.toml").read_text() in answer.out


def test_a_missed_requirement_has_a_code_of_its_own(command, works, image_run, pictures, quick, tmp_path):
    answer = command("image", "train", pictures, *quick, "--require", "accuracy>=1.5", "--out", tmp_path / "run")
    assert answer.code == 5
    assert len(answer.errors) == 1
    assert command("evaluate", image_run, "--require", "loss<=0").code == 5
    assert command("evaluate", image_run, "--require", "los<=0").code == 2
    works("evaluate", image_run, "--require", "accuracy>=0.1")


COMMANDS = [
    "", "image", "image train", "image tasks", "image models", "image datasets", "audio", "audio train", "text",
    "text train", "evaluate", "predict", "resume", "compare", "cache", "cache list", "cache clear", "doctor",
]  # fmt: skip
HEAVY = ("torch", "numpy", "sklearn", "PIL", "soundfile", "matplotlib", "accelerate", "rich")
HELPS = f"""
import sys
from multicnn.cli.main import run
for command in {COMMANDS!r}:
    for word in ("--help", "-h"):
        assert run([*command.split(), word], debug=True) == 0
loaded = [name for name in {HEAVY!r} if name in sys.modules]
assert not loaded, loaded
"""


def test_help_of_every_command_imports_nothing_heavy():
    done = subprocess.run([sys.executable, "-c", HELPS], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("Usage: multicnn") == 2 * len(COMMANDS)


@pytest.mark.parametrize("group", [[], ["image"], ["cache"]])
def test_a_group_without_a_command_prints_its_help(group, command):
    answer = command(*group)
    assert "Commands:" in answer.out
    assert answer.err == ""


def test_the_version_is_that_of_the_package(works):
    from importlib.metadata import version

    assert works("--version").out == f"multicnn, version {version('multicnn')}\n"


def test_debug_shows_the_traceback_anywhere_on_the_line(command):
    plain = command("predict", "nowhere", "a.png")
    shown = shell("python -m multicnn predict --debug nowhere a.png")
    assert plain.code == shown.returncode == 2
    assert "Traceback (most recent call last)" in shown.stderr
    assert shown.stderr.splitlines()[-1:] == plain.errors


def test_a_reader_that_goes_away_is_no_error(image_run, pictures):
    done = shell(f"multicnn predict {image_run} {pictures} {pictures} {pictures} | head -1; echo ${{PIPESTATUS[0]}}")
    assert done.stdout.splitlines()[-1] == "0"
    assert done.stderr == ""


def test_output_that_is_no_terminal_has_no_colours_and_no_bar(image_run, pictures, quick, tmp_path):
    options = f"{' '.join(quick)} --out {tmp_path / 'run'}"
    done = shell(f"multicnn image train {pictures} {options}", NO_COLOR="1", LC_ALL="C", PYTHONUTF8="0")
    assert done.returncode == 0, done.stderr
    assert "\x1b" not in done.stdout + done.stderr
    assert "\r" not in done.stdout + done.stderr
    assert all(line.startswith("warning:") for line in done.stderr.splitlines()), done.stderr


def test_letters_that_the_output_lacks_are_no_error(image_run, pictures, monkeypatch):
    out = io.TextIOWrapper(io.BytesIO(), "latin-1")
    (pictures / "0/03.png").rename(pictures / "0/日本 é.png")
    monkeypatch.setattr("sys.stdout", out)
    with pytest.raises(SystemExit, match="0"):
        main(["predict", str(image_run), str(pictures)])
    out.seek(0)
    assert "/0/\\u65e5\\u672c é.png,0," in out.read()
