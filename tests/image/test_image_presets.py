"""The presets of classification: settings that exist, and runs that finish."""

import pytest

from multicnn import image
from multicnn.errors import UsageError
from multicnn.image.datasets import digits
from multicnn.image.defaults import defaults
from multicnn.image.presets import PRESETS, network
from multicnn.image.reader import ImageReader
from multicnn.image.volume import VolumeReader
from multicnn.verbs.layers import read_config


@pytest.mark.parametrize(
    ("reader", "name"),
    [
        (ImageReader(size=(28, 28), channels=1), "compact_whitened"),
        (ImageReader(size=(64, 48), channels=3), "compact_whitened"),
        (ImageReader(size=(128, 28), channels=1), "compact"),
        (ImageReader(size=(28, 28), channels=12), "compact"),
        (VolumeReader(size=(16, 16, 16), channels=1), "compact"),
    ],
)
def test_only_small_pictures_of_few_channels_are_whitened(reader, name):
    assert network(reader)["name"] == name


@pytest.mark.parametrize("n_train", [1, 1_000, 60_000, 10_000_000])
def test_fast_is_shorter_and_best_longer_and_wider(n_train):
    reader = ImageReader(size=(28, 28), channels=1)
    plain, fast, best = (f(digits(), reader, n_train) for f in (defaults, PRESETS["fast"], PRESETS["best"]))
    assert fast["train"]["epochs"] < plain["train"]["epochs"] < best["train"]["epochs"]
    assert fast["augment"] == best["augment"] == plain["augment"]
    assert best["model"]["width"] == 56


@pytest.mark.parametrize("preset", PRESETS)
def test_a_run_follows_its_preset_where_the_user_says_nothing(preset, digit_folder, tmp_path):
    run = image.train(digit_folder, preset=preset, epochs=1, out=tmp_path / "run")
    config = read_config(run.folder.config, "image")
    assert config["model"]["name"] == "compact_whitened"
    assert config["task"]["smoothing"] == 0.1
    assert config["train"]["epochs"] == 1


def test_a_mistyped_preset_is_answered_with_the_nearest(digit_folder):
    with pytest.raises(UsageError, match="fast"):
        image.train(digit_folder, preset="fst")
