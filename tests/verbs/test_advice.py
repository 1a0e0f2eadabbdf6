"""Every rule of advice is broken by a real command line, and mended by the words that it proposes."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from multicnn.api import modality
from multicnn.cli.main import cli
from multicnn.cli.modality import train_command
from multicnn.data.cache import folder
from multicnn.errors import UsageError
from multicnn.flags import flags_of, tables
from multicnn.insight.advice import RULES, Advice, advise
from multicnn.insight.cost import layers
from multicnn.train.voice import Silent
from multicnn.verbs.advice import known
from multicnn.verbs.layers import read_sets
from multicnn.verbs.prepare import Prepared, prepare
from multicnn.zoo import classifier, resnet18

BROKEN = {
    "early-stride": "image digits --image-size 28 --model resnet18 --set model.width=8",
    "receptive-field": "image --task segment --set model.depth=1",
    "bottleneck": "image digits --set model.width=2",
    "batch-norm": "image digits --batch-size 2",
    "from-scratch": "image photos --model resnet18",
    "augmentation": "image digits --augment none",
    "imbalance": "text uneven",
    "window": "text --max-words 5",
    "resolution": "image digits --image-size 3",
}
SOUND = ["image", "image --task segment", "image --task localize", "image --task detect", "image --task instances",
         "audio", "text", "text --task ner"]  # fmt: skip


@pytest.fixture
def uneven(tmp_path: Path) -> Path:
    """40 glad sentences and 3 sad ones."""
    with open(tmp_path / "uneven.csv", "w", newline="") as file:
        write = csv.writer(file).writerow
        write(["text", "label"])
        for n in range(60):
            write([f"a good day number {n} with much sun and little rain", "glad"])
        for n in range(5):
            write([f"a bad night number {n} with little sleep and much noise", "sad"])
    return tmp_path / "uneven.csv"


@pytest.fixture
def photos(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """20 coloured pictures of two classes; ResNet-18's official weights lie in the cache as if fetched before."""
    monkeypatch.setenv("MULTICNN_CACHE", str(tmp_path / "cache"))
    (tmp_path / "cache" / "weights").mkdir(parents=True)
    torch.save(classifier(resnet18(2, 3), 1000).state_dict(), folder() / "weights" / "resnet18-f37072fd.pth")
    for label in ("left", "right"):
        (tmp_path / "photos" / label).mkdir(parents=True)
        for n in range(10):
            pixels = np.random.default_rng(n).integers(0, 256, (70, 80, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(tmp_path / "photos" / label / f"{label}-{n}.png")
    return tmp_path / "photos"


def ready(line: str) -> Prepared:
    """A run as the command line asks for it, before its first step."""
    name, *words = line.split()
    asked = train_command(name).make_context("train", words).params
    flags = tables(name, {key: value for key, value in asked.items() if key.replace("_", "-") in flags_of(name)})
    flags.setdefault("train", {})["precision"] = "fp32"
    if asked["data"]:
        flags.setdefault("data", {})["source"] = asked["data"]
    return prepare(modality(name), {}, flags, read_sets(asked["sets"]), Silent())


def told(run: Prepared) -> dict[str, Advice]:
    """The advice on a run, by its rules."""
    raw = next(run.batches(run.splits.train[:1]).epoch()).x
    return {found.rule: found for found in advise(known(run, layers(run.net, raw)))}


@pytest.mark.parametrize("rule", RULES)
def test_a_broken_rule_speaks_and_its_flag_mends_it(rule: str, request: pytest.FixtureRequest):
    line = BROKEN[rule]
    for data in (word for word in ("uneven", "photos") if word in line):
        line = line.replace(data, str(request.getfixturevalue(data)))
    found = told(ready(line))[rule]
    assert RULES[rule].broken(found.value)
    assert found.recipe.endswith("window-words") == (rule == "window")  # for texts; sounds have a recipe of their own
    assert rule not in told(ready(f"{line} {found.flag}"))


@pytest.mark.parametrize("line", SOUND)
def test_the_defaults_break_no_rule(line: str):
    assert told(ready(line)) == {}


def test_the_numbers_are_those_of_the_data(uneven: Path):
    run = ready(f"text {uneven} --max-words 4 --test 0")
    numbers = known(run, [])
    assert numbers.counts.sum() == numbers.samples == len(run.splits.train)
    assert numbers.counts.tolist() == np.bincount(run.table.target[run.splits.train]).tolist()
    assert set(numbers.given[:, 0]) == {11.0}
    assert numbers.read == (4.0,)
    assert numbers.usual == ["word-dropout"]


def test_plan_tells_advice_unless_it_is_silenced(capsys: pytest.CaptureFixture[str]):
    asked = ["image", "plan", "--model", "resnet18", "--image-size", "32"]
    cli.main([*asked, "--json"], standalone_mode=False)
    found = json.loads(capsys.readouterr().out)["advice"]
    assert [(a["rule"], a["value"], a["limit"], a["flag"]) for a in found] == [
        ("early-stride", 1, 3, "--set model.stem=small")
    ]
    for more, told in (([], True), (["--silence", "early-stride"], False), (["--set", "model.stem=small"], False)):
        cli.main([*asked, *more], standalone_mode=False)
        assert ("advice (early-stride): " in capsys.readouterr().out) is told


def test_an_unknown_rule_is_refused_with_the_nearest():
    with pytest.raises(UsageError, match="no rule of advice named 'early-strides'; did you mean early-stride"):
        cli.main(["image", "plan", "digits", "--silence", "early-strides"], standalone_mode=False)
