"""Weights of other makers: read from every kind of file, and taken where they fit."""

import os
import pickle
import shutil

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from multicnn.errors import DataError
from multicnn.zoo import BODIES, Net, build_body, classifier, reader, resnet18, squeezenet
from multicnn.zoo.torchvision_names import NAMES
from multicnn.zoo.weights import fit_weights, read_weights, translated

STATE = {"conv.weight": torch.randn(4, 3, 3, 3), "fc.bias": torch.arange(5.0)}


def same(found: dict, wanted: dict) -> None:
    assert [*found] == [*wanted]
    for name, value in wanted.items():
        assert torch.equal(found[name], value)


@pytest.mark.parametrize("suffix", [".pth", ".pt", ".bin", ".ckpt", ".safetensors", ".pkl"])
def test_every_kind_of_file_gives_the_same_tensors(tmp_path, suffix):
    path = tmp_path / f"w{suffix}"
    if suffix == ".safetensors":
        save_file(STATE, path)
    elif suffix == ".pkl":
        path.write_bytes(pickle.dumps({k: v.numpy() for k, v in STATE.items()}))
    else:
        torch.save(STATE, path)
    same(read_weights(path), STATE)


@pytest.mark.parametrize(
    "wrapped",
    [
        {"state_dict": STATE, "epoch": 3, "optimizer": {"lr": 0.1}},
        {"model": STATE, "args": {"arch": "resnet"}},
        {"model": {"state_dict": STATE}},
        {f"module.{k}": v for k, v in STATE.items()},
        {"state_dict": {f"model.{k}": v for k, v in STATE.items()}},
        {f"_orig_mod.module.{k}": v for k, v in STATE.items()},
    ],
)
def test_checkpoints_and_prefixes_of_frameworks_are_taken_off(tmp_path, wrapped):
    torch.save(wrapped, tmp_path / "w.pth")
    same(read_weights(tmp_path / "w.pth"), STATE)


def test_the_format_of_old_torch_versions_is_read(tmp_path):
    torch.save(STATE, tmp_path / "w.pth", _use_new_zipfile_serialization=False)
    same(read_weights(tmp_path / "w.pth"), STATE)


def test_a_layer_of_a_pickle_may_be_a_pair_in_kerass_order(tmp_path):
    kernel, bias = np.random.rand(3, 2, 5, 7), np.random.rand(7)
    (tmp_path / "w.pkl").write_bytes(pickle.dumps({"conv": [kernel, bias]}))
    found = read_weights(tmp_path / "w.pkl")
    x = np.random.rand(5, 3, 2)  # one window
    out = nn.functional.conv2d(torch.from_numpy(x)[None], found["conv.weight"], found["conv.bias"])
    np.testing.assert_allclose(out.flatten().numpy(), np.einsum("chw,hwco->o", x, kernel) + bias)


class Evil:
    def __init__(self, command: str):
        self.command = command

    def __reduce__(self):
        return os.system, (self.command,)


@pytest.mark.parametrize("suffix", [".pth", ".pt", ".bin", ".ckpt", ".pkl"])
def test_a_file_that_would_be_executed_is_refused_and_runs_nothing(tmp_path, suffix):
    path = tmp_path / f"evil{suffix}"
    held = {"x": Evil(f"touch {tmp_path / 'ran'}")}
    if suffix == ".pkl":
        path.write_bytes(pickle.dumps(held))
    else:
        torch.save(held, path)
    with pytest.raises(DataError, match=r"evil\.\w+: this \w+ asks to run \w+\.system, .* so it was not read; save "):
        read_weights(path)
    assert not (tmp_path / "ran").exists()


def test_a_saved_network_is_refused_with_what_to_save(tmp_path):
    torch.save(nn.Linear(2, 2), tmp_path / "net.pth")
    with pytest.raises(
        DataError, match=r"asks to run torch\.nn\.modules\.linear\.Linear, .* save .* state_dict\(\) alone"
    ):
        read_weights(tmp_path / "net.pth")


@pytest.mark.parametrize("suffix", [".pth", ".safetensors", ".pkl"])
@pytest.mark.parametrize("content", [b"", b"<html>404</html>", b"\x80\x02}q\x00(", bytes(1000)])
def test_a_damaged_file_is_a_sentence(tmp_path, suffix, content):
    path = tmp_path / f"w{suffix}"
    path.write_bytes(content)
    with pytest.raises(DataError, match=rf"w\{suffix}: no readable "):
        read_weights(path)


@pytest.mark.parametrize(
    ("name", "held", "sentence"),
    [
        ("w.h5", None, r"w\.h5: weights come as \.safetensors, .*, not as \.h5"),
        ("w", None, "not as a file without suffix"),
        ("gone.pth", None, r"gone\.pth: no such file of weights; check the path"),
        ("w.pth", {"epoch": 3}, r"w\.pth: no tensors in it; save a network's state_dict\(\) there"),
        ("w.pth", [torch.ones(1)], r"w\.pth: no tensors in it"),
    ],
)
def test_files_without_weights_are_named(tmp_path, name, held, sentence):
    if held is not None:
        torch.save(held, tmp_path / name)
    with pytest.raises(DataError, match=sentence):
        read_weights(tmp_path / name)


def test_a_pickle_without_names_is_named(tmp_path):
    (tmp_path / "w.pkl").write_bytes(pickle.dumps([np.ones(3)]))
    with pytest.raises(DataError, match=r"w\.pkl: holds no arrays by name"):
        read_weights(tmp_path / "w.pkl")


def torchvisions(name: str, k: int = 1000) -> dict:
    from torchvision import models

    return getattr(models, name)(num_classes=k).state_dict()


def test_the_last_layer_of_other_classes_is_left_out_and_the_rest_fits():
    net, found = classifier(resnet18(2, 3), 10), torchvisions("resnet18")
    loaded, left_out, missing = fit_weights(net.state_dict(), found)
    assert left_out == ["fc.weight", "fc.bias"]
    assert missing == ["head.fc.weight", "head.fc.bias"]
    assert net.load_state_dict(loaded, strict=False).missing_keys == missing
    assert torch.equal(net.body.layer4[1].conv2.weight, found["layer4.1.conv2.weight"])


def test_a_body_alone_takes_weights_too_and_old_files_without_counters_lack_nothing():
    found = {k: v for k, v in torchvisions("resnet18").items() if "num_batches_tracked" not in k}
    loaded, left_out, missing = fit_weights(resnet18(2, 3).state_dict(), found)
    assert (len(loaded), left_out, missing) == (len(found) - 2, ["fc.weight", "fc.bias"], [])


def test_our_own_weights_fit_with_the_front_end():
    body = resnet18(2, 1, width=4)
    net = Net(nn.BatchNorm2d(1), body, reader(body, 3))
    same(fit_weights(net.state_dict(), net.state_dict())[0], net.state_dict())
    state = {k: v for k, v in net.state_dict().items() if not k.startswith("frontend.")}
    assert fit_weights(net.state_dict(), state)[1:] == ([], [])


def test_another_number_of_channels_costs_the_first_layer_alone():
    _, left_out, missing = fit_weights(resnet18(2, 1).state_dict(), torchvisions("resnet18"))
    assert missing == ["conv1.weight"]
    assert left_out == ["conv1.weight", "fc.weight", "fc.bias"]


@pytest.mark.parametrize(
    ("found", "sentence"),
    [
        ({}, r"0% of this one's .* wants 'conv1\.weight' \(64 x 3 x 7 x 7\), the file has nothing; choose the model"),
        ({"conv_1.weight": torch.ones(2, 5)}, r"the file has 'conv_1\.weight' \(2 x 5\); choose the model"),
        ({"conv1.weight": torch.ones(9, 3, 7, 7)}, r"the file has 'conv1\.weight' \(9 x 3 x 7 x 7\)"),
    ],
)
def test_weights_of_another_network_are_refused_with_near_names(found, sentence):
    with pytest.raises(DataError, match="the weights are of another network: .*" + sentence):
        fit_weights(classifier(resnet18(2, 3), 10).state_dict(), found)


def test_a_deeper_network_of_the_same_names_is_refused_when_less_than_half_is_there():
    with pytest.raises(DataError, match="the weights are of another network"):
        fit_weights(BODIES["resnet101"].reference()[0].state_dict(), torchvisions("resnet18"))


@pytest.mark.parametrize("name", ["alexnet_torchvision", "vgg11", "vgg13_bn", "googlenet_torchvision", "resnet34"])
def test_torchvisions_files_fit_by_the_members_name(name):
    from torchvision import models

    with torch.device("meta"):
        settings = {"aux_logits": True, "init_weights": False} if "googlenet" in name else {}
        found = getattr(models, NAMES[name])(**settings).state_dict()
        body = build_body(name, 2, 3, (224, 224), {})
        net = Net(nn.Identity(), body, reader(body, 1000))
    loaded, left_out, missing = fit_weights(net.state_dict(), translated(name, found))
    assert (len(loaded), left_out, missing) == (len(net.state_dict()), [], [])


def test_our_own_files_are_not_translated():
    state = classifier(resnet18(2, 3), 10).state_dict()
    assert translated("resnet18", state) is state


def test_the_file_stays_as_it_was(tmp_path):
    torch.save(torchvisions("squeezenet1_1"), tmp_path / "w.pth")
    shutil.copy2(tmp_path / "w.pth", tmp_path / "copy.pth")
    body = squeezenet(2, 3)
    net = Net(nn.Identity(), body, reader(body, 4))
    _, left_out, _ = fit_weights(net.state_dict(), read_weights(tmp_path / "w.pth"))
    assert left_out == ["classifier.1.weight", "classifier.1.bias"]
    assert (tmp_path / "w.pth").read_bytes() == (tmp_path / "copy.pth").read_bytes()
