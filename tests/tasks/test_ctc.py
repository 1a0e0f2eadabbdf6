"""The loss, the likeliest path and the alignment, against torch and torchaudio."""

import numpy as np
import pytest
import torch
import torchaudio.functional as reference
from torch.nn import functional

from multicnn.tasks import ctc


def case(seed: int, k: int = 6, t: int = 20, most: int = 6) -> tuple[torch.Tensor, torch.Tensor]:
    """Logits and transcripts of different lengths, one of them empty, with equal neighbours."""
    random = torch.Generator().manual_seed(seed)
    out = 2 * torch.randn(4, k + 1, t, generator=random)
    y = torch.randint(0, k, (4, most), generator=random)
    y[0, 1] = y[0, 0]
    for row, length in enumerate((most, most - 1, 1, 0)):
        y[row, length:] = ctc.PAD
    return out, y


@pytest.mark.parametrize("seed", range(5))
def test_the_loss_is_torch_s_by_its_units(seed: int) -> None:
    out, y = case(seed)
    chances, lengths = out.log_softmax(1).permute(2, 0, 1), (y >= 0).sum(1)
    theirs = functional.ctc_loss(
        chances, y.clamp(min=0), torch.full((4,), out.shape[2]), lengths, blank=out.shape[1] - 1, reduction="mean"
    )
    torch.testing.assert_close(ctc.losses(out, y).mean(), theirs)


def test_the_loss_is_computed_in_float32_under_autocast() -> None:
    out, y = case(0)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        found = ctc.losses(out.bfloat16(), y)
    assert found.dtype == torch.float32
    torch.testing.assert_close(found, ctc.losses(out.bfloat16().float(), y))


def test_a_loss_is_finite_just_where_the_steps_suffice() -> None:
    y = torch.tensor([[0, 0, 1, ctc.PAD], [0, 1, 2, ctc.PAD], [1, 1, 1, 1]])
    needed = ctc.needed(y.numpy())
    assert needed.tolist() == [4, 3, 7]
    for t in range(1, 9):
        losses = ctc.losses(torch.zeros(3, 4, t), y)
        assert losses.isfinite().tolist() == (needed <= t).tolist()


def test_the_best_path_loses_repeats_then_blanks() -> None:
    path = [3, 0, 0, 3, 0, 1, 1, 2, 3, 3, 2]
    chances = np.full((4, len(path)), -5.0)
    chances[path, range(len(path))] = -0.1
    assert ctc.best_path(chances) == [0, 0, 1, 2, 2]


@pytest.mark.parametrize("seed", range(20))
def test_the_forced_path_is_torchaudio_s(seed: int) -> None:
    out, y = case(seed, k=5, t=15, most=5)
    chances = out.log_softmax(1)
    for one, text in zip(chances, y, strict=True):
        units = text[text >= 0]
        if not len(units):
            continue
        theirs, scores = reference.forced_align(one.T.contiguous()[None], units[None].int(), blank=5)
        ours = ctc.forced(one.numpy(), units.numpy())
        np.testing.assert_allclose(one.numpy()[ours, range(15)].sum(), scores.sum(), rtol=1e-5)
        assert ours.tolist() == theirs[0].tolist()


def test_silence_is_forced_to_blanks() -> None:
    assert ctc.forced(np.zeros((3, 4)), np.array([], dtype=int)).tolist() == [2, 2, 2, 2]


def test_the_forced_path_may_be_as_short_as_it_can() -> None:
    assert ctc.forced(np.zeros((3, 5)), np.array([0, 0, 1, 0])).tolist() == [0, 2, 0, 1, 0]


def test_units_are_where_they_are_said() -> None:
    chances = np.log(np.full((3, 6), 0.1))
    for step, k in enumerate([2, 0, 0, 2, 1, 2]):
        chances[k, step] = np.log(0.8)
    found = ctc.align(chances, np.array([0, 1]))
    assert found.start.tolist() == [1, 4]
    assert found.end.tolist() == [3, 5]
    np.testing.assert_allclose(found.share, 0.8)
