"""`audit`: what it finds, writes and refuses; and that the table its fixes make trains at once, in each modality."""

import csv
import json
import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
LARGEST = 5_000_000  # bytes of a page


def rows(path: Path) -> list[dict[str, str]]:
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def digits(digit_folder: Path) -> Path:
    """Scans in class folders with one twice, one under two labels, one broken, one blank."""
    (digit_folder / "0" / "twice.png").write_bytes((digit_folder / "0" / "00.png").read_bytes())
    (digit_folder / "1" / "wrong.png").write_bytes((digit_folder / "2" / "05.png").read_bytes())
    (digit_folder / "2" / "broken.png").write_bytes(b"no picture")
    Image.new("L", (8, 8), 30).save(digit_folder / "2" / "blank.png")
    return digit_folder


def contents(folder: Path) -> dict[str, bytes]:
    return {path.as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_pictures_are_audited_mended_and_trained(command, digits, tmp_path, monkeypatch, quick):
    monkeypatch.chdir(tmp_path)
    before = contents(digits)
    answer = command("image", "audit", digits)
    assert answer.code == 0, answer.err
    folder = tmp_path / "audits" / "image-classify-digits"
    assert sorted(p.name for p in folder.iterdir()) == ["audit.html", "findings.csv", "fixes.csv"]
    assert "error    unreadable: 1 sample unreadable" in answer.out
    fixes = {row["id"]: row for row in rows(folder / "fixes.csv")}
    assert fixes["2/broken.png"]["action"] == fixes["2/blank.png"]["action"] == "drop"
    (again,) = {"0/00.png", "0/twice.png"} & fixes.keys()
    assert fixes[again]["action"] == "drop"
    (doubtful,) = {"1/wrong.png", "2/05.png"} & fixes.keys()
    assert (fixes[doubtful]["action"], len(fixes)) == ("keep", 4)
    text = (folder / "fixes.csv").read_text().replace(f"{doubtful},keep,", f"{doubtful},relabel,2")
    (tmp_path / "mine.csv").write_text(text)
    made = command("image", "audit", digits, "--apply", "mine.csv", "--out", "new.csv", "--json")
    assert made.code == 0, made.err
    assert json.loads(made.out)["samples"] == len(rows(tmp_path / "new.csv")) == 91
    assert {row["split"] for row in rows(tmp_path / "new.csv")} == {"train", "val", "test"}
    again = command("image", "audit", "new.csv", "--json")
    checks = {finding["check"] for finding in json.loads(again.out)["findings"]}
    assert not checks & {"unreadable", "blank", "exact-duplicates", "exact-duplicates-across"}
    trained = command("image", "train", "new.csv", "--out", "run", *quick)
    assert trained.code == 0, trained.err
    assert contents(digits) == before


def test_texts_are_audited_mended_and_trained(command, tmp_path, monkeypatch, quick):
    monkeypatch.chdir(tmp_path)
    lines = [
        f'"the ""{word}"" film, number {n}\nis {word}",{label}'
        for n in range(30)
        for word, label in (("good", "pos"), ("bad", "Neg"))
    ]
    lines += [lines[0].replace("the", "THE"), '"a sad, sad one",neg', '"",pos']
    Path("films.csv").write_text("text,label\n" + "\n".join(lines) + "\n")
    answer = command("text", "audit", "films.csv", "--out", "seen", "--json")
    assert answer.code == 0, answer.err
    found = {finding["check"]: finding for finding in json.loads(answer.out)["findings"]}
    assert found["label-spelling"]["label"] == "Neg"
    assert len(found["empty"]["ids"]) == 1
    for name in ("new.csv", "new.jsonl"):
        made = command("text", "audit", "films.csv", "--apply", "seen/fixes.csv", "--out", name)
        assert made.code == 0, made.err
        assert "61 samples; 2 dropped, 1 given another label" in made.out
    trained = command("text", "train", "new.jsonl", "--out", "run", *quick[:2], "--device", "cpu")
    assert trained.code == 0, trained.err


def test_sounds_and_pieces_of_them_are_audited_mended_and_trained(command, tmp_path, monkeypatch, quick):
    import soundfile

    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    table = ["path,onset,offset,label"]
    for n in range(12):
        for label, tone in (("low", 200), ("high", 1_200)):
            sound = 0.3 * np.sin(np.arange(8_000) * tone * 2 * np.pi / 8_000) + 0.1 * rng.normal(size=8_000)
            soundfile.write(f"{label}{n}.wav", sound, 8_000)
            table += [f"{label}{n}.wav,{start},{start + 0.5},{label}" for start in (0, 0.5)]
    soundfile.write("copy.wav", 0.89 * soundfile.read("low3.wav")[0], 8_000)
    Path("sounds.csv").write_text("\n".join([*table, "copy.wav,0.5,1.0,low"]) + "\n")
    answer = command("audio", "audit", "sounds.csv", "--out", "seen", "--json")
    assert answer.code == 0, answer.err
    near = [f for f in json.loads(answer.out)["findings"] if f["check"].startswith("near-duplicates")]
    assert [{*f["ids"], *f["beside"]} for f in near] == [{"copy.wav#t=0.5,1", "low3.wav#t=0.5,1"}]
    made = command("audio", "audit", "sounds.csv", "--apply", "seen/fixes.csv", "--out", "new.csv")
    assert made.code == 0, made.err
    assert len(rows(Path("new.csv"))) == 48
    trained = command("audio", "train", "new.csv", "--out", "run", *quick)
    assert trained.code == 0, trained.err


def test_the_page_opens_without_a_network_and_shows_pairs(command, digits, tmp_path):
    for n in range(8):  # many findings with media
        (digits / "0" / f"more{n}.png").write_bytes((digits / "0" / f"0{n + 1}.png").read_bytes())
    assert command("image", "audit", digits, "--out", tmp_path / "seen").code == 0
    page = tmp_path / "seen" / "audit.html"
    text = page.read_text(encoding="utf-8")
    assert page.stat().st_size <= LARGEST
    assert not re.search(r'(?:src|href)="(?!data:|#)', text)
    assert text.count("<img") >= 10
    if CHROMIUM is None:
        pytest.skip("no chromium on this machine")
    flags = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--enable-logging=stderr",
        "--v=0",
        f"--user-data-dir={tmp_path / 'browser'}",
    ]
    blocked = ["--host-resolver-rules=MAP * ~NOTFOUND", "--dump-dom", page.as_uri()]
    done = subprocess.run([CHROMIUM, *flags, *blocked], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0
    assert "CONSOLE" not in done.stderr
    assert "exact-duplicate" in done.stdout


def test_other_tasks_are_audited_but_not_mended(command, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    answer = command("text", "audit", "--task", "ner", "--out", "seen", "--json")
    assert answer.code == 0, answer.err
    assert json.loads(answer.out)["samples"] > 100
    (tmp_path / "seen" / "fixes.csv").write_text("id,action\n1,drop\n")
    made = command("text", "audit", "--task", "ner", "--apply", "seen/fixes.csv", "--out", "new.csv")
    assert (made.code, len(made.errors)) == (2, 1)
    assert "for text classify" in made.errors[0]
    assert not Path("new.csv").exists()


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("--out", "full"), 2, "full: it exists and is not empty"),
        (("--out", "full", "--overwrite"), 2, "full: it exists and is not empty"),
        (("--out", "digits/seen"), 2, "it lies within the data"),
        (("--apply", "fixes.csv"), 2, "name its file with --out"),
        (("--apply", "fixes.csv", "--out", "new.csv"), 3, "no such file"),
        (("--apply", "good.csv", "--out", "good.csv"), 2, "good.csv: it is the file of fixes"),
        (("--apply", "good.csv", "--out", "good.csv", "--overwrite"), 2, "good.csv: it is the file of fixes"),
        (("--apply", "good.csv", "--out", "digits/new.csv"), 2, "it is, or lies within, the data"),
        (("--apply", "good.csv", "--out", "bad.csv", "--overwrite"), 2, "bad.csv: it exists; choose another file"),
        (("--apply", "good.csv", "--out", "new.xlsx"), 2, "name a file that ends in .csv or .jsonl"),
        (("--apply", "bad.csv", "--out", "new.csv"), 3, "does not hold"),
        (("--apply", "good.csv", "--run", "x", "--out", "new.csv"), 2, "give one of them"),
        (("--task", "clasify"), 2, "did you mean classify"),
        (("--label-column", "x"), 2, "--label-column names a column"),
        (("--limit", "5"), 2, "No such option"),
    ],
)
def test_what_cannot_be_done_is_refused(refuses, digit_folder, tmp_path, arguments, code, says):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.txt").write_text("of years")
    (tmp_path / "good.csv").write_text("id,action\n0/00.png,drop\n")
    (tmp_path / "bad.csv").write_text("id,action\n0/none.png,drop\n")
    refuses("image", "audit", digit_folder, *arguments, code=code, says=says)


def test_the_table_that_is_mended_is_never_replaced_but_an_older_mended_one_is(command, refuses, tmp_path):
    lines = "".join(f'"film {n} is {word}","{word}"\n' for n in range(6) for word in ("good", "bad"))
    (tmp_path / "films.csv").write_text('"text","label"\n' + lines)
    (tmp_path / "link.csv").symlink_to("films.csv")
    (tmp_path / "fixes.csv").write_text("id,action\nfilms.csv:2,drop\n")
    for name in ("films.csv", "./films.csv", "link.csv"):
        asked = ("--apply", "fixes.csv", "--out", name, "--overwrite")
        refuses("text", "audit", "films.csv", *asked, code=2, says="it is, or lies within, the data films.csv")
    for name in ("new.csv", "new.jsonl"):
        asked = ("text", "audit", "films.csv", "--apply", "fixes.csv", "--out", name)
        assert command(*asked).code == 0
        refuses(*asked, code=2, says="add --overwrite to replace that table")
        assert command(*asked, "--overwrite").code == 0


def test_a_mended_table_with_a_class_too_small_to_train_warns_and_slips_are_mended(command, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names = [*["circle", "triangle"] * 12, "traingle", "square"]
    Path("shapes.csv").write_text("text,label\n" + "".join(f"this is number {n},{c}\n" for n, c in enumerate(names)))
    assert command("text", "audit", "shapes.csv", "--out", "seen").code == 0
    made = command("text", "audit", "shapes.csv", "--apply", "seen/fixes.csv", "--out", "new.csv")
    assert made.code == 0, made.err
    assert "traingle" not in Path("new.csv").read_text()
    assert "warning: 'square' has fewer than 3 samples, too few for training" in made.out + made.err


def test_samples_in_memory_cannot_be_listed(refuses, tmp_path):
    (tmp_path / "fixes.csv").write_text("id,action\ntrain-1,drop\n")
    refuses("image", "audit", "--apply", "fixes.csv", "--out", "new.csv", code=2, says="has its samples in one")


def test_a_label_that_no_table_can_hold_is_not_written_as_another(refuses, tmp_path):
    for label in ("a", "b"):
        (tmp_path / "set" / label).mkdir(parents=True)
        for n in range(4):
            (tmp_path / "set" / label / f"{n}.txt").write_text(f"{label} {n}")
    (tmp_path / "fixes.csv").write_text('id,action,label\na/0.txt,relabel,"a|b"\n')
    refuses("text", "audit", tmp_path / "set", "--apply", "fixes.csv", "--out", "new.csv", code=3, says="has label")


def test_an_audit_replaces_an_older_one_if_asked(command, digit_folder, tmp_path):
    out = tmp_path / "seen"
    assert command("image", "audit", digit_folder, "--out", out).code == 0
    again = command("image", "audit", digit_folder, "--out", out)
    assert (again.code, "add --overwrite" in again.errors[0]) == (2, True)
    assert command("image", "audit", digit_folder, "--out", out, "--overwrite").code == 0


def test_a_class_that_training_would_refuse_is_found(command, digit_folder, tmp_path):
    (digit_folder / "9").mkdir()
    (digit_folder / "9" / "only.png").write_bytes((digit_folder / "0" / "00.png").read_bytes())
    answer = command("image", "audit", digit_folder, "--out", tmp_path / "seen", "--json")
    assert answer.code == 0
    found = {finding["check"]: finding["says"] for finding in json.loads(answer.out)["findings"]}
    assert "class '9' has 1 sample" in found["parts"]
    assert "'9' (1)" in found["tiny-classes"]
