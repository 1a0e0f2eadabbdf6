"""The reader of sounds, on files of every kind that it should and should not take."""

import struct
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr

from multicnn.audio.reader import SoundReader, plan_reader
from multicnn.data.table import Table, strings
from multicnn.errors import DataError, UsageError

RATE = 16_000
READER = SoundReader(rate=RATE, seconds=1.0)
LOSSLESS = {
    "wav": ("PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE"),
    "flac": ("PCM_S8", "PCM_16", "PCM_24"),
    "aiff": ("PCM_16", "FLOAT"),
    "w64": ("PCM_16",),
    "caf": ("PCM_16",),
    "au": ("PCM_16",),
    "rf64": ("PCM_16",),
}
LOSSY = {"a.mp3": ("MP3", "MPEG_LAYER_III"), "a.ogg": ("OGG", "VORBIS"), "a.opus": ("OGG", "OPUS")}


def table_of(paths: list[Path]) -> Table:
    return Table("t", strings(paths), strings(p.name for p in paths), ("a", "b"), np.arange(len(paths)) % 2)


@pytest.mark.parametrize(("suffix", "subtype"), [(f, s) for f, subtypes in LOSSLESS.items() for s in subtypes])
def test_every_lossless_format_gives_the_samples_that_were_written(
    tmp_path: Path, tone: np.ndarray, suffix: str, subtype: str
):
    path = tmp_path / f"a.{suffix}"
    soundfile.write(path, tone, RATE, subtype=subtype, format=suffix.upper())
    step = 2**-7 if subtype in ("PCM_U8", "PCM_S8") else 2**-15
    assert READER(path).dtype == np.int16
    np.testing.assert_allclose(READER(path) / 32768, tone, atol=1.01 * step)


@pytest.mark.parametrize("name", LOSSY)
def test_every_lossy_format_gives_nearly_the_samples_that_were_written(tmp_path: Path, tone: np.ndarray, name: str):
    kind, subtype = LOSSY[name]
    soundfile.write(tmp_path / name, tone, RATE, format=kind, subtype=subtype)
    got = READER(tmp_path / name)
    assert abs(len(got) - len(tone)) <= RATE // 100
    n = min(len(got), len(tone))
    assert np.corrcoef(got[:n], tone[:n])[0, 1] > 0.99


def test_sixteen_bits_at_the_same_rate_are_read_without_loss(tmp_path: Path):
    samples = np.random.default_rng(0).integers(-32768, 32768, 5000).astype(np.int16)
    soundfile.write(tmp_path / "a.wav", samples, RATE)
    np.testing.assert_array_equal(READER(tmp_path / "a.wav"), samples)


@pytest.mark.parametrize("channels", [2, 6])
def test_channels_are_averaged(tmp_path: Path, channels: int):
    samples = np.random.default_rng(0).uniform(-0.5, 0.5, (3000, channels)).astype(np.float32)
    soundfile.write(tmp_path / "a.wav", samples, RATE, subtype="FLOAT")
    np.testing.assert_allclose(READER(tmp_path / "a.wav") / 32768, samples.mean(1), atol=1.01 / 65536)


@pytest.mark.parametrize("rate", [8_000, 44_100, 384_000])
def test_other_rates_are_resampled_as_by_soxr(tmp_path: Path, rate: int):
    sound = np.sin(2 * np.pi * 440 * np.arange(rate // 2) / rate).astype(np.float32) * 0.5
    soundfile.write(tmp_path / "a.wav", sound, rate, subtype="FLOAT")
    reference = soxr.resample(sound, rate, RATE, quality="HQ")
    np.testing.assert_allclose(READER(tmp_path / "a.wav") / 32768, reference, atol=1 / 65536)


def test_peaks_above_full_scale_are_clipped_not_wrapped(tmp_path: Path):
    soundfile.write(tmp_path / "a.wav", np.array([0.0, 1.5, -1.5, 1.0], np.float32), RATE, subtype="FLOAT")
    np.testing.assert_array_equal(READER(tmp_path / "a.wav"), [0, 32767, -32768, 32767])


def test_one_sample_and_silence_are_sounds(tmp_path: Path):
    soundfile.write(tmp_path / "one.wav", np.array([0.25], np.float32), RATE)
    soundfile.write(tmp_path / "silent.wav", np.zeros(RATE, np.float32), RATE)
    assert READER(tmp_path / "one.wav").tolist() == [8192]
    assert not READER(tmp_path / "silent.wav").any()


@pytest.mark.parametrize(("value", "says"), [(np.nan, "sample 7 is nan"), (np.inf, "is inf"), (1e29, "peaks at 1e")])
def test_numbers_that_are_no_waveform_are_refused(tmp_path: Path, value: float, says: str):
    sound = np.zeros(100, np.float32)
    sound[7] = value
    soundfile.write(tmp_path / "a.wav", sound, RATE, subtype="FLOAT")
    with pytest.raises(DataError, match=rf"a\.wav: .*{says}"):
        READER(tmp_path / "a.wav")


@pytest.mark.parametrize("suffix", ["wav", "aiff", "w64", "flac", "caf", "mp3", "ogg", "opus"])
def test_a_file_cut_short_is_named(tmp_path: Path, tone: np.ndarray, suffix: str):
    path = tmp_path / f"a.{suffix}"
    kind, subtype = LOSSY.get(path.name, (suffix.upper(), None))
    soundfile.write(path, np.tile(tone, 9), RATE, format=kind, subtype=subtype)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(DataError, match=rf"a\.{suffix}: .*(ends after|ends within|damaged|malformed).*--on-bad skip"):
        READER(path)


def test_a_wav_file_of_unknown_length_is_read_to_its_end(tmp_path: Path, tone_file: Path):
    data = bytearray(tone_file.read_bytes())
    place = data.index(b"data") + 4
    data[place : place + 4] = struct.pack("<I", 0xFFFFFFFF)
    (tmp_path / "piped.wav").write_bytes(data)
    np.testing.assert_array_equal(READER(tmp_path / "piped.wav"), READER(tone_file))


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"),
        (b"never a sound\n" * 9, "not a sound"),
        (b"RIFF\x24\x00\x00\x00WAVEfmt ", "not a sound"),
    ],
)
def test_what_is_no_sound_is_named_with_the_next_step(tmp_path: Path, content: bytes, says: str):
    (tmp_path / "bad.wav").write_bytes(content)
    with pytest.raises(DataError, match=f"bad.wav: .*{says}"):
        READER(tmp_path / "bad.wav")


def test_no_file_a_folder_and_no_samples_are_named(tmp_path: Path):
    soundfile.write(tmp_path / "none.wav", np.zeros(0, np.float32), RATE)
    soundfile.write(tmp_path / "short.wav", np.zeros(1, np.float32), 384_000)
    for name, says in (("lost.wav", "no such file"), (".", "a folder"), ("none.wav", "without samples")):
        with pytest.raises(DataError, match=says):
            READER(tmp_path / name)
    with pytest.raises(DataError, match="too short for a sample"):
        READER(tmp_path / "short.wav")


def test_arrays_in_memory_are_read_like_files(tone: np.ndarray):
    expected = np.rint(tone * 32768).astype(np.int16)
    np.testing.assert_array_equal(READER(tone), expected)
    np.testing.assert_array_equal(READER(expected), expected)
    np.testing.assert_array_equal(READER(np.stack([tone, tone], 1).astype(np.float64)), expected)
    np.testing.assert_array_equal(READER(np.array([0, 128, 255], np.uint8)), [-32768, 0, 32512])
    np.testing.assert_array_equal(READER(np.array([-(2**31), 0, 2**30], np.int32)), [-32768, 0, 16384])
    with pytest.raises(DataError, match=r"shape \(2, 3, 4\).*not a sound"):
        READER(np.zeros((2, 3, 4)))


def test_threads_read_the_same_as_one(tmp_path: Path):
    paths = [tmp_path / f"{i}.flac" for i in range(16)]
    for i, path in enumerate(paths):
        soundfile.write(path, np.random.default_rng(i).uniform(-1, 1, 4000), 44_100)
    with ThreadPoolExecutor(8) as pool:
        for got, path in zip(pool.map(READER, paths), paths, strict=True):
            np.testing.assert_array_equal(got, READER(path))


def test_settings_rebuild_the_reader():
    reader = SoundReader(rate=22_050, seconds=0.7)
    assert SoundReader(**reader.settings()) == reader
    assert (reader.window, reader.dtype, reader.shape, reader.quantum) == (15_435, np.int16, None, 1)


@pytest.mark.parametrize(("settings", "says"), [((0, 1.0), "sample rate is 0"), ((8000, 0.0), "seconds is 0")])
def test_settings_out_of_range_are_refused(settings: tuple[int, float], says: str):
    with pytest.raises(UsageError, match=says):
        SoundReader(rate=settings[0], seconds=settings[1])


def test_planning_takes_the_usual_rate_and_the_95th_percentile(tmp_path: Path):
    paths = [tmp_path / f"{i}.wav" for i in range(40)]
    for i, path in enumerate(paths):
        soundfile.write(path, np.zeros(800 * (i + 1)), 44_100 if i < 3 else 8_000)
    table = table_of(paths)
    reader = plan_reader(table, np.arange(40))
    lengths = [800 * (i + 1) / (44_100 if i < 3 else 8_000) for i in range(40)]
    assert reader.rate == 8_000
    assert reader.seconds == pytest.approx(np.ceil(np.percentile(lengths, 95) * 10) / 10)
    assert plan_reader(table, np.arange(40), seconds=0.25).seconds == 0.25
    assert plan_reader(table, np.arange(3)).rate == 16_000


def test_planning_says_when_the_rate_is_above_the_sounds_own(tmp_path: Path):
    soundfile.write(tmp_path / "a.wav", np.zeros(8000), 8_000)
    table = table_of([tmp_path / "a.wav"])
    assert any("nothing above 4000 Hz" in said for said in plan_reader(table, np.arange(1), sample_rate=16_000).said)
    assert plan_reader(table, np.arange(1)).said[0] == "sounds of 8000 Hz, as they are"


def test_planning_passes_over_bad_files_but_not_over_all(tmp_path: Path):
    soundfile.write(tmp_path / "a.wav", np.zeros(8000), 8_000)
    (tmp_path / "b.wav").write_bytes(b"")
    table = table_of([tmp_path / "a.wav", tmp_path / "b.wav"])
    assert plan_reader(table, np.arange(2)).rate == 8_000
    with pytest.raises(DataError, match=r"b\.wav: the file is empty"):
        plan_reader(table, np.array([1]))
