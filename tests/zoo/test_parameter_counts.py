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
    "alexnet": 60_965_224,
    "alexnet_torchvision": 61_100_840,
    "vgg11": 132_863_336,
    "vgg11_lrn": 132_863_336,
    "vgg13": 133_047_848,
    "vgg16_1x1": 133_638_952,
    "vgg16": 138_357_544,
    "vgg19": 143_667_240,
    "vgg11_bn": 132_868_840,
    "vgg13_bn": 133_053_736,
    "vgg16_bn": 138_365_992,
    "vgg19_bn": 143_678_248,
    "googlenet": 6_998_552,
    "googlenet_torchvision": 6_624_904,
    "inception3": 23_834_568,
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
    "cifar_resnet20": 269_722,
    "cifar_resnet32": 464_154,
    "cifar_resnet44": 658_586,
    "cifar_resnet56": 853_018,
    "cifar_resnet110": 1_727_962,
    "cifar_plain20": 269_722,
    "cifar_plain56": 853_018,
    "squeezenet": 1_235_496,
    "efficientnet_lite0": 4_652_008,
    "efficientnet_lite1": 5_416_680,
    "efficientnet_lite2": 6_092_072,
    "efficientnet_lite3": 8_197_096,
    "efficientnet_lite4": 13_006_568,
    "convnext_tiny": 28_589_128,
    "unet": 31_030_658,
    "fcn_resnet50": 32_957_013,
    "fcn_resnet101": 54_314_346
    - 2_365_205,  # the published one has the side head of ResNet-50's: 35_322_218 - 32_957_013
    "deeplabv3_resnet50": 39_638_869,
    "deeplabv3_resnet101": 60_996_202 - 2_365_205,
    "fcos_resnet50": 32_269_600,
    "convtasnet": 4_984_881,
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
