"""The temperature against the loss itself: torch's, a fine grid, and closed cases."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from multicnn.errors import UsageError
from multicnn.tasks import Classify, Tag
from multicnn.tasks.temperature import HIGHEST, LOWEST, cross_entropy, fit_temperature, settled

CLASSES = ("a", "b", "c")


def logits(n: int, k: int = 3, *, scale: float = 1.0, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Answers of a calibrated classifier, its logits then times `scale`; and the truth."""
    random = np.random.default_rng(seed)
    z = random.normal(size=(n, k)) * 2
    p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    y = (random.random(n)[:, None] > np.cumsum(p, axis=1)).sum(axis=1).clip(max=k - 1)
    return (scale * z).astype(np.float32), y


def by_torch(z: np.ndarray, y: np.ndarray) -> float:
    """The paper's own way: LBFGS over the temperature."""
    log = torch.zeros(1, dtype=torch.float64, requires_grad=True)
    out, truth = torch.from_numpy(z).double(), torch.from_numpy(y)
    optimizer = torch.optim.LBFGS([log], max_iter=200, line_search_fn="strong_wolfe", tolerance_change=1e-14)

    def loss() -> torch.Tensor:
        optimizer.zero_grad()
        scaled = out / log.exp()
        cost = (
            F.cross_entropy(scaled, truth)
            if truth.ndim == 1
            else F.binary_cross_entropy_with_logits(scaled[truth >= 0], (truth[truth >= 0] > 0).double())
        )
        cost.backward()
        return cost

    optimizer.step(loss)  # pyright: ignore[reportArgumentType]
    return float(log.exp().detach())


@pytest.mark.parametrize("scale", [0.3, 1.0, 4.0])
def test_the_temperature_is_that_of_lbfgs(scale):
    z, y = logits(400, scale=scale)
    assert fit_temperature(z, y) == pytest.approx(by_torch(z, y), rel=1e-4)


def test_a_temperature_of_many_samples_takes_back_what_was_multiplied():
    z, y = logits(200_000, scale=3.0)
    assert fit_temperature(z, y) == pytest.approx(3.0, rel=0.02)


def test_the_temperature_of_several_labels_counts_what_is_known():
    random = np.random.default_rng(0)
    z = random.normal(size=(300, 4)).astype(np.float32) * 3
    y = (random.random((300, 4)) < 1 / (1 + np.exp(-z / 3))).astype(np.int8)
    y[random.random(y.shape) < 0.3] = -1
    assert fit_temperature(z, y) == pytest.approx(by_torch(z, y), rel=1e-4)
    full = np.where(y < 0, 0, z)  # logits that are not asked for change nothing
    assert fit_temperature(full.astype(np.float32), y) == pytest.approx(fit_temperature(z, y), rel=1e-6)


@pytest.mark.parametrize("several", [False, True])
def test_windows_are_fitted_by_the_mean_of_their_probabilities(several):
    random = np.random.default_rng(1)
    of = np.repeat(np.arange(60), random.integers(1, 4, 60))
    own, y = logits(60)
    z = (2 * own[of] + random.normal(size=(len(of), 3))).astype(np.float32)
    y = (random.random((60, 3)) < 1 / (1 + np.exp(-own))).astype(np.int8) if several else y
    order = random.permutation(len(of))
    found = fit_temperature(z[order], y, of=of[order])

    def loss(t: float) -> float:
        p = torch.sigmoid(torch.from_numpy(z) / t) if several else (torch.from_numpy(z) / t).softmax(1)
        mean = np.stack([p[of == i].double().mean(0).numpy() for i in range(60)])
        if several:
            return float(-np.log(np.where(y > 0, mean, 1 - mean).clip(1e-12)).mean())
        return float(-np.log(mean[np.arange(60), y].clip(1e-12)).mean())

    grid = np.exp(np.linspace(np.log(LOWEST), np.log(HIGHEST), 600))
    assert loss(found) <= min(map(loss, grid)) + 1e-6


def test_a_temperature_that_is_not_clearly_better_is_not_taken():
    z, y = logits(400, seed=1)  # whose true temperature is 1
    task = Classify(CLASSES)
    how = task.calibrate(z, np.arange(400), task.answer(torch.from_numpy(z)).numpy(), y)
    assert "the best on 400 validation samples, is not clearly better (p = 0." in how
    assert task.temperature == 1


def test_a_temperature_of_chance_is_taken_as_seldom_as_the_test_says():
    found = []
    for seed in range(200):
        z, y = logits(100, seed=seed)
        task = Classify(CLASSES)
        task.calibrate(z, np.arange(100), task.answer(torch.from_numpy(z)).numpy(), y)
        found.append(task.temperature != 1)
    assert 0.01 <= np.mean(found) <= 0.1


def test_the_cross_entropy_is_torchs():
    z, y = logits(50)
    theirs = F.cross_entropy(torch.from_numpy(z).double() / 2, torch.from_numpy(y), reduction="sum")
    assert cross_entropy(z, y, 2.0) == pytest.approx(float(theirs), rel=1e-9)
    several = np.eye(3, dtype=np.int8)[y]
    theirs = F.binary_cross_entropy_with_logits(
        torch.from_numpy(z).double() / 2, torch.from_numpy(several).double(), reduction="sum"
    )
    assert cross_entropy(z, several, 2.0) == pytest.approx(float(theirs), rel=1e-9)


def test_answers_that_are_all_right_or_mean_nothing_end_at_the_limits():
    z, y = np.eye(3, dtype=np.float32)[[0, 1, 2]], np.array([0, 1, 2])
    assert fit_temperature(z, y) == LOWEST
    assert fit_temperature(-z, y) == HIGHEST
    assert fit_temperature(np.float32(1e4) * -z, y) == HIGHEST  # whose probabilities are 0 in any float


@pytest.mark.parametrize("task", [Classify(CLASSES), Tag(CLASSES)])
def test_little_to_fit_on_leaves_the_temperature_and_says_why(task):
    z, y = logits(400)
    truth = y if isinstance(task, Classify) else np.eye(3, dtype=np.int8)[y]
    rows, answer = np.arange(400), task.answer(torch.from_numpy(z)).numpy()
    assert "49 samples, and 50 are needed" in task.calibrate(z[:49], rows[:49], answer[:49], truth[:49])
    assert task.temperature == 1
    right = np.flatnonzero(answer.argmax(1) == y) if isinstance(task, Classify) else None
    right = np.flatnonzero(((answer >= 0.5) == (truth > 0)).all(1)) if right is None else right
    few = np.concatenate([right[:100], np.setdiff1d(rows, right)[:1]])
    how = task.calibrate(z[few], np.arange(101), answer[few], truth[few])
    assert "are wrong, and 5 are needed" in how
    assert task.temperature == 1
    assert "fitted on 400 validation samples" in task.calibrate(3 * z, rows, answer, truth)
    assert task.temperature == pytest.approx(fit_temperature(3 * z, truth), abs=1e-4)


@pytest.mark.parametrize("task", [Classify, Tag])
def test_a_given_temperature_divides_the_logits_and_stays(task):
    z, y = logits(100)
    own = task(CLASSES, temperature=2)
    assert torch.equal(own.answer(torch.from_numpy(z)), task(CLASSES).answer(torch.from_numpy(z) / 2))
    assert own.decode(own.answer(torch.from_numpy(z)).numpy()) == task(CLASSES).decode(
        task(CLASSES).answer(torch.from_numpy(z)).numpy()
    )
    assert settled(own, z, np.arange(100), z, y) == (2.0, "temperature 2, as it was given")
    for bad in (0.0, -1.0, 1e3, float("nan")):
        with pytest.raises(UsageError, match=r"task.temperature is .*; it must be from 0.05 to 20"):
            task(CLASSES, temperature=bad)
