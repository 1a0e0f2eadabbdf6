"""What is found in long sounds: windows, smoothing, runs and peaks against plain formulas, and the commands."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from multicnn.audio.reader import SoundReader
from multicnn.audio.spotting import Run, Spotting, runs, smoothed, starts, strongest
from multicnn.data.batches import Batches
from multicnn.data.store import pack
from multicnn.errors import UsageError
from multicnn.tasks import Classify, Tag
from multicnn.verbs.labels import Labelled

RATE = 1_000  # Hz
READER = SoundReader(rate=RATE, seconds=0.8)
SEEDS = st.integers(0, 10_000)


def loud(windows: Iterator[np.ndarray]) -> Iterator[np.ndarray]:
    """A net that tells high tones (1) from low ones (0) and both from silence (2), by counting changes of sign."""
    for window in windows:
        assert window.shape == (READER.window,)
        changes = (np.diff(np.sign(window[100:-100])) != 0).mean()
        active = np.abs(window[300:500]).mean() > 1_000
        answer = np.array([active and changes < 0.2, active and changes >= 0.2, not active], dtype=np.float64)
        yield answer * 0.9 + 0.1 / 3


def scene(seconds: float, tones: Sequence[tuple[float, float, float]]) -> np.ndarray:
    """Onset, offset (s) and Hz of tones in silence.  -> t, int16"""
    t = np.arange(int(seconds * RATE)) / RATE
    sound = sum(np.sin(2 * np.pi * f * t) * ((t >= a) & (t < b)) for a, b, f in tones) + np.zeros(len(t))
    return np.rint(10_000 * sound).astype(np.int16)


TONES = [(3.0, 3.6, 60.0), (7.2, 7.9, 300.0), (9.0, 14.0, 60.0), (21.0, 21.6, 300.0)]


def found(item: object, **given: float) -> Labelled:
    return Spotting(READER, **given).spot("x", item, Classify(("low", "high", "_silence_")), loud)


def test_tones_are_found_where_they_are():
    spans = found(scene(30.0, TONES)).spans
    assert spans is not None
    assert [s.label for s in spans] == ["low", "high", "low", "high"]
    for span, (onset, offset, _) in zip(spans, TONES, strict=True):
        assert abs(span.onset - onset) < 0.2
        assert abs(span.offset - offset) < 0.2
        assert 0.5 <= span.probability <= 0.95


def test_files_are_streamed_and_answered_as_arrays_are(tmp_path: Path):
    sound = scene(30.3, TONES)
    soundfile.write(tmp_path / "a.wav", sound, RATE)
    soundfile.write(tmp_path / "b.wav", np.concatenate([sound, sound]), RATE)
    whole = found(sound)
    assert found(tmp_path / "a.wav") == whole
    assert found(f"{tmp_path / 'b.wav'}#t=0,30.3") == whole


def test_the_answer_to_the_whole_is_the_one_of_end_to_end_windows():
    for length in (8_000, 8_399, 8_401, 30_300):
        sound = scene(length / RATE, TONES)
        store = pack([sound], READER)
        batch = next(Batches(store, np.zeros(1), np.zeros(1, dtype=np.int64), 64, window=READER.window).epoch())
        expected = np.mean(list(loud(iter(batch.x.numpy()))), axis=0)
        answer = found(sound)
        assert list(answer.probabilities.values()) == pytest.approx(expected.tolist())
        assert answer.label == ("low", "high", "_silence_")[int(expected.argmax())]


@pytest.mark.parametrize("every", [0.05, 0.3, 0.8])
def test_looks_may_be_any_distance_apart(every: float):
    spans = found(scene(30.0, TONES), every=every).spans
    assert spans is not None
    middles = [(s.onset + s.offset) / 2 for s in spans]
    assert all(any(a - every < m < b + every for m in middles) for a, b, _ in TONES if b - a > every)


def test_only_much_longer_sounds_are_looked_through_unless_the_user_says_how_often(tmp_path: Path):
    for seconds, plain, asked in ((0.8, False, False), (7.9, False, True), (8.1, True, True)):
        sound = scene(seconds, [])
        soundfile.write(tmp_path / "a.wav", sound, RATE)
        for item in (sound, tmp_path / "a.wav"):
            assert Spotting(READER).long(item) == plain
            assert Spotting(READER, every=0.1).long(item) == asked
    assert not Spotting(READER).long(tmp_path / "none.wav")  # left for the reader to name


@pytest.mark.parametrize("name", ["_silence_", "silence", "background", "_unknown_", "Unknown", "_background_noise_"])
def test_background_classes_are_never_spans(name: str):
    sound = scene(20.0, TONES[:2])
    spans = Spotting(READER).spot("x", sound, Classify((name, "high", "_silence_")), loud).spans
    assert spans is not None
    assert {s.label for s in spans} == {"high"}


def test_several_labels_may_overlap_in_time():
    def both(windows: Iterator[np.ndarray]) -> Iterator[np.ndarray]:
        for answer in loud(windows):
            yield np.array([1 - answer[2], 1 - answer[2], answer[2]])

    spans = Spotting(READER).spot("x", scene(20.0, TONES[:2]), Tag(("a", "b", "silence")), both).spans
    assert spans is not None
    assert [s.label for s in spans] == ["a", "b", "a", "b"]
    assert spans[0][:2] == spans[1][:2]


@settings(max_examples=50, deadline=None)
@given(SEEDS, st.integers(0, 30), st.integers(0, 6))
def test_smoothing_is_the_mean_of_what_is_near(seed: int, n: int, half: int):
    values = np.random.default_rng(seed).random((n, 2))
    expected = [values[max(0, i - half) : i + half + 1].mean(axis=0) for i in range(n)]
    assert np.allclose(list(smoothed(values, half)), expected) if n else not list(smoothed(values, half))


@settings(max_examples=50, deadline=None)
@given(SEEDS, st.booleans())
def test_runs_cover_exactly_what_is_above_the_threshold(seed: int, several: bool):
    values = np.random.default_rng(seed).random((40, 3))
    high = values >= 0.6
    if not several:
        high &= values == values.max(axis=1, keepdims=True)
    covered = np.zeros_like(high)
    for run in runs(values, 0.6, several=several):
        assert not covered[run.first : run.last + 1, run.k].any()
        covered[run.first : run.last + 1, run.k] = True
        inside = values[run.first : run.last + 1, run.k]
        assert (run.probability, run.peak - run.first) == (inside.max(), inside.argmax())
    assert np.array_equal(covered, high)


@settings(max_examples=50, deadline=None)
@given(SEEDS)
def test_of_near_peaks_the_strongest_stays(seed: int):
    rng = np.random.default_rng(seed)
    given = [Run(0, int(p), int(p), int(p), float(rng.random())) for p in rng.integers(0, 60, 20)]
    kept = strongest(given, 5)
    assert all(abs(a.peak - b.peak) >= 5 for i, a in enumerate(kept) for b in kept[:i])
    for run in given:
        better = [k for k in kept if abs(k.peak - run.peak) < 5 and k.probability >= run.probability]
        assert better  # itself, or the one it gives way to


def test_windows_begin_at_every_step_and_end_to_end():
    places = starts(3, 7)
    found = [next(places) for _ in range(6)]
    assert found == [(0, True, True), (3, True, False), (6, True, False), (7, False, True), (9, True, False),
                     (12, True, False)]  # fmt: skip


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"every": 0.0}, r"--every 0\.0: seconds between looks"),
        ({"every": 0.9}, r"--every 0\.9: .* at most 0\.8"),
        ({"threshold": 1.0}, r"--threshold 1\.0: a probability lies between 0 and 1"),
    ],
)
def test_settings_out_of_range_are_refused(given: dict[str, float], says: str):
    with pytest.raises(UsageError, match=says):
        Spotting(READER, **given)


def test_a_span_is_a_line_of_the_table_and_an_entry_of_the_record():
    answer = found(scene(20.0, TONES[:2]))
    whole, first, second = answer.cells()
    assert len(whole) == 3 + 3
    assert (first[0], first[1], first[3:6]) == ("x", "low", ["", "", ""])
    assert [float(cell) for cell in second[6:]] == pytest.approx([7.2, 7.9], abs=0.2)
    spans = json.loads(json.dumps(answer.record()))["spans"]
    assert spans[0].keys() == {"onset", "offset", "label", "probability"}
    assert "spans" not in Labelled("x", "a", {"a": 1.0}).record()
