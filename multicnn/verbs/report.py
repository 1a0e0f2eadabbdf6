"""Report: a page that tells all about a run, written when it is trained and whenever it is asked for."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from multicnn.data.table import strings
from multicnn.errors import MulticnnError, UsageError
from multicnn.insight.cost import layers, totals
from multicnn.insight.page import is_page
from multicnn.insight.report import answers as answering
from multicnn.insight.report import slices as slicing
from multicnn.insight.report.answers import Answers
from multicnn.insight.report.build import build
from multicnn.insight.report.card import model_card
from multicnn.insight.report.record import COST, Record, Twins, audited, read, splits, twins
from multicnn.insight.report.slices import Slice
from multicnn.names import find
from multicnn.train.device import check_device
from multicnn.train.run import RunFolder, read_model, write_text
from multicnn.train.voice import Voice
from multicnn.verbs import evaluate as evaluating
from multicnn.verbs import parts, sources
from multicnn.verbs.layers import read_saved, read_written
from multicnn.verbs.modality import Modality
from multicnn.verbs.prepare import from_table
from multicnn.verbs.samples import Judged, Seen, drawn, labelled
from multicnn.verbs.sources import DataSettings
from multicnn.verbs.trained import load

PAGE, CARD = "report.html", "model_card.md"


def write(folder: RunFolder, modality: Modality, seen: Seen | None, net: nn.Module | None = None) -> None:
    """report.html and model_card.md of a run that is just trained, and what an answer of its net costs."""
    if net is not None and seen is not None and seen.judged is not None:
        raw = torch.from_numpy(seen.judged.look(np.arange(1))[0])
        flops = totals(layers(net, raw.to(next(net.parameters()).device))).flops
        folder.write_json(folder.evaluation / COST, {"flops": flops, "input": list(raw.shape[1:])})
    found = told(folder, modality, seen)
    write_text(folder.path / PAGE, found.page(modality))
    write_text(folder.path / CARD, model_card(found.record, found.twins, found.slices, found.key))


def report(
    folder: RunFolder,
    modality: Modality,
    names: Sequence[str],
    out: Path | None,
    voice: Voice,
    *,
    overwrite: bool = False,
    device: str = "auto",
) -> Path:
    """The same later, anew from the run and, where they are still there, its samples. Returns the page's place.

    names: of columns to slice by. Raises UsageError for an unknown one, and for a file that is not to be replaced,
    and DataError for damaged settings.
    """
    check_device(device)
    place = out or folder.path / PAGE
    if place.is_dir():
        raise UsageError(f"--out {place}: it is a folder; name a file, such as {place / PAGE}")
    if out is not None:
        refuse_taken(out, overwrite=overwrite)
    read_written(folder.config, modality.name)
    seen, why = None, ""
    try:
        seen = again(folder, modality, voice, device) if measured(folder) else None
    except MulticnnError as error:
        why = str(error)
        voice.say(f"warning: the samples are not in the report, for they cannot be read again: {why}")
    write_text(place, told(folder, modality, seen, names=names, why=why).page(modality))
    return place


def refuse_taken(out: Path, *, overwrite: bool) -> None:
    """Raises UsageError where no page may be written: over anything but an older page, and that only if asked."""
    if out.suffix.lower() not in (".html", ".htm"):
        raise UsageError(f"--out {out}: a report is a page; name a file that ends in .html")
    if not out.exists():
        return
    if not is_page(out):
        raise UsageError(f"--out {out}: the file exists and is no page that multicnn wrote; name another")
    if not overwrite:
        raise UsageError(f"--out {out}: the file exists; add --overwrite to replace it, or name another")


def measured(folder: RunFolder) -> str:
    """The part that the result was measured on; "" where it was not."""
    return next((part for part in ("test", "val") if (folder.evaluation / f"{part}.json").exists()), "")


def again(folder: RunFolder, modality: Modality, voice: Voice, device: str) -> Seen:
    """The measured samples of a run, from where they lay; but for labels, whose answers are kept, answered anew.

    Raises DataError or UsageError where they are gone, or others than they were.
    """
    facts, tables = read_model(folder), read_saved(folder.config, modality.name)
    kind = modality.kind(facts["task"])
    settings = from_table("data", DataSettings, tables["data"])
    part = measured(folder)
    table = sources.load_table(kind, settings)
    rows = sources.parts(sources.split_table(table, settings, tables["train"]["seed"]))[part]
    if kind.sketch is None:
        reader = find("reader", modality.readers, facts["reader"])(**facts["preprocessing"])
        return Seen(table, reader, rows)
    trained = load(folder, modality, device=device)
    found = evaluating.decoded(trained, table.with_classes(trained.classes).take(rows), settings, voice)
    evaluating.check_unchanged(folder, part, found.names())
    judged = found.trained.judge(found.store, found.target, found.rows, voice)
    return Seen(found.table, trained.reader, found.rows, Judged(trained.task, judged, found.look))


@dataclass(frozen=True, eq=False)
class Told:
    """A run with what is shown of it. key: the metric of the slices.  why: the samples are not there."""

    record: Record
    twins: Twins
    answers: Answers | None
    slices: dict[str, list[Slice]]
    key: str
    seen: Seen | None
    why: str

    def page(self, modality: Modality) -> str:
        """All of it, for a browser."""
        kind = modality.kind(self.record.model["task"])
        if self.answers is not None:
            samples = labelled(self.record, modality, self.answers, self.seen, self.why)
        else:
            samples = drawn(kind, self.seen, self.why)
        slices = slicing.shown(self.slices, self.key, no_slices(self.seen, self.why))
        return build(
            self.record,
            self.twins,
            answers=self.answers,
            samples=samples,
            slices=slices,
            audit=audited(RunFolder(self.record.path)),
        )


def told(folder: RunFolder, modality: Modality, seen: Seen | None, *, names: Sequence[str] = (), why: str = "") -> Told:
    """Read a run, and tell its results apart by the columns of these names."""
    facts = read_model(folder)
    task: Any = parts.answering(modality.kind(facts["task"]), several=facts["several_labels"])
    record = read(folder, task.monitor)
    answers = kept(record)
    found = found_slices(record, answers, seen, names, why)
    key = "all labels right" if facts["several_labels"] else "accuracy"
    return Told(record, twins(folder), answers, found, key if answers is not None else record.key, seen, why)


def kept(record: Record) -> Answers | None:
    """What was answered, where that is labels."""
    if record.found is None or not record.labels:
        return None
    path = record.path / "evaluation" / f"predictions_{record.found['split']}.csv"
    return answering.read(path, record.classes, several=record.model["several_labels"]) if path.exists() else None


def found_slices(
    record: Record, answers: Answers | None, seen: Seen | None, names: Sequence[str], why: str
) -> dict[str, list[Slice]]:
    """By the columns of these names, or by those that tell samples apart. Raises UsageError for an unknown one."""
    columns = known_columns(record, answers, seen)
    if names and not columns:
        raise UsageError(f"--slice {names[0]}: {no_slices(seen, why)}")
    others = {n: c for n, c in columns.items() if n != "label"}
    truth = columns.get("label", np.zeros(0))
    chosen = slicing.chosen(columns, names or slicing.usual(others, truth))
    score = _score(answers, seen, record.key)
    return {name: slicing.sliced(values, score) for name, values in chosen.items()} if score else {}


def _score(answers: Answers | None, seen: Seen | None, key: str) -> slicing.Score | None:
    if answers is not None:
        return slicing.of_shares(answers.right)
    if seen is None or seen.judged is None:
        return None
    return slicing.of_metric(seen.judged.task, seen.judged.judged, seen.table.truth[seen.rows], key)


def known_columns(record: Record, answers: Answers | None, seen: Seen | None) -> dict[str, np.ndarray]:
    """What is known of each measured sample besides itself: its label, its group, the other columns of the table."""
    if answers is None:
        return _of_table(seen, seen.rows) if seen else {}
    place = dict(zip(seen.table.ids[seen.rows].tolist(), seen.rows.tolist(), strict=True)) if seen else {}
    rows = [place.get(name) for name in answers.ids.tolist()]
    if seen is None or None in rows:  # the data are gone, or others
        return {"label": answers.truth, **_groups(record, answers)}
    return {"label": answers.truth, **_of_table(seen, np.array(rows, dtype=int))}


def _of_table(seen: Seen, rows: np.ndarray) -> dict[str, np.ndarray]:
    table = seen.table.take(rows)
    return {**({"group": table.group} if table.group is not None else {}), **table.more}


def _groups(record: Record, answers: Answers) -> dict[str, np.ndarray]:
    """The groups that splits.csv keeps."""
    group = {line["id"]: line["group"] for line in splits(RunFolder(record.path))}
    found = strings(group.get(name, "") for name in answers.ids.tolist())
    return {"group": found} if (found != "").any() else {}


def no_slices(seen: Seen | None, why: str) -> str:
    """Why there are none."""
    if why:
        return f"the columns of the data are gone with the samples: {why}"
    if seen is None:
        return "nothing was measured"
    return "No column of the data tells samples apart by few values; name one with multicnn report RUN --slice COLUMN."
