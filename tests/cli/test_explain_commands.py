"""`explain` from a run to pictures, a page and numbers, in each modality; and what it refuses."""

import csv
import json
import re
from pathlib import Path

import numpy as np
import pytest

from multicnn import load

NUMBERS = {"deletion", "random_deletion", "insertion", "random_insertion", "gain", "likeness", "chance"}


def explained(out: Path, n: int) -> list[dict]:
    """The records of a folder that must hold n explanations, whole."""
    found = json.loads((out / "explanations.json").read_text(encoding="utf-8"))["explanations"]
    assert len(found) == n
    for record in found:
        assert record.keys() >= NUMBERS | {"id", "label", "method", "file"}
        assert (out / record["file"]).read_bytes().startswith(b"\x89PNG")
        assert all(np.isfinite(record[name]) for name in NUMBERS)
    with open(out / "scores.csv", encoding="utf-8", newline="") as f:
        assert [row["label"] for row in csv.DictReader(f)] == [r["label"] for r in found]
    page = (out / "index.html").read_text(encoding="utf-8")
    assert not re.search(r'(src|href)="(?!data:|#)', page)
    assert "<script" not in page
    return found


def test_pictures(works, work, image_run, tmp_path):
    few = [work / "pictures" / "0" / f"0{n}.png" for n in range(3)]
    answer = works("explain", image_run, *few, "-o", tmp_path / "out", "--filters", "--maps", "--level", "0")
    found = explained(tmp_path / "out", 3)
    assert "deletion" in answer.out
    assert "of 3 explanations are more faithful than random orders" in answer.out
    assert {r["method"] for r in found} == {"integrated-gradients"}
    assert (tmp_path / "out" / "filters.png").exists()
    assert len(list((tmp_path / "out").glob("maps-*.png"))) == 3
    said = {p.id: p.record()["prediction"] for p in load(image_run).predict([*map(str, few)])}
    assert {r["id"]: r["label"] for r in found} == said


def test_sounds_and_a_class_that_is_asked_for(works, work, audio_run, tmp_path):
    sound = work / "sounds" / "low" / "03.wav"
    works("explain", audio_run, sound, "--class", "high", "--method", "gradcam", "--level", "0", "-o", tmp_path / "out")
    [record] = explained(tmp_path / "out", 1)
    assert record["label"] == "high"
    assert record["facts"]["level"] == 0
    assert 0 <= record["hottest"] <= 0.25


def test_texts_from_standard_input(works, text_run, tmp_path, monkeypatch):
    import io
    import sys

    monkeypatch.setattr(sys, "stdin", io.StringIO("a wonderful film, I loved it\nan awful <b> walk & talk\n"))
    answer = works("explain", text_run, "-", "-o", tmp_path / "out", "--json", "--top", "2")
    found = json.loads(answer.out)["explanations"]
    assert found == explained(tmp_path / "out", 4)
    assert {r["method"] for r in found} == {"ngrams"}
    assert [word for word, _ in found[0]["words"]] == ["a", "wonderful", "film", ",", "I", "loved", "it"]
    for record in found:  # what the words and the rest add up to
        assert sum(v for _, v in record["words"]) + record["facts"]["rest"] == pytest.approx(
            record["facts"]["score"], abs=1e-4
        )
    page = (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    assert "&amp;" in page
    assert "<b>" not in page


def test_an_empty_text_and_words_that_come_again(works, text_run, tmp_path, monkeypatch):
    import io
    import sys

    monkeypatch.setattr(sys, "stdin", io.StringIO("\ngood good film , good\n"))
    answer = works("explain", text_run, "-", "-o", tmp_path / "out")
    assert "line 1: the net finds nothing in it that could be explained\n" in answer.out
    assert "of 1 explanation " in answer.out
    assert "median |likeness|" in answer.out
    assert "\n1 picture: " in answer.out
    _, record = json.loads((tmp_path / "out" / "explanations.json").read_text())["explanations"]
    names = [name for name, _ in record["ngrams"]]
    assert len(names) == len(set(names))
    goods = [value for begin, end, value in record["facts"]["ngrams"] if begin == 4 or end - begin == 1 > begin]
    goods += [value for begin, end, value in record["facts"]["ngrams"] if (begin, end) == (1, 2)]
    assert dict(record["ngrams"])["good"] == pytest.approx(sum(goods), abs=1e-5)
    page = (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    assert "red: for the answer, blue: against it" in page
    assert "-0.000" not in page


def test_python_says_what_the_command_says(works, work, image_run, tmp_path):
    picture = work / "pictures" / "1" / "02.png"
    works("explain", image_run, picture, "-o", tmp_path / "out", "--method", "occlusion")
    [record] = explained(tmp_path / "out", 1)
    [found] = load(image_run).explain(str(picture), method="occlusion")
    assert found.record()["gain"] == pytest.approx(record["gain"])
    assert found.seen.heat.shape == (8, 8)
    assert load(image_run).explain(str(picture), out=tmp_path / "other")[0].label == record["label"]
    explained(tmp_path / "other", 1)


def test_folders_are_kept(works, refuses, work, image_run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    picture = work / "pictures" / "1" / "02.png"
    for name in ("explanations", "explanations-2"):
        works("explain", image_run, picture)
        explained(tmp_path / name, 1)
    refuses("explain", image_run, picture, "-o", "explanations", code=2, says="not empty; add --overwrite to replace")
    (tmp_path / "explanations" / "notes.txt").write_text("mine")
    works("explain", image_run, work / "pictures" / "0" / "01.png", "-o", "explanations", "--overwrite")
    explained(tmp_path / "explanations", 1)
    assert (tmp_path / "explanations" / "notes.txt").read_text() == "mine"
    assert len(list((tmp_path / "explanations").glob("*.png"))) == 1
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "a.txt").write_text("mine")
    refuses("explain", image_run, picture, "-o", "own", "--overwrite", code=2, says="own: it exists and is not empty")
    refuses("explain", image_run, picture, "-o", "own/a.txt", code=2, says="a file; explanations are several files")


def test_what_cannot_be_read_is_named_and_the_others_are_explained(command, work, image_run, tmp_path):
    (tmp_path / "bad.png").write_text("no picture")
    answer = command("explain", image_run, tmp_path / "bad.png", work / "pictures" / "1" / "02.png",
                     "-o", tmp_path / "out")  # fmt: skip
    assert answer.code == 3
    assert "bad.png" in answer.errors[0]
    assert "1 of 2 samples are not explained" in answer.errors[0]
    found = json.loads((tmp_path / "out" / "explanations.json").read_text())["explanations"]
    assert ["error" in r for r in found] == [True, False]
    answer = command("explain", image_run, tmp_path / "bad.png", "-o", tmp_path / "two", "--on-bad", "skip")
    assert answer.code == 0


def test_mistakes_are_refused(refuses, work, image_run, text_run):
    picture = work / "pictures" / "1" / "02.png"
    refuses("explain", image_run, code=2, says="name what to explain")
    refuses("explain", image_run, picture, "--method", "gradcm", code=2, says="no method named 'gradcm'.*gradcam")
    refuses("explain", image_run, picture, "--class", "10", code=2, says="no class named '10'")
    refuses("explain", image_run, picture, "--top", "2", "--class", "1", code=2, says="--top 2 chooses among all")
    refuses("explain", image_run, picture, "--top", "0", code=2, says="--top is 0")
    refuses("explain", image_run, picture, "--level", "1", code=2, says="integrated-gradients looks at no level")
    refuses("explain", image_run, picture, "--level", "9", "--method", "cam", code=2, says="has the levels 0 to")
    refuses("explain", image_run, picture, "--method", "gradcam", "--level", "9", code=2, says="has the levels 0 to")
    refuses("explain", image_run, picture, "--method", "ngrams", code=2, says="ngrams is for texts")
    refuses("explain", text_run, work / "texts.csv", "--method", "gradcam", code=2, says="every level of textcnn")
    refuses("explain", image_run, work / "none.png", code=3, says="no such file")
    refuses("explain", work, picture, code=2, says="is no run")
