"""torchvision's FCOS is the independent reference: its weights fit, and give its boxes."""

from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torchvision.models import detection
from torchvision.ops import FrozenBatchNorm2d

from multicnn.errors import UsageError
from multicnn.tasks.boxes import NONE
from multicnn.tasks.detect import Detect
from multicnn.zoo import BODIES, classifier, count, fcos_resnet50, from_torchvision, resnet50
from multicnn.zoo.pyramid import BoxNet
from multicnn.zoo.weights import fit_weights

GRID = (150, 218)  # widened to 160 x 224, no whole multiples of the coarsest cells
K = 5
COUNT, OF_NORMS = 32_269_600, 53_120  # torchvision's published count has no norms in it: they are frozen


class Grid(nn.Identity):
    """A front-end that does nothing."""

    rank, channels = 2, 3


def task(k: int = K, **settings: Any) -> Detect:
    return Detect([str(i) for i in range(k)], **settings)


def theirs(**settings: Any) -> detection.FCOS:
    """A model with statistics as after some training, for grids that are neither normalised nor resized."""
    as_it_is = {"min_size": GRID[0], "max_size": GRID[1], "image_mean": [0.0] * 3, "image_std": [1.0] * 3}
    net = detection.fcos_resnet50_fpn(
        weights=None, weights_backbone=None, num_classes=K, score_thresh=0.012, nms_thresh=0.5, **as_it_is, **settings
    )
    for layer in net.modules():
        if isinstance(layer, nn.BatchNorm2d):
            assert layer.running_mean is not None
            assert layer.running_var is not None
            for values, low, high in ((layer.running_var, 0.5, 2.0), (layer.weight, 0.3, 0.8)):
                nn.init.uniform_(values, low, high)
            for values in (layer.running_mean, layer.bias):
                nn.init.normal_(values, std=0.1)
    for layer in (net.head.regression_head.bbox_reg, net.head.classification_head.cls_logits):
        nn.init.normal_(layer.weight, std=0.2)  # boxes that differ in class, size and score
    return net.eval()


@pytest.fixture(scope="module")
def pair() -> tuple[BoxNet, detection.FCOS]:
    torch.manual_seed(0)
    net = theirs()
    ours = task().net(Grid(), fcos_resnet50(2, 3))
    ours.load_state_dict(from_torchvision("fcos_resnet50", net.state_dict()))
    return ours.eval(), net


def test_weights_of_torchvision_give_the_answers_of_its_head(pair: tuple[BoxNet, detection.FCOS]) -> None:
    ours, net = pair
    x = torch.randn(2, 3, 160, 224)
    with torch.no_grad():
        wanted = net.head(list(net.backbone(x).values()))
        logits, centred, box, place = ours(x).split([K, 1, 4, 4], dim=-1)
    torch.testing.assert_close(logits, wanted["cls_logits"], rtol=1e-5, atol=1e-5)
    torch.testing.assert_close(centred, wanted["bbox_ctrness"], rtol=1e-5, atol=1e-5)
    edges = torch.cat([place[..., :2] - box[..., :2], box[..., 2:] - place[..., :2]], -1)
    torch.testing.assert_close(edges / place[..., 2:].repeat(1, 1, 2), wanted["bbox_regression"], rtol=1e-4, atol=1e-4)


def test_pictures_get_the_boxes_scores_and_classes_of_torchvision(pair: tuple[BoxNet, detection.FCOS]) -> None:
    ours, net = pair
    x = torch.randn(2, 3, *GRID)
    with torch.no_grad():
        wanted, answers = net(list(x)), task().answer(ours(x))
    for own, other in zip(answers, wanted, strict=True):
        own = own[own[:, 1] > net.score_thresh]
        assert len(own) == len(other["scores"]) >= 50
        assert own[:, 0].tolist() == other["labels"].tolist()
        torch.testing.assert_close(own[:, 1], other["scores"], rtol=1e-5, atol=1e-5)
        height, width = GRID
        torch.testing.assert_close(own[:, 2:], other["boxes"] / torch.tensor([width, height] * 2), rtol=0, atol=1e-5)


def test_the_counts_are_torchvisions() -> None:
    assert (
        detection.FCOS_ResNet50_FPN_Weights.COCO_V1.meta["num_params"] == COUNT == BODIES["fcos_resnet50"].parameters()
    )
    with torch.device("meta"):
        learning = count(task(91).net(Grid(), fcos_resnet50(2, 3)))
        untrained = detection.fcos_resnet50_fpn(weights=None, weights_backbone=None, num_classes=91)
    assert learning == count(untrained) == COUNT + OF_NORMS


def test_frozen_norms_are_torchvisions() -> None:
    body = fcos_resnet50(2, 3, width=4, frozen=True)
    other = FrozenBatchNorm2d(4)
    for name, value in other.named_buffers():
        value.uniform_(0.5, 2.0)
        body.bn1.get_buffer(name).copy_(value)
    x = torch.randn(2, 4, 5, 6)
    torch.testing.assert_close(body.train().bn1(x), other(x))
    assert [n for n, _ in body.named_parameters() if "bn" in n or "downsample.1" in n] == []


@pytest.mark.parametrize("frozen", [False, True])
def test_a_step_teaches_all_but_frozen_norms(frozen: bool) -> None:
    net = task().net(Grid(), fcos_resnet50(2, 3, width=8, frozen=frozen)).train()
    learning = torch.optim.SGD(net.parameters(), lr=0.01)
    before = {n: v.clone() for n, v in net.state_dict().items()}
    none = [NONE, 0, 0, 0, 0]
    y = torch.tensor([[[0, 0.1, 0.1, 0.4, 0.5], [2, 0.2, 0.1, 0.9, 0.9]], [[1, 0.5, 0.5, 0.55, 0.6], none]])
    x = torch.randn(2, 3, *GRID)
    costs = []
    for _ in range(3):
        cost = task().loss(net(x), y).sum()
        learning.zero_grad()
        cost.backward()
        learning.step()
        costs.append(cost.item())
    assert costs[-1] < costs[0]
    still = {n for n, v in net.state_dict().items() if torch.equal(v, before[n])}
    assert still == {n for n in before if frozen and n.startswith("body.") and (".bn" in n or "downsample.1" in n)}


def renamed(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """As torchvision spelled the pyramid when it published the weights."""
    return {n.replace("_blocks.0.0.", "_blocks.0."): v for n, v in state.items()}


def test_the_last_layer_is_learnt_anew_for_other_classes(pair: tuple[BoxNet, detection.FCOS]) -> None:
    state = from_torchvision("fcos_resnet50", renamed(pair[1].state_dict()))
    net = task(3).net(Grid(), fcos_resnet50(2, 3, frozen=True))
    loaded, left_out, missing = fit_weights(net.state_dict(), state)
    last = [f"head.classification_head.last.cls_logits.{n}" for n in ("weight", "bias")]
    assert missing == last
    assert [n for n in left_out if not n.endswith("num_batches_tracked")] == last
    assert loaded.keys() == net.state_dict().keys() - {*last}


def test_the_body_starts_from_a_classifiers_weights() -> None:
    state = classifier(resnet50(2, 3, width=8), 7).state_dict()
    loaded, left_out, _ = fit_weights(task().net(Grid(), fcos_resnet50(2, 3, width=8)).state_dict(), state)
    assert left_out == ["head.fc.weight", "head.fc.bias"]
    assert len(loaded) == len(state) - 2


@pytest.mark.parametrize(("name", "value"), [("finest", 8), ("width", 32), ("depth", 1)])
def test_settings_of_another_head_are_refused(name: str, value: int) -> None:
    with pytest.raises(UsageError, match=rf"task\.{name} is {value}, but fcosresnet brings a head of its own"):
        task(**{name: value}).net(Grid(), fcos_resnet50(2, 3, width=4))
