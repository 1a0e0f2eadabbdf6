"""Long sounds: what is said of the pieces is what is said of the whole."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import soundfile
import torch

from multicnn.audio.bands import Bands
from multicnn.audio.frontend import LogMel
from multicnn.audio.speech import seams
from multicnn.audio.speech.outcome import Transcripts, by_word, spoken
from multicnn.audio.speech.reader import SpeechReader
from multicnn.data.batches import Batches
from multicnn.data.store import pack
from multicnn.tasks.align import Align
from multicnn.zoo.net import Net
from multicnn.zoo.separable import speechcnn

RATE = 8000
UNITS = (" ", "a", "b")


@pytest.fixture
def reader() -> SpeechReader:
    return SpeechReader(rate=RATE, units=UNITS, chunk=1.2, context=0.6, fill=0.1)


@pytest.fixture
def noise(tmp_path: Path) -> Path:
    """Seven seconds and a bit, louder and softer."""
    random = np.random.default_rng(0)
    t = np.arange(7 * RATE + 1234) / RATE
    path = tmp_path / "noise.wav"
    soundfile.write(path, random.normal(size=len(t)) * 0.1 * (1.1 + np.sin(3 * t)), RATE)
    return path


def network(reader: SpeechReader, task: Align, **settings: int) -> Net:
    """Random weights, and statistics as of a trained network."""
    net = task.net(Bands(reader), speechcnn(1, 64, width=16, kernels=(5, 7), **settings))
    net.train()
    for _ in range(20):
        net(torch.randint(-3000, 3000, (4, RATE), dtype=torch.int16))
    net.head.fc.weight.data *= 10
    return net.eval()


@torch.inference_mode()
def answer(net: Net, task: Align, sound: np.ndarray) -> np.ndarray:
    return task.answer(net(torch.from_numpy(sound.copy())[None]))[0].numpy()


@pytest.mark.parametrize("stride", [1, 2, 4])
def test_pieces_say_what_the_whole_says(stride: int, reader: SpeechReader, noise: Path) -> None:
    task = Align(UNITS)
    net = network(reader, task, stride=stride)
    whole = answer(net, task, reader(noise))
    pieces = [answer(net, task, piece) for piece in reader.pieces(noise)]
    assert len(pieces) == 6
    joined = np.concatenate(list(seams.kept(iter(pieces), reader, task)), axis=1)
    np.testing.assert_allclose(joined, whole, atol=1e-5)
    told = Transcripts().tell("x", noise, reader, task, iter(pieces))
    assert told.text == task.text(task.units(whole))
    assert len(told.words) > 3
    assert told.words == spoken(task, joined, 0.0)


def test_a_piece_that_is_no_multiple_of_the_steps_loses_none(noise: Path) -> None:
    reader = SpeechReader(rate=RATE, units=UNITS, chunk=1.2345, context=0.61)
    task = Align(UNITS)
    net = network(reader, task, stride=4)
    whole = answer(net, task, reader(noise))
    joined = np.concatenate(
        list(seams.kept((answer(net, task, piece) for piece in reader.pieces(noise)), reader, task)), axis=1
    )
    assert joined.shape == whole.shape


def test_an_answer_does_not_depend_on_its_neighbours(reader: SpeechReader) -> None:
    task = Align(UNITS)
    net = network(reader, task)
    random = np.random.default_rng(1)
    sounds = [(random.normal(size=n) * 3000).astype(np.int16) for n in (5000, 5100, 5190, 9000, 12000, 5300)]
    store = pack(sounds, reader)
    batches = Batches(store, np.zeros(6), np.arange(6), 4, window=reader.window, quantum=reader.quantum)
    with torch.inference_mode():
        together = {int(i): out for batch in batches.epoch() for i, out in zip(batch.index, net(batch.x), strict=True)}
    assert len(together) == 6
    for row, sound in enumerate(sounds):
        alone = pack([sound], reader)
        one = next(Batches(alone, np.zeros(1), np.arange(1), 4, window=None, quantum=reader.quantum).epoch())
        with torch.inference_mode():
            torch.testing.assert_close(net(one.x)[0], together[row], atol=1e-5, rtol=1e-5)


def test_bands_are_those_of_logmel_wherever_the_sound_is_cut(reader: SpeechReader, noise: Path) -> None:
    sound = torch.from_numpy(reader(noise))[None]
    bands, other = Bands(reader, window=0.032), LogMel(reader, top=1e9)
    assert bands.step == other.step == pytest.approx(0.01)
    torch.testing.assert_close(bands(sound), other(sound)[:, 0])
    part = bands(sound[:, 8000:16000])
    torch.testing.assert_close(part[:, :, 3:-3], bands(sound)[:, :, 103:198], atol=1e-4, rtol=1e-4)


def test_silence_parts_words_however_the_sound_is_cut() -> None:
    task = SimpleNamespace(step=0.02, texts=list(UNITS))
    chances = silent_but(400, {20: 1, 30: 2, 80: 1, 90: 2, 200: 1, 225: 2, 300: 0, 320: 1})
    texts = []
    for size in (400, 100, 50, 20):
        reader = SpeechReader(rate=RATE, units=UNITS, chunk=size * 0.02, context=0.0)
        pieces = iter(np.split(chances, 400 // size, axis=1))
        texts.append([Align(UNITS).text(Align(UNITS).units(c)) for _, c in seams.parts(pieces, reader, task)])
    assert texts == [["ab", "ab", "ab", "a"]] * 4


def silent_but(steps: int, said: dict[int, int]) -> np.ndarray:
    """Log-probabilities of blanks, but for some units at some steps."""
    chances = np.full((len(UNITS) + 1, steps), np.log(0.01))
    chances[-1] = np.log(0.97)
    for step, unit in said.items():
        chances[:, step] = np.log(0.01)
        chances[unit, step] = np.log(0.97)
    return chances


def test_long_sounds_are_cut_in_pauses_only() -> None:
    task = SimpleNamespace(step=0.02, texts=list(UNITS))
    said = {step: 1 + step % 2 for step in range(10, 9000, 10) if step % 900 > 30}
    said |= dict.fromkeys(range(100, 9000, 100), 0)
    pieces = [
        silent_but(1000, {k - at: u for k, u in said.items() if at <= k < at + 1000}) for at in range(0, 9000, 1000)
    ]
    chances = np.concatenate(pieces, axis=1)
    reader = SpeechReader(rate=RATE, units=UNITS, chunk=20.0, context=0.0)
    found = list(seams.parts(iter(pieces), reader, task))
    assert len(found) > 5
    np.testing.assert_array_equal(np.concatenate([c for _, c in found], axis=1), chances)
    at = 0
    for start, part in found:
        assert start == pytest.approx(at * 0.02)
        assert part.shape[1] * 0.02 < 45
        assert all(k not in said for k in range(at - 4, at + 4))
        assert at == 0 or {said.get(k) for k in range(at - 15, at + 15)} & {0, None}
        at += part.shape[1]


def test_a_sound_without_pauses_is_cut_in_the_end() -> None:
    task = SimpleNamespace(step=0.02, texts=list(UNITS))
    chances = silent_but(10_000, {step: 1 + step // 3 % 2 for step in range(0, 10_000, 3)})
    reader = SpeechReader(rate=RATE, units=UNITS, chunk=20.0, context=0.0)
    found = list(seams.parts(iter(np.split(chances, 10, axis=1)), reader, task))
    assert max(part.shape[1] * 0.02 for _, part in found) <= 81
    whole = [u for _, part in found for u in Align(UNITS).units(part)]
    assert whole == Align(UNITS).units(chances)


def test_memory_does_not_grow_with_the_sound(reader: SpeechReader) -> None:
    sizes: list[int] = []

    def pieces() -> Iterator[np.ndarray]:
        for number in range(400):  # an hour and more
            yield silent_but(500, {100 + number % 7: 1, 250: 2})

    task = SimpleNamespace(step=0.02, texts=list(UNITS))
    long = SpeechReader(rate=RATE, units=UNITS, chunk=10.0, context=0.0)
    for _, part in seams.parts(pieces(), long, task):
        sizes.append(part.shape[1])
    assert sum(sizes) == 400 * 500
    assert max(sizes) < 2000


def test_silence_has_no_words(reader: SpeechReader) -> None:
    task = Align(UNITS)
    task.step = 0.02
    told = Transcripts().tell("x", None, reader, task, iter([silent_but(50, {})]))
    assert (told.text, told.words, told.confidence) == ("", [], None)
    assert told.cells() == [["x", "", ""]]
    assert Transcripts().tell("x", None, reader, task, iter([])).text == ""


def test_words_have_their_times_and_confidence(reader: SpeechReader) -> None:
    task = Align(UNITS)
    task.step = 0.02
    told = Transcripts().tell("x", None, reader, task, iter([silent_but(60, {5: 1, 8: 2, 20: 0, 40: 1})]))
    assert told.text == "ab a"
    assert [(w.start, w.end) for w in told.words] == [pytest.approx((0.1, 0.18)), pytest.approx((0.8, 0.82))]
    assert all(w.confidence == pytest.approx(0.97) for w in told.words)
    assert told.record()["words"][1] == {"word": "a", "start": 0.8, "end": 0.82, "confidence": 0.97}


def test_pieces_of_words_are_joined() -> None:
    assert by_word([0, 1, 2, 1], [" to", "m", " a"]) == [[(0, "to"), (1, "m")], [(2, "a"), (3, "m")]]
