"""Judging transcripts: edits against a plain table of distances, and resampling."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from multicnn.errors import UsageError
from multicnn.insight.bootstrap import intervals
from multicnn.tasks import ctc, edits
from multicnn.tasks.align import Align
from multicnn.zoo import resnet18, speechcnn, vgg11_bn

UNITS = (" ", "a", "b")
texts = st.text(alphabet="ab ", max_size=12).map(lambda t: " ".join(t.split()))


class Front(nn.Identity):
    """Bands of no sound."""

    rank, channels, step = 1, 4, 0.01


def distance(a: list[str], b: list[str]) -> int:
    """Levenshtein's, by the textbook."""
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, start=1):
        before, row[0] = row[0], i
        for j, y in enumerate(b, start=1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (x != y))
    return row[-1]


def judged(pairs: list[tuple[str, str]]) -> np.ndarray:
    """What `judge` makes of true and said texts, by probabilities that say just these."""
    task = Align(UNITS)
    most = max(len(t) for t, _ in pairs) + 1
    rows = []
    for true, said in pairs:
        path = [u for letter in said for u in (UNITS.index(letter), len(UNITS))] + [len(UNITS)]
        path += [len(UNITS)] * (60 - len(path))
        out = torch.full((1, len(UNITS) + 1, 60), -9.0)
        out[0, path, range(60)] = 9.0
        y = torch.tensor([[UNITS.index(letter) for letter in true] + [-1] * (most - len(true))])
        rows.append(task.judge(out, y).numpy())
    return np.concatenate(rows)


@settings(deadline=None)
@given(st.lists(st.tuples(texts, texts), min_size=1, max_size=6))
def test_errors_are_the_distances_over_the_whole(pairs: list[tuple[str, str]]) -> None:
    found = Align(UNITS).metrics(judged(pairs), np.zeros((len(pairs), 3)))
    words = sum(len(t.split()) for t, _ in pairs)
    letters = sum(len(t) for t, _ in pairs)
    assert found["wer_corpus"] == pytest.approx(sum(distance(t.split(), s.split()) for t, s in pairs) / max(words, 1))
    assert found["cer_corpus"] == pytest.approx(sum(distance([*t], [*s]) for t, s in pairs) / max(letters, 1))
    assert found["ser"] == pytest.approx(np.mean([t != s for t, s in pairs]))
    parts = ("wer_substituted", "wer_deleted", "wer_inserted")
    assert sum(found[p] for p in parts) == pytest.approx(found["wer_corpus"])


def test_jiwer_says_the_same() -> None:
    import jiwer

    random = np.random.default_rng(0)
    pairs = [tuple(" ".join("ab"[: 1 + k] for k in random.integers(0, 2, n)) for n in (5, 4)) for _ in range(50)]
    found = Align(UNITS).metrics(judged(pairs), np.zeros((50, 3)))
    true, said = [t for t, _ in pairs], [s for _, s in pairs]
    assert found["wer_corpus"] == pytest.approx(jiwer.wer(true, said))
    assert found["cer_corpus"] == pytest.approx(jiwer.cer(true, said))


def test_weights_count_samples_anew() -> None:
    pairs = [("a b", "a b"), ("a", "b"), ("ab a", "ab")]
    rows = judged(pairs)
    task = Align(UNITS)
    twice = task.metrics(rows[[0, 1, 1, 2]], np.zeros(4))
    assert task.metrics(rows, np.zeros(3), np.array([1.0, 2.0, 1.0])) == pytest.approx(twice)
    low, high = intervals(task, rows, np.zeros(3))["wer_corpus"]
    assert low <= task.metrics(rows, np.zeros(3))["wer_corpus"] <= high


def test_answers_and_units_are_kept() -> None:
    rows = judged([("ab a", "ab"), ("b", "")])
    task = Align(UNITS)
    assert [task.text(units) for units in edits.answers(rows, 3)] == ["ab", ""]
    assert task.per_class(rows, np.zeros(2)) == {
        " ": {"recall": 0.0, "count": 1}, "a": {"recall": 0.5, "count": 2}, "b": {"recall": 0.5, "count": 2}
    }  # fmt: skip


def test_very_long_wrong_answers_are_counted_whole() -> None:
    row = edits.pack([1, 0] * 50, [1], [" ", "a", "", "?"], 0.5, 3)
    assert len(edits.answers(row[None], 2)[0]) == 2 * 3 + edits.ROOM
    assert row[2] == 49  # words inserted


def test_unseen_letters_count_as_errors_and_not_in_the_loss() -> None:
    out = torch.full((1, 4, 4), -9.0)
    out[0, [1, 3, 2, 3], range(4)] = 9.0  # says ab
    task = Align(UNITS)
    row = task.judge(out, torch.tensor([[1, 4, 2, -1]])).numpy()
    assert task.metrics(row, np.zeros(1))["cer_corpus"] == pytest.approx(1 / 3)
    same = task.judge(out, torch.tensor([[1, 2, -1, -1]])).numpy()
    assert edits.loss(row) == pytest.approx(edits.loss(same))
    assert ctc.without(torch.tensor([[4, 1, 4, 2, -1], [1, 2, 0, 1, 1]]), 4).tolist() == [
        [1, 2, -1, -1, -1],
        [1, 2, 0, 1, 1],
    ]


def test_want_of_steps_costs_what_guessing_costs() -> None:
    found = Align(UNITS).judge(torch.zeros(1, 4, 2), torch.tensor([[1, 1, 1]]))
    assert edits.loss(found.numpy())[0] == pytest.approx(np.log(4))


def test_steps_follow_from_the_body() -> None:
    task = Align(UNITS)
    net = task.net(Front(), speechcnn(1, 4, width=8, kernels=(3,), stride=4)).eval()
    assert task.step == pytest.approx(0.04)
    for cells in (1, 4, 5, 17):
        assert net(torch.randn(2, 4, cells)).shape == (2, 4, task.steps(np.array([cells]))[0])
    y = np.array([[1, 1, 2], [1, 2, -1]])
    assert task.impossible(y, np.array([15, 15])).tolist() == [False, False]
    assert task.impossible(y, np.array([12, 8])).tolist() == [True, False]


def test_levels_can_be_chosen() -> None:
    task = Align(UNITS, level=0)
    task.net(Front(), resnet18(1, 4, width=8))
    assert task.step == pytest.approx(0.04)
    with pytest.raises(UsageError, match=r"task\.level is 9"):
        Align(UNITS, level=9).net(Front(), resnet18(1, 4, width=8))
    with pytest.raises(UsageError, match="leaves no steps of time"):
        Align(UNITS).net(Front(), vgg11_bn(1, 4, grid=(64,)))
