"""Runs that know how sure they may be: what training writes, and who keeps to it."""

import csv
import json

import numpy as np
import pytest

import multicnn
from multicnn import image, text
from multicnn.insight.calibration import expected_calibration_error
from multicnn.verbs.calibrate import both
from multicnn.verbs.run import Run

CPU = {"precision": "fp32", "device": "cpu"}


def answers(run: Run, part: str) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities and truth of a part, from its table."""
    with open(run.path / "evaluation" / f"predictions_{part}.csv", newline="") as f:
        lines = list(csv.DictReader(f))
    truth = np.array([run.classes.index(line["label"]) for line in lines])
    return np.array([[float(line[f"p_{c}"]) for c in run.classes] for line in lines]), truth


def written(run: Run, name: str) -> dict:
    return json.loads((run.path / name).read_text())


def test_training_fits_a_temperature_and_tells_both_errors(unsure):
    found = written(unsure, "evaluation/calibration.json")
    temperature = written(unsure, "model.json")["settings"]["task"]["temperature"]
    assert found["temperature"] == temperature != 1
    assert "validation samples" in found["how"]
    for part in ("val", "test"):
        p, y = answers(unsure, part)
        assert found[part]["n"] == len(y)
        assert found[part]["ece_after"] == pytest.approx(expected_calibration_error(p, y), abs=1e-6)
        raw = p**temperature
        raw /= raw.sum(axis=1, keepdims=True)
        assert found[part]["ece_before"] == pytest.approx(expected_calibration_error(raw, y), abs=1e-5)
    assert found["val"]["loss_after"] < found["val"]["loss_before"]
    assert f"calibration: temperature {temperature:g}, fitted on" in (unsure.path / "log.txt").read_text()


def test_a_loaded_run_answers_with_its_temperature(unsure):
    measured = unsure.evaluate()
    again = multicnn.load(unsure.path, device="cpu").evaluate()
    assert again["loss"] == measured["loss"] == unsure.metrics["loss"]
    p, y = answers(unsure, "test")
    plain = multicnn.load(unsure.path, device="cpu", task={"temperature": 1.0})
    assert plain.evaluate()["metrics"]["accuracy"] == measured["metrics"]["accuracy"]
    raw, truth = answers(plain, "test-set")
    assert (truth == y).all()
    assert (raw.argmax(1) == p.argmax(1)).all()
    found = written(unsure, "evaluation/calibration.json")
    assert expected_calibration_error(raw, truth) == pytest.approx(found["test"]["ece_before"], abs=1e-5)


def test_a_replayed_run_fits_the_same_temperature(unsure, tmp_path):
    again = image.train(config=unsure.path / "config.toml", out=tmp_path / "again")
    assert written(again, "model.json") == written(unsure, "model.json")
    assert "temperature" not in (unsure.path / "config.toml").read_text()


def test_a_run_of_before_has_the_temperature_one(unsure, tmp_path):
    import shutil

    shutil.copytree(unsure.path, tmp_path / "old")
    model = written(unsure, "model.json")
    del model["settings"]["task"]["temperature"]
    (tmp_path / "old" / "model.json").write_text(json.dumps(model))
    old = multicnn.load(tmp_path / "old", device="cpu")
    old.evaluate()
    found = written(unsure, "evaluation/calibration.json")
    assert expected_calibration_error(*answers(old, "test")) == pytest.approx(found["test"]["ece_before"], abs=1e-5)


def test_a_given_temperature_is_kept(digit_folder, tmp_path):
    run = image.train(
        digit_folder, out=tmp_path / "run", epochs=1, model="cnn1", settings={"task": {"temperature": 2.5}}, **CPU
    )
    assert written(run, "evaluation/calibration.json")["how"] == "temperature 2.5, as it was given"
    assert written(run, "model.json")["settings"]["task"]["temperature"] == 2.5
    assert "temperature = 2.5" in (run.path / "config.toml").read_text()


def test_without_validation_nothing_is_fitted_and_it_is_said(digit_folder, tmp_path):
    run = image.train(digit_folder, out=tmp_path / "run", epochs=1, model="cnn1", val=0, **CPU)
    found = written(run, "evaluation/calibration.json")
    assert found["how"] == "temperature 1, for there is no validation part"
    assert found["temperature"] == 1
    assert "val" not in found
    assert found["test"]["ece_before"] == found["test"]["ece_after"]
    assert not (run.path / "evaluation" / "predictions_val.csv").exists()


def test_several_labels_share_one_temperature(digit_folder, tmp_path):
    names = sorted(digit_folder.rglob("*.png"))
    tags = {"0": "round", "1": "thin", "2": "round|curled"}
    rows = [f"{p},{tags[p.parent.name]}" for p in names]
    (tmp_path / "tags.csv").write_text("path,label\n" + "\n".join(rows) + "\n")
    run = image.train(tmp_path / "tags.csv", out=tmp_path / "run", epochs=2, model="cnn1", val=0.6, **CPU)
    found = written(run, "evaluation/calibration.json")
    assert "fitted on" in found["how"]
    assert found["val"]["loss_after"] < found["val"]["loss_before"]
    plain = multicnn.load(run.path, task={"temperature": 1.0}).predict([str(p) for p in names[::9]])
    own = run.predict([str(p) for p in names[::9]])
    assert [p.record()["prediction"] for p in own] == [p.record()["prediction"] for p in plain]


def test_texts_by_look_up_and_by_pieces_answer_alike(tmp_path):
    rows = [f"a {w} film number {i},{'good' if w == 'fine' else 'bad'}" for i in range(60) for w in ("fine", "poor")]
    (tmp_path / "texts.csv").write_text("text,label\n" + "\n".join(rows) + "\n")
    run = text.train(
        tmp_path / "texts.csv", out=tmp_path / "run", epochs=1, settings={"task": {"temperature": 0.2}}, **CPU
    )
    plain = multicnn.load(run.path, task={"temperature": 1.0})
    p, raw = (r.predict(["a fine film"])[0].record()["probabilities"]["good"] for r in (run, plain))
    assert np.log(p / (1 - p)) == pytest.approx(5 * np.log(raw / (1 - raw)), rel=1e-4)


def test_windows_are_averaged_after_they_are_answered():
    from multicnn.tasks import Classify

    task = Classify(("a", "b"), temperature=2)
    out = np.array([[4.0, 0.0], [0.0, 2.0], [0.0, 1.0]], dtype=np.float32)
    before, after = both(task, np.array([5, 9]), np.array([9, 5, 9]), out)
    one = lambda z: 1 / (1 + np.exp(-z))  # noqa: E731
    assert before[:, 0] == pytest.approx([one(-2), (one(4) + one(-1)) / 2])
    assert after[:, 0] == pytest.approx([one(-1), (one(2) + one(-0.5)) / 2])
