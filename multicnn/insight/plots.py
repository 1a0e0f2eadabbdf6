"""Pictures of a run, drawn without a display."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

NUMBERS_UP_TO = 30  # classes whose counts are legible in the cells


def confusion_matrix(path: Path, classes: Sequence[str], truth: np.ndarray, answer: np.ndarray) -> None:
    """Share of each true class (row) that was answered as each class (column), with the counts."""
    from matplotlib.figure import Figure

    k = len(classes)
    counts = np.bincount(truth * k + answer, minlength=k * k).reshape(k, k)
    share = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    side = min(24.0, 3.0 + 0.45 * k)
    axes = Figure(figsize=(side + 1, side), layout="constrained").subplots()
    axes.imshow(share, cmap="Blues", vmin=0, vmax=1)
    axes.set(xlabel="answer", ylabel="truth", xticks=range(k), yticks=range(k))
    axes.set_xticklabels(map(plain, classes), rotation=90)
    axes.set_yticklabels(map(plain, classes))
    if k <= NUMBERS_UP_TO:
        for i, j in np.argwhere(counts > 0):
            axes.text(
                j, i, str(counts[i, j]), ha="center", va="center", color="white" if share[i, j] > 0.5 else "black"
            )
    save(axes.figure, path)


def curves(path: Path, history: Sequence[Mapping[str, Any]], monitor: str) -> None:
    """Training and validation loss, and the monitored metric, over the epochs."""
    from matplotlib.figure import Figure

    key = monitor.removeprefix("-")
    epochs = [row["epoch"] for row in history]
    left, right = Figure(figsize=(9, 3.5), layout="constrained").subplots(1, 2)
    for name in ("train_loss", "loss"):
        if name in history[0]:
            left.plot(epochs, [row[name] for row in history], marker=".", label=name)
    left.set(xlabel="epoch", ylabel="loss")
    left.legend()
    if key in history[0]:
        right.plot(epochs, [row[key] for row in history], marker=".")
    right.set(xlabel="epoch", ylabel=f"{key} (validation)")
    save(left.figure, path)


def learning_curve(
    path: Path,
    metric: str,
    points: Sequence[tuple[int, float, float, float]],
    line: Sequence[tuple[float, float, float, float]],
) -> None:
    """Scores over the number of training samples, and the line fitted to them with its range, beyond them dashed.

    points, line: (samples, score, lowest, highest) each, by samples.
    """
    from matplotlib.figure import Figure

    axes = Figure(figsize=(6, 4), layout="constrained").subplots()
    n, score, low, high = map(np.asarray, zip(*points, strict=True))
    axes.errorbar(n, score, np.clip([score - low, high - score], 0, None), fmt="o", capsize=3, label="measured")
    if line:
        at, fitted, least, most = map(np.asarray, zip(*line, strict=True))
        known = at <= n.max()
        axes.plot(at[known], fitted[known], color="tab:orange", label="fitted")
        axes.plot(at[~known], fitted[~known], color="tab:orange", linestyle="--", label="beyond the data")
        axes.fill_between(at, least, most, color="tab:orange", alpha=0.2, linewidth=0, label="95 % range of the fit")
    axes.set(xscale="log", xlabel="training samples", ylabel=f"{metric} (validation)")
    shown = sorted({*n.tolist(), *(round(last[0]) for last in line[-1:])})
    axes.set_xticks(shown, [f"{k:,}" for k in shown])
    axes.minorticks_off()
    axes.legend()
    save(axes.figure, path)


def plain(name: str) -> str:
    """A class name that matplotlib does not take for mathematics."""
    return name.replace("$", r"\$")


def save(figure: Any, path: Path) -> None:
    """Write a PNG; letters that the font lacks become boxes, without a warning."""
    import warnings

    path.parent.mkdir(parents=True, exist_ok=True)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph", category=UserWarning)
        figure.savefig(path, dpi=100)
