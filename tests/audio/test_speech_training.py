"""Transcribing through the real commands: tones as letters, so that a small network learns them in seconds."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

import multicnn
from multicnn import audio
from multicnn.errors import DataError, UsageError
from multicnn.verbs.run import Run

RATE = 8000
TONES = {"a": 400, "b": 800, "c": 1600}  # Hz
SMALL = {"model": {"width": 32, "kernels": [7, 9]}, "task": {}}
TRAIN = {"epochs": 16, "batch_size": 8, "lr": 1e-2, "precision": "fp32", "device": "cpu", "augment": "stretch,gain"}


def spoken(text: str, random: np.random.Generator) -> np.ndarray:
    """Letters as tones of 0.1 s with pauses, words further apart."""
    t = np.arange(RATE // 10) / RATE
    parts = [np.zeros(RATE // 10)]
    for letter in text:
        parts.append(np.sin(2 * np.pi * TONES[letter] * t) * np.hanning(len(t)) if letter != " " else 0 * t)
        parts.append(np.zeros(random.integers(200, 500)))
    sound = np.concatenate(parts)
    return sound * 0.3 + random.normal(size=len(sound)) * 0.003


@pytest.fixture(scope="module")
def tones(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A table of 96 sounds and their texts."""
    folder = tmp_path_factory.mktemp("tones")
    random = np.random.default_rng(0)
    rows = []
    for n in range(96):
        words = ["".join(random.choice(list("abc"), random.integers(1, 4))) for _ in range(random.integers(1, 4))]
        soundfile.write(folder / f"{n:02}.wav", spoken(" ".join(words), random), RATE)
        rows.append([f"{n:02}.wav", " ".join(words).upper() + ".", "test" if n >= 80 else "train"])
    with open(folder / "table.csv", "w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["path", "text", "split"], *rows])
    return folder


@pytest.fixture(scope="module")
def run(tones: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MULTICNN_CACHE", str(tmp_path_factory.mktemp("cache")))
        return audio.train(
            tones / "table.csv", task="transcribe", out=tmp_path_factory.mktemp("runs") / "run", settings=SMALL, **TRAIN
        )


def predictions(run: Run) -> list[dict[str, str]]:
    with open(run.path / "evaluation" / "predictions_test.csv", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_a_small_network_learns_tones(run: Run) -> None:
    assert run.metrics["cer_corpus"] <= 0.05
    assert run.metrics["wer_corpus"] <= 0.15
    assert run.classes == [" ", "a", "b", "c"]
    lines = predictions(run)
    assert len(lines) == 16
    edits = sum(int(line["word_edits"]) for line in lines)
    words = sum(int(line["words"]) for line in lines)
    assert edits / words == pytest.approx(run.metrics["wer_corpus"])
    same = [line["text"] == line["prediction"] for line in lines]
    assert 1 - np.mean(same) == pytest.approx(run.metrics["ser"])
    assert run.intervals["wer_corpus"][0] <= run.metrics["wer_corpus"] <= run.intervals["wer_corpus"][1]
    card = (run.path / "model_card.md").read_text(encoding="utf-8")
    assert "| wer_corpus |" in card


def test_predict_says_words_and_times(run: Run, tones: Path) -> None:
    (found,) = run.predict(str(tones / "90.wav"))
    record = found.record()
    assert record["text"] == " ".join(w["word"] for w in record["words"])
    times = [t for w in record["words"] for t in (w["start"], w["end"])]
    assert times == sorted(times)
    assert times[-1] <= soundfile.info(tones / "90.wav").duration
    assert all(0 <= w["confidence"] <= 1 for w in record["words"])


def test_predict_is_what_evaluate_says(run: Run, tones: Path) -> None:
    said = {line["id"]: line["prediction"] for line in predictions(run)}
    found = run.predict([str(tones / name) for name in said])
    assert [p.record()["text"] for p in found] == list(said.values())


def test_a_long_sound_is_transcribed_in_pieces(run: Run, tones: Path, tmp_path: Path) -> None:
    sounds, random = [], np.random.default_rng(0)
    for n in range(40):
        sound, _ = soundfile.read(tones / f"{n % 80:02}.wav")
        sounds += [sound, random.normal(size=RATE * 5 // 4) * 0.003]
    soundfile.write(tmp_path / "long.wav", np.concatenate(sounds), RATE)
    assert soundfile.info(tmp_path / "long.wav").duration > 70  # several pieces of 20 s
    texts = [p.record()["text"] for p in run.predict([str(tones / f"{n:02}.wav") for n in range(40)])]
    (found,) = run.predict(str(tmp_path / "long.wav"))
    import jiwer

    assert jiwer.cer(" ".join(texts), found.record()["text"]) < 0.02


def test_a_search_with_words_says_only_these(run: Run, tones: Path, tmp_path: Path) -> None:
    (tmp_path / "words.txt").write_text("AB\nC\n")
    asked = multicnn.load(run.path, device="cpu", task={"beam": 8, "words": str(tmp_path / "words.txt")})
    for found in asked.predict([str(tones / f"{n}.wav") for n in range(80, 90)]):
        assert set(found.record()["text"].split()) <= {"ab", "c"}
    measured = asked.evaluate()
    assert measured["metrics"]["wer_corpus"] > run.metrics["wer_corpus"]
    assert json.loads((run.path / "evaluation" / "test-set.json").read_text())["set"]["beam"] == 8
    assert (
        run.metrics["wer_corpus"]
        == json.loads((run.path / "evaluation" / "test.json").read_text())["metrics"]["wer_corpus"]
    )


def test_a_wide_search_without_words_is_no_worse(run: Run) -> None:
    found = multicnn.load(run.path, device="cpu", task={"beam": 8}).evaluate(split="train")
    plain = run.evaluate(split="train")
    assert found["metrics"]["cer_corpus"] <= plain["metrics"]["cer_corpus"] + 0.01


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"beam": 0}, r"task\.beam is 0"),
        ({"words": "x"}, r"task\.words needs a search; set task\.beam"),
        ({"arpa": "x"}, r"task\.arpa needs a search"),
        ({"bean": 2}, r"no setting of task 'transcribe' named 'bean'; did you mean beta or beam"),
        ({"level": 3}, r"task\.level is 3"),
        ({"weights": None}, "weights of classes matter to training only"),
    ],
)
def test_wrong_settings_are_refused(run: Run, settings: dict[str, object], says: str) -> None:
    with pytest.raises(UsageError, match=says):
        _ = multicnn.load(run.path, device="cpu", task=settings).trained


def test_letters_that_training_lacks_are_errors(run: Run, tones: Path, tmp_path: Path) -> None:
    said = run.predict(str(tones / "90.wav"))[0].record()["text"]
    (tmp_path / "t.csv").write_text(f"path,text\n{tones / '90.wav'},{said}x\n")
    found = run.evaluate(tmp_path / "t.csv")
    assert found["metrics"]["cer_corpus"] == pytest.approx(1 / (len(said) + 1))
    assert np.isfinite(found["loss"])


def test_another_script_is_refused(run: Run, tones: Path, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(f"path,text\n{tones / '01.wav'},да\n")
    with pytest.raises(DataError, match="no letter of its transcript 'да' is known to the model"):
        run.evaluate(tmp_path / "t.csv")


def train(path: Path, **more: object) -> Run:
    return audio.train(
        path, task="transcribe", out=path.parent / "run", **{**TRAIN, "epochs": 1, "val": 0.0, "test": 0.0, **more}
    )


def short(folder: Path, n: int) -> Path:
    """Forty sounds, of which `n` are much too short for their texts."""
    random = np.random.default_rng(0)
    rows = []
    for k in range(40):
        soundfile.write(folder / f"{k}.wav", spoken("ab c", random)[: 400 if k < n else None], RATE)
        rows.append([f"{k}.wav", "abc" * 10 if k < n else "ab c"])
    with open(folder / "t.csv", "w", newline="") as file:
        csv.writer(file).writerows([["path", "text"], *rows])
    return folder / "t.csv"


class Heard:
    """Remembers what is said."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def say(self, line: str) -> None:
        self.lines.append(line)

    def tick(self, what: str, done: int, of: int) -> None:
        pass


def test_sounds_too_short_for_their_texts_are_left_out(tmp_path: Path) -> None:
    heard = Heard()
    train(short(tmp_path, 2), voice=heard, settings=SMALL)
    assert any(
        "warning: 2 of 40 training sounds are too short for their texts, such as 0.wav" in x for x in heard.lines
    )
    assert (tmp_path / "run" / "weights" / "best.safetensors").exists()


def test_too_many_of_them_are_refused(tmp_path: Path) -> None:
    with pytest.raises(
        DataError, match=r"3 of 40 training sounds are too short for their texts, such as 0\.wav; check"
    ):
        train(short(tmp_path, 3), settings=SMALL)


def test_networks_without_steps_are_refused(tones: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="leaves no steps of time cannot transcribe; choose speechcnn"):
        audio.train(tones / "table.csv", task="transcribe", out=tmp_path / "run", model="ngramcnn", **TRAIN)


def test_class_weights_and_mixup_are_refused(tones: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="transcripts have no classes to weigh"):
        audio.train(tones / "table.csv", task="transcribe", out=tmp_path / "run", class_weights="balanced", **TRAIN)
    with pytest.raises(UsageError, match="mixes two samples' answers, which transcribe cannot"):
        audio.train(tones / "table.csv", task="transcribe", out=tmp_path / "run", **{**TRAIN, "augment": "mixup"})


@pytest.mark.parametrize(
    "model", [{"name": "speechcnn", "recurrent": 16, "width": 32}, {"name": "resnet18", "width": 8, "stem": "small"}]
)
def test_other_networks_run(model: dict[str, object], tones: Path, tmp_path: Path) -> None:
    settings = {
        "model": model,
        **({"task": {"level": 0}, "frontend": {"name": "logmel"}} if model["name"] == "resnet18" else {}),
    }
    run = audio.train(
        tones / "table.csv",
        task="transcribe",
        out=tmp_path / "run",
        settings=settings,
        limit=16,
        **{**TRAIN, "epochs": 1},
    )
    assert 0 < run.metrics["cer_corpus"] <= 2


def test_pieces_of_words_train(tones: Path, tmp_path: Path) -> None:
    pytest.importorskip("sentencepiece", reason="sentencepiece is not installed")
    run = audio.train(
        tones / "table.csv", task="transcribe", out=tmp_path / "run", settings={**SMALL, "reader": {"units": 12}},
        **{**TRAIN, "epochs": 30},
    )  # fmt: skip
    assert len(run.classes) == 12
    assert run.metrics["cer_corpus"] < 0.5
    assert multicnn.load(run.path, device="cpu").predict(str(tones / "90.wav"))[0].record()["text"]
