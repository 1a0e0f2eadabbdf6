"""A short real run of each modality: what it learns, what it answers, what stands beside it."""

import csv
import json

import numpy as np
import pytest
import soundfile

from multicnn import audio, text
from multicnn.data.assets import asset
from multicnn.train.voice import Silent

QUICK = {"precision": "fp32", "device": "cpu"}


class Listening(Silent):
    """Keeps what was said."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def say(self, line: str) -> None:
        self.lines.append(line)


@pytest.fixture(scope="module")
def module_cache(tmp_path_factory):
    return tmp_path_factory.mktemp("runs")


@pytest.fixture(scope="module")
def sounds(module_cache):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MULTICNN_CACHE", str(module_cache / "cache"))
        return audio.train(out=module_cache / "sounds", epochs=6, **QUICK)


@pytest.fixture(scope="module")
def reviews(module_cache):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MULTICNN_CACHE", str(module_cache / "cache"))
        return text.train(out=module_cache / "reviews", epochs=5, **QUICK)


def test_instruments_are_learnt_beyond_chance(sounds):
    assert sounds.metrics["f1_macro"] > 0.4
    found = json.loads((sounds.path / "evaluation" / "test.json").read_text())
    assert found["baselines"].keys() == {"majority class", "mean spectrum + logistic regression"}


def test_a_sound_longer_than_the_window_is_heard_in_full(sounds, tmp_path):
    """Two notes end to end: the answer is the mean of the windows' answers, so it differs from the first note's."""
    rate = sounds.trained.reader.rate
    window = sounds.trained.reader.window
    with open(asset("instruments") / "table.csv", newline="") as f:
        rows = {row["label"]: row["path"] for row in csv.DictReader(f)}
    parts = []
    for label in ("piano", "drums"):
        samples, _ = soundfile.read(asset("instruments") / rows[label], dtype="int16")
        parts.append(np.pad(samples, (0, max(0, window - len(samples))))[:window])
    for name, samples in (("first", parts[0]), ("second", parts[1]), ("both", np.concatenate(parts))):
        soundfile.write(tmp_path / f"{name}.wav", samples, rate, subtype="PCM_16")
    first, second, both = sounds.predict([tmp_path / f"{name}.wav" for name in ("first", "second", "both")])
    for c in sounds.classes:
        mean = (first.probabilities[c] + second.probabilities[c]) / 2
        assert both.probabilities[c] == pytest.approx(mean, abs=1e-5)


def test_reviews_are_learnt_beyond_chance(reviews):
    assert reviews.metrics["accuracy"] > 0.65
    found = json.loads((reviews.path / "evaluation" / "test.json").read_text())
    assert found["baselines"].keys() == {"majority class", "TF-IDF(1,2) + logistic regression", "NB-SVM(1,2)"}


def test_texts_are_answered_from_strings_files_and_tables(reviews, tmp_path):
    said = ["A wonderful film, I loved it.", "Terrible food and bad service."]
    direct = reviews.predict(said)
    (tmp_path / "a.txt").write_text(said[0])
    (tmp_path / "b.csv").write_text('text\n"' + said[1] + '"\n')
    from_files = reviews.predict([tmp_path / "a.txt", tmp_path / "b.csv"])
    for a, b in zip(direct, from_files, strict=True):
        assert a.probabilities == pytest.approx(b.probabilities)
    assert len({p.label for p in direct}) == 2


def test_a_text_is_answered_the_same_alone_and_among_longer_ones(reviews):
    texts = [
        "good",
        "not good at all, and far too long " * 9,
        "",
        "nice place",
        "the worst thing I ever bought in my life",
    ]
    together = reviews.predict(texts)
    for one, among in zip((reviews.predict([t])[0] for t in texts), together, strict=True):
        assert one.probabilities == pytest.approx(among.probabilities, abs=1e-6)


def test_spoken_digits_are_read_with_their_official_split(shared_data, tmp_path):
    voice = Listening()
    run = audio.train(shared_data("fsdd"), out=tmp_path / "run", limit=200, epochs=1, voice=voice, **QUICK)
    found = json.loads((run.path / "data.json").read_text())
    assert found["parts"]["test"]["n"] == 300
    assert found["parts"]["train"]["n"] == 200


def test_folds_are_the_official_ones(shared_data, tmp_path):
    """One fold of the five of ESC-10: its test part is one official fold."""
    run = audio.train(
        shared_data("esc10"), out=tmp_path / "run", limit=40, epochs=1,
        settings={"data": {"folds": 5, "fold": 2}}, **QUICK,
    )  # fmt: skip
    with open(run.path / "splits.csv", newline="") as f:
        test = [row["id"] for row in csv.DictReader(f) if row["split"] == "test"]
    assert len(test) == 80
    assert {name.rsplit("/", 1)[1][0] for name in test} == {"2"}


def test_movie_reviews_and_sst2_are_read_in_their_layouts(shared_data, tmp_path):
    for name, counts in (("mr", None), ("sst2", {"train": 300, "val": 872, "test": 1821})):
        run = text.train(shared_data(name), out=tmp_path / name, limit=300, epochs=1, **QUICK)
        found = {p: v["n"] for p, v in json.loads((run.path / "data.json").read_text())["parts"].items()}
        assert counts is None or found == counts
        assert found["train"] == 300
