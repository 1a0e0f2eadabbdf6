"""Export: a run as a folder that answers without multicnn and torch, checked before it is handed over."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from multicnn.data.reader import InPieces, Reader
from multicnn.data.table import Table
from multicnn.errors import DataError, MulticnnError, UsageError
from multicnn.insight.export import gate, graph, runtime
from multicnn.insight.export.bundle import Shipped, refuse_taken, replacing, write_bundle
from multicnn.insight.export.feeding import batches
from multicnn.insight.export.gate import TOLERANCE
from multicnn.insight.export.synthetic import synthetic
from multicnn.names import find
from multicnn.train.device import accelerator
from multicnn.train.run import write_text
from multicnn.train.voice import Voice
from multicnn.verbs import sources
from multicnn.verbs.layers import read_saved
from multicnn.verbs.modality import Told
from multicnn.verbs.predict import predict
from multicnn.verbs.prepare import from_table
from multicnn.verbs.sources import DataSettings
from multicnn.verbs.trained import Trained

FORMATS = {"onnx": "model.onnx", "torch": "model.pt2"}
SHORT = 4  # steps
REAL, GOLDEN = 100, 8  # samples of the run's data that are compared, and how many of them travel along
Item = tuple[str, Any]


@dataclass(frozen=True)
class Exported:
    """A finished bundle.  facts: what was measured, as in bundle.json."""

    path: Path
    facts: dict[str, Any]


def export(
    trained: Trained, out: Path | None, voice: Voice, *, form: str = "onnx", int8: bool = False, overwrite: bool = False
) -> Exported:
    """Write the bundle of a run; it is gone again where it does not pass the gate.

    form: onnx or torch. int8: see `multicnn.insight.export.quantised`. Raises UsageError for a run that cannot be
    exported so, and DataError where the bundle's answers are not the run's.
    """
    model, told = find("format", FORMATS, form), told_by(trained)
    out = out or trained.folder.path / "export"
    refuse_taken(out, overwrite=overwrite)
    runtime.refuse_missing()
    alone = replace(trained, accelerator=accelerator("cpu", "fp32"))
    alone.net.to("cpu").eval()
    real, why = samples(alone, "test")
    with replacing(out, overwrite=overwrite) as folder:
        net = graph.Answering(alone.net, alone.task).eval()
        fed = [[*batches(alone.reader, item)] for _, item in real] or [[synthetic(alone.reader)]]
        voice.say(f"tracing {trained.facts['model']}")
        traced = graph.traced(net, example(fed[0][0]), shortest=shortest(alone.reader))
        write, load = {
            "onnx": (graph.write_onnx, runtime.by_onnx), "torch": (graph.write_torch, runtime.by_torch),
        }[form]  # fmt: skip
        write(traced, folder / model)
        golden = [(raw, answered(net, raw)) for some in fed[:GOLDEN] for raw in some[:1]]
        write_bundle(folder, model, shipped(trained, alone.reader), golden, TOLERANCE)
        ask = load(folder / model)
        facts = check(alone, ask, golden, real, voice)
        write_text(folder / "bundle.json", json.dumps(facts, indent=1) + "\n")
        if form == "onnx":
            voice.say(f"runner: {gate.run_alone(folder)}")
    voice.say(f"bundle: {out}")
    return Exported(out, facts)


def told_by(trained: Trained) -> Told:
    """How a bundle tells the answers of a run. Raises UsageError where it cannot."""
    told, reader = trained.kind.told, trained.facts["reader"]
    if reader not in told:
        raise UsageError(
            f"export does not serve {trained.modality.name} {trained.facts['task']} of {reader}; it serves "
            f"{', '.join(told) or 'no reader of this task'}"
        )
    return told[reader]


def example(raw: np.ndarray) -> np.ndarray:
    """Two samples to trace with, as one might be taken for a constant."""
    return np.concatenate([raw[:1], raw[:1]])


def shortest(reader: Reader) -> int:
    """The length that the shortest samples are filled up to, where samples keep their own; else 0."""
    if reader.shape is not None or (reader.window is not None and not isinstance(reader, InPieces)):
        return 0
    return max(SHORT, reader.quantum if isinstance(reader.quantum, int) else reader.quantum[0])


def answered(net: graph.Answering, raw: np.ndarray) -> np.ndarray:
    """What torch makes of a raw batch."""
    with torch.inference_mode():
        return net(torch.from_numpy(raw)).numpy()


def shipped(trained: Trained, reader: Reader) -> Shipped:
    """What the bundle is told of a run."""
    told, facts = told_by(trained), trained.facts
    about = {"modality": trained.modality.name, "task": facts["task"], "model": facts["model"]}
    return Shipped(
        title=f"{trained.modality.name} {facts['task']} by {facts['model']}",
        item=trained.modality.item,
        classes=trained.classes,
        columns=trained.kind.outcome.columns(trained.classes),
        reader=type(reader),
        settings=facts["preprocessing"],
        rows=told.rows,
        files=bool(trained.kind.outcome.files),
        facts=told.facts(trained.task),
        about=about,
        instead=trained.modality.instead,
    )


def samples(trained: Trained, part: str) -> tuple[list[Item], str]:
    """Up to 100 samples of a part of the run's data, or none and why."""
    try:
        tables = read_saved(trained.folder.config, trained.modality.name)
        settings = from_table("data", DataSettings, tables["data"])
        table = sources.load_table(trained.kind, settings)
        found = sources.parts(sources.split_table(table, settings, tables["train"]["seed"]))
    except (MulticnnError, OSError) as error:
        return [], str(error)
    rows = found[part] if len(found[part]) else found["val"]
    return items(table, rows[:: max(1, -(-len(rows) // REAL))], trained), ""


def items(table: Table, rows: np.ndarray, trained: Trained) -> list[Item]:
    """Names and items of some rows, those left out that cannot be read."""
    found: list[Item] = []
    for row in rows.tolist():
        item = table.items[row]
        try:
            item = item if isinstance(item, np.ndarray) else readable(str(item), trained)
            next(batches(trained.reader, item))
        except DataError:
            continue
        found.append((str(table.ids[row]), item))
    return found


def readable(item: str, trained: Trained) -> Any:
    """What `predict` takes for an item; a mixture that is told by its stems becomes its samples."""
    return trained.reader(item) if trained.modality.item == "path" and item.startswith("{") else item


def check(
    trained: Trained, ask: runtime.Ask, golden: Sequence[tuple[np.ndarray, np.ndarray]], real: Sequence[Item],
    voice: Voice,
) -> dict[str, Any]:  # fmt: skip
    """What was compared. Raises DataError where the bundle's answers are not the net's."""
    worst = gate.furthest(ask, golden)
    if not worst <= TOLERANCE:
        raise DataError(
            f"the exported graph differs by {worst:.2g} from the net on the golden samples, more than {TOLERANCE:g}; "
            "nothing was written"
        )
    voice.say(f"{len(golden)} golden samples: largest difference {worst:.2g}")
    told = told_by(trained)
    wanted = predict(trained, real, voice)
    facts = told.facts(trained.task) | {"out": None}
    wrong = [
        name
        for (name, item), prediction in zip(real, wanted, strict=True)
        if not gate.agree(told.rows(name, item, trained.reader, ask, facts), prediction.cells())
    ]
    if wrong:
        raise DataError(
            f"{wrong[0]}: the bundle answers otherwise than multicnn predict, as for {len(wrong)} of {len(real)} "
            "samples; nothing was written"
        )
    voice.say(f"{len(real)} real samples: all answers are the same")
    return {"difference": worst, "golden": len(golden), "real": len(real)}
