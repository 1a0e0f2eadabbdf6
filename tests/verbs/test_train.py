"""A run from data to measured folder, on real scans."""

import csv
import json
import tomllib
from pathlib import Path

import pytest
import torch

import multicnn
from multicnn import image
from multicnn.errors import Diverged, RequirementMissed, UsageError
from multicnn.train.run import RunFolder

QUICK = {"epochs": 2, "precision": "fp32", "device": "cpu", "model": "cnn1"}


@pytest.fixture
def run(digit_folder, tmp_path):
    return image.train(digit_folder, out=tmp_path / "run", **QUICK)


def test_the_run_folder_holds_what_is_promised(run):
    folder = RunFolder(run.path)
    promised = [folder.config, folder.environment, folder.data, folder.splits, folder.metrics, folder.log, folder.model]
    promised += [folder.best, folder.state, run.path / "model_card.md", run.path / "report.html"]
    pictures = ("confusion_test.png", "curves.png")
    promised += [folder.evaluation / name for name in ("test.json", "predictions_test.csv", *pictures)]
    for path in promised:
        assert path.stat().st_size > 0
    assert not list(run.path.rglob("*.partial"))


def test_metrics_have_a_row_an_epoch(run):
    rows = [json.loads(line) for line in (run.path / "metrics.jsonl").read_text().splitlines()]
    assert [r["epoch"] for r in rows] == [1, 2]
    assert rows[0].keys() >= {"step", "lr", "train_loss", "loss", "accuracy", "f1_macro", "seconds", "data_seconds"}


def test_predictions_agree_with_the_metrics(run):
    with open(run.path / "evaluation" / "predictions_test.csv", newline="") as f:
        lines = list(csv.DictReader(f))
    found = json.loads((run.path / "evaluation" / "test.json").read_text())
    assert len(lines) == found["n"]
    assert sum(int(line["correct"]) for line in lines) / len(lines) == pytest.approx(found["metrics"]["accuracy"])
    assert all(sum(float(line[f"p_{c}"]) for c in "012") == pytest.approx(1, abs=1e-6) for line in lines)


def test_every_sample_is_in_one_part(run, digit_folder):
    with open(run.path / "splits.csv", newline="") as f:
        lines = list(csv.DictReader(f))
    assert sorted(line["id"] for line in lines) == sorted(
        p.relative_to(digit_folder).as_posix() for p in digit_folder.rglob("*.png")
    )
    assert {line["split"] for line in lines} == {"train", "val", "test"}


def test_the_users_data_is_not_touched(digit_folder, tmp_path):
    before = {p: (p.stat().st_mtime_ns, p.read_bytes()) for p in digit_folder.rglob("*.png")}
    image.train(digit_folder, out=tmp_path / "run", **QUICK)
    assert {p: (p.stat().st_mtime_ns, p.read_bytes()) for p in digit_folder.rglob("*") if p.is_file()} == before


def test_the_same_seed_gives_the_same_weights_and_another_seed_others(digit_folder, tmp_path):
    paths = [tmp_path / name for name in "abc"]
    for path, seed in zip(paths, (1, 1, 2), strict=True):
        image.train(digit_folder, out=path, seed=seed, **QUICK)
    a, b, c = [(p / "weights" / "best.safetensors").read_bytes() for p in paths]
    assert a == b
    assert a != c


def test_a_config_replays_its_run(run, tmp_path):
    again = image.train(config=run.path / "config.toml", out=tmp_path / "again")
    assert (again.path / "weights" / "best.safetensors").read_bytes() == (
        run.path / "weights" / "best.safetensors"
    ).read_bytes()
    first, second = (tomllib.loads((r.path / "config.toml").read_text()) for r in (run, again))
    assert first == second


def test_a_run_is_never_overwritten_unasked(run, digit_folder):
    before = (run.path / "weights" / "best.safetensors").read_bytes()
    with pytest.raises(UsageError, match="add --overwrite to replace that run"):
        image.train(digit_folder, out=run.path, **QUICK)
    assert (run.path / "weights" / "best.safetensors").read_bytes() == before


def test_a_folder_that_is_no_run_is_never_removed(digit_folder, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("years of work")
    with pytest.raises(UsageError, match="no run of multicnn, so --overwrite leaves it alone"):
        image.train(digit_folder, out=tmp_path / "mine", overwrite=True, **QUICK)
    assert (tmp_path / "mine" / "thesis.txt").read_text() == "years of work"


def test_names_of_runs_count_up(digit_folder, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names = [image.train(digit_folder, **QUICK).path.as_posix() for _ in range(2)]
    assert names == ["runs/image-classify-digits-cnn1", "runs/image-classify-digits-cnn1-2"]


def test_a_loaded_run_answers_as_it_was_measured(run, digit_folder):
    loaded = multicnn.load(run.path)
    with open(run.path / "evaluation" / "predictions_test.csv", newline="") as f:
        lines = {line["id"]: line for line in csv.DictReader(f)}
    found = loaded.predict([digit_folder / name for name in lines])
    for prediction, line in zip(found, lines.values(), strict=True):
        assert prediction.label == line["prediction"]
        for c in "012":
            assert prediction.probabilities[c] == pytest.approx(float(line[f"p_{c}"]), abs=1e-5)


def test_an_answer_does_not_depend_on_its_neighbours(run, digit_folder):
    files = sorted(digit_folder.rglob("*.png"))[:20]
    together = run.predict(files)
    alone = [run.predict(f)[0] for f in files]
    for a, b in zip(together, alone, strict=True):
        assert a.probabilities == pytest.approx(b.probabilities, abs=1e-6)


def test_evaluating_again_gives_the_same_numbers(run):
    before = json.loads((run.path / "evaluation" / "test.json").read_text())["metrics"]
    assert run.evaluate()["metrics"] == pytest.approx(before)


def test_evaluating_other_data_matches_classes_by_name(run, digit_folder, tmp_path):
    """A set that lacks the first class must not shift the others."""
    other = tmp_path / "other"
    for name in ("1", "2"):
        (other / name).mkdir(parents=True)
        for path in sorted((digit_folder / name).iterdir()):
            (other / name / path.name).write_bytes(path.read_bytes())
    found = run.evaluate(other)
    answers = [run.predict(p)[0].label == p.parent.name for p in sorted(other.rglob("*.png"))]
    assert found["metrics"]["accuracy"] == pytest.approx(sum(answers) / len(answers))


def test_a_missed_requirement_is_an_error_after_all_is_written(digit_folder, tmp_path):
    with pytest.raises(RequirementMissed, match=r"accuracy is 0\.\d+, required is >= 1\.1"):
        image.train(digit_folder, out=tmp_path / "run", require="accuracy>=1.1", **QUICK)
    assert (tmp_path / "run" / "evaluation" / "test.json").exists()


def test_a_loss_that_is_no_number_stops_the_run_and_names_the_batch(digit_folder, tmp_path):
    with pytest.raises(Diverged, match=r"in epoch \d+, batch \d+ \(rows .*lower --lr"):
        image.train(
            digit_folder, out=tmp_path / "run", lr=1e30, settings={"train": {"clip": 0.0, "warmup": 0.0}}, **QUICK
        )


def test_accumulated_batches_equal_the_large_one(digit_folder, tmp_path):
    """A net without batch norm: its gradients are sums over samples, so pieces must not matter."""
    common = dict(QUICK, model="cnn1", augment="none")
    image.train(digit_folder, out=tmp_path / "a", batch_size=32, **common)
    image.train(digit_folder, out=tmp_path / "b", batch_size=8, settings={"train": {"accumulate": 4}}, **common)
    rows = [(tmp_path / name / "metrics.jsonl").read_text().splitlines() for name in "ab"]
    for one, other in zip(*rows, strict=True):
        one, other = json.loads(one), json.loads(other)
        assert one["step"] == other["step"]
        assert one["train_loss"] == pytest.approx(other["train_loss"], rel=1e-4)


def test_patience_ends_a_run_that_no_longer_improves(digit_folder, tmp_path):
    run = image.train(digit_folder, out=tmp_path / "run", **{**QUICK, "epochs": 40, "lr": 1e-30, "patience": 3})
    assert len((run.path / "metrics.jsonl").read_text().splitlines()) < 40


def test_a_time_limit_ends_the_run_with_its_schedule(digit_folder, tmp_path):
    run = image.train(digit_folder, out=tmp_path / "run", **{**QUICK, "epochs": 100_000, "time": "2s", "patience": 0})
    rows = [json.loads(line) for line in (run.path / "metrics.jsonl").read_text().splitlines()]
    assert rows[-1]["lr"] < 0.2 * max(r["lr"] for r in rows)
    assert sum(r["seconds"] for r in rows) < 30


def test_without_validation_the_last_epoch_is_kept(digit_folder, tmp_path):
    run = image.train(digit_folder, out=tmp_path / "run", val=0, **QUICK)
    assert "val loss" not in (run.path / "log.txt").read_text()
    assert run.metrics["accuracy"] > 0


def test_several_labels_are_learnt_and_answered(digit_folder, tmp_path):
    table = tmp_path / "tags.csv"
    rows = ["path,labels"]
    for path in sorted(digit_folder.rglob("*.png")):
        digit = int(path.parent.name)
        rows.append(f"{path},{'|'.join(n for n, has in (('round', digit in (0, 2)), ('even', digit % 2 == 0)) if has)}")
    table.write_text("\n".join(rows))
    run = image.train(table, out=tmp_path / "run", **{**QUICK, "epochs": 15, "augment": "none"})
    assert run.metrics["f1_micro"] > 0.8
    assert run.metrics.keys() >= {"f1_macro", "f1_micro", "exact_match", "map"}
    assert run.predict(digit_folder / "0" / "00.png")[0].label in ("even|round", "even", "round", "")


def test_two_runs_are_compared_on_the_same_samples(run, digit_folder, tmp_path):
    other = image.train(digit_folder, out=tmp_path / "other", **{**QUICK, "epochs": 6})
    found = run.compare(other)
    accuracy = found["metrics"]["accuracy"]
    assert accuracy["first"] == pytest.approx(run.metrics["accuracy"])
    assert accuracy["second"] == pytest.approx(other.metrics["accuracy"])
    elsewhere = image.train(digit_folder, out=tmp_path / "elsewhere", seed=9, **QUICK)
    with pytest.raises(UsageError, match="were measured on other test samples"):
        run.compare(elsewhere)


def test_a_balanced_sampler_and_weights_are_accepted(digit_folder, tmp_path):
    for path in sorted((digit_folder / "2").iterdir())[8:]:
        path.unlink()
    run = image.train(digit_folder, out=tmp_path / "run", sampler="balanced", class_weights="balanced", **QUICK)
    config = tomllib.loads((run.path / "config.toml").read_text())
    assert config["train"]["sampler"] == "balanced"
    assert config["task"]["class_weights"] == "balanced"


def test_bf16_is_a_choice(digit_folder, tmp_path):
    run = image.train(digit_folder, out=tmp_path / "run", **{**QUICK, "precision": "bf16"})
    assert torch.isfinite(torch.tensor(run.metrics["loss"]))


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        ({"epoch": 3}, "no setting 'epoch' of image train; did you mean epochs"),
        ({"sample_rate": 8000}, "no setting 'sample_rate' of image train"),
        ({"model": "resnet19"}, "no model named 'resnet19'; did you mean resnet18"),
        ({"optimizer": "adam"}, "no optimizer named 'adam'; did you mean adamw"),
        ({"augment": "flp"}, "no augmentation named 'flp'; did you mean flip"),
        ({"epochs": 0}, r"train\.epochs is 0; it must be at least 1"),
        ({"epochs": "many"}, "--epochs many"),
        ({"image_size": "0"}, "--image-size 0"),
        ({"lr": -1}, r"train\.lr is -1"),
        ({"settings": {"model": {"name": "cnn1", "widht": 3}}}, "no setting of model .cnn1. named 'widht'"),
        ({"settings": {"train": {"epochz": 3}}}, "no setting of train named 'epochz'; did you mean epochs"),
        ({"settings": {"train": {"clip": "much"}}}, "clip of train is 'much'; it must be of type float"),
        ({"require": "accuracy=1"}, "write metric>=value"),
        ({"device": "tpu"}, "no device named 'tpu'"),
        ({"precision": "fp8"}, "no precision named 'fp8'"),
    ],
)
def test_a_wrong_setting_is_named_with_the_nearest(digit_folder, tmp_path, flags, message):
    with pytest.raises(UsageError, match=message):
        image.train(digit_folder, out=tmp_path / "run", **flags)


def test_help_lists_the_flags():
    from inspect import signature

    assert {"epochs", "model", "image_size", "out"} <= signature(image.train).parameters.keys()
    assert Path(image.__file__).exists()
