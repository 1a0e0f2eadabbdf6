"""Counts that papers and well-known code publish, and what the table says about each member."""

import re

import pytest

from multicnn.zoo import BODIES, count, lenet5, lenet5_1998

PUBLISHED = {
    "fcnn1": 101_770,  # 784 * 128 + 128 and 128 * 10 + 10
    "fcnn2": 109_386,
    "fcnn3": 334_560,
    "lenet5_1998": 60_000,
    "lenet5": 61_706,
    "cnn1": 320 + 18_496 + 7 * 7 * 64 * 10 + 10,
    "resnet18": 11_689_512,
    "resnet34": 21_797_672,
    "resnet50": 25_557_032,
    "resnet101": 44_549_160,
    "resnet152": 60_192_808,
    "preresnet18": 11_687_720,
    "preresnet34": 21_795_880,
    "preresnet50": 25_549_352,
    "preresnet101": 44_541_480,
    "preresnet152": 60_185_128,
    "textcnn": (3 + 4 + 5) * 300 * 100 + 300 + 300 * 2 + 2,
}
LAYERS_1998 = {"c1": 156, "s2": 12, "c3": 1_516, "s4": 32, "c5": 48_120, "f6": 10_164}
LAYERS_NOW = {"c1": 156, "s2": 0, "c3": 2_416, "s4": 0, "c5": 48_120, "f6": 10_164}


@pytest.mark.parametrize(("name", "published"), PUBLISHED.items())
def test_reference_forms_have_the_published_counts(name, published):
    assert BODIES[name].parameters() == published


@pytest.mark.parametrize("grid", [(28, 28), (32, 32)])
def test_lenet_has_the_published_count_of_each_layer_on_28_and_32_cells(grid):
    for build, layers in ((lenet5_1998, LAYERS_1998), (lenet5, LAYERS_NOW)):
        assert {name: count(layer) for name, layer in build(2, 1, grid=grid).layers.items()} == layers


@pytest.mark.parametrize("name", ["compact", "lenet5_1998", "cnn2", "textcnn"])
def test_counting_without_memory_counts_the_real_network(name):
    assert BODIES[name].parameters() == sum(count(part) for part in BODIES[name].reference())


@pytest.mark.parametrize("name", BODIES)
def test_the_table_says_who_when_and_where(name):
    facts = BODIES[name].facts(name)
    assert facts["name"] == name
    assert facts["rank"] in facts["ranks"]
    assert re.fullmatch(r"[A-Z][\w, ]+ \d{4}, (arxiv\.org/abs/\d{4}\.\d{4,5}|doi\.org/10\.\S+)", facts["paper"])
