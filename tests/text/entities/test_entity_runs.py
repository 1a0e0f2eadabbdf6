"""Entities end to end: trained by the command line, measured, told in places of texts as they were given."""

import csv
import io
import json
import unicodedata
from pathlib import Path

import numpy as np
import pytest

import multicnn
from multicnn.cli.main import run as command

FIRST = ("Anna", "Boris", "Clara", "Dmitri", "Élodie", "Fritz", "Greta", "Иван")
LAST = ("Orlova", "Petrov", "Schmidt", "Müller", "O'Neil", "Сидоров", "Smith-Jones", "Novak")
PLACES = ("Moscow", "Berlin", "Тверь", "New York", "Paris", "Köln")
FRAMES = (
    "{} met {} in {}.",
    "In {2} we saw {0} and {1}!",
    "{0} of {2} wrote to {1} about it.",
    "Why did {1} leave {2}?",
)
ODD = (
    "😀 Anna Orlova 👩‍👩‍👧 met Boris Petrov in New York 🇩🇪.",
    "Anna Orlova\r\nmet Boris Petrov\r\n\r\nin Moscow.\r\n",
    unicodedata.normalize("NFD", "Élodie Müller met Anna Novak in Köln."),
    unicodedata.normalize("NFC", "Élodie Müller met Anna Novak in Köln."),
    "An\u00adna Or\u200blova met \ufeffBoris Petrov in Mos\u200dcow.",
    "",
    "   \n ",
    "Moscow",
    "?",
)


def sentence(rng: np.random.Generator) -> dict:
    """A text with its entities, as doccano writes it."""
    names = [f"{rng.choice(FIRST)} {rng.choice(LAST)}", f"{rng.choice(FIRST)} {rng.choice(LAST)}", rng.choice(PLACES)]
    text = str(rng.choice(FRAMES)).format(*names)
    spans = [[text.index(n), text.index(n) + len(n), kind] for n, kind in zip(names, "PPL", strict=True) if n in text]
    names_of = {"P": "PER", "L": "LOC"}
    spans = sorted({(begin, end, names_of[kind]) for begin, end, kind in spans})
    return {"text": text, "label": [list(s) for s in spans]}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rng = np.random.default_rng(0)
    path = tmp_path_factory.mktemp("entities") / "names.jsonl"
    path.write_text("\n".join(json.dumps(sentence(rng), ensure_ascii=False) for _ in range(160)), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def trained(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run by the command line, of pieces so short that a text has several."""
    out = tmp_path_factory.mktemp("run") / "run"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MULTICNN_CACHE", str(out.parent / "cache"))
        small = "reader.size=12 frontend.dim=16 model.width=24 model.drop=0.1 frontend.drop=0.1"
        options = ["--epochs", "12", "--lr", "0.01", "--device", "cpu", "--precision", "fp32", "-q"]
        sets = [part for setting in small.split() for part in ("--set", setting)]
        assert (
            command(["text", "train", str(data), "--task", "ner", "--out", str(out), *options, *sets], debug=True) == 0
        )
    return out


@pytest.fixture(scope="module")
def run(trained: Path):
    return multicnn.load(trained)


def rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))))


def told(run, *texts) -> list[list[tuple]]:
    return [[tuple(e) for e in p.entities] for p in run.predict(list(texts))]


def test_names_are_learnt_and_measured(run, trained: Path):
    assert run.metrics["f1_entity_exact"] > 0.9
    assert set(run.measured["per_class"]) == {"PER", "LOC"}
    lines = rows(trained / "evaluation/predictions_test.csv")
    right = sum(line["verdict"] == "right" for line in lines)
    assert right / len(lines) == pytest.approx(run.metrics["precision_entity_exact"])
    errors = rows(trained / "evaluation/errors_test.csv")
    assert all(e["kind"] != "right" for e in errors)
    assert len([e for e in errors if e["said"]]) == len(lines) - right
    types = [list(rows(trained / "evaluation/types_test.csv")[0])]
    assert types[0] == ["true", "LOC", "PER", "missed", "wrong borders"]
    assert "<mark" in (trained / "evaluation/entities_test.html").read_text(encoding="utf-8")
    page = (trained / "report.html").read_text(encoding="utf-8")
    assert page.count('<p class="passage"') == 8
    assert "<mark" in page


def test_places_in_the_evaluation_are_those_of_the_texts(data: Path, trained: Path):
    texts = [json.loads(line)["text"] for line in data.read_text(encoding="utf-8").splitlines()]
    for line in rows(trained / "evaluation/predictions_test.csv"):
        number = int("".join(filter(str.isdigit, line["id"].rpartition(":")[2] or line["id"])))
        text = texts[number - 1][int(line["begin"]) : int(line["end"])]
        assert text.replace(" ", "") == line["text"].replace(" ", "")


@pytest.mark.parametrize("text", ODD)
def test_an_entity_is_what_stands_at_its_places(run, text: str):
    for begin, end, _, words, score in told(run, text)[0]:
        assert text[begin:end] == words
        assert words.strip() == words
        assert 0 <= score <= 1


def test_odd_characters_hide_no_names(run):
    found = [[(e[2], e[3]) for e in own] for own in told(run, *ODD)]
    assert found[0] == [("PER", "Anna Orlova"), ("PER", "Boris Petrov"), ("LOC", "New York")]
    assert found[1] == [("PER", "Anna Orlova"), ("PER", "Boris Petrov"), ("LOC", "Moscow")]
    assert [unicodedata.normalize("NFC", w) for _, w in found[2]] == [w for _, w in found[3]]
    assert found[5:7] == [[], []]


def test_alone_in_any_batch_and_in_any_order_answers_are_equal(run, data: Path):
    texts = [json.loads(line)["text"] for line in data.read_text(encoding="utf-8").splitlines()[:20]]
    texts += [" ".join(texts), *ODD]
    together = told(run, *texts)
    back = told(run, *texts[::-1])[::-1]
    for text, one, other in zip(texts, together, back, strict=True):
        alone = told(run, text)[0]
        for found in (one, other):
            assert [e[:4] for e in found] == [e[:4] for e in alone]
            assert [e[4] for e in found] == pytest.approx([e[4] for e in alone], abs=1e-6)


def test_a_text_of_a_hundred_thousand_words_is_read_to_its_end(run):
    end = "In Berlin we saw Anna Novak and Boris Smith-Jones!"
    text = "It was so and not so, they said . " * 10_000 + end
    found = told(run, text)[0]
    assert [(text[b:e]) for b, e, *_ in found if b >= len(text) - len(end)] == [
        "Berlin", "Anna Novak", "Boris Smith-Jones",
    ]  # fmt: skip


def test_lines_tables_files_and_folders_are_answered(trained: Path, tmp_path: Path, capsys, monkeypatch):
    folder = tmp_path / "texts"
    folder.mkdir()
    (folder / "a.txt").write_bytes("😀\r\nAnna Novak met Boris Petrov in Paris.".encode())
    (folder / "b.txt").write_bytes(b"")
    (tmp_path / "t.csv").write_text("text\nIn Moscow we saw Anna Novak and Boris Petrov!\n", encoding="utf-8")
    monkeypatch.setattr("sys.stdin", io.StringIO("Why did Greta Novak leave Berlin?\n\n"))
    assert command(["predict", str(trained), str(folder), str(tmp_path / "t.csv"), "-", "-q"], debug=True) == 0
    lines = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert list(lines[0]) == ["id", "begin", "end", "type", "text", "score", "error"]
    by_id = {}
    for line in lines:
        by_id.setdefault(Path(line["id"]).name, []).append((line["begin"], line["type"], line["text"]))
    assert by_id["a.txt"][0] == ("3", "PER", "Anna Novak")
    assert by_id["b.txt"] == [("", "", "")]
    assert by_id["t.csv:2"][0] == ("3", "LOC", "Moscow")
    assert by_id["line 1"] == [("8", "PER", "Greta Novak"), ("26", "LOC", "Berlin")]
    assert by_id["line 2"] == [("", "", "")]


def test_a_folder_of_answers_has_a_page(trained: Path, tmp_path: Path, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("Why did Greta Novak leave Berlin?\n"))
    assert command(["predict", str(trained), "-", "--out", str(tmp_path / "told"), "-q"], debug=True) == 0
    assert "Greta Novak<sub>PER</sub>" in (tmp_path / "told/entities.html").read_text(encoding="utf-8")
    assert (tmp_path / "told/predictions.csv").exists()
    monkeypatch.setattr("sys.stdin", io.StringIO("Why did Greta Novak leave Berlin?\n"))
    assert command(["predict", str(trained), "-", "--out", str(tmp_path / "t.jsonl"), "-q"], debug=True) == 0
    found = json.loads((tmp_path / "t.jsonl").read_text(encoding="utf-8"))
    assert found["entities"][0] | {"score": 0} == {
        "begin": 8,
        "end": 19,
        "type": "PER",
        "text": "Greta Novak",
        "score": 0,
    }


def test_a_file_that_is_no_text_is_named_and_the_others_answered(trained: Path, tmp_path: Path, capsys):
    (tmp_path / "bad.txt").write_bytes(b"a\0b")
    (tmp_path / "good.txt").write_text("Why did Greta Novak leave Berlin?")
    places = [str(tmp_path / "bad.txt"), str(tmp_path / "good.txt")]
    assert command(["predict", str(trained), *places, "-q"], debug=False) == 3
    said = capsys.readouterr()
    assert "Greta Novak" in said.out
    assert "bad.txt: not a text file" in said.err
    assert "1 of 2" in said.err


def test_other_data_is_measured_with_the_same_words_as_a_whole(run, data: Path):
    found = run.evaluate(data)
    assert found["metrics"]["f1_entity_exact"] > 0.9
    assert found["n"] >= 160


def test_words_in_columns_are_read_without_their_tags(trained: Path, tmp_path: Path, capsys: pytest.CaptureFixture):
    prose, columns = tmp_path / "prose.txt", tmp_path / "words.conll"
    prose.write_text("Anna Orlova met Boris\nPetrov in Moscow", encoding="utf-8")
    lines = ["Anna\tB-PER", "Orlova\tI-PER", "met\tO", "Boris\tB-PER", "", "Moscow\tB-LOC", "slept\tO"]
    columns.write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert command(["predict", str(trained), str(prose), str(columns), "--format", "jsonl", "-q"], debug=True) == 0
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [t["id"] for t in told] == [str(prose), "words.conll:1", "words.conll:6"]
    text = "Anna Orlova met Boris"
    for e in told[1]["entities"]:
        assert e["text"] == text[e["begin"] : e["end"]]
    assert not any("B-PER" in e["text"] for t in told for e in t["entities"])
