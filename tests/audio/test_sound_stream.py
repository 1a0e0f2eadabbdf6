"""Sounds in pieces: what the reader reads, what a net says of the whole, in little memory, on time."""

import shutil
import struct
import subprocess
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from multicnn.audio import decode as decoding
from multicnn.audio.frontend import LogMel
from multicnn.audio.reader import SoundReader
from multicnn.audio.stream import stream
from multicnn.errors import DataError, UsageError

FORMATS = {
    "wav": {}, "flac": {}, "aiff": {}, "w64": {}, "caf": {}, "au": {}, "ogg": {}, "mp3": {},
    "opus": {"format": "OGG", "subtype": "OPUS"},
}  # fmt: skip


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    path = tmp_path_factory.mktemp("stream") / "noise.wav"
    soundfile.write(path, np.random.default_rng(0).uniform(-0.9, 0.9, (23_457, 2)), 22_050)
    return path


@settings(max_examples=40, deadline=None)
@given(chunk=st.integers(1, 9_000), context=st.integers(0, 5_000), rate=st.sampled_from([8_000, 22_050, 32_000]))
def test_the_pieces_are_the_whole_with_its_surroundings(sound, chunk, context, rate):
    whole = SoundReader(rate=rate, seconds=1.0)(str(sound))
    at = 0
    for piece in stream(sound, rate=rate, chunk=max(chunk, 50), context=context):
        assert piece.start == at
        first, last = piece.start - piece.before, min(len(whole), piece.start + piece.length + context)
        assert piece.before == min(context, piece.start)
        np.testing.assert_array_equal(piece.samples, whole[first:last])
        at += piece.length
    assert at == len(whole)


def test_the_blocks_of_the_file_do_not_show(sound, monkeypatch):
    whole = [p.samples for p in stream(sound, rate=16_000, chunk=3_000, context=500)]
    monkeypatch.setattr(decoding, "BLOCK", 777)
    pieces = [p.samples for p in stream(sound, rate=16_000, chunk=3_000, context=500)]
    for one, other in zip(whole, pieces, strict=True):
        np.testing.assert_array_equal(one, other)


def test_damage_is_told_where_it_is_reached(sound, tmp_path):
    broken = tmp_path / "broken.wav"
    broken.write_bytes(sound.read_bytes()[:40_000])
    with pytest.raises(DataError, match=r"broken\.wav: WAV file ends after"):
        list(stream(broken, rate=22_050, chunk=1_000, context=0))


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize("rate", [8_000, 24_000])
def test_every_format_streams_as_it_is_read(tmp_path, monkeypatch, suffix, rate):
    path = tmp_path / f"a.{suffix}"
    random = np.random.default_rng(0)
    soundfile.write(path, random.uniform(-0.3, 0.3, (30_000, 2)), 24_000, **FORMATS[suffix])
    whole = SoundReader(rate=rate, seconds=1.0)(path)
    monkeypatch.setattr(decoding, "BLOCK", 5_003)
    pieces = np.concatenate([p.samples for p in stream(path, rate=rate, chunk=999, context=0)])
    np.testing.assert_allclose(pieces, whole, rtol=0, atol=suffix == "mp3")  # whose decoder rounds by its blocks


@pytest.mark.parametrize(("suffix", "codec"), [("m4a", "aac"), ("m4a", "alac"), ("mp4", "aac"), ("webm", "libopus")])
def test_sounds_through_torchcodec_stream_as_they_are_read(sound, tmp_path, suffix, codec):
    pytest.importorskip("torchcodec", reason="needs the extra codec", exc_type=Exception)
    if shutil.which("ffmpeg") is None:
        pytest.skip("needs the program ffmpeg, to write what libsndfile cannot")
    path = tmp_path / f"a.{suffix}"
    subprocess.run(["ffmpeg", "-v", "error", "-i", sound, "-c:a", codec, path], check=True, timeout=60)
    whole = SoundReader(rate=16_000, seconds=1.0)(path)
    assert len(whole) == pytest.approx(23_457 * 16_000 / 22_050, abs=1_600)
    pieces = [p.samples for p in stream(path, rate=16_000, chunk=999, context=0)]
    np.testing.assert_array_equal(np.concatenate(pieces), whole)


def test_arrays_stream_too_and_nonsense_is_refused(tmp_path):
    array = np.random.default_rng(0).integers(-9_000, 9_000, 1_000).astype(np.int16)
    pieces = [p.samples for p in stream(array, rate=8_000, chunk=300, context=0)]
    np.testing.assert_array_equal(np.concatenate(pieces), array)
    soundfile.write(tmp_path / "a.wav", np.zeros(1), 384_000)
    with pytest.raises(DataError, match=r"a\.wav: too short for a sample at 8000 Hz"):
        list(stream(tmp_path / "a.wav", rate=8_000, chunk=9, context=0))
    for chunk, context in ((0, 5), (5, -1)):
        with pytest.raises(UsageError, match=f"pieces of {chunk} samples with {context} around"):
            list(stream(array, rate=8_000, chunk=chunk, context=context))


def test_a_number_that_is_none_is_told_by_its_place_in_the_sound(tmp_path, monkeypatch):
    values = np.zeros(1_000, np.float32)
    values[777] = np.nan
    soundfile.write(tmp_path / "a.wav", values, 8_000, subtype="FLOAT")
    monkeypatch.setattr(decoding, "BLOCK", 100)
    with pytest.raises(DataError, match=r"a\.wav: sample 777 is nan"):
        list(stream(tmp_path / "a.wav", rate=8_000, chunk=50, context=0))


HOP, STRIDE = 80, 2  # samples of 8 kHz, and frames, to a cell of the net below
CELL = HOP * STRIDE
REACH = 4 * CELL  # more than 256 samples of a frame and the convolutions' 5 frames and 2 cells


def small_net() -> torch.nn.Module:
    """A front-end without memory of the whole sound, and convolutions."""
    torch.manual_seed(0)
    front = LogMel(SoundReader(rate=8_000, seconds=1.0), mels=16, hop=HOP / 8_000, top=float("inf"))
    front.fit([torch.randint(-9_000, 9_000, (4, 8_000), dtype=torch.int16)])
    layers = [
        torch.nn.Conv2d(1, 4, 3, padding=1), torch.nn.Tanh(), torch.nn.Conv2d(4, 4, 3, stride=(2, STRIDE), padding=1),
        torch.nn.Tanh(), torch.nn.Conv2d(4, 2, 3, padding=1),
    ]  # fmt: skip
    return torch.nn.Sequential(front, *layers).eval()


@pytest.fixture(scope="module")
def noises(tmp_path_factory) -> dict[int, Path]:
    """Noise of several rates that swells."""
    folder, found = tmp_path_factory.mktemp("noises"), {}
    for rate in (8_000, 11_025, 44_100):
        values = np.random.default_rng(rate).uniform(-1, 1, int(rate * 2.345)) * np.linspace(
            0.001, 0.9, int(rate * 2.345)
        )
        soundfile.write(folder / f"{rate}.flac", values, rate)
        found[rate] = folder / f"{rate}.flac"
    return found


@settings(max_examples=25, deadline=None)
@given(chunk=st.integers(1, 40), more=st.integers(0, 9), rate=st.sampled_from([8_000, 11_025, 44_100]))
def test_a_net_says_of_the_pieces_what_it_says_of_the_whole(noises, chunk, more, rate):
    """Read, resampled, transformed, convolved: 1e-5, at the sound's ends as within."""
    net = small_net()
    with torch.inference_mode():
        whole = net(torch.from_numpy(SoundReader(rate=8_000, seconds=1.0)(noises[rate]))[None])
        found = []
        for piece in stream(noises[rate], rate=8_000, chunk=chunk * CELL, context=REACH + more * CELL):
            answer = net(torch.from_numpy(piece.samples)[None])[..., piece.before // CELL :]
            found.append(answer[..., : -(-piece.length // CELL)])
    together = torch.cat(found, -1)
    assert whole.shape[-1] - together.shape[-1] in (0, 1)  # a last cell whose place lies behind the last sample
    torch.testing.assert_close(together, whole[..., : together.shape[-1]], rtol=0, atol=1e-5)


def sparse(path: Path, rate: int, frames: int) -> Path:
    """A 16-bit WAV file of silence that takes no room on the disk."""
    form = struct.pack("<IHHIIHH", 16, 1, 1, rate, 2 * rate, 2, 16)
    path.write_bytes(
        b"RIFF" + struct.pack("<I", 36 + 2 * frames) + b"WAVEfmt " + form + b"data" + struct.pack("<I", 2 * frames)
    )
    with path.open("r+b") as file:
        file.truncate(44 + 2 * frames)
    return path


def peak_memory(path: Path) -> float:
    """MB that streaming a file takes at most."""
    tracemalloc.start()
    seen = sum(piece.length for piece in stream(path, rate=8_000, chunk=80_000, context=8_000))
    peak = tracemalloc.get_traced_memory()[1] / 1e6
    tracemalloc.stop()
    assert seen == (path.stat().st_size - 44) // 4
    return peak


def test_hours_take_the_memory_of_minutes(tmp_path):
    minutes = peak_memory(sparse(tmp_path / "minutes.wav", 16_000, 16_000 * 60 * 4))
    hours = peak_memory(sparse(tmp_path / "hours.wav", 16_000, 16_000 * 3600 * 4))
    assert hours < 1.05 * minutes < 30


def test_after_an_hour_time_is_exact(tmp_path):
    """Clicks of 44.1 kHz are found in 16 kHz within a sample of where they are."""
    rate, frames = 44_100, 44_100 * 3600 + 12_345
    path = sparse(tmp_path / "hour.wav", rate, frames)
    places = [1_000, rate * 600 + 7, rate * 1_799 + 22_049, rate * 3600 + 5_432]
    with path.open("r+b") as file:
        for place in places:
            file.seek(44 + 2 * place)
            file.write(struct.pack("<h", 30_000))
    found, length = [], 0
    for piece in stream(path, rate=16_000, chunk=160_000, context=0):
        loud = np.flatnonzero(np.abs(piece.samples.astype(int)) > 5_000)
        found += [piece.start + int(loud[np.abs(piece.samples[loud].astype(int)).argmax()])] if len(loud) else []
        length += piece.length
    assert length == round(frames * 16_000 / rate)
    np.testing.assert_allclose(np.array(found) / 16_000, np.array(places) / rate, rtol=0, atol=1 / 16_000)
