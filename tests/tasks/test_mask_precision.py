"""Average precision of masks is what the COCO tools make of the same masks."""

from typing import Any

import numpy as np
import pytest
import torch

from multicnn.image.rle import compress, runs_of
from multicnn.tasks import masked
from multicnn.tasks.instances import Instances
from multicnn.tasks.precision import average_precision

K, N, M, SAMPLES, GRID = 3, 100, 5, 20, (24, 32)
Masks = list[list[np.ndarray]]


def blob(random: np.random.Generator, middle: np.ndarray, radius: np.ndarray) -> np.ndarray:
    """An ellipse with a ragged rim."""
    at = np.stack(np.indices(GRID), -1)
    away = (((at - middle) / radius) ** 2).sum(-1)
    return away + random.normal(0, 0.1, GRID) < 1


@pytest.fixture(scope="module")
def scenes() -> tuple[np.ndarray, Masks, Masks]:
    """Judgements, true masks and answered masks: near misses, doubles, wrong classes, samples without any."""
    random = np.random.default_rng(0)
    judged, trues, founds = [], [], []
    for sample in range(SAMPLES):
        owner, lines = np.zeros(GRID, dtype=np.int64), np.full((M, 5), -1.0)
        answers, masks = np.full((N, 6), -1.0), []
        n = 0 if sample == 3 else int(random.integers(1, M + 1))
        places = random.uniform([4, 4], [20, 28], (M, 2))
        for i in range(n):
            owner[blob(random, places[i], random.uniform(3, 7, 2))] = i + 1
            lines[i] = [random.integers(0, K), 0, 0, 0, 0]
        for i in range(n):  # some are hidden whole
            lines[i, 0] = lines[i, 0] if (owner == i + 1).any() else -1
        count = 0 if sample == 5 else int(random.integers(1, 12))
        for j, score in enumerate(np.sort(random.random(count))[::-1]):
            i = int(random.integers(0, max(1, n)))
            masks.append(blob(random, places[i] + random.normal(0, 1, 2), random.uniform(3, 7, 2)))
            known = random.random() < 0.8 and lines[i, 0] >= 0
            answers[j] = [lines[i, 0] if known else random.integers(0, K), score, 0, 0, 0, 0]
        share = torch.zeros(1, N, M)
        stack = torch.from_numpy(np.array(masks).reshape(-1, *GRID))
        share[0, :count] = masked.overlaps(stack, torch.from_numpy(owner), M)
        pair = (torch.from_numpy(a)[None].float() for a in (answers, lines))
        judged.append(masked.pack(*pair, share, torch.zeros(1, N), torch.zeros(1)).numpy()[0])
        trues.append([owner == i + 1 for i in range(M)])
        founds.append(masks)
    return np.stack(judged), trues, founds


def record(sample: int, c: float, mask: np.ndarray, number: int) -> dict[str, Any]:
    shape = {"size": [*GRID], "counts": compress(runs_of(mask))}
    where = {"id": number, "image_id": sample, "category_id": int(c), "iscrowd": 0, "bbox": [0, 0, 1, 1]}
    return where | {"segmentation": shape, "area": int(mask.sum())}


def by_library(scenes: tuple[np.ndarray, Masks, Masks], rows: list[int]) -> np.ndarray:
    """Average precision of each class at each overlap by faster-coco-eval."""
    library: Any = pytest.importorskip("faster_coco_eval")
    judged, trues, founds = scenes
    this = masked.unpack(judged, N)
    head = {
        "images": [{"id": i, "height": GRID[0], "width": GRID[1]} for i in range(len(rows))],
        "categories": [{"id": c, "name": ""} for c in range(K)],
    }
    true, found = [], []
    for i, row in enumerate(rows):
        for j in np.flatnonzero(this.true[row, :, 0] >= 0).tolist():
            true.append(record(i, this.true[row, j, 0], trues[row][j], len(true) + 1))
        for j in np.flatnonzero(this.found[row, :, 0] >= 0).tolist():
            own = record(i, this.found[row, j, 0], founds[row][j], len(found) + 1)
            found.append(own | {"score": float(this.found[row, j, 1])})
    evaluation = library.COCOeval_faster(
        library.COCO({**head, "annotations": true}), library.COCO({**head, "annotations": found}), iouType="segm",
        print_function=lambda *_: None,
    )  # fmt: skip
    evaluation.evaluate()
    evaluation.accumulate()
    return np.asarray(evaluation.eval["precision"])[..., 0, -1].mean(axis=1).T


def own(judged: np.ndarray, weight: np.ndarray | None = None) -> np.ndarray:
    this = masked.unpack(judged, N)
    return average_precision(this.found[..., :2], this.mask_hits, this.true[..., 0], K, weight)


def test_average_precision_is_the_librarys(scenes: tuple[np.ndarray, Masks, Masks]) -> None:
    expected = by_library(scenes, list(range(SAMPLES)))
    assert expected[:, 0].min() > 0.1
    np.testing.assert_allclose(own(scenes[0]), expected, atol=1e-12)


def test_weights_count_samples_again(scenes: tuple[np.ndarray, Masks, Masks]) -> None:
    times = np.random.default_rng(1).multinomial(SAMPLES, np.full(SAMPLES, 1 / SAMPLES))
    again = np.repeat(np.arange(SAMPLES), times).tolist()
    np.testing.assert_allclose(own(scenes[0], times.astype(float)), by_library(scenes, again), atol=1e-12)
    found = Instances(tuple("abc")).metrics(scenes[0], scenes[0], times.astype(float))
    assert found["mask_map"] == pytest.approx(np.nanmean(by_library(scenes, again)))


def test_packing_keeps_what_is_shown(scenes: tuple[np.ndarray, Masks, Masks]) -> None:
    """The best overlap of an answer is that of its class alone."""
    judged, trues, founds = scenes
    this = masked.unpack(judged, N)
    found, true = founds[0][0], [trues[0][j] for j in range(M) if this.true[0, j, 0] == this.found[0, 0, 0]]
    shares = [(found & t).sum() / (found | t).sum() for t in true]
    assert this.share[0, 0] == pytest.approx(max(shares, default=0))
