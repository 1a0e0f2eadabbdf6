"""Promises of tables: rows that stay whole, classes by name, numbers in natural order."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from multicnn.data.table import Table, natural, number, number_several, strings
from multicnn.errors import DataError


def single() -> Table:
    return Table(
        name="pets",
        items=strings(["1.jpg", "2.jpg", "3.jpg"]),
        ids=strings(["1", "2", "3"]),
        classes=("cat", "dog"),
        target=np.array([0, 1, 1]),
        split=strings(["train", "val", "test"]),
        group=strings(["x", "y", "z"]),
        said=("hello",),
        more={"camera": strings(["a", "b", "c"])},
    )


def several() -> Table:
    target = np.array([[True, True], [False, True], [False, False]])
    return Table("tags", strings("abc"), strings("123"), ("cat", "dog"), target)


@pytest.mark.parametrize("rows", [np.array([2, 0]), np.array([True, False, True])])
def test_chosen_rows_stay_whole(rows: np.ndarray) -> None:
    table = single().take(rows)
    assert len(table) == 2
    first = table.ids.tolist().index("3")
    assert (table.items[first], table.target[first]) == ("3.jpg", 1)
    assert table.split is not None
    assert table.group is not None
    assert (table.split[first], table.group[first]) == ("test", "z")
    assert table.fold is None
    assert table.more["camera"][first] == "c"
    assert (table.name, table.classes, table.said) == ("pets", ("cat", "dog"), ("hello",))


def test_classes_are_matched_by_name_and_never_by_place() -> None:
    known = ("ape", "dog", "cat")
    assert single().with_classes(known).target.tolist() == [2, 1, 1]
    assert several().with_classes(known).target.tolist() == [[False, True, True], [False, True, False], [False] * 3]
    assert single().with_classes(known).classes == known


@pytest.mark.parametrize("table", [single(), several()], ids=["single", "several"])
def test_a_class_that_the_model_does_not_know_is_named_with_its_sample(table: Table) -> None:
    with pytest.raises(DataError, match=r"1: class 'cat' is not one the model knows; did you mean cart\?"):
        table.with_classes(["cart", "dog"])


def test_samples_are_counted_by_class() -> None:
    assert single().counts() == {"cat": 1, "dog": 2}
    assert several().counts() == {"cat": 1, "dog": 2}
    assert (single().several, several().several) == (False, True)


def test_numbers_in_names_sort_as_numbers() -> None:
    names = ["10", "9", "a10b", "a9b", "Zebra", "apple", "2"]
    assert sorted(names, key=natural) == ["2", "9", "10", "a9b", "a10b", "apple", "Zebra"]


LABELS = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)


@given(labels=st.lists(LABELS, min_size=1))
def test_every_label_gets_its_name_back(labels: list[str]) -> None:
    classes, target = number(labels)
    assert [classes[k] for k in target] == labels
    assert sorted(classes) == sorted(set(labels))
    assert number(labels[::-1])[0] == classes


@given(labels=st.lists(st.sets(LABELS, max_size=4), min_size=1))
def test_every_set_of_labels_is_given_back(labels: list[set[str]]) -> None:
    classes, target = number_several([sorted(sample) for sample in labels])
    assert [{classes[k] for k in np.flatnonzero(row)} for row in target] == labels
    assert target.shape == (len(labels), len(set().union(*labels)))


def test_given_classes_keep_their_order() -> None:
    assert number(["b", "a"], ["b", "a", "c"])[1].tolist() == [0, 1]
    assert number_several([["b"], []], ["b", "a"])[1].tolist() == [[True, False], [False, False]]
