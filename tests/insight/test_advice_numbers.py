"""Each number of the rules of advice beside one counted by hand."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from multicnn.errors import UsageError
from multicnn.insight.advice import RULES, Facts, advise, objects
from multicnn.insight.cost import layers
from multicnn.tasks import pieces
from multicnn.zoo import classifier, compact, convnext_atto, resnet18, segmenter, unet, vgg11


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


def test_patches_shrink_until_three_cells_are_left():
    facts = of(built(convnext_atto, 2, 1), 1, 32, 32, takes={"patch": 4})
    assert number("early-stride", facts) == 1  # 8, 4, 2, 1
    assert [a.flag for a in advise(facts)] == ["--set model.patch=1"]
    assert number("early-stride", of(built(convnext_atto, 2, 1, patch=1), 1, 32, 32)) == 4


def test_nothing_is_said_where_no_setting_mends_it():
    facts = of(built(vgg11, 2, 1, grid=(32, 32)), 1, 32, 32, takes={"width": 64})
    assert number("early-stride", facts) == 2
    assert advise(facts) == []


def test_a_flat_unet_sees_18_cells():
    """3, 5 by the first pair; 6 by the pooling; 10, 14 by the second pair, 2 cells apart; 16, 18 by the last."""
    with torch.device("meta"):
        net = segmenter(2, unet(2, 1, width=4, depth=1), 3)
    facts = of(net, 1, 64, 64, task="segment", objects=np.array([[20.0, 30], [24, 36], [90, 90]]))
    assert number("receptive-field", facts) == 18 / 36


def test_features_a_class():
    assert number("bottleneck", of(built(compact, 2, 1, grid=(28, 28), width=2), 1, 28, 28, counts=np.ones(10))) == 0.6


def test_samples_a_class():
    facts = of(built(compact, 2, 1, grid=(28, 28)), 1, 28, 28, samples=100, counts=np.array([60, 40]), usual=["shift"])
    assert number("augmentation", facts) == 50
    assert number("imbalance", facts) == 1.5


def test_only_photographs_are_missed_from_scratch():
    known = {"samples": 90, "counts": np.array([60, 30])}
    colour, grey = of(built(resnet18, 2, 3), 3, 64, 64, **known), of(built(resnet18, 2, 1), 1, 64, 64, **known)
    assert number("from-scratch", replace(colour, read=(64, 64))) == 45
    assert number("from-scratch", replace(colour, read=(64, 64), learnt=True)) is None
    assert number("from-scratch", replace(colour, read=(32, 32))) is None
    assert number("from-scratch", replace(grey, read=(64, 64))) is None


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
    maps[0, 1:4, 2:7], maps[0, 6, 0], maps[0, 7, 7] = 1, 2, 255
    assert sorted(objects.of_maps(maps, (8, 8)).tolist()) == [[1, 1], [3, 5]]


def test_instances_are_measured_by_their_boxes():
    owner = np.zeros((8, 8), dtype=np.int64)
    owner[1:4, 2:7], owner[6:, 0] = 1, 2
    packed = pieces.pack(owner, np.array([0, 3, -1]))[None]
    assert objects.of_pieces(packed, (8, 8)) == pytest.approx(np.array([[3, 5], [2, 1]]), abs=1e-5)


def test_rules_are_silenced_by_name():
    facts = of(built(resnet18, 2, 1), 1, 28, 28, takes={"stem": "imagenet"}, samples=1000, batch=4)
    assert [a.rule for a in advise(facts)] == ["early-stride", "batch-norm"]
    assert [a.rule for a in advise(facts, silence=["early_stride"])] == ["batch-norm"]
    with pytest.raises(UsageError, match="no rule of advice named 'batchnorm'; did you mean batch-norm"):
        advise(facts, silence=["batchnorm"])


def test_every_rule_names_its_source_and_a_recipe_that_is_there():
    for rule in RULES.values():
        assert re.search(r"(19|20)\d\d, (arxiv\.org/abs|doi\.org)/", rule.source)
        for recipe in (rule.recipe, *rule.recipes.values()):
            assert (Path(__file__).parents[2] / recipe.split()[0]).is_file()
    assert len(RULES) <= 12
