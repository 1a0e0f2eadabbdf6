"""Scores of entities: beside seqeval's and nervaluate's, and by hand."""

import json
from pathlib import Path

import nervaluate
import numpy as np
import pytest

from multicnn.tasks import entity_scores
from multicnn.tasks.crf import NO_TAG
from multicnn.tasks.entity_scores import counted, measured, pack, spans, unpack
from multicnn.tasks.schemes import names
from tests.tasks.ner_cases import CASES, TYPES, answers

ANSWERS = json.loads((Path(__file__).parent / "ner_answers.json").read_text())["scores"]
NUMBER = {name: i for i, name in enumerate(names(TYPES))}


def numbers(sentences: list[list[str]]) -> np.ndarray:
    """Tags as numbers, NO_TAG behind the end."""
    out = np.full((len(sentences), max(map(len, sentences))), NO_TAG)
    for line, tags in zip(out, sentences, strict=True):
        line[: len(tags)] = [NUMBER[t] for t in tags]
    return out


def counts_of(true: list[list[str]], said: list[list[str]]) -> entity_scores.Counts:
    """Through the packed form."""
    judged = pack(numbers(true), numbers(said), np.zeros(len(true)), len(NUMBER))
    return counted(unpack(judged, len(NUMBER)), len(TYPES))


@pytest.mark.parametrize("seed", range(CASES))
def test_exact_scores_are_seqevals(seed: int) -> None:
    counts = counts_of(*answers(seed))
    found, theirs = measured(counts), ANSWERS[seed]
    for name, average in (("f1-score", "f1"), ("precision", "precision"), ("recall", "recall")):
        assert found[f"{average}_entity_exact"] == pytest.approx(theirs["micro avg"][name])
    assert found["f1_macro_entity_exact"] == pytest.approx(theirs["macro avg"]["f1-score"])
    for name, row in zip(TYPES, entity_scores.by_type(counts), strict=True):
        own = theirs.get(name, {"f1-score": 0.0, "precision": 0.0, "recall": 0.0, "support": 0.0})
        assert row["f1_entity_exact"] == pytest.approx(own["f1-score"])
        assert (row["precision"], row["recall"]) == pytest.approx((own["precision"], own["recall"]))
        assert row["entities"] == own["support"]


@pytest.mark.parametrize("seed", range(CASES))
def test_borders_are_nervaluates_exact(seed: int) -> None:
    true, said = answers(seed)
    theirs = nervaluate.Evaluator(true, said, tags=list(TYPES), loader="list").evaluate()["overall"]
    found = measured(counts_of(true, said))
    assert found["f1_entity_borders"] == pytest.approx(theirs["exact"].f1)
    assert found["f1_entity_exact"] == pytest.approx(theirs["strict"].f1)


@pytest.mark.parametrize("seed", range(CASES))
def test_overlap_and_tokens_by_plain_counting(seed: int) -> None:
    true, said = (numbers(s) for s in answers(seed))
    sets = [[(r, t, set(range(b, e))) for r, b, e, t in spans(tags).tolist()] for tags in (true, said)]

    def met(some: list, others: list) -> float:
        hits = [any(a[:2] == b[:2] and a[2] & b[2] for b in others) for a in some]
        return sum(hits) / max(1, len(hits))

    found = measured(counts_of(*answers(seed)))
    recall, precision = met(*sets), met(*sets[::-1])
    assert found["f1_entity_overlap"] == pytest.approx(2 * precision * recall / max(1e-12, precision + recall))
    cells = [{(r, c, t) for r, t, own in s for c in own} for s in sets]
    both = len(cells[0] & cells[1])
    assert found["f1_token_io"] == pytest.approx(2 * both / max(1, len(cells[0]) + len(cells[1])))


def test_by_hand() -> None:
    true = [["B-PER", "I-PER", "O", "B-LOC", "O"], ["O", "B-ORG"], ["O"]]
    said = [["B-PER", "I-PER", "O", "B-ORG", "O"], ["B-ORG", "I-ORG"], ["O"]]
    found = measured(counts_of(true, said))
    assert found == pytest.approx({
        "f1_entity_exact": 1 / 3,
        "precision_entity_exact": 1 / 3,
        "recall_entity_exact": 1 / 3,
        "f1_macro_entity_exact": 1 / 3,
        "f1_entity_borders": 2 / 3,
        "f1_entity_overlap": 2 / 3,
        "f1_token_io": 2 * 3 / (4 + 5),
    })  # fmt: skip


def test_nothing_true_and_nothing_said_is_nought() -> None:
    assert set(measured(counts_of([["O", "O"]], [["O", "O"]])).values()) == {0.0}


def test_weights_count_samples_anew() -> None:
    true, said = answers(3)
    twice = measured(counts_of([*true, true[0], true[0]], [*said, said[0], said[0]]))
    assert measured(counts_of(true, said), np.array([3.0, 1, 1, 1])) == pytest.approx(twice)
    without = measured(counts_of(true[1:], said[1:]))
    assert measured(counts_of(true, said), np.array([0.0, 1, 1, 1])) == pytest.approx(without)


def test_what_goes_on_with_nothing_begins_and_uncounted_cells_part() -> None:
    tags = np.array([[2, 2, 4, NO_TAG, 4, 1], [NO_TAG, 2, 1, 0, 3, 4]])
    assert spans(tags).tolist() == [
        [0, 0, 2, 0], [0, 2, 3, 1], [0, 4, 5, 1], [0, 5, 6, 0], [1, 1, 2, 0], [1, 2, 3, 0], [1, 4, 6, 1]
    ]  # fmt: skip


def test_packing_keeps_everything() -> None:
    true, said = np.array([[0, 3, 4, NO_TAG]]), np.array([[6, 0, 4, NO_TAG]])
    back = unpack(pack(true, said, np.array([1.5]), 7), 7)
    assert (back.true == true).all()
    assert (back.said == said).all()
    assert back.loss.tolist() == [1.5]
