"""What each task says can be explained: numbers that its own answers contain."""

import numpy as np
import pytest
import torch

from multicnn.tasks.aim import Aiming, box_cells
from multicnn.tasks.align import Align
from multicnn.tasks.classify import Classify, Tag
from multicnn.tasks.detect import Detect
from multicnn.tasks.entities import Entities
from multicnn.tasks.events import Events
from multicnn.tasks.instances import Instances
from multicnn.tasks.localize import Localize
from multicnn.tasks.segment import Segment
from multicnn.tasks.separate import Separate

NAMES = ("a", "b", "c")


def copies(out: torch.Tensor) -> torch.Tensor:
    """The answer, and another one."""
    return torch.cat([out, torch.randn_like(out)])


@pytest.mark.parametrize("task", [Classify(NAMES), Tag(NAMES)], ids=["classify", "tag"])
def test_classes(task):
    out = torch.tensor([[0.5, 2.0, -1.0]])
    aims = task.aims(out, NAMES)
    assert [a.name for a in aims] == ["b", "a", "c"]
    assert aims[0].score(copies(out))[0] == 2.0
    assert torch.equal(torch.stack([a.chance(out) for a in aims], 1), task.answer(out)[:, [1, 0, 2]])
    assert [a.name for a in task.aims(out, ["c"])] == ["c"]


def test_a_box_and_its_class():
    task = Localize(NAMES)
    out = torch.tensor([[0.5, 2.0, -1.0, 0.25, 0.5, 0.75, 1.0]])
    first = task.aims(out, NAMES)[0]
    assert first.name == "b"
    assert first.chance(out) == task.answer(out)[:, 0, 1]
    rows, columns = np.nonzero(first.where)
    assert (rows.min(), columns.min(), columns.max()) == (100, 50, 149)
    assert box_cells((0, 0, 1, 1)).all()


def test_boxes_have_the_scores_that_are_shown():
    task = Detect(NAMES, threshold=0.0)
    torch.manual_seed(2)
    out = torch.randn(1, 40, 12)
    out[..., 4:6], out[..., 6:8] = out[..., 4:6].sigmoid() * 0.4, 0.6 + 0.3 * out[..., 6:8].sigmoid()
    shown = task.answer(out)[0]
    aims = task.aims(out, NAMES)
    assert {a.name for a in aims} == set(NAMES)
    for aim in aims:
        best = shown[shown[:, 0] == NAMES.index(aim.name)][0]
        assert aim.chance(copies(out))[0] == pytest.approx(float(best[1]), abs=1e-6)
        assert float(aim.score(out)) in out[0, :, NAMES.index(aim.name)].tolist()
    assert not Detect(NAMES, threshold=1.0).aims(out, NAMES)


def test_instances_are_explained_over_their_masks():
    from multicnn.zoo.net import build_body

    torch.manual_seed(0)
    task = Instances(NAMES, prototypes=4, threshold=0.0)
    net = task.net(torch.nn.Identity(), build_body("resnet18", 2, 1, None, {"width": 4})).eval()  # pyright: ignore
    with torch.no_grad():
        out = net(torch.randn(1, 1, 32, 48))
        aims = task.aims(out, NAMES)
        assert aims
        for aim in aims:
            assert 0.5 <= float(aim.chance(out)) <= 1  # its cells are those that are more likely than not
            assert float(aim.score(out)) > 0
            assert aim.where.shape == (16, 24)


def test_a_map_is_explained_over_its_cells_and_the_background_last():
    task = Segment(NAMES)
    out = torch.zeros(1, 3, 4, 4)
    out[:, 0] = 1.0
    out[:, 2, 1:3, 1:3] = 3.0
    [aim] = task.aims(out, NAMES)
    assert aim.name == "c"
    assert aim.score(copies(out))[0] == 3.0
    assert aim.where.sum() == 4
    assert [a.name for a in task.aims(out, ["a"])] == ["a"]
    assert [a.name for a in task.aims(out * torch.tensor([1.0, 1, 0]).view(1, 3, 1, 1), NAMES)] == ["a"]


def test_the_surest_event_of_a_class():
    task = Events(NAMES, median=0.0, threshold=0.5)
    out = torch.full((1, 3, 20), -4.0)
    out[0, 1, 2:5], out[0, 1, 9:14] = 1.0, 2.0
    [aim] = task.aims(out, NAMES)
    assert aim.name == "b"
    assert np.flatnonzero(aim.where).tolist() == [9, 10, 11, 12, 13]
    assert aim.score(copies(out))[0] == 2.0
    assert aim.chance(out) == pytest.approx(1 / (1 + np.exp(-2)), abs=1e-6)
    assert not task.aims(out, ["a"])


@pytest.mark.parametrize("chain", ["crf", "rules"])
def test_the_tags_of_an_entity(chain):
    task = Entities(("LOC", "PER"), chain=chain)
    tags = torch.zeros(1, 5, 6)
    tags[0, 0] = 1.0
    tags[0, 3, 2], tags[0, 4, 3] = 6.0, 8.0  # begins and goes on: PER
    chained = torch.cat([tags, torch.zeros(1, 5, 7)], 2) if chain == "crf" else tags
    [aim] = task.aims(chained, ("LOC", "PER"))
    assert aim.name == "PER"
    assert np.flatnonzero(aim.where).tolist() == [2, 3]
    assert aim.score(chained) == (5.0 + 7.0) / 2
    assert not task.aims(chained, ["LOC"])


def test_a_transcript_and_one_of_its_units():
    task = Align(("x", "y"))
    out = torch.zeros(1, 3, 5)
    out[0, 2] = 1.0
    out[0, 0, 1], out[0, 1, 3] = 4.0, 2.0
    [aim] = task.aims(out, ("x", "y"))
    assert aim.name == "xy"
    assert aim.score(out) == 3.0
    assert np.flatnonzero(aim.where).tolist() == [1, 3]
    [unit] = task.aims(out, ("y",))
    assert (unit.name, float(unit.score(out))) == ("y", 2.0)
    assert not task.aims(torch.zeros(1, 3, 5) + torch.tensor([0.0, 0, 1])[:, None], ("x", "y"))


def test_signals_have_nothing_to_aim_at():
    assert not isinstance(Separate(("a", "b")), Aiming)
    assert isinstance(Classify(NAMES), Aiming)
