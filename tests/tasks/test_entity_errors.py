"""Errors of entities, by hand and beside nervaluate's counts."""

import nervaluate
import numpy as np
import pytest

from multicnn.tasks import entity_errors
from multicnn.tasks.entity_errors import BORDERS, BOTH, KINDS, MISSED, RIGHT, SPURIOUS, TYPE, confusion, kinds, paired
from multicnn.tasks.entity_scores import spans
from tests.tasks.ner_cases import CASES, TYPES, answers
from tests.tasks.test_entity_scores import numbers


def test_each_kind_of_error() -> None:
    true = np.array([[0, 0, 2, 0], [0, 3, 4, 1], [0, 5, 8, 0], [1, 0, 3, 1], [1, 4, 5, 0], [1, 9, 10, 0]])
    said = np.array([[0, 0, 2, 0], [0, 3, 4, 0], [0, 6, 8, 0], [1, 2, 5, 0], [1, 6, 7, 1], [2, 9, 10, 0]])
    pairs = paired(true, said)
    assert [p.kind for p in pairs] == [RIGHT, TYPE, BORDERS, MISSED, BORDERS, SPURIOUS, MISSED, SPURIOUS]
    assert pairs[4].true == (4, 5, 0)  # of the two that meet it, the said one goes to the one of its type
    assert pairs[4].said == (2, 5, 0)
    assert pairs[3].said is None
    assert kinds(pairs, 2).tolist() == [[1, 0, 2, 0, 1, 1], [0, 1, 0, 0, 1, 1]]
    assert confusion(pairs, 2).tolist() == [[3, 0, 1], [1, 0, 1], [1, 1, 0]]


def test_an_exact_pair_comes_before_a_longer_share() -> None:
    true = np.array([[0, 0, 5, 0], [0, 5, 6, 1]])
    said = np.array([[0, 4, 6, 0]])
    assert [p.kind for p in paired(true, said)] == [BORDERS, MISSED]
    said = np.array([[0, 0, 4, 1], [0, 4, 6, 1]])
    assert [(p.kind, p.said) for p in paired(true, said)] == [(BOTH, (0, 4, 1)), (BORDERS, (4, 6, 1))]


@pytest.mark.parametrize("seed", range(CASES))
def test_right_ones_are_nervaluates_and_nothing_is_counted_twice(seed: int) -> None:
    sentences = answers(seed)
    true, said = (spans(numbers(s)) for s in sentences)
    pairs = paired(true, said)
    assert sorted((p.row, *p.true) for p in pairs if p.true) == sorted(map(tuple, true.tolist()))
    assert sorted((p.row, *p.said) for p in pairs if p.said) == sorted(map(tuple, said.tolist()))
    theirs = nervaluate.Evaluator(*sentences, tags=list(TYPES), loader="list").evaluate()["overall"]
    counts = dict(zip(KINDS, kinds(pairs, len(TYPES)).sum(0).tolist(), strict=True))
    assert counts[RIGHT] == theirs["strict"].correct
    assert counts[RIGHT] + counts[TYPE] == theirs["exact"].correct
    assert counts[MISSED] == theirs["strict"].missed
    assert counts[SPURIOUS] == theirs["strict"].spurious


def test_nothing_true_or_nothing_said() -> None:
    none, one = np.zeros((0, 4), dtype=np.int64), np.array([[0, 1, 2, 0]])
    assert entity_errors.paired(none, none) == []
    assert [p.kind for p in paired(one, none)] == [MISSED]
    assert [p.kind for p in paired(none, one)] == [SPURIOUS]
