import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from multicnn.audio import decode as decoding
from multicnn.audio.reader import SoundReader
from multicnn.audio.stream import stream
from multicnn.errors import DataError


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
        np.testing.assert_allclose(piece.samples, whole[first:last], atol=1)
        at += piece.length
    assert at == len(whole)


def test_the_blocks_of_the_file_do_not_show(sound, monkeypatch):
    whole = [p.samples for p in stream(sound, rate=16_000, chunk=3_000, context=500)]
    monkeypatch.setattr(decoding, "BLOCK", 777)
    pieces = [p.samples for p in stream(sound, rate=16_000, chunk=3_000, context=500)]
    for one, other in zip(whole, pieces, strict=True):
        np.testing.assert_allclose(one, other, atol=1)


def test_damage_is_told_where_it_is_reached(sound, tmp_path):
    broken = tmp_path / "broken.wav"
    broken.write_bytes(sound.read_bytes()[:40_000])
    with pytest.raises(DataError, match=r"broken\.wav: WAV file ends after"):
        list(stream(broken, rate=22_050, chunk=1_000, context=0))
