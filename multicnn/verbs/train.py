"""Train: from settings to a measured run folder; and resume, which is the same from its last saved state."""

import csv
import io
import math
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from accelerate.utils import broadcast_object_list

from multicnn.errors import DataError, RequirementMissed, UsageError
from multicnn.insight.plots import curves
from multicnn.names import hint
from multicnn.train.checkpoint import load_weights, read_progress
from multicnn.train.environment import environment
from multicnn.train.evaluate import judgements, shown
from multicnn.train.loop import best_row, fit
from multicnn.train.run import LONGEST_NAME, RunFolder, create, read_json, refuse_taken, write_text
from multicnn.train.voice import Logged, Silent, Voice
from multicnn.verbs import calibrate, measure, sources
from multicnn.verbs import report as reporting
from multicnn.verbs.layers import Tables, read_saved, resolve
from multicnn.verbs.modality import Modality
from multicnn.verbs.prepare import Prepared, prepare
from multicnn.verbs.trained import describe
from multicnn.zoo.net import count

ENOUGH = 64  # samples that show which metrics a task has


def train(
    modality: Modality,
    *,
    config: Tables,
    flags: Tables,
    sets: Tables,
    out: Path | None,
    overwrite: bool,
    require: str | None,
    voice: Voice,
) -> tuple[RunFolder, dict[str, Any]]:
    """Train and measure a run. Returns its folder and a summary.

    Raises RequirementMissed after all is written, when a metric misses `require`.
    """
    wanted = parse_requirement(require) if require else None
    started = time.perf_counter()
    check_place(resolve({}, config, flags, sets, modality.augments)["data"].get("source"), out, overwrite)
    ready = prepare(modality, config, flags, sets, voice)
    if wanted:
        check_metric(wanted[0], ready)
    name = "-".join(
        [modality.name, ready.tables["task"]["name"], plain(ready.table.name), ready.tables["model"]["name"]]
    )
    folder = _shared_folder(ready, name, out, overwrite)
    if ready.accelerator.is_main_process:
        _write_beginning(folder, ready)
    summary = _run(ready, folder, voice, started)
    if wanted:
        check_requirement(wanted, {**summary["metrics"], "loss": summary["loss"]}, folder)
    return folder, summary


def resume(modality: Modality, folder: RunFolder, voice: Voice) -> tuple[RunFolder, dict[str, Any]]:
    """Go on where a run stopped. Raises UsageError when it is finished, DataError when its data changed."""
    started = time.perf_counter()
    progress = read_progress(folder.state) if folder.state.exists() else None
    if progress and progress.done and _measured(folder):
        raise UsageError(f"{folder.path} is finished after {progress.epoch} epochs; there is nothing to resume")
    ready = prepare(modality, read_saved(folder.config, modality.name), {}, {}, voice)
    if folder.splits.exists() and folder.splits.read_text(encoding="utf-8") != splits_csv(ready):
        raise DataError(f"{folder.path}: the data changed since the run began (splits.csv differs); train it anew")
    if progress:
        voice.say(f"resuming {folder.path} after {progress.epoch} epochs and {progress.batch} batches")
    return folder, _run(ready, folder, voice, started)


def _run(ready: Prepared, folder: RunFolder, voice: Voice, started: float) -> dict[str, Any]:
    """Fit, measure the best weights on the test part, write and tell it."""
    main = ready.accelerator.is_main_process
    voice = Logged(voice, folder.log) if main else Silent()
    voice.say(begin(ready))
    val = ready.batches(ready.splits.val) if len(ready.splits.val) else None
    at = fit(
        ready.net, ready.task, ready.training_batches(), val, ready.augments, ready.accelerator, ready.settings,
        folder, voice,
    )  # fmt: skip
    ready.accelerator.wait_for_everyone()
    load_weights(folder.best, ready.net)
    settled = calibrate.settle(ready, val, folder, voice)
    kept = best_row(at.history, ready.task.monitor)
    summary: dict[str, Any] = {
        "run": str(folder.path),
        "model": ready.tables["model"]["name"],
        "parameters": read_json(folder.model)["parameters"],
        "epochs": at.epoch,
        "best_epoch": kept["epoch"],
        "training_seconds": round(at.seconds, 2),
    }
    part, rows = measured(ready)
    if not len(rows):
        if main:
            reporting.write(folder, ready.modality, None)
        return summary | {"split": None, "metrics": {}, "loss": None}
    unscaled, judged = calibrate.judge(ready, rows, voice)
    if not main:
        return summary | {"split": part, "metrics": ready.task.metrics(judged, ready.table.truth[rows]), "loss": None}

    def look(places: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        few = ready.batches(rows).first(rows[places])
        raw = few.x.numpy()
        return raw, few.y.numpy(), shown(ready.net, ready.task, raw, ready.accelerator)

    found = measure.report(folder, part, ready.kind, ready.task, ready.table, rows, judged, look)
    voice.say(f"{part}: {len(rows):,} samples, weights of epoch {kept['epoch']}")
    for line in measure.lines(found):
        voice.say(line)
    calibrate.tell(folder, settled, part, unscaled, judged, ready.table.truth[rows], voice)
    curves(folder.evaluation / "curves.png", at.history, ready.task.monitor)
    others = _baselines(ready, part, found, judged, folder, voice)
    summary |= {"split": part, "n": len(rows), "metrics": found["metrics"], "loss": found["loss"]}
    summary |= {
        "intervals": found["intervals"],
        "baselines": others,
        "seconds": round(time.perf_counter() - started, 2),
    }
    seen = reporting.Seen(ready.table, ready.reader, rows, reporting.Judged(ready.task, judged, look))
    reporting.write(folder, ready.modality, seen, ready.net)
    voice.say(f"run: {folder.path}")
    voice.say(f"report: {folder.path / reporting.PAGE}")
    voice.say(f"next: multicnn predict {folder.quoted} FILE...")
    return summary


def measured(ready: Prepared) -> tuple[str, np.ndarray]:
    """The part that the result is measured on, and its rows: test, or val where there is no test."""
    part = "test" if len(ready.splits.test) else "val"
    return part, sources.parts(ready.splits)[part]


def _baselines(
    ready: Prepared, part: str, found: dict[str, Any], judged: np.ndarray, folder: RunFolder, voice: Voice
) -> dict[str, dict[str, float]]:
    """Simple learners beside the result, on the test part."""
    if part != "test":
        return {}
    others = measure.baselines(ready.kind, ready.task, ready.reader, ready.table, ready.splits, ready.store, judged)
    key = ready.task.monitor.removeprefix("-")
    for name, metrics in others.items():
        voice.say(
            f"  beside it, {name}: " + ", ".join(f"{k} {metrics[k]:.4f}" for k in ("accuracy", key) if k in metrics)
        )
    best = max((metrics[key] for metrics in others.values()), default=-math.inf)
    if found["metrics"][key] <= best:
        voice.say(
            f"warning: the network is no better than a simple learner ({key} {best:.4f}); train longer or on more data"
        )
    folder.write_json(folder.evaluation / f"{part}.json", found | {"baselines": others})
    return others


def _shared_folder(ready: Prepared, name: str, out: Path | None, overwrite: bool) -> RunFolder:
    """The main process makes the run folder; the others learn its path."""
    place: list[Any] = [None]
    if ready.accelerator.is_main_process:
        place[0] = create(name, out, overwrite=overwrite).path
    if ready.accelerator.num_processes > 1:
        broadcast_object_list(place)
    return RunFolder(place[0])


def _write_beginning(folder: RunFolder, ready: Prepared) -> None:
    """What is known before the first step; model.json last, for it marks the folder as a run."""
    folder.write_config({"modality": ready.modality.name, **located(ready.tables)})
    folder.write_json(folder.environment, environment(sys.argv, ready.settings.seed, ready.accelerator))
    facts = sources.facts(ready.table, ready.splits, ready.store)
    folder.write_json(folder.data, facts | {"reading": list(ready.reader.said)})
    write_text(folder.splits, splits_csv(ready))
    made = describe(
        ready.modality, ready.tables, ready.reader, ready.net, ready.task, ready.grid, several=ready.table.several
    )
    folder.write_json(folder.model, made)


def located(tables: Tables) -> Tables:
    """The settings with absolute paths, so that they mean the same in another folder."""
    paths = [("data", "source"), ("data", "val"), ("data", "test"), ("task", "class_weights"), ("train", "weights")]
    paths += [("reader", "vectors")]
    found = {name: dict(table) for name, table in tables.items()}
    for table, key in paths:
        value = found.get(table, {}).get(key)
        if isinstance(value, str) and value and Path(value).expanduser().exists():
            found[table][key] = str(Path(value).expanduser().absolute())
    return found


def splits_csv(ready: Prepared) -> str:
    """Every sample's part, labels, group and content hash; `row` is its number in the table."""
    out = io.StringIO()
    write = csv.writer(out, lineterminator="\n").writerow
    write(["row", "id", "split", "label", "group", "hash"])
    part = {row: name for name, rows in sources.parts(ready.splits).items() for row in rows.tolist()}
    table = ready.table
    for row in range(len(table)):
        label = (
            "|".join(c for k, c in enumerate(table.classes) if table.target[row, k])
            if table.several
            else table.classes[table.target[row]]
        )
        group = "" if table.group is None else table.group[row]
        write([row, table.ids[row], part.get(row, ""), label, group, f"{ready.store.hashes[row]:016x}"])
    return out.getvalue()


def begin(ready: Prepared) -> str:
    """What is trained, in one line."""
    settings, names = ready.settings, ", ".join(ready.tables["augment"]) or "none"
    return (
        f"{ready.tables['model']['name']} on {ready.tables['frontend']['name']}, {count(ready.net):,} parameters; "
        f"{settings.epochs} epochs, batch {settings.batch_size * settings.accumulate}, {settings.optimizer} "
        f"lr {settings.lr:g}, {settings.precision} on {ready.accelerator.device}; augment: {names}"
    )


def _measured(folder: RunFolder) -> bool:
    return any((folder.evaluation / f"{part}.json").exists() for part in ("test", "val"))


def parse_requirement(text: str) -> tuple[str, str, float]:
    """`metric>=x` or `metric<=x`."""
    for sign in (">=", "<="):
        name, found, value = text.partition(sign)
        if found:
            try:
                return name.strip(), sign, float(value)
            except ValueError:
                break
    raise UsageError(f"--require {text}: write metric>=value or metric<=value, such as accuracy>=0.9")


def check_place(source: str | None, out: Path | None, overwrite: bool) -> None:
    """Raises UsageError, before any work, where the run may not be written."""
    sources.refuse_within(source, out or Path("runs"))
    if out is not None:
        refuse_taken(out, overwrite=overwrite)


def check_metric(name: str, ready: Prepared) -> None:
    """Raises UsageError, before training, when the run will not measure such a metric."""
    _, rows = measured(ready)
    if not len(rows):
        raise UsageError(f"--require {name}: there is neither a test nor a val part to measure; give --test a share")
    few = rows[:ENOUGH]
    judged = judgements(ready.net, ready.task, ready.batches(few), ready.accelerator, Silent())
    known = [*ready.task.metrics(judged, ready.table.truth[few]), "loss"]
    if name not in known:
        raise UsageError(f"--require {name}: no such metric; {hint(name, known)}")


def check_requirement(wanted: tuple[str, str, float], metrics: dict[str, float], folder: RunFolder) -> None:
    """Raises RequirementMissed, or UsageError when there is no such metric."""
    name, sign, value = wanted
    if name not in metrics:
        raise UsageError(f"--require {name}: no such metric; {hint(name, metrics)}; the run is at {folder.path}")
    if not (metrics[name] >= value if sign == ">=" else metrics[name] <= value):
        raise RequirementMissed(
            f"{name} is {metrics[name]:.4f}, required is {sign} {value:g}; the run is at {folder.path}"
        )


def plain(name: str) -> str:
    """A name for a folder."""
    return "".join(c if c.isalnum() or c in "-_." else "-" for c in name)[:LONGEST_NAME].strip("-.") or "data"
