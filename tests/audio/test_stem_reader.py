"""Mixtures and stems read, and separated mixtures written."""

import tracemalloc
from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr

from multicnn.audio.stems import MixtureReader, track
from multicnn.audio.stems.reader import StemReader, plan_reader
from multicnn.audio.stems.separated import collected, same_order, write
from multicnn.data.table import Table, strings
from multicnn.errors import DataError, UsageError

RATE = 8000


def noise(n: int, seed: int = 0, scale: float = 0.1) -> np.ndarray:
    return (np.random.default_rng(seed).normal(size=n) * scale).astype(np.float32)


def saved(path: Path, sound: np.ndarray, rate: int = RATE, subtype: str = "PCM_16") -> str:
    soundfile.write(path, sound, rate, subtype=subtype)
    return str(path)


def stems_of(text: str, classes: tuple[str, ...], rest: bool = False) -> np.ndarray:
    reader = StemReader(classes=classes, rate=RATE, rest=rest)
    return reader(f"x\0{text}").reshape(-1, reader.width).T


def test_sounds_are_placed_and_made_louder(tmp_path):
    beat = saved(tmp_path / "beat.wav", np.full(100, 0.25, np.float32))
    item, answer = track.told(None, {"a": [(beat, 0.0, 0.0), (beat, 0.05, 6.0206)], "b": []}, 0.1)
    assert item == answer
    found = stems_of(answer, ("a", "b"))
    assert found.shape == (2, 800)
    wanted = np.zeros(800)
    wanted[:100], wanted[400:500] = 8192, 16384
    np.testing.assert_allclose(found[0], wanted, atol=1)
    assert not found[1].any()
    np.testing.assert_array_equal(MixtureReader(rate=RATE, seconds=0.1)(item), found.sum(0))


def test_stems_whose_sum_would_be_clipped_are_quieter_together(tmp_path):
    loud = {n: saved(tmp_path / f"{n}.wav", np.full(50, 0.75, np.float32)) for n in "ab"}
    item, answer = track.told(None, track.alone(loud))
    found = stems_of(answer, ("a", "b"))
    total = MixtureReader(rate=RATE, seconds=0.1)(item)
    np.testing.assert_array_equal(total, found.sum(0))
    assert 0.998 * 32768 < total.max() < 32768
    np.testing.assert_array_equal(found[0], found[1])


def test_shorter_stems_are_followed_by_silence_longer_ones_refused(tmp_path):
    whole, part = saved(tmp_path / "mix.wav", noise(500)), saved(tmp_path / "a.wav", noise(300))
    _, answer = track.told(whole, track.alone({"a": part}))
    found = stems_of(answer, ("a",), rest=True)
    assert found.shape == (2, 500)
    assert not found[0, 300:].any()
    np.testing.assert_array_equal(found.sum(0), MixtureReader(rate=RATE, seconds=0.1)(whole))
    _, answer = track.told(part, track.alone({"a": whole}))
    with pytest.raises(DataError, match=r"mix.wav: a stem of 0.062 s of a mixture of 0.037 s, .*a.wav; cut it"):
        stems_of(answer, ("a",), rest=True)


def test_a_track_without_a_sample_is_refused():
    _, answer = track.told(None, {"a": [("nowhere.wav", 0.0, 0.0)]})
    with pytest.raises(DataError, match=r"nowhere.wav: no such file"):
        stems_of(answer, ("a",))
    with pytest.raises(DataError, match="stems without sounds: a track without a sample; leave it out"):
        stems_of(track.told(None, {"a": []})[1], ("a",))


@pytest.mark.parametrize("n", [1, 1000, 4095, 20_000, 33_333])
@pytest.mark.parametrize("seconds", [0.01, 0.5, 1.0])
def test_pieces_of_a_file_hold_every_sample_once_with_what_lies_around(tmp_path, n, seconds):
    reader = MixtureReader(rate=RATE, seconds=seconds)
    assert reader.piece + 2 * reader.around <= max(reader.window, 3)
    path = saved(tmp_path / "x.wav", noise(n))
    whole = reader(path)
    for item in (path, whole):
        pieces = [*reader.pieces(item)]
        inside = [*reader.inside(p[None] for p in pieces)]
        np.testing.assert_array_equal(np.concatenate([p[0] for _, p in inside]), whole)
        assert max(map(len, pieces)) <= max(reader.window, 3)
        for number, piece in enumerate(pieces):
            at = number * reader.piece
            np.testing.assert_array_equal(piece, whole[max(0, at - reader.around) : at + reader.piece + reader.around])


def test_pieces_begin_where_cells_and_transforms_do():
    reader = MixtureReader(rate=16_000, seconds=4.0)
    assert (reader.around, reader.piece) == (16_384, 28_672)
    for seconds in np.geomspace(0.001, 20, 200).tolist():
        for context in (0.0, 0.1 * seconds, 0.49 * seconds):
            reader = MixtureReader(rate=16_000, seconds=seconds, context=context)
            assert 1 <= reader.piece <= reader.window - 2 * reader.around
            assert reader.around >= round((context or seconds / 4) * 16_000) - 1
            assert reader.piece + 1 >= (reader.window - 2 * (context or seconds / 4) * 16_000) / 2


@pytest.mark.parametrize(("rate", "n"), [(44_100, 50_001), (8000, 12_345), (11_025, 7777)])
def test_stems_are_written_as_long_as_the_file_at_its_rate(tmp_path, rate, n):
    sound = soxr.resample(noise(n + 999), RATE // 2, rate)[:n].astype(np.float32)
    path = saved(tmp_path / "song.wav", np.stack([sound, sound], 1), rate)
    reader = MixtureReader(rate=RATE, seconds=0.5)
    answers = (np.stack([p / 32768, p / 65536]) for p in reader.pieces(path))
    found = collected("song.wav", path, reader, ("a", "b/c"), answers, permute=False)
    files = write(found, tmp_path / "out")
    assert files == {"a": "song/a.wav", "b/c": "song/b-c.wav"}
    for scale, file in zip((1, 0.5), files.values(), strict=True):
        back, own = soundfile.read(tmp_path / "out" / file, dtype="float32")
        assert (len(back), own) == (n, rate)
        assert soundfile.info(tmp_path / "out" / file).subtype == "FLOAT"
        inner = slice(500, -500)
        np.testing.assert_allclose(back[inner], scale * sound[inner], atol=2e-3 if rate > RATE else 1e-3)
    assert [len(v) for v in found.stems.values()] == [n, n]
    assert found.record()["stems"]["a"]["level_db"] == pytest.approx(20 * np.log10(np.std(sound)), abs=0.1)


def test_two_files_of_one_name_have_folders_of_their_own(tmp_path):
    places = []
    for folder in ("one", "two", "one"):
        (tmp_path / folder).mkdir(exist_ok=True)
        path = saved(tmp_path / folder / "x.wav", noise(900))
        reader = MixtureReader(rate=RATE, seconds=0.5)
        answers = (p[None] / 32768 for p in reader.pieces(path))
        found = collected(path, path, reader, ("a",), answers, permute=False)
        places.append(write(found, tmp_path / "out")["a"])
    assert places == ["x/a.wav", "x-2/a.wav", "x/a.wav"]


def test_sources_of_one_kind_go_on_in_their_own_stems(tmp_path):
    """A net that numbers the sources anew in every piece is put in order by what it says of the same moments."""
    reader = MixtureReader(rate=RATE, seconds=0.25)
    first, second = noise(9000, 1), noise(9000, 2)
    path = saved(tmp_path / "x.wav", first + second, subtype="FLOAT")

    def answers():
        for number, piece in enumerate(reader.pieces(path)):
            start = max(0, number * reader.piece - reader.around)
            both = np.stack([first[start : start + len(piece)], second[start : start + len(piece)]])
            yield both[:: 1 if number % 2 else -1]

    found = collected("x", path, reader, ("s1", "s2"), answers(), permute=True)
    np.testing.assert_allclose(found.signals.T, np.stack([second, first]), atol=1e-6)
    assert same_order(np.eye(3), np.eye(3)[[2, 0, 1]]).tolist() == [1, 2, 0]


def test_memory_does_not_grow_with_the_sound(tmp_path):
    reader, peaks = MixtureReader(rate=RATE, seconds=1.0), []
    for seconds in (300, 1200):  # of several blocks of the decoder
        path = saved(tmp_path / f"{seconds}.wav", noise(seconds * RATE))
        tracemalloc.start()
        found = collected("x", path, reader, ("a", "b"), (np.stack([p, p]) for p in reader.pieces(path)), permute=False)
        write(found, tmp_path / "out")
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.2 * peaks[0]


def test_planning_says_rate_and_window(tmp_path):
    files = [saved(tmp_path / f"{n}.wav", noise(48_000 * 6), 48_000) for n in range(2)]
    texts = [track.told(file, track.alone({"a": file})) for file in files]
    table = Table("x", strings(i for i, _ in texts), strings("ab"), ("a",), np.ones((2, 1), bool),
                  answer=strings(a for _, a in texts))  # fmt: skip
    reader = plan_reader(table, np.arange(2))
    assert (reader.rate, reader.seconds, reader.context) == (16_000, 4.0, 0.0)
    assert "mixtures are heard in windows of 4 s; set another with --seconds" in reader.said
    given = plan_reader(table, np.arange(2), sample_rate=RATE, seconds=0.5, context=0.1)
    assert MixtureReader(**given.settings()) == given
    with pytest.raises(UsageError, match=r"reader.context is 0.3 s of a window of 0.5 s; give less than half"):
        plan_reader(table, np.arange(2), seconds=0.5, context=0.3)
    with pytest.raises(UsageError, match="sample rate is 10 Hz"):
        MixtureReader(rate=10, seconds=1.0)


def test_an_empty_mixture_is_refused(tmp_path):
    path = tmp_path / "none.wav"
    soundfile.write(path, np.zeros(0), RATE)
    reader = MixtureReader(rate=RATE, seconds=1.0)
    with pytest.raises(DataError, match="file without samples"):
        collected("none.wav", path, reader, ("a",), (p[None] for p in reader.pieces(path)), permute=False)
