"""The command `train`, once its options are parsed."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from multicnn.api import modality as find_modality
from multicnn.errors import UsageError
from multicnn.flags import tables
from multicnn.train.voice import Silent, Voice
from multicnn.verbs.folds import cross_validate
from multicnn.verbs.layers import read_config, read_sets, resolve
from multicnn.verbs.train import train as run_train


@dataclass(frozen=True)
class Asked:
    """What the user typed."""

    modality: str
    data: str | None
    flags: Mapping[str, Any]
    config: Path | None
    sets: Sequence[str]
    out: Path | None
    overwrite: bool
    require: str | None
    folds: int | None
    verbose: bool


def train(asked: Asked, voice: Voice) -> dict[str, Any]:
    """Train as asked; returns the summary."""
    modality = find_modality(asked.modality)
    voice = voice if int(os.environ.get("RANK", "0")) == 0 else Silent()  # of several processes, one speaks
    flags = tables(asked.modality, asked.flags)
    config = read_config(asked.config, asked.modality) if asked.config else {}
    if asked.data is not None:
        flags.setdefault("data", {})["source"] = asked.data
    sets = read_sets(asked.sets)
    known = resolve({}, config, flags, sets, modality.augments)
    if "source" not in known["data"]:
        kind = modality.kind(known["task"].get("name"))
        voice.say(f"no data named: training on the built-in set {kind.default_data!r}")
    if asked.folds is not None:
        if asked.folds < 2 or asked.require:
            raise UsageError("--folds needs at least 2, and goes without --require")
        if "test" in flags.get("data", {}):
            raise UsageError("--folds: each fold is the test part once; leave --test out")
        _, summary = cross_validate(
            modality, asked.folds, config=config, flags=flags, sets=sets, out=asked.out, overwrite=asked.overwrite,
            voice=voice,
        )  # fmt: skip
        return summary
    folder, summary = run_train(
        modality, config=config, flags=flags, sets=sets, out=asked.out, overwrite=asked.overwrite,
        require=asked.require, voice=voice,
    )  # fmt: skip
    if asked.verbose:
        voice.say(folder.config.read_text(encoding="utf-8"))
    return summary
