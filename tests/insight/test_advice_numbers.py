"""Each number of the rules of advice beside one counted by hand."""

import numpy as np
import pytest
import torch

from multicnn.errors import UsageError
from multicnn.insight.advice import RULES, Facts, advise, objects
from multicnn.insight.cost import layers
from multicnn.tasks import pieces
from multicnn.zoo import classifier, compact, googlenet, resnet18, segmenter, unet


def of(net, *shape: int, **known) -> Facts:
    """Facts of a net for grids of c_in *grid."""
    with torch.device("meta"):
        found = layers(net, torch.zeros(1, *shape))
    return Facts(**{"modality": "image", "task": "classify", "model": "any", "layers": found, **known})


def built(make, *given, classes: int = 10, **settings):
    with torch.device("meta"):
        return classifier(make(*given, **settings), classes)


def number(rule: str, facts: Facts) -> float | None:
    return RULES[rule].number(facts)


def test_the_last_convolution_sees_a_32nd_of_the_grid_or_an_eighth():
    assert number("early-stride", of(built(resnet18, 2, 1), 1, 28, 28)) == 1  # 14, 7, 7, 4, 2, 1
    assert number("early-stride", of(built(resnet18, 2, 1, stem="small"), 1, 28, 28)) == 4  # 28, 14, 7, 4
    assert number("early-stride", of(built(resnet18, 2, 3), 3, 224, 160)) == 5


def test_bands_are_counted_along_the_frequencies_alone():
    facts = of(built(resnet18, 2, 1), 1, 64, 500, modality="audio")
    assert number("bands", facts) == 2  # 64 / 32
    assert number("early-stride", facts) is None
    assert number("bands", of(built(resnet18, 1, 1), 1, 8000, modality="audio")) is None


def test_a_flat_unet_sees_18_cells():
    """3, 5 by the first pair; 6 by the pooling; 10, 14 by the second pair, 2 cells apart; 16, 18 by the last."""
    with torch.device("meta"):
        net = segmenter(2, unet(2, 1, width=4, depth=1), 3)
    facts = of(net, 1, 64, 64, task="segment", objects=np.array([[20.0, 30], [24, 36], [90, 90]]))
    assert number("receptive-field", facts) == 18 / 36


def test_features_a_class():
    assert number("bottleneck", of(built(compact, 2, 1, grid=(28, 28), width=2), 1, 28, 28, counts=np.ones(10))) == 0.6


def test_two_small_kernels_save_what_the_formula_says():
    table = {"3a": (16, 32), "3b": (32, 96), "4a": (16, 48), "4b": (24, 64), "4c": (24, 64), "4d": (32, 64)}
    table |= {"4e": (32, 128), "5a": (32, 128), "5b": (48, 128)}
    saved = sum(25 * a * b - 9 * a * (a + b) for a, b in table.values())
    plain = of(built(googlenet, 2, 3, classes=1000, aux=False), 3, 224, 224)
    small = of(built(googlenet, 2, 3, classes=1000, aux=False, kernels_5=(3, 3)), 3, 224, 224)
    biases = sum(a for a, _ in table.values())
    assert plain.learnable == 6_998_552
    assert plain.learnable - small.learnable == saved - biases
    assert number("two-for-five", plain) == saved / 6_998_552
    assert number("two-for-five", small) is None


def test_parameters_a_sample_and_a_class():
    facts = of(built(compact, 2, 1, grid=(28, 28)), 1, 28, 28, samples=100, counts=np.array([60, 40]), usual=["shift"])
    assert number("parameters", facts) == 222_570 / 100
    assert number("augmentation", facts) == 50
    assert number("imbalance", facts) == 1.5


def test_what_is_not_known_is_not_judged():
    assert advise(of(built(compact, 2, 1, grid=(28, 28)), 1, 28, 28)) == []


def test_pictures_are_compared_by_their_shorter_side():
    facts = of(built(compact, 2, 1, grid=(28, 28)), 1, 28, 28, read=(10, 10), given=np.array([[28.0, 40], [30, 50]]))
    assert number("resolution", facts) == 2.9


def test_boxes_are_measured_in_cells():
    target = np.array([[[2, 0.25, 0.5, 0.75, 1.0], [-1, 0, 0, 0, 0]]])
    assert objects.of_boxes(target, (40, 80)).tolist() == [[20, 40]]


def test_regions_that_touch_are_one_object():
    maps = np.zeros((1, 8, 8), dtype=np.uint8)
    maps[0, 1:4, 2:7], maps[0, 6, 0] = 1, 2
    assert sorted(objects.of_maps(maps, (8, 8)).tolist()) == [[1, 1], [3, 5]]


def test_instances_are_measured_by_their_boxes():
    owner = np.zeros((8, 8), dtype=np.int64)
    owner[1:4, 2:7], owner[6:, 0] = 1, 2
    packed = pieces.pack(owner, np.array([0, 3, -1]))[None]
    assert objects.of_pieces(packed, (8, 8)) == pytest.approx(np.array([[3, 5], [2, 1]]), abs=1e-5)


def test_rules_are_silenced_by_name():
    facts = of(built(resnet18, 2, 1), 1, 28, 28, read=(28, 28), samples=1000)
    assert [a.rule for a in advise(facts)] == ["early-stride", "parameters"]
    assert [a.rule for a in advise(facts, silence=["parameters"])] == ["early-stride"]
    with pytest.raises(UsageError, match="no rule of advice named 'parameter'; did you mean parameters"):
        advise(facts, silence=["parameter"])
