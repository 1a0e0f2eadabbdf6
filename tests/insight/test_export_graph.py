"""Some of what recipes/export_all.py measures: networks, tasks and front-ends in onnxruntime."""

import runpy
from pathlib import Path

import pytest

RECIPE = runpy.run_path(str(Path(__file__).resolve().parents[2] / "recipes" / "export_all.py"))


@pytest.mark.parametrize(
    ("task", "front", "name"),
    [
        ("classify", "embedding", "textcnn"),  # pairs of words are looked up
        ("classify", "logmel whisper", "compact"),  # a transform whose size is no power of two
        ("separate", "invertible", "unet"),  # spectra, and the way back
        ("ner", "tokens", "bilstm"),
    ],
)
def test_onnxruntime_answers_as_torch(task, front, name):
    assert RECIPE["difference"](task, front, name) <= RECIPE["LIMIT"]


def test_every_front_end_is_measured():
    from multicnn.api import MODALITIES, modality

    fronts = {front.split(" ")[0] for front in RECIPE["fronts"]()}
    assert fronts | {"vectors"} == {front for name in MODALITIES for front in modality(name).frontends}


def test_every_task_is_measured():
    from multicnn.api import MODALITIES, modality

    assert set(RECIPE["TASKS"]) == {task for name in MODALITIES for task in modality(name).tasks}
