"""The commands `plan`: what a person and what a program reads, and what is refused."""

import json
import re

import pytest


def test_a_model_without_data_is_a_table_and_two_lines(command, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    answer = command("image", "plan", "--model", "vgg16", "--image-size", "224")
    assert (answer.code, answer.err) == (0, "")
    lines = answer.out.splitlines()
    assert lines[0].split() == ["layer", "kind", "output", "parameters", "MFLOP", "sees", "every"]
    assert " ".join(lines[1].split()) == "body.features.0 Conv2d 3 x 3 64 x 224 x 224 1,792 173.408 3 x 3 1 x 1"
    assert lines[-2].startswith("vgg16: 138,357,544 parameters, 30.94 GFLOP a sample; feature maps 115.3 MB a sample")
    assert lines[-1].startswith("memory of training, batch 64: ")
    assert list(tmp_path.iterdir()) == []


def test_long_networks_are_told_by_block_unless_every_layer_is_wanted(command):
    blocks = command("image", "plan", "--model", "resnet50").out.splitlines()
    every = command("image", "plan", "--model", "resnet50", "-v").out.splitlines()
    assert len(blocks) < 40 < 100 < len(every)
    assert sum("24 layers" in line or " layers " in line for line in blocks) >= 16
    assert blocks[-2:] == every[-2:]


def test_json_is_one_object_alone(command):
    answer = command("audio", "plan", "--model", "cnn6", "--seconds", "2", "--classes", "5", "--json")
    found = json.loads(answer.out)
    assert {"parameters", "flops", "activation_bytes", "layers", "memory"} <= found.keys()
    first = found["layers"][0]
    assert {"name", "kind", "input", "output", "parameters", "flops", "field", "stride", "kernel"} <= first.keys()
    assert found["layers"][-1]["output"] == [5]


@pytest.mark.parametrize("modality", ["image", "audio", "text"])
def test_a_run_is_planned_from_its_own_settings(modality, command, request):
    run = request.getfixturevalue(f"{modality}_run")
    answer = command("plan", run, "--json")
    assert answer.code == 0, answer.err
    found = json.loads(answer.out)
    assert found["parameters"] == json.loads((run / "model.json").read_text())["parameters"]
    assert found["time"]["epoch"] > 0
    assert found["memory"]["fitting_batch"] >= 1


@pytest.mark.parametrize("verb", ["plan", "train"])
def test_a_run_is_no_data(verb, image_run, refuses):
    refuses("image", verb, image_run, code=2, says=r"that is a run, not data; name its data, or type multicnn plan /")


def test_a_plan_with_data_says_memory_time_and_a_batch(command, digit_folder, quick):
    answer = command("image", "plan", digit_folder, *quick)
    assert answer.code == 0, answer.err
    assert any(
        re.match(r"any batch fits: all \d+ training samples at once take ", line) for line in answer.out.splitlines()
    )
    assert any(line.startswith("time: ") and " an epoch (" in line for line in answer.out.splitlines())


REFUSED = {
    "no run": (["plan", "nothing"], 2, r"no run at nothing: there is no such folder"),
    "a folder that is no run": (["plan", "."], 2, r"\. is no run: it has no model\.json"),
    "an unknown model": (["image", "plan", "--model", "vgg61"], 2, r"no model named 'vgg61'; did you mean"),
    "a size that is none": (["image", "plan", "--model", "vgg16", "--image-size", "0"], 2, r"--image-size 0: give a"),
    "a grid that is too small": (["image", "plan", "--model", "alexnet", "--image-size", "20"], 2, r"alexnet needs a"),
    "no seconds": (["audio", "plan", "--model", "cnn6", "--seconds", "0"], 2, r"seconds is 0\.0; a window must hold"),
    "no words": (["text", "plan", "--model", "textcnn", "--max-words", "0"], 2, r"max_words is 0; give at least 1"),
    "no channels": (["image", "plan", "--model", "vgg16", "--channels", "0"], 2, r"channels is 0; give at least 1"),
    "data that is not there": (["image", "plan", "missing"], 3, r"missing"),
    "a set named twice": (["text", "plan", "a.csv", "--data", "b.csv"], 2, r"two data sets are named, a\.csv and b\.c"),
    "classes of data": (["image", "plan", "digits", "--classes", "3"], 2, r"--classes 3: it is for a --model without"),
    "epochs without data": (["image", "plan", "--model", "vgg16", "--epochs", "3"], 2, r"--epochs needs DATA; name a"),
    "an option of train": (["image", "plan", "--model", "vgg16", "--require", "a>=1"], 2, r"No such option '?--req"),
    "a near command": (["image", "paln"], 2, r"no command 'paln' of multicnn image; did you mean plan\?"),
}


@pytest.mark.parametrize(("arguments", "code", "says"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_planned_is_one_sentence(arguments, code, says, refuses):
    refuses(*arguments, code=code, says=says)
