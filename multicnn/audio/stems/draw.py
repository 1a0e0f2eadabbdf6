"""Pictures of a mixture, its stems and what a net made of it."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

RANGE = 70.0  # dB below the mixture's loudest
BINS = 512  # samples a window


def draw_stems(
    path: Path, mixture: np.ndarray, truth: np.ndarray, answer: np.ndarray, names: Sequence[str], titles: Sequence[str],
    rate: int,
) -> None:  # fmt: skip
    """Spectra in dB: a row a sample and its answers below; the mixture, then each stem.  n t, n s t, n s t"""
    from matplotlib.figure import Figure

    n, s, t = answer.shape
    figure = Figure(figsize=(3 * (s + 1), 4 * n), layout="constrained")
    axes = figure.subplots(2 * n, s + 1, squeeze=False, sharex=True, sharey=True)
    for k in range(n):
        whole = spectrum(mixture[k])
        show = {"vmin": whole.max() - RANGE, "vmax": whole.max()}
        place = {"origin": "lower", "aspect": "auto", "extent": (0, t / rate, 0, rate / 2000)}
        for row, (what, sounds) in enumerate((("true", truth[k]), ("answer", answer[k]))):
            above = [f"{titles[k]}" if row == 0 else "sum of the answers", *(f"{name}, {what}" for name in names)]
            total = mixture[k] if row == 0 else sounds[:s].sum(0)
            for axis, title, sound in zip(axes[2 * k + row], above, (total, *sounds[:s]), strict=True):
                axis.imshow(spectrum(sound), **place, **show)
                axis.set_title(title, parse_math=False, fontsize="small")
            axes[2 * k + row][0].set_ylabel("kHz")
    for axis in axes[-1]:
        axis.set_xlabel("s")
    figure.savefig(path, format="png", dpi=80)


def spectrum(sound: np.ndarray) -> np.ndarray:
    """Power in dB.  t -> f n"""
    x = torch.from_numpy(np.ascontiguousarray(sound, dtype=np.float32))
    taper = torch.hann_window(BINS)
    z = torch.stft(x, BINS, BINS // 4, window=taper, pad_mode="constant", return_complex=True) * (2 / taper.sum())
    return 10 * torch.log10(z.abs().square() + 1e-10).numpy()
