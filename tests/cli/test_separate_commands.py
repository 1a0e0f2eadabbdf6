"""Separation from folders of stems to written stems, by commands."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from multicnn import audio, load

RATE = 8000
SMALL = ("--precision", "fp32", "--device", "cpu", "--epochs", "1", "--seconds", "0.25")
UNET = ("--set", "model.width=4", "--set", "model.depth=2")
SETTINGS = {"model": {"width": 4, "depth": 2}, "train": {"ema": 0.0}, "frontend": {"window": 0.032}}
TASNET = ("--model", "convtasnet", "--frontend", "waveform", *(
    f"--set=model.{k}" for k in ("filters=8", "kernel=8", "width=4", "hidden=6", "depth=2", "repeats=1")
))  # fmt: skip


def song(number: int, seconds: float = 1.0) -> dict[str, np.ndarray]:
    """A low hum and clicks, at random places."""
    rng = np.random.default_rng(number)
    t = np.arange(int(seconds * RATE)) / RATE
    hum = 0.2 * np.sin(2 * np.pi * rng.uniform(100, 300) * t) * (1 + np.sin(2 * np.pi * rng.uniform(1, 4) * t))
    clicks = np.zeros_like(t)
    for at in rng.integers(0, len(t) - 200, int(6 * seconds)):
        clicks[at : at + 200] += rng.normal(0, 0.3, 200) * np.exp(-np.arange(200) / 40)
    return {"hum": hum.astype(np.float32), "clicks": clicks.astype(np.float32)}


def write_songs(root: Path, names: dict[str, str] | None = None, mixture: bool = False) -> Path:
    """14 tracks for training, 4 to validate on, 4 for the test."""
    number = 0
    for part, count in (("train", 14), ("val", 4), ("test", 4)):
        for n in range(count):
            folder = root / part / f"{part}-{n}"
            folder.mkdir(parents=True)
            stems = song(number := number + 1)
            for name, sound in stems.items():
                soundfile.write(folder / f"{(names or {}).get(name, name)}.wav", sound, RATE, subtype="FLOAT")
            if mixture:
                rest = np.random.default_rng(number).normal(0, 0.02, RATE)
                soundfile.write(folder / "mixture.wav", sum(stems.values()) + rest, RATE, subtype="FLOAT")
    return root


@pytest.fixture
def songs(tmp_path) -> Path:
    return write_songs(tmp_path / "songs")


@pytest.fixture(scope="module")
def trained(tmp_path_factory) -> Path:
    """A run that tells hum from clicks; trained once."""
    place = tmp_path_factory.mktemp("trained")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MULTICNN_CACHE", str(place / "cache"))
        audio.train(
            write_songs(place / "songs"), task="separate", out=place / "run", epochs=10, batch_size=4, lr=5e-3,
            precision="fp32", device="cpu", settings=SETTINGS,
        )  # fmt: skip
    return place / "run"


def test_a_run_learns_and_tells_of_every_stem(trained):
    found = load(trained)
    assert found.metrics["si_sdr_improvement"] > 3
    assert {"si_sdr", "sdr_mdx", "si_sdr_improvement_hum", "sdr_mdx_clicks"} <= found.metrics.keys()
    low, high = found.intervals["si_sdr_improvement_clicks"]
    assert low < found.metrics["si_sdr_improvement_clicks"] < high
    assert found.baselines["the mixture itself"]["si_sdr_improvement"] == pytest.approx(0, abs=1e-9)
    assert found.measured["per_class"]["hum"]["references"] == 4
    rows = [*csv.DictReader((trained / "evaluation" / "predictions_test.csv").read_text().splitlines())]
    assert len(rows) == 8
    mean = np.mean([float(row["si_sdr_improvement"]) for row in rows])
    assert mean == pytest.approx(found.metrics["si_sdr_improvement"], abs=1e-3)
    assert (trained / "evaluation" / "stems_test.png").read_bytes()[:4] == b"\x89PNG"
    assert "si_sdr_improvement" in (trained / "model_card.md").read_text()
    page = (trained / "report.html").read_text(encoding="utf-8")
    assert page.count("<audio") == 4 * (1 + 2 * 2)  # of each song the mixture, both stems, and their answers
    assert all(f"{stem}, {what}" in page for stem in ("hum", "clicks") for what in ("true", "answer"))


def test_evaluate_measures_the_same_and_other_songs(trained, works):
    before = load(trained).measured
    works("evaluate", trained)
    after = load(trained).measured
    assert after["metrics"] == pytest.approx(before["metrics"], abs=1e-3)
    assert after["baselines"] == before["baselines"]
    found = json.loads(works("evaluate", trained, trained.parent / "songs" / "val", "--json").out)
    assert found["n"] == 4


def test_predict_writes_stems_as_long_as_the_file_at_its_rate(trained, works, tmp_path):
    import soxr

    stems = song(99, seconds=3.3)
    high = soxr.resample(sum(stems.values()), RATE, 22_050)[: 22_050 * 3 + 7]
    soundfile.write(tmp_path / "new.flac", np.stack([high, high], 1), 22_050)
    works("predict", trained, tmp_path / "new.flac", "--out", tmp_path / "out")
    rows = [*csv.DictReader((tmp_path / "out" / "predictions.csv").read_text().splitlines())]
    assert [(row["stem"], row["file"]) for row in rows] == [("clicks", "new/clicks.wav"), ("hum", "new/hum.wav")]
    for row in rows:
        found, rate = soundfile.read(tmp_path / "out" / row["file"], dtype="float32")
        assert (len(found), rate) == (22_050 * 3 + 7, 22_050)
        true = soxr.resample(stems[row["stem"]], RATE, 22_050)[: len(found)]
        assert np.corrcoef(found, true)[0, 1] > 0.8
    works("predict", trained, tmp_path / "new.flac", "--out", tmp_path / "lines.d", "--format", "jsonl")
    line = json.loads((tmp_path / "lines.d" / "predictions.jsonl").read_text())
    assert line["rate"] == 22_050
    assert line["stems"]["hum"]["file"] == "new/hum.wav"
    printed = works("predict", trained, tmp_path / "new.flac").out
    assert printed.splitlines()[0] == "id,seconds,stem,level_db,file,error"


def test_a_long_sound_in_pieces_has_the_stems_of_the_whole(trained):
    """The net reaches 20 frames of 64 samples, a frame 2 more each way: within the window's quarter, 2,048 samples."""
    import torch

    run = load(trained)
    sound = sum(song(7, seconds=3.1).values())
    (found,) = run.predict(sound)
    net, reader = run.trained.net, run.trained.reader
    with torch.inference_mode():
        whole = net(torch.from_numpy(reader(sound))[None])[0].numpy()
    assert (reader.around, reader.piece) == (2048, 2048)
    np.testing.assert_allclose(np.stack([*found.stems.values()]), whole, rtol=0, atol=1e-5)


def test_a_broken_file_is_named_and_the_others_are_separated(trained, command, tmp_path):
    (tmp_path / "bad.wav").write_bytes(b"RIFF....WAVE")
    soundfile.write(tmp_path / "good.wav", sum(song(5).values()), RATE)
    answer = command("predict", trained, tmp_path / "bad.wav", tmp_path / "good.wav", "--out", tmp_path / "out")
    assert answer.code == 3
    assert "bad.wav" in answer.err
    assert (tmp_path / "out" / "good" / "hum.wav").exists()


def test_convtasnet_trained_again_from_its_config_has_the_same_bytes(songs, works, tmp_path):
    import torch

    out = tmp_path / "run"
    works("audio", "train", songs, "--task", "separate", *SMALL, *TASNET, "--out", out, "--augment", "none")
    first = torch.frombuffer(bytearray((out / "weights" / "best.safetensors").read_bytes()), dtype=torch.uint8)
    works("audio", "train", "--config", out / "config.toml", "--out", tmp_path / "again")
    again = torch.frombuffer(
        bytearray((tmp_path / "again" / "weights" / "best.safetensors").read_bytes()), dtype=torch.uint8
    )
    assert torch.equal(first, again)


def test_sources_of_one_kind_and_a_rest_are_learnt(tmp_path, works):
    data = write_songs(tmp_path / "songs", {"hum": "s1", "clicks": "s2"}, mixture=True)
    found = json.loads(works("audio", "train", data, "--task", "separate", *SMALL, *UNET, "--json").out)
    assert [*found["metrics"]][:3] == ["si_sdr", "si_sdr_improvement", "sdr_mdx"]
    assert not any(name.endswith("_s1") for name in found["metrics"])


def test_what_does_not_fit_is_refused(songs, refuses, tmp_path):
    start = ("audio", "train", songs, "--task", "separate", *SMALL)
    refuses(*start, "--augment", "mixup", code=2, says="--augment mixup: separate cannot follow it; take remix")
    refuses("audio", "train", "--augment", "remix", code=2, says="--augment remix is for --task separate; leave it out")
    refuses(*start, "--frontend", "logmel", code=2, says="logmel has not; take --frontend invertible or waveform")
    refuses(*start, "--model", "convtasnet", code=2, says="convtasnet reads grids of 1 axes, not 2")
    refuses(*start, "--set", "task.loss=sdrr", code=2, says="no loss named 'sdrr'; did you mean sdr")
    refuses(*start, "--set", "reader.context=1", code=2, says="reader.context is 1.0 s of a window of 0.25 s")
