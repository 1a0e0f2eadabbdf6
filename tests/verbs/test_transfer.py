"""Starting from weights, and holding parts of a network still."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from torch import nn

from multicnn import image
from multicnn.errors import DataError, UsageError
from multicnn.train.freeze import frozen_parts, still_frozen
from multicnn.train.optim import build_optimizers
from multicnn.verbs.run import Run
from multicnn.zoo import classifier, compact

QUICK = {"epochs": 2, "batch_size": 16, "augment": "none", "device": "cpu", "precision": "fp32", "optimizer": "sgd"}


def train(data: Path, out: Path, lr: float = 0.05, **flags) -> Run:
    return image.train(data, out=out, settings={"train": {"ema": 0.0}}, lr=lr, **(QUICK | flags))


@pytest.fixture
def teacher(digit_folder, tmp_path) -> Run:
    return train(digit_folder, tmp_path / "teacher")


def same(a: dict[str, torch.Tensor], b: dict[str, torch.Tensor], prefix: str) -> list[bool]:
    return [torch.equal(a[name], b[name]) for name in a if name.startswith(prefix)]


def test_a_frozen_body_keeps_every_number_and_the_head_learns(teacher, digit_folder, tmp_path):
    run = train(digit_folder, tmp_path / "student", weights=str(teacher.path), freeze="backbone", seed=5)
    before, after = load_file(teacher.folder.best), load_file(run.folder.best)
    assert all(same(before, after, "body."))  # running statistics of the norms included
    assert not any(same(before, after, "head."))


def test_only_the_first_parts_are_frozen_where_a_number_says_so(teacher, digit_folder, tmp_path):
    run = train(digit_folder, tmp_path / "student", weights=str(teacher.folder.best), freeze="1", seed=5)
    before, after = load_file(teacher.folder.best), load_file(run.folder.best)
    assert all(same(before, after, "body.stem."))
    assert not all(same(before, after, "body.stages."))


def test_every_few_epochs_one_more_part_thaws_the_last_first():
    parts = [nn.Linear(1, 1) for _ in range(3)]
    left = [len(still_frozen(parts, epoch, 2)) for epoch in range(8)]
    assert left == [3, 3, 2, 2, 1, 1, 0, 0]
    assert list(still_frozen(parts, 2, 2)) == parts[:2]
    assert list(still_frozen(parts, 99, 0)) == parts


def test_a_run_that_thaws_resumes_to_the_same_weights(teacher, digit_folder, tmp_path):
    flags = {"weights": str(teacher.path), "freeze": "backbone", "thaw": 1}
    whole = train(digit_folder, tmp_path / "whole", epochs=3, **flags)
    assert not all(same(load_file(teacher.folder.best), load_file(whole.folder.best), "body.stages."))
    again = train(digit_folder, tmp_path / "again", epochs=3, **flags)
    assert whole.folder.best.read_bytes() == again.folder.best.read_bytes()


def test_the_body_learns_at_its_share_of_the_rate():
    net = classifier(compact(2, 1, grid=(8, 8)), 3)
    rates = {id(p): o.lr for o in build_optimizers("sgd", net, 0.2, 0.1, 0.5) for p in o.param_groups[0]["params"]}  # pyright: ignore[reportAttributeAccessIssue]
    assert {rates[id(p)] for p in net.body.parameters()} == {0.1}
    assert {rates[id(p)] for p in net.head.parameters()} == {0.2}
    assert len(rates) == sum(1 for _ in net.parameters())


@pytest.mark.parametrize("freeze", ["body", "-1", "99"])
def test_what_cannot_be_frozen_is_refused(freeze):
    with pytest.raises(UsageError, match=rf"--freeze {freeze}: give none, backbone, or how many of its 2 parts"):
        frozen_parts(compact(2, 1, grid=(8, 8)), freeze)


def test_weights_of_another_network_are_refused(teacher, digit_folder, tmp_path):
    with pytest.raises(DataError, match="the weights are of another network"):
        train(digit_folder, tmp_path / "student", weights=str(teacher.path), model="cnn1")


def test_weights_that_are_not_there_are_named(digit_folder, tmp_path):
    with pytest.raises(DataError, match=r"none\.pth: no such file of weights"):
        train(digit_folder, tmp_path / "student", weights=str(tmp_path / "none.pth"))
