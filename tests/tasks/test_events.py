"""The task of events: targets, losses, pooling, joined recordings."""

import numpy as np
import pytest
import torch
from torch import nn

from multicnn.audio.augment import Shift, Speed
from multicnn.errors import UsageError
from multicnn.tasks import found, tracks
from multicnn.tasks.events import Events
from multicnn.tasks.tracks import NOTHING, TAGS, TIMES
from multicnn.tasks.weak import POOLS
from multicnn.train.augment import apply
from multicnn.zoo import build_body

CELL = 0.1
NONE = (-1.0, np.nan, np.nan)


def task(**settings) -> Events:
    made = Events(("cat", "dog"), **settings)
    made.cell = CELL
    return made


def piece(events, known=TIMES, held=1.0, seconds=1.0, sound=0, number=0, hop=1.0, low=0.0, high=None) -> np.ndarray:
    head = [(sound, number, hop), (held, low, held if high is None else high), (known, 0, seconds)]
    return np.array([*head, *events, *[NONE] * (3 - len(events))], dtype=np.float32)


def stacked(*pieces: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(np.stack(pieces))


def test_targets_are_the_covered_shares_of_cells():
    y = task().encode(stacked(piece([(0, 0.15, 0.42), (0, 0.4, 0.45), (1, -0.5, 0.05)])))
    torch.testing.assert_close(y[0, 0, :6], torch.tensor([0, 0.5, 1, 1, 0.7, 0.0]), rtol=0, atol=1e-5)
    torch.testing.assert_close(y[0, 1, :3], torch.tensor([0.5, 0, 0.0]), rtol=0, atol=1e-5)
    assert y[0, 2:6, 0].tolist() == [1, 1, 1, 1]


def test_known_tags_and_nothing_are_told_apart():
    tags = piece([(1, np.nan, np.nan)], known=TAGS)
    y = task().encode(stacked(tags, piece([], known=NOTHING), piece([])))
    assert y[:, :2].sum() == 0
    assert y[:, 2:4, 0].tolist() == [[0, 1], [0, 0], [0, 0]]
    assert y[:, 4:6, 0].tolist() == [[0, 1], [0, 0], [1, 1]]


def test_the_loss_of_times_is_the_cross_entropy_of_the_cells_within_the_sound():
    own = task()
    out = torch.randn(1, 2, 11)
    y = own.encode(stacked(piece([(0, 0.1, 0.3)], held=0.6)))
    wanted = torch.zeros(2, 6)
    wanted[0, 1:3] = 1
    expected = nn.functional.binary_cross_entropy_with_logits(out[0, :, :6], wanted)
    torch.testing.assert_close(own.loss(out, y), expected[None], rtol=1e-5, atol=1e-6)
    beyond = out.clone()
    beyond[:, :, 6:] += 5
    torch.testing.assert_close(own.loss(beyond, y), own.loss(out, y))


def test_positives_count_their_class_weight():
    own = task(weights=torch.tensor([3.0, 1.0]))
    y = own.encode(stacked(piece([(0, 0.0, 1.0)])))
    out = torch.zeros(1, 2, 11)
    torch.testing.assert_close(own.loss(out, y), torch.tensor([2 * np.log(2)], dtype=torch.float32))


@pytest.mark.parametrize("pool", POOLS)
def test_the_loss_of_tags_is_that_of_the_pooled_scores(pool):
    own = task(pool=pool, tags=0.5)
    out = torch.randn(1, 2 * POOLS[pool].answers, 11)
    y = own.encode(stacked(piece([(1, np.nan, np.nan)], known=TAGS)))
    p = out[0, :2, :10].double().sigmoid()
    attention = out[0, -2:, :10].double().softmax(1)
    whole = {
        "linear-softmax": (p * p).sum(1) / p.sum(1), "attention": (p * attention).sum(1), "max": p.amax(1),
    }[pool]  # fmt: skip
    expected = 0.5 * nn.functional.binary_cross_entropy(whole, torch.tensor([0.0, 1.0]).double())
    torch.testing.assert_close(own.loss(out, y)[0].double(), expected, rtol=1e-4, atol=1e-5)
    nothing = own.encode(stacked(piece([], known=NOTHING)))
    assert own.loss(out, nothing).tolist() == [0]


@pytest.mark.parametrize("augment", [Shift(fraction=0.4), Speed(semitones=5.0)])
def test_events_move_with_their_sound(augment):
    """What is loud is an event, before and after."""
    rate, cell, seconds = 1000, 0.01, 4.0
    own = Events(("loud",))
    own.cell = cell
    x = torch.zeros(8, int(rate * seconds))
    x[:, 1000:2200] = 0.5
    y = own.encode(stacked(*[piece([(0, 1.0, 2.2)], held=seconds, seconds=seconds)] * 8))
    moved, target = apply([augment], "raw", own.move, x, y, torch.arange(8) * 7919)
    heard = (moved > 0.25).float().reshape(8, -1, round(rate * cell)).mean(2)
    assert not torch.equal(heard[0], heard[1])
    assert (target[:, 0, : heard.shape[1]] - heard).abs().sum(1).max() < 2.5  # cells at the two edges


def test_a_level_is_chosen_by_the_seconds_of_its_cells():
    class Front(nn.Module):
        rank, channels, step = 2, 1, 0.02

    body = build_body("resnet18", 2, 1, None, {"width": 4})  # strides 4, 8, 16, 32
    for resolution, cell in ((0.1, 0.08), (0.2, 0.16), (0.01, 0.08), (9.0, 0.64)):
        own = Events(("a",), resolution=resolution)
        net = own.net(Front(), body)
        assert own.cell == pytest.approx(cell)
        assert net.answer(torch.zeros(2, 1, 32, 101)).shape == (2, 1, -(-101 // round(cell / 0.02)))


def test_networks_without_time_are_refused():
    class Front(nn.Module):
        rank, channels, step = 2, 1, 0.02

    with pytest.raises(UsageError, match="keeps no time"):
        Events(("a",)).net(Front(), build_body("fcnn1", 2, 1, (8, 8), {}))
    own = task()
    with pytest.raises(UsageError, match="leaves out time"):
        own.loss(torch.zeros(1, 2, 4), own.encode(stacked(piece([]))))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"resolution": 0.0}, "resolution"),
        ({"tags": -1.0}, "tags"),
        ({"smoothing": 1.0}, "smoothing"),
        ({"pool": "mean"}, "pooling"),
        ({"median": [0.1, 0.2, 0.3]}, "3 numbers for 2 classes"),
        ({"median": {"bird": 0.1}}, "'bird'"),
        ({"threshold": 1.5}, "threshold"),
        ({"median": -1.0}, "at least 0"),
    ],
)
def test_settings_out_of_range_are_refused(settings, message):
    with pytest.raises(UsageError, match=message):
        task(**settings)


def judged(own: Events, scores: np.ndarray, *pieces: np.ndarray) -> np.ndarray:
    """Judgements of logits that give such scores."""
    out = torch.logit(torch.from_numpy(scores).clamp(1e-4, 1 - 1e-4))
    return own.judge(out, stacked(*pieces)).numpy()


def test_joined_pieces_measure_as_the_whole():
    """A recording of 4 s in pieces of 2 s that overlap by 1 s: the same scores, events and metrics."""
    random = np.random.default_rng(0)
    own = task(median=0.3, threshold=0.5)
    scores = random.random((1, 2, 41))
    events = [(0, 0.35, 1.95), (1, 1.5, 2.5), (0, 3.0, 3.9)]
    whole = judged(own, scores, piece(events, held=4.0, seconds=4.0))
    parts = [
        piece([(c, a - s, b - s) for c, a, b in events if b > s and a < s + 2], held=2.0, seconds=2.0, number=i,
              hop=1.0, low=0.5 * (i > 0), high=2.0 if i == 2 else 1.5)
        for i, s in enumerate((0.0, 1.0, 2.0))
    ]  # fmt: skip
    cut = judged(own, np.stack([scores[0, :, 10 * i : 10 * i + 21] for i in range(3)]), *parts)
    (one,), (joined,) = own.tracks(whole), own.tracks(cut)
    np.testing.assert_allclose(joined.scores, one.scores)
    np.testing.assert_allclose(joined.edges, one.edges, atol=1e-6)
    for a, b in zip(joined.true, one.true, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-5)
    assert joined.rows.tolist() == [0, 1, 2]
    table = np.zeros((3, 2), bool)
    assert own.metrics(cut, table) == pytest.approx(own.metrics(whole, table[:1]), abs=1e-6)


def test_a_cell_at_a_border_of_pieces_is_cut_there():
    scores = np.arange(12.0).reshape(2, 1, 6)
    joined, edges = tracks.join(scores, np.array([0.0, 1.0]), np.array([0.0, 0.25]), np.array([1.25, 1.5]), 0.3)
    assert joined[0].tolist() == [0, 1, 2, 3, 4, 6, 7, 8, 9, 10]
    np.testing.assert_allclose(edges, [0, 0.3, 0.6, 0.9, 1.2, 1.25, 1.3, 1.6, 1.9, 2.2, 2.5])


def test_thresholds_left_open_are_chosen_and_given_ones_kept():
    own = task(median=0.0, threshold={"dog": 0.9})
    scores = np.full((1, 2, 11), 0.1)
    scores[0, 0, 2:5] = 0.3
    lines = judged(own, scores, piece([(0, 0.2, 0.5)]))
    assert own.metrics(lines, np.zeros((1, 2)))["f1_event_200ms"] == 0
    chosen = own.tune(lines, np.zeros((1, 2)))
    assert 0.1 < chosen["threshold"][0] < 0.3
    assert chosen["threshold"][1] == 0.9
    assert own.metrics(lines, np.zeros((1, 2)))["f1_event_200ms"] == 1
    again = Events(own.classes, median=0.0, threshold=chosen["threshold"])
    again.cell = CELL
    assert again.metrics(lines, np.zeros((1, 2)))["f1_event_200ms"] == 1
    assert own.per_class(lines, np.zeros((1, 2)))["cat"]["events"] == 1


def test_recordings_without_times_count_only_for_tags():
    own = task(median=0.0, threshold=0.5)
    scores = np.full((2, 2, 11), 0.1)
    scores[0, 1] = 0.9
    lines = judged(own, scores, piece([(1, np.nan, np.nan)], known=TAGS, sound=0), piece([], known=NOTHING, sound=1))
    said = own.metrics(lines, np.zeros((2, 2)))
    assert said["map_recording"] == 1
    assert said["f1_event_200ms"] == said["psds1"] == said["error_rate_segment_1s"] == 0


def test_the_median_filter_forgets_what_is_shorter_than_half():
    scores = np.zeros((1, 20))
    scores[0, 3] = 1
    scores[0, 8:13] = 1
    spans = found.spoken(scores, np.arange(21) * 0.1, np.array([0.5]), np.array([0.5]))
    np.testing.assert_allclose(spans[0], [[0.8, 1.3]])
    assert found.odd(0.2) == 1


def test_events_are_told_in_words():
    own = task(threshold=0.5, median=0.0)
    scores = np.zeros((2, 2, 10))
    scores[0, 1, [2, 3, 7]] = 1
    assert own.decode(scores) == ["2 dog", "nothing"]


def test_mixed_samples_of_known_times_learn_from_times():
    own = task()
    y = own.encode(stacked(piece([(0, 0.0, 1.0)]), piece([(1, 0.0, 1.0)])))
    mixed = torch.lerp(y[1], y[0], 0.3)[None]
    out = torch.full((1, 2, 11), 0.0)
    torch.testing.assert_close(own.loss(out, mixed), torch.tensor([np.log(2)], dtype=torch.float32))
