"""Recordings in pieces: the same in training as in answering, and nothing of them lost or heard twice."""

import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import soundfile

from multicnn.audio.datasets.events import note_scenes, open_events
from multicnn.audio.events.cut import cut
from multicnn.audio.events.plan import plan_reader
from multicnn.audio.events.reader import PieceReader, plan_events
from multicnn.data.table import asked
from multicnn.errors import UsageError
from multicnn.tasks.events import Events
from multicnn.tasks.tracks import HEAD

RATE = 8_000


@pytest.fixture
def recording(tmp_path: Path):
    """Makes a file of noise of so many seconds, at some rate."""

    def make(seconds: float, rate: int = RATE) -> Path:
        random = np.random.default_rng(0)
        path = tmp_path / f"{seconds}-{rate}.wav"
        soundfile.write(path, random.uniform(-0.5, 0.5, round(seconds * rate)), rate, subtype="PCM_16")
        return path

    return make


@pytest.mark.parametrize("seconds", [0.3, 2.0, 2.001, 3.0, 3.2, 5.0, 7.77])
@pytest.mark.parametrize("context", [0.0, 0.5])
def test_streamed_pieces_are_those_of_the_table(recording, seconds, context):
    reader = PieceReader(rate=RATE, seconds=2.0, context=context)
    path = recording(seconds)
    streamed = list(reader.pieces(path))
    n = reader.count(round(seconds * RATE))
    assert len(streamed) == n
    for number, piece in enumerate(streamed):
        np.testing.assert_array_equal(piece, reader(f"{path}\0{number}"))
    whole = reader.whole()(path)
    in_memory = list(reader.pieces(whole))
    assert all(np.array_equal(a, b) for a, b in zip(streamed, in_memory, strict=True))
    last = reader.start(n - 1)
    assert last + 2.0 * RATE >= len(whole)
    assert n == 1 or last - reader.start(1) + 2.0 * RATE < len(whole)


def test_streamed_pieces_of_another_rate_are_nearly_those_of_the_table(recording):
    reader = PieceReader(rate=RATE, seconds=1.0, context=0.25)
    path = recording(3.3, 11_025)
    pairs = [(p, reader(f"{path}\0{i}")) for i, p in enumerate(reader.pieces(path))]
    assert len(pairs) == reader.count(round(3.3 * RATE))
    assert max(np.abs(a.astype(int) - b).max() for a, b in pairs) <= 2  # a step of 16 bits or two


def test_shares_of_pieces_cover_a_recording_once():
    reader = PieceReader(rate=RATE, seconds=2.0, context=0.5)
    seconds = 5.3
    n = reader.count(round(seconds * RATE))
    shares = [reader.share(i, min(2.0, seconds - i * reader.hop), last=i == n - 1) for i in range(n)]
    places = [(i * reader.hop + a, i * reader.hop + b) for i, (a, b) in enumerate(shares)]
    assert places[0][0] == 0
    assert places[-1][1] == pytest.approx(seconds)
    assert all(a[1] == pytest.approx(b[0]) for a, b in pairwise(places))


def marked(tmp_path: Path, recording) -> Path:
    recording(5.0)
    recording(1.0)
    rows = "5.0-8000.wav,0.5,3.25,dog\n5.0-8000.wav,4.5,5,cat\n1.0-8000.wav,,,\n"
    table = tmp_path / "e.csv"
    table.write_text(f"filename,onset,offset,event_label\n{rows}")
    return table


def test_rows_are_cut_with_their_events(tmp_path, recording):
    table = open_events(marked(tmp_path, recording))
    pieces, of = cut(table, PieceReader(rate=RATE, seconds=2.0, context=0.25))
    assert of.tolist() == [0, 0, 0, 1]
    assert pieces.ids.tolist() == ["5.0-8000.wav#0", "5.0-8000.wav#1", "5.0-8000.wav#2", "1.0-8000.wav"]
    known = [json.loads(str(a)) for a in pieces.answer]
    assert [k["events"] for k in known] == [
        [["dog", 0.5, 3.25]],
        [["dog", -1.0, 1.75]],
        [["dog", -2.5, 0.25], ["cat", 1.5, 2.0]],
        [],
    ]
    assert known[2]["head"] == [[0, 2, 1.5], [2.0, 0.25, 2.0], [0, 0, 2.0]]
    assert pieces.target.tolist() == [[False, True], [False, True], [True, True], [False, False]]
    assert pieces.group is not None
    assert pieces.group.tolist()[:3] == ["5.0-8000.wav"] * 3
    assert "2 recordings are heard in 4 pieces of 2 s" in pieces.said


def test_joined_pieces_of_a_table_have_the_tables_events(tmp_path, recording):
    """From file to table to pieces to targets to recordings, with scores that are the targets themselves."""
    import torch

    table = open_events(marked(tmp_path, recording))
    for seconds, context in ((5.0, 0.0), (2.0, 0.25), (0.9, 0.1), (1.7, 0.0)):
        pieces, _ = cut(table, PieceReader(rate=RATE, seconds=seconds, context=context))
        read = plan_events(pieces, None)
        y = torch.from_numpy(np.stack([read(str(i)) for i in asked(pieces).items]))
        task = Events(table.classes, median=0.0, threshold=0.5)
        task.cell = 0.05
        scores = task.encode(y)[:, :2]
        judged = task.judge(torch.logit(scores.clamp(1e-4, 1 - 1e-4)), y).numpy()
        long, short = task.tracks(judged)
        np.testing.assert_allclose(long.true[1], [[0.5, 3.25]], atol=1e-5)
        np.testing.assert_allclose(long.true[0], [[4.5, 5.0]], atol=1e-5)
        assert (long.length, short.length) == (pytest.approx(5.0), pytest.approx(1.0))
        measured = task.metrics(judged, np.zeros((len(y), 2)))
        assert measured["f1_event_200ms"] == measured["psds1"] == 1


def test_pieces_follow_from_the_recordings_unless_told(tmp_path, recording):
    table = open_events(marked(tmp_path, recording))
    rows = np.arange(2)
    assert plan_reader(table, rows).settings() == {"rate": RATE, "seconds": 5.0, "context": 0.5}
    given = plan_reader(table, rows, sample_rate=4000, seconds=2.5, context=0.0)
    assert given.settings() == {"rate": 4000, "seconds": 2.5, "context": 0.0}
    assert PieceReader(**given.settings()) == given


@pytest.mark.parametrize(
    ("settings", "message"),
    [({"context": 0.6}, "a quarter"), ({"seconds": 0.00001}, "milliseconds"), ({"context": -0.1}, "a quarter")],
)
def test_pieces_that_cannot_be_are_refused(settings, message):
    with pytest.raises(UsageError, match=message):
        PieceReader(**{"rate": RATE, "seconds": 2.0, "context": 0.0} | settings)


def test_made_scenes_are_the_same_every_time_and_share_no_note():
    table = note_scenes()
    assert len(table) == 380
    assert table.answer is not None
    assert np.array_equal(table.items, note_scenes().items)
    events = [json.loads(str(a))["events"] for a in table.answer]
    assert sum(not e for e in events) > 30
    assert all(0 <= on < off <= 4 for own in events for _, on, off in own)
    pieces, of = cut(table, plan_reader(table, np.arange(240)))
    assert np.array_equal(of, np.arange(380))
    assert plan_events(pieces, None).shape[0] > HEAD


def test_recordings_in_memory_are_cut_like_files():
    table = note_scenes().take(np.arange(3))
    reader = PieceReader(rate=16_000, seconds=1.5, context=0.25)
    pieces, of = cut(table, reader)
    assert of.tolist() == [0] * 4 + [1] * 4 + [2] * 4
    for row, item, name in zip(of, pieces.items, pieces.ids, strict=True):
        start = int(str(name).rpartition("#")[2]) * 16_000
        own = table.items[row][start : start + 24_000]
        np.testing.assert_array_equal(reader(item)[: len(own)], own)
        assert not reader(item)[len(own) :].any()
