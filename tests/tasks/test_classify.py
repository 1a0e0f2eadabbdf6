"""Losses against torch, class weights against their formulas."""

import json

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from multicnn.errors import UsageError
from multicnn.tasks import Classify, Tag
from multicnn.tasks.weights import class_weights, draw_balanced
from multicnn.train.mixup import Mixup

CLASSES = ("a", "b", "c")


def test_loss_is_torchs_cross_entropy_with_smoothing():
    out, y = torch.randn(8, 3), torch.randint(3, (8,))
    task = Classify(CLASSES, smoothing=0.1)
    expected = F.cross_entropy(out, y, label_smoothing=0.1, reduction="none")
    assert torch.allclose(task.loss(out, task.encode(y)), expected, atol=1e-6)


def test_weighted_loss_is_torchs_before_its_division():
    out, y, weights = torch.randn(8, 3), torch.randint(3, (8,)), torch.tensor([0.5, 1.0, 3.0])
    task = Classify(CLASSES, weights=weights)
    expected = F.cross_entropy(out, y, weight=weights, reduction="none")
    assert torch.allclose(task.loss(out, task.encode(y)), expected, atol=1e-6)


def test_loss_of_a_mixed_target_is_the_mix_of_the_losses():
    out, task = torch.randn(1, 3), Classify(CLASSES)
    a, b = task.encode(torch.tensor([0])), task.encode(torch.tensor([2]))
    mixed = task.loss(out, 0.3 * a + 0.7 * b)
    assert torch.allclose(mixed, 0.3 * task.loss(out, a) + 0.7 * task.loss(out, b), atol=1e-6)


def test_loss_of_several_labels_is_torchs_binary_cross_entropy():
    out, y = torch.randn(8, 3), (torch.rand(8, 3) < 0.5).float()
    expected = F.binary_cross_entropy_with_logits(out, y, reduction="none").mean(dim=1)
    assert torch.allclose(Tag(CLASSES).loss(out, y), expected, atol=1e-6)


def test_answers_decode_to_names():
    answer = np.array([[0.1, 0.7, 0.2], [0.6, 0.1, 0.5]])
    assert Classify(CLASSES).decode(answer) == ["b", "a"]
    assert Tag(CLASSES).decode(answer) == ["b", "a|c"]


def test_balanced_weights_are_inverse_shares_of_mean_one():
    target = np.repeat([0, 1, 2], [60, 30, 10])
    weights = class_weights("balanced", CLASSES, target)
    assert weights is not None
    assert torch.allclose(weights * torch.tensor([0.6, 0.3, 0.1]), torch.full((3,), 1 / 3))
    assert float(weights[torch.from_numpy(target)].mean()) == pytest.approx(1.0)


def test_root_weights_lie_between_none_and_balanced():
    target = np.repeat([0, 1, 2], [60, 30, 10])
    weights = class_weights("sqrt", CLASSES, target)
    assert weights is not None
    assert float(weights[2] / weights[0]) == pytest.approx(6**0.5)
    assert class_weights("none", CLASSES, target) is None


def test_weights_of_several_labels_count_what_is_known():
    weights = class_weights("balanced", CLASSES, np.array([[1, 0, -1], [1, 1, 1], [0, -1, -1], [0, 0, 0]]))
    assert weights is not None
    assert (1 / weights / (1 / weights[0])).tolist() == pytest.approx([1, 2 / 3, 1])


def test_weights_from_a_file_keep_their_ratios(tmp_path):
    path = tmp_path / "w.json"
    path.write_text(json.dumps({"a": 1, "b": 2, "c": 4}))
    weights = class_weights(str(path), CLASSES, np.array([0, 1, 2, 2]))
    assert weights is not None
    assert torch.allclose(weights / weights[0], torch.tensor([1.0, 2.0, 4.0]))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('{"a": 1, "b": 2}', "no weight for class 'c'"),
        ('{"a": 1, "b": 2, "x": 1}', "no class 'x'"),
        ('{"a": 1, "b": 2, "c": 0}', "not above 0"),
        ("[1, 2]", "not a JSON object"),
        ("nonsense", "not a JSON object"),
    ],
)
def test_a_bad_file_of_weights_is_named(tmp_path, content, message):
    path = tmp_path / "w.json"
    path.write_text(content)
    with pytest.raises(UsageError, match=message) as error:
        class_weights(str(path), CLASSES, np.array([0, 1, 2]))
    assert str(path) in str(error.value)


def test_a_missing_file_of_weights_says_what_to_give():
    with pytest.raises(UsageError, match="give none, balanced, sqrt or a JSON file"):
        class_weights("heavy", CLASSES, np.array([0, 1, 2]))


def test_balanced_draws_give_every_class_the_same_probability():
    target = np.repeat([0, 1, 2], [60, 30, 10])
    probability = draw_balanced(target)
    assert [probability[target == k].sum() for k in range(3)] == pytest.approx([1 / 3] * 3)


def test_balanced_draws_of_several_labels_draw_a_class_and_then_one_of_its_samples():
    target = np.array([[1, 0], [1, 0], [1, 1], [1, 0], [0, 0], [0, 0]], dtype=bool)
    thirds = np.array([1 / 4, 1 / 4, 1 / 4 + 1, 1 / 4, 1 / 2, 1 / 2]) / 3
    assert draw_balanced(target) == pytest.approx(thirds)


def test_unknown_labels_teach_nothing():
    task, y = Tag(CLASSES), torch.tensor([[1, 0, -1], [-1, -1, -1]], dtype=torch.int8)
    out = torch.tensor([[0.5, -1.0, 9.0], [1.0, 2.0, 3.0]], requires_grad=True)
    loss = task.loss(out, task.encode(y))
    expected = F.binary_cross_entropy_with_logits(out[0, :2].detach(), torch.tensor([1.0, 0.0]))
    assert loss.tolist() == pytest.approx([expected.item(), 0.0])
    loss.sum().backward()
    assert out.grad is not None
    assert (out.grad[0, :2] != 0).all()
    assert (out.grad[0, 2], out.grad[1].abs().sum()) == (0, 0)


def test_what_is_mixed_with_an_unknown_label_is_unknown():
    task = Tag(CLASSES)
    x, y = torch.zeros(2, 4), task.encode(torch.tensor([[1, 0, -1], [0, 1, 1]], dtype=torch.int8))
    _, mixed = Mixup(alpha=1.0)(x, y, torch.tensor([3, 4]))
    assert mixed[:, :2].isfinite().all()
    assert mixed[:, 2].isnan().all()
    assert task.loss(torch.zeros(2, 3), mixed).isfinite().all()


def test_several_labels_by_class_leave_out_what_is_unknown():
    y = np.array([[1, -1, 0], [-1, 1, 0]], dtype=np.int8)
    found = Tag(CLASSES).per_class(np.array([[0.9, 0.9, 0.1], [0.9, 0.9, 0.9]]), y)
    assert [found[c]["samples"] for c in CLASSES] == [1, 1, 0]
    assert [found[c]["precision"] for c in CLASSES] == [1, 1, 0]


def test_smoothing_out_of_range_is_refused():
    with pytest.raises(UsageError, match=r"task\.smoothing is 1\.5"):
        Classify(CLASSES, smoothing=1.5)
