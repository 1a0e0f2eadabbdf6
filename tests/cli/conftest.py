"""Commands run in this process, small real data, and what every refusal must look like."""

import gzip
import re
from collections.abc import Callable
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from multicnn.cli.main import run

RATE = 8_000  # Hz
QUICK = ("--epochs", "1", "--model", "cnn1", "--precision", "fp32", "--device", "cpu")
LONGER = ("--epochs", "8", "--batch-size", "4", "--set", "train.ema=0")  # until the answers are right


@dataclass(frozen=True)
class Answer:
    """What a command said, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def errors(self) -> list[str]:
        """The lines on stderr that are no warning."""
        return [line for line in self.err.splitlines() if not line.startswith("warning:")]


@pytest.fixture
def quick() -> tuple[str, ...]:
    """Options of a training of a second."""
    return QUICK


@pytest.fixture
def command(capfd: pytest.CaptureFixture[str]) -> Callable[..., Answer]:
    """Run a command; what C libraries write counts too."""

    def call(*arguments: object) -> Answer:
        capfd.readouterr()
        code = run([str(a) for a in arguments], debug=False)
        return Answer(code, *capfd.readouterr())

    return call


@pytest.fixture
def refuses(command: Callable[..., Answer], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Run a command that must fail: this exit code, one line that says so much, and no file touched or left over."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments: object, code: int, says: str) -> None:
        before = contents(tmp_path)
        answer = command(*arguments)
        assert len(answer.errors) == 1, answer.err
        assert answer.errors[0].startswith("multicnn: ")
        assert re.search(says, answer.errors[0]), answer.errors[0]
        assert "run again with --debug" not in answer.err
        assert "Traceback" not in answer.err
        assert answer.code == code
        assert contents(tmp_path) == before

    return call


@pytest.fixture
def works(command: Callable[..., Answer]) -> Callable[..., Answer]:
    """Run a command that must succeed, without a library's words on stderr."""

    def call(*arguments: object) -> Answer:
        answer = command(*arguments)
        assert answer.code == 0, answer.err
        assert "Traceback" not in answer.err
        assert "Warning:" not in answer.err  # of Python, as libraries give them
        return answer

    return call


def contents(root: Path) -> dict[str, object]:
    """Every file, link and folder below `root` with its bytes and times, the cache left out."""
    found: dict[str, object] = {}
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root)
        if name.parts[0] == "cache":
            continue
        at = path.lstat()
        what = path.readlink() if path.is_symlink() else path.read_bytes() if path.is_file() else None
        found[str(name)] = (what, at.st_mode, at.st_mtime_ns if what is not None else 0)
    return found


@pytest.fixture(scope="session")
def scans() -> dict[int, list[np.ndarray]]:
    """Scans of noughts and ones, 8 x 8 pixels of 0 to 255."""
    packed = files("sklearn.datasets.data").joinpath("digits.csv.gz").read_bytes()
    rows = np.loadtxt(gzip.decompress(packed).decode().splitlines()[:600], delimiter=",")
    return {
        digit: [(row[:-1].reshape(8, 8) * 15.9375).round().astype(np.uint8) for row in rows[rows[:, -1] == digit]]
        for digit in (0, 1)
    }


@pytest.fixture
def pictures(tmp_path: Path, scans: dict[int, list[np.ndarray]]) -> Path:
    """A folder per class, 12 PNG files each."""
    return write_pictures(tmp_path / "pictures", scans)


@pytest.fixture
def sounds(tmp_path: Path) -> Path:
    """A folder per class, 12 WAV files of a quarter of a second each: low and high tones."""
    return write_sounds(tmp_path / "sounds")


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    """A table of 24 opinions."""
    return write_texts(tmp_path / "texts.csv")


def write_pictures(root: Path, scans: dict[int, list[np.ndarray]]) -> Path:
    from PIL import Image

    for digit, arrays in scans.items():
        (root / str(digit)).mkdir(parents=True)
        for number, pixels in enumerate(arrays[:12]):
            Image.fromarray(pixels).save(root / str(digit) / f"{number:02}.png")
    return root


def write_sounds(root: Path) -> Path:
    import soundfile

    for name, pitch in (("low", 200.0), ("high", 2000.0)):
        (root / name).mkdir(parents=True)
        for number in range(12):
            soundfile.write(root / name / f"{number:02}.wav", tone(pitch * (1 + number / 50)), RATE)
    return root


def tone(pitch: float, seconds: float = 0.25) -> np.ndarray:
    """A sine of so many Hz, half of full scale, in the noise of a room."""
    t = np.arange(int(RATE * seconds)) / RATE
    return 0.5 * np.sin(2 * np.pi * pitch * t) + 0.01 * np.random.default_rng(int(pitch)).standard_normal(len(t))


def opinions() -> list[tuple[str, str]]:
    """24 texts and their labels."""
    things = ("film", "book", "play", "song", "meal", "trip", "game", "show", "talk", "walk", "tale", "tune")
    good = [(f"a wonderful {thing}, I loved it", "good") for thing in things]
    return good + [(f"an awful {thing}, I hated it", "bad") for thing in things]


def write_texts(path: Path) -> Path:
    path.write_text("text,label\n" + "".join(f'"{text}",{label}\n' for text, label in opinions()), encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that the tests share."""
    return tmp_path_factory.mktemp("work")


def trained(work: Path, modality: str, data: Path, name: str, *options: str) -> Path:
    """A run trained by the command line, with a cache of its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MULTICNN_CACHE", str(work / "cache"))
        assert run([modality, "train", str(data), "-o", str(work / name), "-q", *QUICK, *options], debug=True) == 0
    return work / name


@pytest.fixture(scope="session")
def image_run(work: Path, scans: dict[int, list[np.ndarray]]) -> Path:
    """A trained run of pictures."""
    return trained(
        work, "image", write_pictures(work / "pictures", scans), "image-run", "--epochs", "8", "--lr", "0.01"
    )


@pytest.fixture(scope="session")
def audio_run(work: Path) -> Path:
    """A trained run of sounds."""
    return trained(work, "audio", write_sounds(work / "sounds"), "audio-run", *LONGER, "--augment", "shift")


@pytest.fixture(scope="session")
def text_run(work: Path) -> Path:
    """A trained run of texts."""
    return trained(work, "text", write_texts(work / "texts.csv"), "text-run", *LONGER, "--model", "textcnn")
