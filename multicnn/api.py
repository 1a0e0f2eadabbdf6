"""Everything the command line can do, as functions over the three modalities."""

from importlib import import_module
from pathlib import Path

from multicnn.names import find
from multicnn.train.run import open_run, read_model
from multicnn.train.voice import Voice
from multicnn.verbs.modality import Modality
from multicnn.verbs.run import Run

MODALITIES = {"image": "multicnn.image", "audio": "multicnn.audio", "text": "multicnn.text"}


def modality(name: str) -> Modality:
    """A modality by name; the others are not imported."""
    return import_module(find("modality", MODALITIES, name)).MODALITY


def load(path: str | Path, *, device: str = "auto", voice: Voice | None = None) -> Run:
    """A run from its folder. Raises UsageError when the folder is none."""
    folder = open_run(Path(path))
    return Run(folder, modality(read_model(folder)["modality"]), device=device, voice=voice)
