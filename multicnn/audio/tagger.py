"""YAMNet as a run that names sounds by 521 of AudioSet's classes, with weights from a file."""

from pathlib import Path
from typing import Any

import torch

from multicnn.audio.reader import SoundReader
from multicnn.audio.yamnet import RATE, SECONDS, YamnetMel, class_names
from multicnn.errors import DataError
from multicnn.tasks import Tag
from multicnn.train.checkpoint import save_weights
from multicnn.train.run import RunFolder, create
from multicnn.zoo.net import Net, count
from multicnn.zoo.weights import read_weights, translated
from multicnn.zoo.yamnet import yamnet

FRONT, MODEL, TASK = {"name": "yamnet"}, {"name": "yamnet"}, {"name": "classify"}


def tagger(weights: Path, names: Path, out: Path, *, overwrite: bool = False) -> RunFolder:
    """A run folder for `multicnn predict`, `evaluate` and `export`, which has never been trained here.

    weights: an ONNX file of YAMNet, or a .zip that holds one. names: its yamnet_class_map.csv. A sound is heard in
    windows of 0.975 s, whose probabilities are averaged. Raises DataError for files of another kind.
    """
    classes = class_names(names)
    reader = SoundReader(rate=RATE, seconds=SECONDS)
    net = Tag(classes).net(YamnetMel(reader), yamnet(YamnetMel.rank, YamnetMel.channels))
    found = translated("yamnet", read_weights(weights))
    try:
        net.load_state_dict({**net.state_dict(), **found})
    except RuntimeError as error:
        raise DataError(f"{weights}: not YAMNet's weights for {len(classes)} classes; {names} has to fit") from error
    folder = create(out.name, out, overwrite=overwrite)
    save_weights(folder.best, net)
    folder.write_config({"modality": "audio", "frontend": FRONT, "model": MODEL, "task": TASK})
    folder.write_json(folder.model, described(reader, net, classes))
    return folder


def described(reader: SoundReader, net: Net, classes: list[str]) -> dict[str, Any]:
    """The content of model.json."""
    with torch.inference_mode():
        grid = net.frontend(torch.zeros(1, reader.window)).shape[2:]
    return {
        "modality": "audio",
        "task": TASK["name"],
        "several_labels": True,
        "reader": type(reader).__name__,
        "model": MODEL["name"],
        "settings": {"frontend": FRONT, "model": MODEL, "task": TASK},
        "classes": classes,
        "preprocessing": reader.settings(),
        "grid": list(grid),
        "parameters": count(net),
        "precision": "fp32",
        "batch_size": 64,
    }
