"""Odd, old and broken sounds: each is heard as what was written, or refused by name; none is touched.

All through the real command: one training meets every file at once, one prediction answers for each.
"""

import csv
import faulthandler
import hashlib
import io
import os
import shutil
import struct
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from multicnn.audio.reader import SoundReader
from multicnn.cli.main import run
from multicnn.errors import DataError

RATE = 8_000  # Hz
READER = SoundReader(rate=RATE, seconds=0.5)
TIMES = np.arange(RATE // 2) / RATE
LOW = 0.5 * np.sin(2 * np.pi * 200 * TIMES)
Write = Callable[[Path], Any]


def written(sound: np.ndarray = LOW, rate: int = RATE, **settings: Any) -> Write:
    """By libsndfile."""
    return lambda path: soundfile.write(path, sound, rate, **settings)


def edited(make: Write, change: Callable[[bytes], bytes]) -> Write:
    def write(path: Path) -> None:
        make(path)
        path.write_bytes(change(path.read_bytes()))

    return write


def cut(make: Write, share: float = 0.5) -> Write:
    """The first part of a file."""
    return edited(make, lambda data: data[: int(share * len(data))])


def sized(size: int) -> Write:
    """A WAV file whose header tells another length of its samples."""

    def change(data: bytes) -> bytes:
        place = data.index(b"data") + 4
        return data[:place] + struct.pack("<I", size) + data[place + 4 :]

    return edited(written(), change)


def floats(place: int, value: float) -> Write:
    sound = LOW.copy()
    sound[place] = value
    return written(sound, subtype="FLOAT")


def extensible(valid: int = 16) -> Write:
    """RIFF WAVE with the long header of six channels, five of them silent."""
    sound = np.zeros((len(LOW), 6))
    sound[:, 2] = LOW
    return written(sound, format="WAVEX", subtype=f"PCM_{valid}")


def coded(*options: str) -> Write:
    """By ffmpeg, skipped where there is none."""

    def write(path: Path) -> None:
        if shutil.which("ffmpeg") is None:
            pytest.skip("needs the program ffmpeg, to write what libsndfile cannot")
        soundfile.write(path.with_name("source.wav"), LOW, RATE)
        command = ["ffmpeg", "-v", "error", "-y", "-i", str(path.with_name("source.wav")), *options, str(path)]
        subprocess.run(command, check=True, timeout=60)
        path.with_name("source.wav").unlink()

    return write


def wav(channels: int, rate: int, bits: int, data: bytes, kind: int = 1) -> bytes:
    """By the specification of 1991."""
    width = channels * bits // 8
    form = struct.pack("<HHIIHH", kind, channels, rate, rate * width, width, bits)
    chunks = b"fmt " + struct.pack("<I", len(form)) + form + b"data" + struct.pack("<I", len(data)) + data
    return b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WAVE" + chunks


LOW16 = np.rint(LOW * 32767).astype("<i2")
RAISED = np.repeat(LOW, 48)  # at 384 kHz
MP3 = written(format="MP3")
ID3 = b"ID3\x04\x00\x00\x00\x00\x01\x00" + b"\0" * 128
# What is heard, and how far from it the samples may lie, 1 being full scale; None where length and values are loose.
GOOD: dict[str, tuple[Write, np.ndarray, float]] = {
    "8 bits.wav": (written(subtype="PCM_U8"), LOW, 2**-7),
    "24 bits.wav": (written(subtype="PCM_24"), LOW, 2**-15),
    "32 bits.wav": (written(subtype="PCM_32"), LOW, 2**-15),
    "float32.wav": (written(subtype="FLOAT"), LOW, 2**-15),
    "float64.wav": (written(subtype="DOUBLE"), LOW, 2**-15),
    "mu-law.wav": (written(subtype="ULAW"), LOW, 0.02),
    "A-law.au": (written(subtype="ALAW", format="AU"), LOW, 0.02),
    "ADPCM.wav": (written(subtype="IMA_ADPCM"), LOW, 0.05),
    "GSM.wav": (written(subtype="GSM610"), LOW, 0.1),
    "big-endian.aiff": (written(), LOW, 2**-15),
    "stereo.wav": (written(np.stack([LOW, 0 * LOW], 1)), LOW / 2, 2**-15),
    "six channels.wav": (extensible(), LOW / 6, 2**-15),
    "384 kHz.wav": (written(RAISED, 384_000), LOW, 0.05),
    "44.1 kHz.flac": (written(0.5 * np.sin(2 * np.pi * 200 * np.arange(22_050) / 44_100), 44_100), LOW, 0.02),
    "one sample.wav": (written(np.array([0.25])), np.array([0.25]), 2**-15),
    "two samples.flac": (written(np.array([0.25, -0.5])), np.array([0.25, -0.5]), 2**-15),
    "silent.wav": (written(0 * LOW), 0 * LOW, 0),
    "DC.wav": (written(0 * LOW + 0.7), 0 * LOW + 0.7, 2**-15),
    "clipped.wav": (written((9 * LOW).clip(-1, 1)), (9 * LOW).clip(-1, 1), 2**-14),
    "a little above full scale.wav": (written(1.5 * LOW / 0.5, subtype="FLOAT"), (3 * LOW).clip(-1, 1), 2**-14),
    "length 0xFFFFFFFF.wav": (sized(0xFFFFFFFF), LOW, 2**-15),
    "header too short.wav": (sized(1000), LOW[:500], 2**-15),
    "notes before the samples.wav": (
        lambda path: path.write_bytes(
            wav(1, RATE, 16, LOW16.tobytes()).replace(b"data", b"LIST" + struct.pack("<I", 6) + b"INFOab" + b"data", 1)
        ),
        LOW,
        2**-14,
    ),
    "flac by its content.wav": (written(format="FLAC"), LOW, 2**-15),
    "ogg by its content.mp3": (written(format="OGG"), LOW, 0.1),
    "upper case.WAV": (written(format="WAV"), LOW, 2**-15),
    "spaces and кириллица.wav": (written(), LOW, 2**-15),
    "tagged.mp3": (edited(MP3, lambda data: ID3 + data), LOW, 0.1),
    "junk before.mp3": (edited(MP3, lambda data: b"\0" * 300 + data), LOW, 0.1),
    "spoken.opus": (written(format="OGG", subtype="OPUS"), LOW, 0.1),
}
CODED: dict[str, tuple[Write, np.ndarray, float]] = {
    "sound.m4a": (coded("-c:a", "aac"), LOW, 0.1),
    "lossless.m4a": (coded("-c:a", "alac"), LOW, 2**-14),
    "sound.aac": (coded("-c:a", "aac"), LOW, 0.1),
    "sound.webm": (coded("-c:a", "libopus"), LOW, 0.1),
    "sound.mp4": (coded("-c:a", "aac"), LOW, 0.1),
}
NO_SOUND = r"not a sound that can be read .*--on-bad skip"
BAD: dict[str, tuple[Write, str]] = {
    "empty.wav": (lambda path: path.write_bytes(b""), "the file is empty"),
    "empty.mp3": (lambda path: path.write_bytes(b""), "the file is empty"),
    "cut short.wav": (cut(written()), "ends after 0.249 of 0.5 s"),
    "cut short.flac": (cut(written()), "ends after|damaged"),
    "cut short.mp3": (cut(MP3), "nothing in it decodes|ends after|damaged"),
    "cut short.ogg": (cut(written()), "ends within|ends after|malformed"),
    "cut short.opus": (cut(written(format="OGG", subtype="OPUS")), "ends within|ends after|malformed"),
    "header only.wav": (cut(written(), 0.005), "ends after|without samples|not a sound"),
    "header too long.wav": (sized(160_000), "ends after 0.5 of 10 s"),
    "header without length.wav": (sized(0), "without samples"),
    "no samples.wav": (written(np.zeros(0)), "without samples"),
    "no samples.flac": (written(np.zeros(0)), "without samples|not a sound|the file is empty"),
    "NaN.wav": (floats(7, np.nan), "sample 7 is nan"),
    "inf.wav": (floats(9, -np.inf), "sample 9 is -inf"),
    "1e29.wav": (floats(5, 1e29), "peaks at 1e"),
    "integers as floats.wav": (written(LOW * 32768, subtype="FLOAT"), "peaks at 1.638e"),
    "only tags.mp3": (lambda path: path.write_bytes(ID3 + b"TAG" + b"\0" * 125), f"without samples|{NO_SOUND}"),
    "text.wav": (lambda path: path.write_text("not a sound\n" * 20), NO_SOUND),
    "page not found.mp3": (lambda path: path.write_text("<!doctype html><title>404</title>" * 9), NO_SOUND),
    "picture.wav": (lambda path: path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(99)), NO_SOUND),
    "no channels.wav": (lambda path: path.write_bytes(wav(0, RATE, 16, b"")), NO_SOUND),
    "no rate.wav": (lambda path: path.write_bytes(wav(1, 0, 16, LOW16.tobytes())), f"{NO_SOUND}|rate"),
    "unknown coding.wav": (lambda path: path.write_bytes(wav(1, RATE, 16, LOW16.tobytes(), kind=0x7777)), NO_SOUND),
    "broken.m4a": (
        lambda path: path.write_bytes(b"\0\0\0\x20ftypM4A \0\0" + bytes(99)),
        "damaged MPEG-4|MPEG-4 .* needs",
    ),
    "broken.webm": (
        lambda path: path.write_bytes(b"\x1a\x45\xdf\xa3" + bytes(99)),
        "damaged Matroska or WebM|WebM needs",
    ),
    "dangling.wav": (lambda path: path.symlink_to("nowhere.wav"), "a link to nowhere.wav, which does not exist"),
    "pipe.wav": (os.mkfifo, "a pipe or a device, not a file"),
    "too short at this rate.wav": (written(np.array([0.5]), 384_000), "too short for a sample at 8000 Hz"),
}


NO_FILE = ("dangling.wav", "pipe.wav")  # nor is folder.wav


def digest(path: Path) -> str:
    """Of what a path holds, where that is a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "none"


def make(folder: Path, *tables: dict[str, Any]) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    for table in tables:
        for name, (write, *_) in table.items():
            write(folder / name)
    return [folder / name for table in tables for name in table]


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that tells low tones from high ones."""
    work = tmp_path_factory.mktemp("torture")
    plain_sounds(work / "sounds")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MULTICNN_CACHE", str(work / "cache"))
        assert run(["audio", "train", str(work / "sounds"), "-o", str(work / "run"), *QUICK], debug=True) == 0
    return work / "run"


QUICK = ("-q", "--epochs", "1", "--model", "cnn1", "--precision", "fp32", "--device", "cpu", "--sample-rate", "8000")


def plain_sounds(root: Path) -> None:
    for name, pitch in (("low", 200), ("high", 2000)):
        (root / name).mkdir(parents=True)
        for number in range(12):
            sound = 0.5 * np.sin(2 * np.pi * pitch * (1 + number / 50) * TIMES)
            soundfile.write(root / name / f"{number:02}.wav", sound, RATE)


@pytest.mark.parametrize("name", GOOD | CODED)
def test_an_odd_sound_is_heard_as_it_was_written(tmp_path: Path, name: str) -> None:
    if name in CODED:
        pytest.importorskip("torchcodec", reason="needs the extra codec", exc_type=Exception)
    write, expected, tolerance = (GOOD | CODED)[name]
    write(tmp_path / name)
    before = digest(tmp_path / name)
    got = READER(tmp_path / name) / 32768
    if tolerance > 2**-7:  # codecs and resampling: nearly the length, and the shape, some of them later
        assert abs(len(got) - len(expected)) <= 0.2 * RATE
        alike = np.correlate(got, expected[: len(got) // 2], "valid")
        assert alike.max() > 0.98 * np.sum(expected[: len(got) // 2] ** 2)
        assert np.abs(got).max() == pytest.approx(np.abs(expected).max(), abs=tolerance)
    else:
        np.testing.assert_allclose(got, expected, atol=1.01 * tolerance)
    assert digest(tmp_path / name) == before


@pytest.mark.parametrize("name", BAD)
def test_a_bad_sound_is_refused_in_one_line_that_names_it(tmp_path: Path, name: str) -> None:
    write, reason = BAD[name]
    write(tmp_path / name)
    before = digest(tmp_path / name)
    with pytest.raises(DataError, match=reason) as error:
        READER(str(tmp_path / name))
    assert str(error.value).startswith(str(tmp_path / name))
    assert "\n" not in str(error.value)
    assert digest(tmp_path / name) == before


def test_a_file_without_permission_is_named(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "locked.wav", LOW, RATE)
    (tmp_path / "locked.wav").chmod(0)
    if os.access(tmp_path / "locked.wav", os.R_OK):
        pytest.skip("this user reads every file, whatever its permissions")
    with pytest.raises(DataError, match=r"locked\.wav: cannot be read \(Permission denied\); check its permissions"):
        READER(tmp_path / "locked.wav")


def test_a_folder_with_a_sounds_name_is_named(tmp_path: Path) -> None:
    (tmp_path / "folder.wav").mkdir()
    with pytest.raises(DataError, match=r"folder\.wav: a folder, not a sound; give a file"):
        READER(tmp_path / "folder.wav")


@contextmanager
def hang_is_an_error() -> Iterator[None]:
    """A command that waits for a pipe ends the tests, with the place where it waits."""
    faulthandler.dump_traceback_later(120, exit=True)
    yield
    faulthandler.cancel_dump_traceback_later()


@pytest.fixture
def listed(tmp_path: Path) -> tuple[Path, dict[Path, str]]:
    """A table of plain, odd and bad sounds, pipes and dangling links among them; and the digest of each file."""
    plain_sounds(tmp_path / "plain")
    paths = [*sorted((tmp_path / "plain").rglob("*.wav")), *make(tmp_path / "odd", GOOD, BAD)]
    (tmp_path / "odd" / "folder.wav").mkdir()
    lines = [f"{path.relative_to(tmp_path)},{'high' if 'high' in path.parts else 'low'}\n" for path in paths]
    (tmp_path / "all.csv").write_text("".join(["path,label\n", *lines, "odd/folder.wav,low\n"]))
    files = [line for line in lines if line.removesuffix(",low\n").removeprefix("odd/") not in NO_FILE]
    (tmp_path / "sounds.csv").write_text("".join(["path,label\n", *files]))
    return tmp_path / "sounds.csv", {path: digest(path) for path in paths}


def test_a_training_meets_them_all_and_touches_none(
    listed: tuple[Path, dict[Path, str]], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    table, before = listed
    with hang_is_an_error():
        code = run(["audio", "train", str(table), "-o", str(tmp_path / "run"), *QUICK, "--on-bad", "skip"], debug=True)
    said = capfd.readouterr()
    assert code == 0, said.err
    splits = (tmp_path / "run" / "splits.csv").read_text(encoding="utf-8")
    assert all(f"odd/{name}" in splits for name in GOOD)
    assert f"warning: {len(BAD) - len(NO_FILE)} samples cannot be read and are left out" in said.out + said.err + log(
        tmp_path
    )
    assert {path: digest(path) for path in before} == before


def log(tmp_path: Path) -> str:
    return (tmp_path / "run" / "log.txt").read_text(encoding="utf-8")


def test_a_training_that_may_not_skip_says_how_many_there_are(
    listed: tuple[Path, dict[Path, str]], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with hang_is_an_error():
        code = run(["audio", "train", str(listed[0]), "-o", str(tmp_path / "run"), *QUICK], debug=False)
    error = capfd.readouterr().err
    assert code == 3
    assert f"({len(BAD) - len(NO_FILE)} of {len(GOOD | BAD) - len(NO_FILE) + 24} samples)" in error
    assert not (tmp_path / "run").exists()
    assert run(["audio", "train", str(tmp_path / "all.csv"), "-o", str(tmp_path / "run"), *QUICK], debug=False) == 3
    assert "dangling.wav; 3 of " in capfd.readouterr().err


def test_a_prediction_answers_for_each_of_them(
    trained: Path, listed: tuple[Path, dict[Path, str]], capfd: pytest.CaptureFixture[str]
) -> None:
    table, before = listed
    capfd.readouterr()
    with hang_is_an_error():
        run(["predict", str(trained), str(table.with_name("all.csv")), "--on-bad", "skip"], debug=True)
    found = {Path(line["id"]).name: line for line in csv.DictReader(io.StringIO(capfd.readouterr().out))}
    assert set(found) >= {*GOOD, *BAD, "folder.wav"}
    assert all(found[name]["prediction"] in ("low", "high") and not found[name]["error"] for name in GOOD)
    assert all(not found[name]["prediction"] and name in found[name]["error"] for name in [*BAD, "folder.wav"])
    assert {path: digest(path) for path in before} == before


def test_there_are_enough_of_them() -> None:
    assert len(GOOD | BAD) >= 50


@pytest.fixture
def bare_m4a(tmp_path: Path) -> Path:
    path = tmp_path / "a.m4a"
    path.write_bytes(b"\0\0\0\x20ftypM4A \0\0" + bytes(99))
    return path


def test_without_torchcodec_the_command_that_installs_it_is_named(
    bare_m4a: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "torchcodec.decoders", None)
    with pytest.raises(
        DataError, match=r"a\.m4a: MPEG-4 .* pip install 'multicnn\[codec\]', or .*ffmpeg -i a.m4a a.flac"
    ):
        READER(bare_m4a)


def test_without_the_libraries_of_ffmpeg_they_are_named(
    bare_m4a: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a package that stands before torchcodec 0.17, and fails as it does on a machine without them."""
    import sys

    (tmp_path / "torchcodec").mkdir()
    (tmp_path / "torchcodec" / "__init__.py").touch()
    (tmp_path / "torchcodec" / "decoders.py").write_text(
        "def AudioDecoder(path):\n    raise RuntimeError('Could not load libtorchcodec. Likely causes:\\n 1. FFmpeg')\n"
    )
    for name in [name for name in sys.modules if name.split(".")[0] == "torchcodec"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(DataError, match=r"a\.m4a: MPEG-4 .* needs FFmpeg's libraries, .*`apt install ffmpeg`"):
        READER(bare_m4a)


def test_bands_that_stay_empty_are_told_by_the_training(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    plain_sounds(tmp_path / "sounds")
    bands = ("frontend.mels=128", "frontend.n_fft=256", "frontend.dialect=bcresnet")
    sets = [part for setting in bands for part in ("--set", setting)]
    assert (
        run(["audio", "train", str(tmp_path / "sounds"), "-o", str(tmp_path / "run"), *QUICK, *sets], debug=True) == 0
    )
    said = capfd.readouterr()
    assert "of 128 mel bands hold no bin of a transform of 256 samples at 8000 Hz" in said.err + log(tmp_path)
