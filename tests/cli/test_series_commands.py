"""Series of several channels through the real commands: from files to answers."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from multicnn import audio

QUICK = ("--epochs", "1", "--precision", "fp32", "--device", "cpu", "--batch-size", "8")
SMALL = ("--set", "model.width=4", "--set", "model.bottleneck=4", "--set", "model.kernels=[3,5]")


def waves(n: int, *, channels: int = 3, seed: int = 0) -> list[tuple[str, np.ndarray]]:
    """Series of 8 to 20 steps that swing slowly or fast."""
    random = np.random.default_rng(seed)
    found = []
    for i in range(n):
        t = np.arange(random.integers(8, 21))[:, None]
        wave = np.sin((0.3 if i % 2 else 1.5) * t + random.uniform(0, 6, channels))
        found.append(("slow" if i % 2 else "fast", wave + 0.1 * random.standard_normal(wave.shape)))
    return found


def ts_file(path: Path, series: list[tuple[str, np.ndarray]]) -> Path:
    rows = [":".join(",".join(f"{v:.5f}" for v in c) for c in x.T) + f":{label}\n" for label, x in series]
    head = (
        "@problemName w\n@timeStamps false\n@univariate false\n@equalLength false\n@classLabel true fast slow\n@data\n"
    )
    path.parent.mkdir(exist_ok=True)
    path.write_text(head + "".join(rows))
    return path


@pytest.fixture
def pair(tmp_path: Path) -> Path:
    """A folder with the training and the test file of a set."""
    ts_file(tmp_path / "Waves" / "Waves_TRAIN.ts", waves(60))
    ts_file(tmp_path / "Waves" / "Waves_TEST.ts", waves(20, seed=1))
    return tmp_path / "Waves"


def test_a_pair_of_ts_files_is_learnt_measured_and_answered_for(command: Callable, pair: Path, tmp_path: Path):
    run = tmp_path / "run"
    longer = ("--epochs", "12", "--lr", "0.01", "--set", "train.ema=0")
    done = command(
        "audio", "train", pair, *QUICK, *SMALL, *longer, "--out", run, "--require", "accuracy>=0.9", "--json"
    )
    assert done.code == 0, done.err
    summary = json.loads(done.out)
    assert summary["n"] == 20
    assert "summaries + logistic regression" in summary["baselines"]
    for line in ("Waves_TEST.ts: 20 series, the part test", "series of 3 channels, 8 to 20 steps of unknown rate"):
        assert line in done.err + done.out
    made = json.loads((run / "model.json").read_text())
    assert (made["reader"], made["settings"]["frontend"]["name"]) == ("SeriesReader", "series")
    for name in ("confusion_test.png", "predictions_test.csv"):
        assert (run / "evaluation" / name).exists()

    again = command("evaluate", run, "--json")
    assert json.loads(again.out)["metrics"]["accuracy"] == pytest.approx(summary["metrics"]["accuracy"])
    other = command("evaluate", run, pair / "Waves_TEST.ts", "--json")
    assert json.loads(other.out)["n"] == 20
    assert json.loads(other.out)["metrics"] == pytest.approx(json.loads(again.out)["metrics"])

    answers = command("predict", run, pair / "Waves_TEST.ts", "--json")
    found = json.loads(answers.out)["predictions"]
    assert len(found) == 20
    assert found[3]["id"].endswith("Waves_TEST.ts#3")
    one = json.loads(command("predict", run, f"{pair / 'Waves_TEST.ts'}#3", "--json").out)["predictions"]
    assert one[0]["probabilities"] == pytest.approx(found[3]["probabilities"], abs=1e-5)  # alone as among others


def test_every_kind_of_file_answers_alike(command: Callable, pair: Path, tmp_path: Path):
    run = tmp_path / "run"
    assert command("audio", "train", pair, *QUICK, *SMALL, "--out", run).code == 0
    _, series = waves(4, seed=1)[3]
    series = np.round(series, 5)
    inputs = tmp_path / "inputs"
    (inputs / "deep").mkdir(parents=True)
    np.save(inputs / "a.npy", series)
    np.savetxt(inputs / "deep" / "b.csv", series, delimiter=",", header="x,y,z", comments="")
    np.savez(inputs / "c.npz", series)
    np.savez(inputs / "d.npz", X=series[None])
    (tmp_path / "list.csv").write_text("path\ninputs/a.npy\ninputs/deep/b.csv\n")
    said = [
        p
        for given in (f"{pair / 'Waves_TEST.ts'}#3", inputs, inputs / "deep" / "b.csv", tmp_path / "list.csv")
        for p in json.loads(command("predict", run, given, "--json").out)["predictions"]
    ]
    assert len(said) == 8
    for answer in said:
        assert answer["probabilities"] == pytest.approx(said[0]["probabilities"], abs=1e-4), answer["id"]


def test_class_folders_of_tables_keep_their_rate_and_names(command: Callable, tmp_path: Path):
    for i, (label, x) in enumerate(waves(40)):
        (tmp_path / "set" / label).mkdir(parents=True, exist_ok=True)
        rows = np.column_stack([np.arange(len(x)) * 0.02, x])
        path = tmp_path / "set" / label / f"{i}.csv"
        np.savetxt(path, rows, delimiter=",", header="time,x,y,z", comments="", fmt="%.6f")
    run = tmp_path / "run"
    done = command("audio", "train", tmp_path / "set", *QUICK, *SMALL, "--seconds", "0.3", "--out", run)
    assert done.code == 0, done.err
    assert "at 50 Hz" in done.out
    assert "longer series are heard in windows of 15 steps" in done.out
    made = json.loads((run / "model.json").read_text())["preprocessing"]
    assert made == {"channels": 3, "steps": 15, "names": ["x", "y", "z"], "rate": 50.0, "axes": "tc"}


@pytest.mark.parametrize("model", ["compact", "resnet18", "textcnn"])
def test_other_networks_take_series_too(command: Callable, pair: Path, tmp_path: Path, model: str):
    done = command("audio", "train", pair, *QUICK, "--model", model, "--limit", "16", "--out", tmp_path / "run")
    assert done.code == 0, done.err


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        (("--frontend", "logmel"), "--frontend logmel is not for samples of kind 'series'; choose of series"),
        (("--augment", "gain"), "--augment gain is not for samples of kind 'series'; choose of mixup"),
        (("--seconds", "1"), "--seconds: these series do not tell their rate; add --sample-rate"),
        (("--set", "reader.stepps=3"), "no setting of reader named 'stepps'; did you mean steps"),
        (("--set", "augment.time-warp.knots=0"), "time-warp.knots is 0"),
    ],
)
def test_what_does_not_apply_to_series_is_refused(refuses: Callable, pair: Path, tmp_path: Path, asked, says):
    refuses("audio", "train", pair, *asked, "--out", tmp_path / "run", code=2, says=says)


def test_what_is_for_series_alone_is_refused_for_sounds(refuses: Callable, tmp_path: Path):
    out = ("--out", tmp_path / "run")
    says = "--frontend series is not for samples of kind 'sound'; choose of logmel, bands"
    refuses("audio", "train", "--frontend", "series", *out, code=2, says=says)
    refuses(
        "audio",
        "train",
        "--augment",
        "time-warp",
        *out,
        code=2,
        says="--augment time-warp is not for samples of kind 'sound'",
    )
    refuses(
        "audio", "train", "--set", "reader.steps=3", *out, code=2, says="no setting of reader of sounds named 'steps'"
    )


def test_another_number_of_channels_is_named_with_both_counts(command: Callable, pair: Path, tmp_path: Path):
    run = tmp_path / "run"
    assert command("audio", "train", pair, *QUICK, *SMALL, "--out", run).code == 0
    np.save(tmp_path / "five.npy", np.zeros((9, 5)))
    answer = command("predict", run, tmp_path / "five.npy")
    assert answer.code == 3
    assert "five.npy has 5 channels, the model reads 3; bring it to them" in answer.err


def test_a_run_answers_for_arrays_in_memory(pair: Path, tmp_path: Path):
    settings = {"model": {"width": 4, "bottleneck": 4, "kernels": [3, 5]}}
    run = audio.train(pair, epochs=1, precision="fp32", device="cpu", out=tmp_path / "run", settings=settings)
    _, series = waves(1)[0]
    alone, among = run.predict(series), run.predict([np.zeros((2, 3)), series, np.zeros((70, 3))])
    assert alone[0].record()["probabilities"] == pytest.approx(among[1].record()["probabilities"], abs=1e-5)


def test_a_resumed_run_ends_with_the_same_weights(pair: Path, tmp_path: Path, command: Callable):
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    settings = (*QUICK, *SMALL, "--epochs", "3")
    assert command("audio", "train", pair, *settings, "--out", whole).code == 0

    class Stop:
        """Hears the first epoch, and is then interrupted as by Ctrl-C."""

        def say(self, line: str) -> None:
            if line.startswith("epoch 1/"):
                raise KeyboardInterrupt

        def tick(self, what: str, done: int, of: int) -> None:
            pass

    given = {"model": {"width": 4, "bottleneck": 4, "kernels": [3, 5]}}
    with pytest.raises(KeyboardInterrupt):
        audio.train(
            pair, epochs=3, precision="fp32", device="cpu", batch_size=8, out=cut, settings=given, voice=Stop()
        )  # fmt: skip
    assert command("resume", cut).code == 0
    weights = [(run / "weights" / "best.safetensors").read_bytes() for run in (whole, cut)]
    assert weights[0] == weights[1]
