"""Runs with word vectors, end to end: new words are looked up again, files may move, batch-mates change nothing."""

import json
from pathlib import Path

import numpy as np
import pytest

import multicnn
from multicnn import text
from multicnn.errors import DataError, UsageError
from multicnn.train.voice import Silent

GOOD, BAD = (
    ("good", "great", "fine", "lovely", "superb", "splendid"),
    ("bad", "poor", "awful", "dull", "dire", "dreary"),
)
PLAIN = ("film", "book", "phone", "meal", "a", "the", "this", "was")
SEEN = 4  # words of each kind that training texts hold


class Heard(Silent):
    """Keeps what is said."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def say(self, line: str) -> None:
        self.lines.append(line)


def vectors(path: Path, rng: np.random.Generator) -> Path:
    """Good words on one side, bad words on the other."""
    sides = [(w, s) for words, s in ((GOOD, 1.0), (BAD, -1.0), (PLAIN, 0.0)) for w in words]
    rows = [f"{w} {' '.join(f'{x:.3f}' for x in [side, -side, *rng.normal(0, 0.3, 6)])}\n" for w, side in sides]
    path.write_text(f"{len(rows)} 8\n" + "".join(rows))
    return path


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Texts of known words to learn from; the test part has words that only the vectors know."""
    rng, rows = np.random.default_rng(0), ["text,label,split"]
    vectors(tmp_path / "v.vec", rng)
    for n in range(120):
        part = "train" if n < 80 else "val" if n < 100 else "test"
        words = (GOOD, BAD)[n % 2]
        told = rng.choice(words[SEEN:] if part == "test" else words[:SEEN])
        rows.append(f"the {rng.choice(PLAIN[:4])} was {told},{'good' if n % 2 == 0 else 'bad'},{part}")
    (tmp_path / "t.csv").write_text("\n".join(rows))
    return tmp_path / "t.csv"


@pytest.fixture
def run(data: Path, tmp_path: Path):
    few = {"epochs": 12, "lr": 1e-2, "device": "cpu", "precision": "fp32"}
    return text.train(data, vectors=data.parent / "v.vec", out=tmp_path / "run", **few)


def chances(run, texts: list[str]) -> np.ndarray:
    return np.array([[p.record()["probabilities"][c] for c in run.classes] for p in run.predict(texts)])


def test_words_that_training_never_saw_are_understood_at_any_time(run, data: Path):
    assert run.metrics["accuracy"] == 1.0
    kept = json.loads((run.path / "model.json").read_text())
    assert kept["settings"]["frontend"]["name"] == "vectors"
    assert set(kept["preprocessing"]["added"]) == {*GOOD[SEEN:], *BAD[SEEN:]}
    facts = json.loads((run.path / "data.json").read_text())
    assert any("they know" in line for line in facts["reading"])
    again = multicnn.load(run.path, device="cpu")
    assert again.evaluate()["metrics"]["accuracy"] == 1.0
    assert chances(again, ["this was splendid"]).argmax(1) == [run.classes.index("good")]


def test_new_words_are_looked_up_when_a_text_is_answered(run, tmp_path: Path, data: Path):
    few = [line for line in data.read_text().splitlines() if not line.endswith("test")]
    (tmp_path / "few.csv").write_text("\n".join(few))
    fresh = text.train(
        tmp_path / "few.csv", vectors=data.parent / "v.vec", out=tmp_path / "fresh", epochs=12, lr=1e-2, device="cpu"
    )
    assert json.loads((fresh.path / "model.json").read_text())["preprocessing"]["added"] == []
    answers = chances(fresh, ["the film was superb", "the film was dire", "the film was xyzzy"])
    good = fresh.classes.index("good")
    assert answers[0, good] > 0.8
    assert answers[1, good] < 0.2
    (tmp_path / "new.csv").write_text("text,label\nthe film was superb,good\nthe film was dreary,bad\n")
    assert fresh.evaluate(tmp_path / "new.csv")["metrics"]["accuracy"] == 1.0
    (data.parent / "v.vec").rename(tmp_path / "moved.vec")
    voice = Heard()
    lost = chances(multicnn.load(fresh.path, device="cpu", voice=voice), ["the film was superb", "the film was xyzzy"])
    assert sum("the word vectors are gone" in line for line in voice.lines) == 1
    np.testing.assert_allclose(lost[0], lost[1], atol=1e-6)


def test_a_run_measures_its_own_parts_without_the_file(run, data: Path):
    (data.parent / "v.vec").unlink()
    assert multicnn.load(run.path, device="cpu").evaluate()["metrics"]["accuracy"] == 1.0


def test_batch_mates_change_no_answer(run):
    texts = [
        "the film was superb",
        "",
        "dire",
        "xyzzy",
        "the meal was dreary and the film was poor " * 9,
        "a splendid book",
    ]
    together = chances(run, texts)
    for place, one in enumerate(texts):
        np.testing.assert_allclose(chances(run, [one])[0], together[place], atol=1e-6)
    np.testing.assert_allclose(chances(run, texts[::-1])[::-1], together, atol=1e-6)


def test_documents_meet_their_words_too(run, tmp_path: Path):
    (tmp_path / "a.txt").write_text("The film was SPLENDID.")
    assert run.predict(tmp_path / "a.txt")[0].record()["prediction"] == "good"


def test_a_saved_config_names_the_file_from_anywhere(run, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    assert str(data.parent / "v.vec") in (run.path / "config.toml").read_text()
    monkeypatch.chdir(tmp_path)
    again = text.train(config=run.path / "config.toml", out=tmp_path / "again")
    assert again.metrics == run.metrics


def test_vectors_ask_for_their_front_end(data: Path, tmp_path: Path):
    with pytest.raises(UsageError, match="take --frontend vectors"):
        text.train(data, vectors=data.parent / "v.vec", frontend="embedding", out=tmp_path / "x")
    with pytest.raises(UsageError, match="add --vectors FILE"):
        text.train(data, frontend="vectors", out=tmp_path / "x")
    with pytest.raises(DataError, match=r"none\.vec: word vectors cannot be read"):
        text.train(data, vectors="none.vec", out=tmp_path / "x")
