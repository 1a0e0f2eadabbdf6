"""Recipes of texts on a few sentences, through the scripts as they are."""

import re
import runpy
from collections.abc import Callable
from pathlib import Path

import pytest

WORDS = {topic: [f"{topic}{n}" for n in range(4)] for topic in ("ab", "cd", "ef")}


def texts(topic: str, n: int) -> list[str]:
    return [f"{WORDS[topic][k % 4]} {WORDS[topic][k % 3]} word{k % 5} {k}" for k in range(n)]


@pytest.fixture
def fortunes(tmp_path: Path) -> Path:
    """Three topics of 30 texts."""
    folder = tmp_path / "fortunes"
    folder.mkdir()
    for topic in WORDS:
        (folder / topic).write_text("\n%\n".join(texts(topic, 30)) + "\n%\n", encoding="utf-8")
    return folder


@pytest.fixture
def orange(tmp_path: Path) -> Path:
    """Two parts of three classes for each of the sets that come in this form."""
    folder = tmp_path / "orange"
    folder.mkdir()
    for stem in ("20newsgroups", "reuters-r52"):
        for part, n in (("train", 12), ("test", 4)):
            rows = "".join(f"{topic}\t{text}\n" for topic in WORDS for text in texts(topic, n))
            (folder / f"{stem}-{part}.tab").write_text("Category\tText\nd\tstring\nclass\t\n" + rows)
    return folder


@pytest.mark.parametrize("script", ["newsgroups20", "reuters52", "fortunes_ru"])
def test_a_set_is_learnt_beside_two_linear_learners(
    script: str, fortunes: Path, orange: Path, tmp_path: Path, recipe: Callable[..., str]
):
    data = fortunes if script == "fortunes_ru" else orange
    told = recipe(f"text/{script}.py", data, "--epochs", "1", "--seeds", "2", "--out", tmp_path / "runs")
    rows = re.findall(r"^\| (.+) \| \d+\.\d \+- \d+\.\d % \| \d+\.\d \+- \d+\.\d % \|$", told, re.M)
    assert rows == ["the network", "TF-IDF(1,2) + logistic regression", "NB-SVM(1,2)"]
    assert re.search(r"^\d+ processor s, \d+ s in all$", told, re.M)


def test_learners_are_told_apart_on_the_same_texts(fortunes: Path, tmp_path: Path, recipe: Callable[..., str]):
    films = tmp_path / "mr"
    films.mkdir()
    for side, topic in (("pos", "ab"), ("neg", "cd")):
        (films / f"rt-polarity.{side}").write_text("\n".join(texts(topic, 60)), encoding="latin-1")
    told = recipe("bench/against.py", films, fortunes, "--epochs", "1", "--limit", "30")
    for key in ("mr", "fortunes"):
        number = r"\d+\.\d"
        for learner in ("multicnn text train", "scikit-learn, TF-IDF(1,2) + logistic regression"):
            row = rf"^\| {key} \| {re.escape(learner)} \| {number} % \| {number} % \| {number} \| {number} \|$"
            assert re.search(row, told, re.M), told
        assert re.search(rf"^\| {key} \| scikit-learn, TF-IDF\(1,2\) \+ linear SVM \| 100.0 %", told, re.M), told
        assert f"| {key} | fastText, pairs of words |" in told
        assert f"| {key} | spaCy, text categoriser |" in told


@pytest.mark.parametrize("package", ["fasttext", "spacy"])
def test_an_optional_learner_learns_where_it_is_installed(package: str, monkeypatch: pytest.MonkeyPatch):
    pytest.importorskip(package)
    script = Path(__file__).resolve().parents[1] / "recipes" / "bench" / "against.py"
    learn = runpy.run_path(str(script))[package]
    known = [(text.split(), topic) for topic in WORDS for text in texts(topic, 40)]
    said = learn([words for words, _ in known], [topic for _, topic in known], [["ab1", "ab2"], ["ef1", "ef0"]], 0)
    assert said == ["ab", "ef"]
