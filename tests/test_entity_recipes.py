"""The recipes of entities on a few real documents, and on tweets made here."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.fixture
def few_documents(shared_data: Callable[[str], Path], tmp_path: Path) -> Path:
    """FactRuEval with six documents in each part."""
    for part in ("devset", "testset"):
        (tmp_path / "few" / part).mkdir(parents=True)
        for text in sorted((shared_data("factrueval") / part).glob("book_*.txt"))[:6]:
            for file in text.parent.glob(f"{text.stem}.*"):
                shutil.copy(file, tmp_path / "few" / part)
    return tmp_path / "few"


def test_news_are_learnt_and_both_scores_told(few_documents: Path, tmp_path: Path, recipe):
    told = recipe("text/factrueval_ner.py", few_documents, "--epochs", "1", "--out", tmp_path / "runs")
    row = told.splitlines()[2].strip("| ").split(" | ")
    assert row[:2] == ["testset", "0"]
    assert all(0 <= float(number) <= 1 for number in row[2:-1])
    told = recipe("text/factrueval_ner.py", few_documents, "--folds", "2", "--epochs", "1", "--out", tmp_path / "folds")
    assert [line.split(" | ")[0] for line in told.splitlines()[2:]] == ["| fold 1", "| fold 2"]


def test_tweets_are_learnt(tmp_path: Path, recipe):
    lines = ["@bob\tO", "met\tO", "Anna\tB-person", "Lee\tI-person", "in\tO", "Paris\tB-geo-loc", ""]
    (tmp_path / "ner.txt").write_text("\n".join(lines * 40) + "\n")
    told = recipe("text/tweets_ner.py", tmp_path / "ner.txt", "--epochs", "1", "--out", tmp_path / "runs")
    assert len(told.splitlines()[2].split("|")) == 8


def test_the_speed_of_a_tagger_is_told(few_documents: Path, tmp_path: Path, recipe):
    recipe("text/factrueval_ner.py", few_documents, "--epochs", "1", "--out", tmp_path / "runs")
    told = recipe("bench/ner.py", tmp_path / "runs/testset-0", few_documents, "--turns", "1")
    assert "tokens/CPU-s" in told
