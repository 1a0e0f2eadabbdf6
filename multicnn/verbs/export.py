"""Export: a run as a folder that answers without multicnn and torch, checked before it is handed over."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from multicnn.data.reader import InPieces, Reader
from multicnn.errors import DataError, UsageError
from multicnn.insight.export import gate, graph, quantised, runtime
from multicnn.insight.export.bundle import Shipped, refuse_taken, replacing, write_bundle
from multicnn.insight.export.feeding import batches
from multicnn.insight.export.gate import TOLERANCE
from multicnn.insight.export.synthetic import synthetic
from multicnn.names import find
from multicnn.tasks.classify import Classify, Tag
from multicnn.train.device import accelerator
from multicnn.train.run import write_text
from multicnn.train.voice import Voice
from multicnn.verbs.again import Item, part_of, readable
from multicnn.verbs.modality import Told
from multicnn.verbs.predict import predict
from multicnn.verbs.trained import Trained

FORMATS = {  # file, what writes it, what runs it
    "onnx": ("model.onnx", graph.write_onnx, runtime.by_onnx),
    "torch": ("model.pt2", graph.write_torch, runtime.by_torch),
}
REAL, GOLDEN = 100, 8  # samples of the run's data that are compared, and how many of them travel along
MEASURED = 1000  # validation samples that tell what 8 bits cost
SHORT = 4  # steps: no graph is asked for less
LITTLE = 0.9  # of the size, that 8 bits should leave at most
SLACK = 1.5  # of the golden samples' difference, that 8 bits may make on another machine


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
    find("format", FORMATS, form)
    out = out or trained.folder.path / "export"
    refuse_taken(out, overwrite=overwrite)
    shipped = described(trained)
    if int8:
        refuse_int8(trained, form)
    runtime.refuse_missing()
    alone = replace(trained, accelerator=accelerator("cpu", "fp32"))
    alone.net.to("cpu").eval()
    with replacing(out, overwrite=overwrite) as folder:
        facts = _written(alone, shipped, folder, form, int8, voice)
        write_text(folder / "bundle.json", json.dumps(facts, indent=1, ensure_ascii=False) + "\n")
        voice.say(f"runner, without multicnn: {gate.run_alone(folder)}")
    voice.say(f"bundle: {out}")
    return Exported(out, facts)


def _written(trained: Trained, shipped: Shipped, folder: Path, form: str, int8: bool, voice: Voice) -> dict[str, Any]:
    """All files but bundle.json, whose content is returned."""
    model, write, load = FORMATS[form]
    net = graph.Answering(trained.net, trained.task).eval()
    real, why = real_samples(trained)
    fed = [next(batches(trained.reader, item)) for _, item in real[:GOLDEN]] or [synthetic(trained.reader)]
    voice.say(f"tracing {trained.facts['model']}")
    write(graph.traced(net, example(fed[0]), shortest=shortest(trained.reader)), folder / model)
    golden = [(raw, answered(net, raw)) for raw in fed]
    facts: dict[str, Any] = check(trained, load(folder / model), golden, real, voice)
    facts |= {
        "format": form,
        "bytes": (folder / model).stat().st_size,
        "precision_of_predict": trained.facts["precision"],
    }
    if why:
        facts["unchecked"] = why
        voice.say(f"warning: {why}; no real samples were compared, and the golden ones are made up")
    tolerance = TOLERANCE
    if int8:
        facts["int8"] = shrunk(trained, folder / model, voice)
        tolerance = max(TOLERANCE, SLACK * gate.furthest(load(folder / model), golden))
    write_bundle(folder, model, shipped, golden, tolerance)
    return facts


def real_samples(trained: Trained) -> tuple[list[Item], str]:
    """Samples of the test part, or none and why."""
    try:
        return readable(part_of(trained, "test", REAL), trained)[0], ""
    except DataError as error:
        return [], str(error)


def told_by(trained: Trained) -> Told:
    """How a bundle tells the answers of a run. Raises UsageError where it cannot."""
    told, reader = trained.kind.told, trained.facts["reader"]
    if reader not in told:
        raise UsageError(
            f"export does not serve {trained.modality.name} {trained.facts['task']} of {reader}; it serves "
            f"{', '.join(told) or 'no reader of this task'}"
        )
    return told[reader]


def refuse_int8(trained: Trained, form: str) -> None:
    """Raises UsageError for what is not brought to 8 bits."""
    if form != "onnx":
        raise UsageError("--int8 is for --format onnx; leave one of them out")
    if not isinstance(trained.task, Classify | Tag):
        raise UsageError(
            f"--int8 measures what it loses by the metrics of classify, not of {trained.facts['task']}; leave it out"
        )


def described(trained: Trained) -> Shipped:
    """What the bundle is told of a run."""
    told, facts = told_by(trained), trained.facts
    return Shipped(
        title=f"{trained.modality.name} {facts['task']} by {facts['model']}",
        item=trained.modality.item,
        classes=trained.classes,
        columns=trained.kind.outcome.columns(trained.classes),
        reader=type(trained.reader),
        settings=facts["preprocessing"],
        rows=told.rows,
        files=bool(trained.kind.outcome.files),
        facts=told.facts(trained.task),
        about={"modality": trained.modality.name, "task": facts["task"], "model": facts["model"]},
        instead=trained.modality.instead,
    )


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


def check(
    trained: Trained, ask: runtime.Ask, golden: Sequence[tuple[np.ndarray, np.ndarray]], real: Sequence[Item],
    voice: Voice,
) -> dict[str, Any]:  # fmt: skip
    """What was compared. Raises DataError where the bundle's answers are not the net's."""
    worst = gate.furthest(ask, golden)
    if not worst <= TOLERANCE:
        raise DataError(
            f"the exported graph differs by {worst:.2g} from the net on the golden samples, more than {TOLERANCE:g}; "
            "nothing was written, report it with the run's model.json"
        )
    voice.say(f"{len(golden)} golden samples: largest difference {worst:.2g}")
    told = told_by(trained)
    facts = told.facts(trained.task) | {"out": None}
    pairs = zip(real, predict(trained, real, voice), strict=True)
    wrong = [
        name
        for (name, item), wanted in pairs
        if not gate.agree(told.rows(name, item, trained.reader, ask, facts), wanted.cells())
    ]
    if wrong:
        raise DataError(
            f"{wrong[0]}: the bundle answers otherwise than multicnn predict, as for {len(wrong)} of {len(real)} "
            "samples; nothing was written, report it with the run's model.json"
        )
    if real:
        voice.say(f"{len(real)} real samples: all answers are those of multicnn predict")
    return {"difference": worst, "golden": len(golden), "real": len(real)}


def shrunk(trained: Trained, path: Path, voice: Voice) -> dict[str, Any]:
    """Bring the graph at `path` to 8 bits; what that costs on the validation part.

    Raises DataError where the data are gone.
    """
    learnt, _ = readable(part_of(trained, "train", REAL), trained)
    items, table = readable(part_of(trained, "val", MEASURED), trained)
    before, size = measured(trained, runtime.by_onnx(path), items, table.truth), path.stat().st_size
    small = path.with_suffix(".int8.onnx")
    quantised.quantise(path, small, [raw for _, item in learnt for raw in batches(trained.reader, item)])
    small.replace(path)
    after, name = measured(trained, runtime.by_onnx(path), items, table.truth), trained.task.monitor
    voice.say(
        f"int8: {name} {after:.4f} on {len(items)} validation samples, {before:.4f} before; "
        f"{path.stat().st_size / 1e6:.2f} MB, {size / 1e6:.2f} before"
    )
    if path.stat().st_size > LITTLE * size:
        voice.say("warning: 8 bits save less than a tenth of the size, as little of it is weights of convolutions")
    found = {"metric": name, "before": before, "after": after, "loss": before - after, "samples": len(items)}
    return found | {"bytes": path.stat().st_size, "calibrated_on": len(learnt)}


def measured(trained: Trained, ask: runtime.Ask, items: Sequence[Item], truth: np.ndarray) -> float:
    """The task's own metric of a graph's answers, means over windows."""
    answers = [np.concatenate([*map(ask, batches(trained.reader, item))]).mean(axis=0) for _, item in items]
    return trained.task.metrics(np.stack(answers), truth)[trained.task.monitor]
