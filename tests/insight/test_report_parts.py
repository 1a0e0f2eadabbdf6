"""What a report is made of: verdicts, slices, answers, and how large it may become."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import binomtest

from multicnn.data.table import Table, strings
from multicnn.errors import UsageError
from multicnn.insight.page import Html
from multicnn.insight.report import answers, measured, slices
from multicnn.insight.report.build import LARGEST, build
from multicnn.insight.report.record import Record, Twins, twins
from multicnn.insight.report.verdict import verdict
from multicnn.tasks import Classify, Tag
from multicnn.train.run import RunFolder
from multicnn.verbs.labels import predictions
from multicnn.verbs.samples import Room


def record(
    value: float,
    low: float,
    high: float,
    rivals: dict[str, float],
    *,
    monitor: str = "f1",
    k: int = 2,
    part: str = "test",
) -> Record:
    names = [f"class {i}" for i in range(k)]
    model = {
        "modality": "image", "task": "classify", "several_labels": False, "reader": "ImageReader", "model": "cnn1",
        "settings": {"frontend": {"name": "pixels"}}, "classes": names, "parameters": 10, "precision": "fp32",
    }  # fmt: skip
    key = monitor.removeprefix("-")
    found = {
        "split": part, "n": 50, "loss": 1.0, "metrics": {key: value},
        "intervals": {key: [low, high], "loss": [0.5, 1.5]},
        "per_class": {name: {"recall": 0.5, "samples": 7} for name in names},
        "baselines": {name: {key: v} for name, v in rivals.items()},
    }  # fmt: skip
    parts = {part: {"n": 50, "per_class": dict.fromkeys(names, 5)} for part in ("train", "test")}
    data = {"name": "d", "parts": parts, "how_split": "so", "reading": [], "notes": []}
    return Record(Path("run"), monitor, model, data, {}, 'modality = "image"\n', [], found, None, None, 0)


@pytest.mark.parametrize(
    ("of", "kind", "says"),
    [
        (
            record(0.9, 0.8, 0.95, {"majority": 0.1, "bayes": 0.7}),
            "good",
            "Better than a simple learner.*bayes.*0.7000",
        ),
        (record(0.9, 0.65, 0.95, {"majority": 0.1, "bayes": 0.7}), "", "Perhaps better.*within the interval"),
        (record(0.7, 0.65, 0.95, {"bayes": 0.7}), "bad", "No better than a simple learner"),
        (record(0.3, 0.25, 0.35, {"silence": 1.0, "other": 0.4}, monitor="-wer"), "good", "Better.*other.*0.4000"),
        (record(0.3, 0.25, 0.45, {"other": 0.4}, monitor="-wer"), "", "Perhaps better"),
        (record(0.5, 0.25, 0.6, {"other": 0.4}, monitor="-wer"), "bad", "No better"),
        (record(0.5, 0.25, 0.6, {}), "", "No learner without a network"),
        (record(0.5, 0.25, 0.6, {}, part="val"), "", "Without a test part"),
        (replace(record(0.5, 0.25, 0.6, {}), found=None), "", "Nothing was measured"),
    ],
)
def test_the_verdict_is_that_of_the_numbers(of: Record, kind: str, says: str) -> None:

    found = verdict(of)
    assert found.kind == kind
    assert re.search(says, found.says)


@pytest.mark.parametrize(("hits", "n"), [(0, 1), (1, 1), (0, 10), (3, 10), (10, 10), (77, 100)])
def test_intervals_of_shares_are_wilsons(hits: int, n: int) -> None:
    expected = binomtest(hits, n).proportion_ci(method="wilson")
    assert slices.wilson(hits, n) == pytest.approx((expected.low, expected.high))


def test_values_part_samples_and_numbers_are_cut_in_quarters() -> None:
    right = np.array([1, 0, 1, 1, 0, 1], dtype=bool)
    found = slices.sliced(strings(["a", "b", "a", "", "b", "b"]), slices.of_shares(right))
    assert [(s.value, s.n, s.score, s.small) for s in found] == [
        ("b", 3, pytest.approx(1 / 3), True), ("a", 2, 1.0, True), ("(empty)", 1, 1.0, True)
    ]  # fmt: skip
    ages = strings([*range(100), ""])
    found = slices.sliced(ages, slices.of_shares(np.arange(101) < 25))
    assert [s.n for s in found] == [25, 25, 25, 25, 1]
    assert [s.score for s in found] == [1, 0, 0, 0, 0]
    assert [s.value for s in found][1:] == [
        "above 24.75 to 49.5",
        "above 49.5 to 74.25",
        "above 74.25 to 99",
        "(empty)",
    ]


def test_rare_values_are_taken_together() -> None:
    values = strings([f"v{n}" for n in range(50)] + ["v0"] * 10)
    found = slices.sliced(values, slices.of_shares(np.ones(60, dtype=bool)))
    assert len(found) == 20
    assert (found[0].value, found[0].n) == ("v0", 11)
    assert (found[-1].value, found[-1].n) == ("31 other values", 31)


def test_a_slice_of_any_task_has_its_own_metric() -> None:
    random = np.random.default_rng(0)
    y, p = random.integers(0, 3, 60), random.dirichlet([1, 1, 1], 60)
    task = Classify("abc")
    score = slices.of_metric(task, p, y, "f1_macro")
    rows = np.arange(0, 60, 2)
    value, low, high = score(rows)
    assert value == task.metrics(p[rows], y[rows])["f1_macro"]
    assert low < value < high


def test_columns_that_tell_samples_apart_are_chosen() -> None:
    n = np.arange(60)
    columns = {
        "same": strings(["x"] * 60), "each": strings(n), "pair": strings(n % 2), "label": strings(n % 3),
        "dozen": strings(n % 12),
    }  # fmt: skip
    assert slices.usual(columns, strings(n % 3)) == ["pair", "dozen"]
    with pytest.raises(UsageError, match="no column to slice by named 'pears'; did you mean pair"):
        slices.chosen(columns, ["pears"])


def written(path: Path, task: Classify | Tag, table: Table, judged: np.ndarray) -> answers.Answers:
    path.write_text(predictions(task, table, np.arange(len(table)), judged), encoding="utf-8")
    return answers.read(path, table.classes, several=table.several)


def test_answers_are_read_as_they_were_judged(tmp_path: Path) -> None:
    random = np.random.default_rng(1)
    y, p = random.integers(0, 3, 40), random.dirichlet([1, 1, 1], 40)
    table = Table("t", strings(range(40)), strings(range(40)), ("a", 'b"', "<c>"), y)
    found = written(tmp_path / "p.csv", Classify(table.classes), table, p)
    wrong = p.argmax(1) != y
    assert (found.right == ~wrong).all()
    np.testing.assert_allclose(found.sure, p.max(1), rtol=1e-6)
    np.testing.assert_allclose(found.loss, -np.log(p[np.arange(40), y]), rtol=1e-4)
    surest = sorted(np.flatnonzero(wrong), key=lambda k: -p[k].max())
    assert found.confident(5).tolist() == surest[:5]
    assert found.worst(3).tolist() == np.argsort(p[np.arange(40), y])[:3].tolist()


def test_of_several_labels_the_surest_mistake_counts_and_unknown_ones_are_none(tmp_path: Path) -> None:
    target = np.array([[1, 0, 0], [1, 1, 0], [0, 0, 0]], dtype=bool)
    known = np.array([[1, 1, 1], [1, 1, 1], [1, 1, 0]], dtype=bool)
    p = np.array([[0.9, 0.7, 0.1], [0.05, 0.9, 0.2], [0.1, 0.2, 0.99]])
    table = Table("t", strings("xyz"), strings("xyz"), ("a", "b", "c"), target, known=known)
    found = written(tmp_path / "p.csv", Tag(table.classes), table, p)
    np.testing.assert_allclose(found.wrong, [0.7, 0.95, 0.2])
    assert found.right.tolist() == [False, False, True]
    assert found.confident(9).tolist() == [1, 0]


def test_a_thousand_classes_make_a_page_of_a_size_that_can_be_sent(tmp_path: Path) -> None:
    of = record(0.5, 0.4, 0.6, {"majority": 0.1}, k=1000)
    random = np.random.default_rng(0)
    columns = [strings(f"class {i}" for i in random.integers(0, 1000, 20_000)) for _ in range(2)]
    numbers = np.ones(20_000)
    said = answers.Answers(columns[0], *columns, columns[0] == columns[1], numbers, numbers, numbers)
    source = build(of, Twins(0, 0, 0, ""), answers=said)
    assert len(source.encode()) < LARGEST / 4
    assert len(measured.confusions(of, said)) < 20_000


def test_samples_beyond_the_room_are_left_out_and_said() -> None:
    room = Room(1_000)
    found = room.gallery(Html("x" * 400) for _ in range(4))
    assert found.count("x" * 400) == 2
    assert "2 more are left out" in found
    assert room.gallery([Html("y" * 100)]).count("y" * 100) == 1
    assert Room(5).gallery([]) == ""


def test_twins_are_found_by_their_hashes(tmp_path: Path) -> None:
    lines = ["row,id,split,label,group,hash", "0,a,train,x,,1", "1,b,test,x,,1", "2,c,train,x,,2", "3,d,train,y,,2"]
    lines += ["4,e,train,x,,3", "5,f,val,y,,4", "6,g,test,x,,4", "7,h,,x,,5", "8,i,train,x,,5"]
    folder = RunFolder(tmp_path)
    folder.splits.write_text("\n".join(lines) + "\n")
    assert twins(folder) == Twins(sets=4, across=2, contrary=2, example="a and b")


def test_confusions_count_pairs() -> None:
    of = record(0.5, 0.4, 0.6, {}, k=2)
    truth, said = strings(["class 0"] * 3 + ["class 1"]), strings(["class 0", "class 1", "class 1", "class 1"])
    numbers = np.ones(4)
    found = measured.confusions(of, answers.Answers(truth, truth, said, truth == said, numbers, numbers, numbers))
    cells = [part.partition("</td>")[0].rpartition(">")[2] for part in found.split('<td class="heat"')[1:]]
    assert cells == ["1", "2", "", "1"]
