"""The learner to beat, the defaults and the drawing."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from matplotlib.image import imread

from multicnn.audio import AUGMENTS, FRONTENDS, MODALITY
from multicnn.audio.baseline import baseline
from multicnn.audio.reader import SoundReader
from multicnn.audio.show import draw
from multicnn.data.table import Table, strings
from multicnn.names import check

RATE = 8_000
READER = SoundReader(rate=RATE, seconds=0.25)


def tones() -> tuple[Table, np.ndarray]:
    """Sixty noisy tones, low, middle or high, and their samples."""
    random = np.random.default_rng(0)
    target = np.arange(60) % 3
    t = np.arange(RATE // 4) / RATE
    sounds = 0.3 * np.sin(2 * np.pi * 300 * 3.0 ** target[:, None] * t) + 0.05 * random.standard_normal((60, len(t)))
    names = strings(range(60))
    return Table("tones", sounds, names, ("low", "middle", "high"), target), np.stack([READER(s) for s in sounds])


def test_the_baseline_tells_tones_apart():
    table, sounds = tones()
    name, answer = baseline(READER, table, np.arange(40), np.arange(40, 60), sounds.__getitem__)
    assert name == "mean spectrum + logistic regression"
    np.testing.assert_allclose(answer.sum(1), 1)
    np.testing.assert_array_equal(answer.argmax(1), table.target[40:])


def test_the_baseline_answers_for_several_labels_and_absent_classes():
    table, sounds = tones()
    several = np.stack([table.target == 0, table.target >= 1, np.zeros(60, bool)], axis=1)
    _, answer = baseline(READER, replace(table, target=several), np.arange(40), np.arange(40, 60), sounds.__getitem__)
    np.testing.assert_array_equal(answer > 0.5, several[40:])
    assert not answer[:, 2].any()


def test_the_baseline_gives_a_class_it_never_saw_no_chance():
    table, sounds = tones()
    train = np.flatnonzero(table.target != 1)
    _, answer = baseline(READER, table, train, np.arange(60), sounds.__getitem__)
    assert answer.shape == (60, 3)
    assert not answer[:, 1].any()


@pytest.mark.parametrize("seconds", [0.5, 5.0])
@pytest.mark.parametrize("n", [50, 2_000, 1_000_000])
def test_defaults_are_settings_that_exist(seconds: float, n: int):
    table, _ = tones()
    found = MODALITY.kind(None).defaults(table, SoundReader(rate=RATE, seconds=seconds), n)
    for name, given in found["augment"].items():
        check(name, AUGMENTS[name], given)
    frontend = dict(found["frontend"])
    check("front-end", FRONTENDS[frontend.pop("name")], frontend)
    assert 10 <= found["train"]["epochs"] <= 200


def test_a_drawing_is_a_picture_that_shows_the_sound(tmp_path: Path, tone: np.ndarray):
    reader = SoundReader(rate=16_000, seconds=1.0)
    draw(tone, reader, tmp_path / "tone.png", answer="$tone")
    draw(np.zeros(16_000), reader, tmp_path / "silence.png", answer="$tone")
    assert np.abs(imread(tmp_path / "tone.png") - imread(tmp_path / "silence.png")).mean() > 0.01
