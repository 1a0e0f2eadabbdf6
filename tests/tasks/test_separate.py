"""Separation's losses and metrics against torchmetrics, fast_bss_eval and closed formulas."""

import math
import warnings
from itertools import permutations

import numpy as np
import pytest
import torch
from torch import nn

from multicnn.errors import UsageError
from multicnn.tasks import Separate, sdr
from multicnn.tasks.signals import LOSSES, SILENT

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import fast_bss_eval
    from torchmetrics.functional import audio as theirs

NOUGHT = np.zeros(1)  # targets are not looked at: the truth is in what was judged


def cases(n: int, s: int = 2, t: int = 800) -> list[tuple[torch.Tensor, torch.Tensor]]:
    """Random stems, and answers that are from useless to almost right."""
    made = torch.Generator().manual_seed(0)
    found = []
    for k in range(n):
        true = torch.randn(1, s, t, generator=made) * 10 ** (-torch.rand(1, s, 1, generator=made))
        noise = torch.randn(1, s, t, generator=made) * 10 ** (1 - 3 * torch.rand(1, s, 1, generator=made))
        scale = 0.1 + 3 * torch.rand(1, s, 1, generator=made)
        found.append((scale * true * (k % 10 > 0) + noise * true.std(), true))
    return found


def test_si_sdr_is_that_of_torchmetrics_in_300_cases():
    task = Separate(["a", "b"])
    for out, y in cases(300):
        ours = sdr.ratios(task.unpack(task.judge(out, y).numpy()), permute=False)["si_sdr"][0]
        other = theirs.scale_invariant_signal_distortion_ratio(out[0].double(), y[0].double()).numpy()
        np.testing.assert_allclose(ours, other, rtol=0, atol=1e-3)


def test_the_assignment_is_that_of_fast_bss_eval_and_torchmetrics_in_300_cases():
    task, ours, other, third = Separate(["s1", "s2", "s3"], permute=True), [], [], []
    for k, (out, y) in enumerate(cases(300, s=3, t=400)):
        out = out[:, [*permutations(range(3))][k % 6]].double()
        p = task.unpack(task.judge(out, y).numpy())
        ours.append(sdr.ratios(p, permute=True)["si_sdr"].mean())
        best, _ = theirs.permutation_invariant_training(
            out, y.double(), theirs.scale_invariant_signal_distortion_ratio, eval_func="max"
        )
        other.append(best.item())
        third.append(fast_bss_eval.si_sdr(y[0].double(), out[0], return_perm=False).mean().item())
    np.testing.assert_allclose(ours, other, rtol=0, atol=1e-3)
    np.testing.assert_allclose(ours, third, rtol=0, atol=1e-3)


def test_sdr_mdx_is_the_energy_of_the_truth_over_that_of_the_error():
    task = Separate(["a", "b"])
    for out, y in cases(300):
        ours = sdr.ratios(task.unpack(task.judge(out, y).numpy()), permute=False)["sdr_mdx"][0]
        np.testing.assert_allclose(ours, theirs.signal_noise_ratio(out[0], y[0]).numpy(), rtol=0, atol=1e-3)


def test_improvement_is_over_the_mixture_with_what_is_in_no_stem():
    task = Separate(["a", "b"])
    out, y = cases(1)[0]
    beside = torch.cat([y, 0.3 * torch.randn(1, 1, 800)], 1)
    found = task.metrics(task.judge(out, beside).numpy(), NOUGHT)
    measure = theirs.scale_invariant_signal_distortion_ratio
    before = measure(beside.sum(1, keepdim=True).expand(-1, 2, -1), y).mean().item()
    assert found["si_sdr_improvement"] == pytest.approx(measure(out, y).mean().item() - before, abs=1e-3)


def test_windows_of_a_sound_add_up_to_the_whole_of_it():
    task = Separate(["a", "b"])
    out, y = cases(2, t=1200)[1]
    parts = [task.judge(out[..., k : k + 400], y[..., k : k + 400]) for k in (0, 400, 800)]
    joined, whole = torch.stack(parts).mean(0), task.judge(out, y)
    for name, value in task.metrics(whole.numpy(), NOUGHT).items():
        assert task.metrics(joined.numpy(), NOUGHT)[name] == pytest.approx(value, abs=1e-5), name


def test_silent_references_are_skipped_and_counted():
    task = Separate(["a", "b"])
    out, y = cases(2)[1]
    mute = y.clone()
    mute[:, 1] = 0
    judged = torch.cat([task.judge(out, y), task.judge(out, mute)]).numpy()
    found = sdr.ratios(task.unpack(judged), permute=False)["si_sdr"]
    metrics = task.metrics(judged, NOUGHT)
    assert metrics["si_sdr"] == pytest.approx((found[0, 0] + found[0, 1] + found[1, 0]) / 3)
    assert metrics["si_sdr_b"] == pytest.approx(found[0, 1])
    stems = task.per_class(judged, NOUGHT)
    assert [(s["references"], s["silent_references"]) for s in stems.values()] == [(2, 0), (1, 1)]
    weighed = task.metrics(judged, NOUGHT, np.array([0.0, 2.0]))
    assert weighed["si_sdr"] == pytest.approx(found[1, 0])
    assert weighed["si_sdr_b"] == pytest.approx(found[0, 1])  # nothing of it was drawn: its plain mean


def test_a_perfect_and_a_silent_answer_stay_within_limits():
    task = Separate(["a", "b"])
    _, y = cases(1)[0]
    for out, wanted in ((y, 100.0), (torch.zeros_like(y), -100.0)):
        assert task.metrics(task.judge(out, y).numpy(), NOUGHT)["si_sdr"] == pytest.approx(wanted)


def test_the_mixture_as_answer_improves_nothing():
    task = Separate(["a", "b"])
    judged = torch.cat([task.judge(out, y) for out, y in cases(5)]).numpy()
    found = task.metrics(sdr.repack(sdr.of_mixture(task.unpack(judged))), NOUGHT)
    assert found["si_sdr_improvement"] == pytest.approx(0, abs=1e-9)
    y = torch.cat([y for _, y in cases(5)])
    snr = theirs.signal_noise_ratio(y.sum(1, keepdim=True).expand_as(y), y).mean().item()
    assert found["sdr_mdx"] == pytest.approx(snr, abs=1e-3)


def test_losses_are_those_of_their_papers():
    out, y = (torch.cat(v) for v in zip(*cases(10)[1:], strict=True))
    mixture = y.sum(1, keepdim=True)
    wanted = {
        "si_sdr": -theirs.scale_invariant_signal_distortion_ratio(out, y),
        "si_snr": -theirs.scale_invariant_signal_noise_ratio(out, y),
        "l1": (out - y).abs().mean(-1),
        "sdr": 10 * torch.log10((out - y).square().sum(-1) / y.square().sum(-1) + 1e-3),
    }
    for name, value in wanted.items():
        torch.testing.assert_close(LOSSES[name](out, y, mixture), value, rtol=1e-4, atol=1e-3)
        assert Separate(["a", "b"], loss=name).loss(out, y)[3] == pytest.approx(value[3].mean().item(), abs=1e-3)
    both = Separate(["a", "b"], loss="sdr+l1").loss(out, y)
    torch.testing.assert_close(both, (wanted["sdr"] + wanted["l1"]).mean(1), rtol=1e-4, atol=1e-3)


def test_the_magnitude_loss_hears_no_phase_and_measures_in_amplitudes():
    t = torch.arange(4000) / 8000
    sine, cosine = torch.sin(2 * math.pi * 1000 * t), torch.cos(2 * math.pi * 1000 * t)
    assert LOSSES["magnitude"](sine, sine, sine) == 0
    assert LOSSES["magnitude"](-sine, sine, sine) < 1e-6
    shifted, silent = LOSSES["magnitude"](cosine, sine, sine), LOSSES["magnitude"](0 * sine, sine, sine)
    assert shifted < 0.1 * silent


def test_an_answer_to_a_silent_reference_costs_what_it_sounds():
    mixture, silence = torch.randn(1, 800), torch.zeros(1, 800)
    costs = [LOSSES["sdr"](scale * mixture, silence, mixture).item() for scale in (1.0, 0.1, 0.0)]
    assert costs == pytest.approx([10 * math.log10(1.01), 10 * math.log10(0.02), -20], abs=1e-3)
    assert LOSSES["si_sdr"](mixture, silence, mixture).item() == 0
    assert pytest.approx((1 / 32768) ** 2, rel=0.1) == SILENT  # a step of 16 bits


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("scale", [0.0, 1.0])
def test_gradients_stay_finite_in_silence(name, scale):
    y = scale * torch.randn(2, 2, 1200) * torch.tensor([0.0, 1.0])[:, None]
    for start in (torch.zeros(2, 2, 1200), y.clone()):
        out = start.requires_grad_()
        loss = Separate(["a", "b"], loss=name).loss(out, y)
        loss.sum().backward()
        assert loss.isfinite().all()
        assert out.grad is not None
        assert out.grad.isfinite().all()


def test_permuted_the_cheapest_order_counts():
    out, y = cases(4, s=3)[3]
    task, plain = Separate(["s1", "s2", "s3"], permute=True), Separate(["s1", "s2", "s3"])
    every = [plain.loss(out[:, list(order)], y).item() for order in permutations(range(3))]
    assert task.loss(out, y).item() == pytest.approx(min(every), abs=1e-4)
    assert max(every) > min(every) + 1
    assert [*task.metrics(task.judge(out, y).numpy(), NOUGHT)] == ["si_sdr", "si_sdr_improvement", "sdr_mdx"]


def test_answers_that_are_longer_or_shorter_are_brought_to_the_sound():
    task = Separate(["a", "b"])
    out, y = cases(2)[1]
    longer = torch.cat([out, torch.randn(1, 2, 9)], -1)
    torch.testing.assert_close(task.judge(longer, y), task.judge(out, y))
    torch.testing.assert_close(task.loss(longer.bfloat16().float(), y), task.loss(longer.bfloat16(), y))


def test_stored_stems_are_read_as_waveforms():
    task = Separate(["a", "b"])
    y = torch.tensor([[[-32768, 16384], [0, 8192]]], dtype=torch.int16)
    assert task.encode(y).tolist() == [[[-1.0, 0.5], [0.0, 0.25]]]
    assert task.encode(task.encode(y)).tolist() == task.encode(y).tolist()
    assert task.decode(np.array([[np.full(8, 0.1), np.zeros(8)]])) == ["a -20 dB, b silent"]


def test_weights_count_stems_more():
    out, y = cases(2)[1]
    each = LOSSES["sdr"](out, y, y.sum(1, keepdim=True))[0]
    found = Separate(["a", "b"], weights=torch.tensor([0.5, 1.5])).loss(out, y).item()
    assert found == pytest.approx((0.5 * each[0] + 1.5 * each[1]).item() / 2, abs=1e-5)


class Deaf(nn.Module):
    """A front-end without a way back."""

    rank = channels = 1


def test_refusals_say_what_to_do():
    with pytest.raises(UsageError, match="at most 5 sources, not of 6; unset it"):
        Separate([*"abcdef"], permute=True)
    with pytest.raises(UsageError, match="cannot have weights; leave --class-weights out"):
        Separate(["a", "b"], permute=True, weights=torch.ones(2))
    with pytest.raises(UsageError, match="no loss named 'sdrr'; did you mean sdr"):
        Separate(["a", "b"], loss="sdrr")
    with pytest.raises(UsageError, match="which deaf has not; take --frontend invertible or waveform"):
        Separate(["a", "b"]).net(Deaf(), nn.Identity())  # pyright: ignore[reportArgumentType]
