"""Plans of each modality with data, of a model without, and of a run."""

from pathlib import Path

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from multicnn import api, image
from multicnn.errors import UsageError
from multicnn.insight.cost.trial import try_out
from multicnn.train.voice import Silent
from multicnn.verbs import told
from multicnn.verbs.plan import doubled, fitting
from multicnn.verbs.prepare import prepare
from multicnn.zoo import BODIES, count

QUICK = {"limit": 60, "batch_size": 16, "precision": "fp32", "device": "cpu", "epochs": 4}
GIVEN = {
    "image": {"data": "digits", "model": "cnn2"},
    "audio": {"data": "instruments", "model": "compact_sound", "seconds": 0.5},
    "text": {"data": "reviews"},
}


@pytest.mark.parametrize("modality", GIVEN)
def test_a_plan_with_data_measures_what_training_takes(modality, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found = api.plan(modality, **QUICK, **GIVEN[modality])
    memory, time = found["memory"], found["time"]
    assert found["parameters"] == sum(layer["parameters"] for layer in found["layers"]) > 0
    assert found["flops"] == sum(layer["flops"] for layer in found["layers"]) > 0
    assert memory["gradients"] <= memory["weights"]
    assert memory["optimizer"] >= 2 * memory["gradients"]  # Adam's two moments
    assert memory["average"] == memory["weights"]
    assert memory["peak"] == memory["rise"] + memory["weights"]
    parts = ("weights", "gradients", "optimizer", "average", "activations", "other")
    assert memory["peak"] == sum(memory[part] for part in parts)
    assert memory["rise"] > 0.8 * memory["activations"]
    assert memory["fitting_batch"] == memory["samples"] == 60  # so few that all fit
    assert memory["tried"]
    assert time["steps"] >= 60 // 16
    assert time["epoch"] == pytest.approx(time["training"] + time["validation"] + time["saving"], abs=1e-3)
    assert 0 < time["step"] <= time["epoch"]
    assert time["all"] == pytest.approx(4 * time["epoch"], abs=0.01)
    assert [p for p in tmp_path.iterdir() if p.name != "cache"] == []


def test_the_trial_leaves_the_weights_as_they_were():
    flags = {"data": {"limit": 40}, "model": {"name": "cnn2"}, "train": {"device": "cpu", "precision": "fp32"}}
    ready = prepare(image.MODALITY, {}, flags, {}, Silent())
    before = {k: v.clone() for k, v in ready.net.named_parameters()}
    tried = try_out(
        ready.net, ready.task, ready.training_batches(), None, ready.augments, ready.accelerator, ready.settings
    )
    assert all(torch.equal(v, before[k]) for k, v in ready.net.named_parameters())
    assert tried.trial.validation.wall == 0
    room = tried.trial.fixed + 4 * max(tried.trial.rise, tried.trial.activations)  # four such batches
    assert fitting(tried, room, 10_000)["fitting_batch"] >= tried.trial.batch
    assert fitting(tried, 1000, 10_000)["fitting_batch"] == 0
    assert fitting(tried, 10**12, 17)["fitting_batch"] >= 17
    tight = fitting(tried, tried.trial.rise, 10_000)  # the margin for others is gone, yet the batch was measured to fit
    assert tight["fitting_batch"] >= tried.trial.batch


def test_batches_that_are_looked_at():
    assert doubled(17, 17) == [1, 2, 4, 8, 16, 17]
    assert doubled(10_000, 24) == [1, 2, 4, 8, 16, 24, 32, 64, 128, 256, 512, 1024]


def test_the_cap_of_a_batch_is_told_as_what_it_is():
    memory = {"free": 20_000_000_000, "fitting_bytes": 85_500_000, "tried": True, "samples": 17}
    assert told.fitting(memory | {"fitting_batch": 17}) == (
        "any batch fits: all 17 training samples at once take 85.5 MB of the free 20.0 GB (tried with one step)"
    )
    assert "batches of up to 64 fit into the free 20.0 GB, and take" in told.fitting(
        memory | {"fitting_batch": 64, "samples": 1000}
    )
    assert "larger ones are not looked at" in told.fitting(memory | {"fitting_batch": 1024, "samples": 5000})


@pytest.mark.parametrize(("other", "says"), [(5_000, "other 5.0 kB"), (-5_000, "less 5.0 kB"), (0, "activations 1 b")])
def test_the_parts_of_memory_add_up(other, says):
    assert says in told.held(dict.fromkeys(told.PARTS, 1) | {"other": other})


def test_a_plan_of_a_model_counts_its_published_form():
    found = api.plan("image", model="vgg16", image_size=224)
    assert found["parameters"] == 138_357_544
    assert found["flops"] == 30_940_528_640
    numbers = found["activation_bytes"] / 4
    assert numbers == 3 * 224**2 + sum(
        layer["numbers"] for layer in found["layers"] if layer["kind"] in ("Conv2d", "ReLU", "Linear")
        or "Pool" in layer["kind"]
    )  # fmt: skip
    memory = found["memory"]
    assert memory["weights"] == memory["gradients"] == memory["average"] == 4 * 138_357_544
    assert memory["peak"] == sum(memory[k] for k in ("weights", "gradients", "optimizer", "average", "activations"))
    assert "time" not in found


def test_size_channels_and_classes_of_a_model_without_data():
    found = api.plan("image", model="cnn1", image_size=32, channels=3, classes=7, batch_size=8, optimizer="sgd")
    body = BODIES["cnn1"].build(2, 3, grid=(32, 32))
    net = nn.Sequential(body, BODIES["cnn1"].head(body.channels, 7))
    assert found["parameters"] == count(net)
    assert found["memory"]["batch"] == 8
    assert found["memory"]["optimizer"] == found["memory"]["gradients"]  # one momentum
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        net(torch.zeros(1, 3, 32, 32))
    assert found["flops"] == counter.get_total_flops()


@pytest.mark.parametrize(
    ("modality", "given", "shape"),
    [
        ("image", {"model": "textcnn", "image_size": 224}, [3, 224, 224]),
        ("image", {"model": "cnn2", "image_size": "8x16x16", "channels": 1}, [1, 8, 16, 16]),
        ("audio", {"model": "compact_sound", "seconds": 1.0, "sample_rate": 16_000}, [1, 64, 101]),
        ("audio", {"model": "speechcnn", "seconds": 1.0}, [64, 101]),
        ("audio", {"model": "convtasnet", "seconds": 0.5, "sample_rate": 8000}, [1, 4000]),
        ("audio", {"model": "lenet5_1998"}, [1, 32, 32]),
        ("text", {"model": "textcnn", "max_words": 40}, [300, 40]),
        ("text", {"model": "cnnlstm"}, [300, 64]),
        ("text", {"model": "cnn2", "max_words": 64}, [300, 64]),
    ],
)
def test_each_modality_gives_a_network_its_own_grid(modality, given, shape):
    found = api.plan(modality, **given)
    assert found["input"][: len(shape)] == pytest.approx(shape, abs=1 if modality == "audio" else 0)
    assert found["flops"] > 0


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"model": "textcnn"}, "published for samples of 300 x 64, not for image; give --image-size to plan"),
        ({"model": "vgg61"}, "no model named 'vgg61'; did you mean"),
        ({"model": "alexnet", "image_size": 20}, "at least"),
        ({"model": "vgg16", "epochs": 3}, "--epochs needs DATA"),
        ({"model": "vgg16", "task": "segment"}, "--task needs DATA"),
        ({"model": "vgg16", "classes": 0}, "--classes 0: give at least 1"),
        ({"model": "vgg16", "tile": 64}, "no setting of plan without DATA named 'tile'"),
        ({"model": "bcresnet1", "image_size": "8x16x16"}, "reads grids of 2 axes, not 3"),
        ({"data": "digits", "classes": 3}, "--classes 3: it is for a --model without DATA"),
    ],
)
def test_what_cannot_be_planned_is_refused(given, says):
    with pytest.raises(UsageError, match=says):
        api.plan("image", **given)


def test_a_run_can_be_planned_again(digit_folder, tmp_path):
    run = image.train(digit_folder, out=tmp_path / "run", epochs=1, model="cnn2", precision="fp32", device="cpu")
    before = {p: p.stat().st_mtime_ns for p in Path(run.path).rglob("*")}
    found = run.plan()
    assert found["parameters"] == run.parameters
    assert found["time"]["epochs"] == 1
    assert {p: p.stat().st_mtime_ns for p in Path(run.path).rglob("*")} == before
