"""What the commands list: models, tasks, data sets, the machine, the cache."""

import json
import os

import pytest
import torch

from multicnn.zoo import BODIES

MODALITIES = ("image", "audio", "text")


def parsed(text: str) -> object:
    """One JSON value, alone: no second line, no NaN."""

    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is no JSON")

    assert text.count("\n") == 1
    return json.loads(text, parse_constant=refuse)


@pytest.mark.parametrize("modality", MODALITIES)
def test_models_are_listed_with_all_that_is_known(modality, works):
    found = parsed(works(modality, "models", "--json").out)
    assert [m["name"] for m in found] == list(BODIES)
    for m in found:
        assert m["rank"] in (1, 2, 3)
        assert m["rank"] in m["ranks"]
        assert m["parameters"] > 1_000
        assert m["paper"]
    assert {m["name"]: m["parameters"] for m in found}["resnet18"] == 11_689_512
    said = works(modality, "models").out
    assert all(f"{m['name']} " in said and f"{m['parameters']:,}" in said for m in found)


@pytest.mark.parametrize("modality", MODALITIES)
def test_tasks_are_listed(modality, works):
    found = parsed(works(modality, "tasks", "--json").out)
    assert "classify" in [t["name"] for t in found]
    assert all(t["about"] and isinstance(t["settings"], dict) for t in found)
    assert works(modality, "tasks").out.startswith("classify ")


SETS = {
    "image": {"digits", "fashion-mnist"},
    "audio": {"instruments", "fsdd", "fsdd-speakers", "esc10", "esc50", "urbansound8k", "speech-commands", "fsd50k"},
    "text": {"reviews", "mr", "sst2"},
}
SETS["audio"] |= {"note-scenes", "speech-commands-12", "audioset", "irmas", "openmic", "nsynth"}


@pytest.mark.parametrize("modality", MODALITIES)
def test_datasets_are_listed_and_one_is_the_default(modality, works):
    found = parsed(works(modality, "datasets", "--json").out)
    assert {d["name"] for d in found} >= SETS[modality]
    tasks = {d["task"] for d in found}
    assert sorted(d["task"] for d in found if d["default"]) == sorted(tasks)
    assert all(d["about"] for d in found)
    read = works(modality, "datasets").out.split("also read:\n")[1].splitlines()
    assert [line.split()[0] for line in read] == [t["name"] for t in parsed(works(modality, "tasks", "--json").out)]
    assert all(len(line) > 60 for line in read)


def test_doctor_says_what_is_here(works):
    found = parsed(works("doctor", "--json").out)
    assert found["packages"]["torch"].split("+")[0] == torch.__version__.split("+")[0]
    assert found["cores"] == os.cpu_count()
    assert found["cache"] == os.environ["MULTICNN_CACHE"]
    assert isinstance(found["problems"], list)
    said = works("doctor").out
    assert "torch" in said
    assert os.environ["MULTICNN_CACHE"] in said


def test_the_cache_is_listed_and_cleared(works, command, pictures, quick, tmp_path):
    works("image", "train", pictures, *quick, "--out", tmp_path / "run")
    listed = parsed(works("cache", "list", "--json").out)
    (entry,) = listed["entries"]
    assert entry["name"].startswith("pictures-")
    assert entry["bytes"] == listed["bytes"] > 24 * 64
    assert entry["name"] in works("cache", "list").out
    assert command("cache", "clear", "picturez").code == 2
    assert parsed(works("cache", "clear", "pictures", "--json").out) == {
        "removed": [entry["name"]],
        "bytes": entry["bytes"],
    }
    assert parsed(works("cache", "list", "--json").out)["entries"] == []
    assert "removed 0 of 0 entries" in works("cache", "clear").out
    works("evaluate", tmp_path / "run")  # decoded anew
