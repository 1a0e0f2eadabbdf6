"""Average precision is what the COCO tools make of the same boxes."""

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from multicnn.tasks.boxed import Judged, pack, unpack
from multicnn.tasks.precision import average_precision, by_class, matched, measured

K, N, M = 3, 60, 9


@pytest.fixture(scope="module")
def judged() -> Judged:
    """40 samples of real difficulty: near misses, doubles, wrong classes, ties, samples without boxes or answers."""
    random = torch.Generator().manual_seed(0)
    true = torch.rand(40, M, 5, generator=random)
    true[..., 3:] = true[..., 1:3] + 0.05 + true[..., 3:] * 0.4
    true[..., 0] = torch.randint(-1, K, (40, M), generator=random)
    true[5, :, 0] = -1
    which = torch.randint(0, M, (40, N), generator=random)
    found = torch.zeros(40, N, 6)
    found[..., 2:] = near(true[..., 1:].gather(1, which[..., None].expand(-1, -1, 4)), random)
    right = torch.rand(40, N, generator=random) < 0.7
    found[..., 0] = torch.where(right, true[..., 0].gather(1, which), torch.randint(0, K, (40, N), generator=random))
    found[..., 1] = torch.linspace(1, 0.01, N)  # the same in all samples, so that samples tie
    found[:, 40:, 0] = -1
    found[7, :, 0] = -1
    return unpack(pack(found, true, torch.zeros(40)).numpy(), N)


def near(boxes: Tensor, random: torch.Generator) -> Tensor:
    """Boxes beside the true ones, their edges in order."""
    moved = boxes + torch.randn(boxes.shape, generator=random) * 0.02
    return torch.cat([moved[..., :2], torch.maximum(moved[..., 2:], moved[..., :2] + 0.01)], -1)


def by_library(judged: Judged) -> np.ndarray:
    """Average precision of each class at each overlap by faster-coco-eval."""
    library: Any = pytest.importorskip("faster_coco_eval")

    def record(i: int, c: float, box: np.ndarray, number: int) -> dict[str, Any]:
        x1, y1, x2, y2 = map(float, box)
        size = {"bbox": [x1, y1, x2 - x1, y2 - y1], "area": (x2 - x1) * (y2 - y1)}
        return {"id": number, "image_id": int(i), "category_id": int(c), "iscrowd": 0, **size}

    head = {
        "images": [{"id": i} for i in range(len(judged.true))],
        "categories": [{"id": c, "name": ""} for c in range(K)],
    }
    places = enumerate(np.argwhere(judged.true[..., 0] >= 0), start=1)
    true = [record(i, judged.true[i, j, 0], judged.true[i, j, 1:], n) for n, (i, j) in places]
    places = enumerate(np.argwhere(judged.found[..., 0] >= 0), start=1)
    found = [
        record(i, judged.found[i, j, 0], judged.found[i, j, 2:], n) | {"score": float(judged.found[i, j, 1])}
        for n, (i, j) in places
    ]
    evaluation = library.COCOeval_faster(
        library.COCO({**head, "annotations": true}), library.COCO({**head, "annotations": found}), iouType="bbox",
        print_function=lambda *_: None,
    )  # fmt: skip
    evaluation.evaluate()
    evaluation.accumulate()
    return np.asarray(evaluation.eval["precision"])[..., 0, -1].mean(axis=1).T


def own(judged: Judged, weight: np.ndarray | None = None) -> np.ndarray:
    return average_precision(judged.found[..., :2], judged.hits, judged.true[..., 0], K, weight)


def test_average_precision_is_the_librarys(judged: Judged) -> None:
    np.testing.assert_allclose(own(judged), by_library(judged), atol=1e-12)


def test_weights_count_samples_again(judged: Judged) -> None:
    times = np.random.default_rng(0).multinomial(40, np.full(40, 1 / 40))
    again = Judged(*(np.repeat(column, times, axis=0) for column in judged))
    np.testing.assert_allclose(own(judged, times.astype(float)), own(again), atol=1e-12)
    np.testing.assert_allclose(own(again), by_library(again), atol=1e-12)


def test_packing_keeps_every_number(judged: Judged) -> None:
    found, true = torch.from_numpy(judged.found), torch.from_numpy(judged.true)
    np.testing.assert_array_equal(matched(found, true).numpy(), judged.hits)
    assert judged.hits.any()
    assert judged.true.shape == (40, M, 5)


def test_a_better_answer_takes_the_true_box() -> None:
    box = torch.tensor([0.2, 0.2, 0.6, 0.6])
    found = torch.stack([torch.tensor([0, score, *box]) for score in (0.9, 0.8)])[None]
    hits = matched(found, torch.tensor([[[0, *box], [1, *box]]]))
    assert hits[0].any(-1).tolist() == [True, False]


def test_metrics_are_means_over_the_classes_that_have_boxes() -> None:
    line = np.linspace(1.0, 0.1, 10)
    precision = np.stack([line, np.full(10, np.nan), np.zeros(10)])
    found = measured(precision)
    assert found == pytest.approx({"map": 0.275, "map50": 0.5, "map75": 0.25})
    true = np.array([[0.0, 0, 2], [-1, -1, -1]])
    rows = by_class(precision, true, ["a", "b", "c"])
    assert rows["a"] == {"ap": pytest.approx(0.55), "ap50": 1.0, "boxes": 2}
    assert rows["b"] == {"ap": 0.0, "ap50": 0.0, "boxes": 0}


def test_nothing_to_be_found_is_no_error() -> None:
    none = np.full((2, 4), -1.0)
    found = average_precision(np.zeros((2, 3, 2)) - 1, np.zeros((2, 3, 10), dtype=bool), none, 2)
    assert measured(found) == {"map": 0.0, "map50": 0.0, "map75": 0.0}
