"""Report: a page that tells all about a run, written when it is trained and whenever it is asked for."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from multicnn.data.reader import Reader
from multicnn.data.store import digest
from multicnn.data.table import Table, strings
from multicnn.errors import DataError, MulticnnError, UsageError
from multicnn.insight.page import Html, card, gallery, paragraph, section, tag
from multicnn.insight.report import answers as answering
from multicnn.insight.report import slices as slicing
from multicnn.insight.report.answers import Answers
from multicnn.insight.report.build import build
from multicnn.insight.report.record import Record, read, splits, twins
from multicnn.insight.report.slices import Slice
from multicnn.names import find
from multicnn.train.run import RunFolder, read_model, write_text
from multicnn.train.task import Task
from multicnn.train.voice import Voice
from multicnn.verbs import evaluate as evaluating
from multicnn.verbs import parts, sources
from multicnn.verbs.layers import read_saved
from multicnn.verbs.modality import Kind, Look, Modality
from multicnn.verbs.prepare import from_table
from multicnn.verbs.sources import DataSettings
from multicnn.verbs.trained import load

PAGE = "report.html"
SHOWN = 12  # samples of a kind
ROOM = 3_800_000  # bytes of all samples in a page


@dataclass(frozen=True, eq=False)
class Judged:
    """What was answered on rows of a table, and a way to see some of them again."""

    task: Task
    judged: np.ndarray
    look: Look


@dataclass(frozen=True, eq=False)
class Seen:
    """The samples that were measured. rows: of the table.  judged: None where the answers are read from the run."""

    table: Table
    reader: Reader
    rows: np.ndarray
    judged: Judged | None = None


def write(folder: RunFolder, modality: Modality, seen: Seen | None, *, flops: int | None = None) -> None:
    """report.html of a run that is just trained."""
    write_text(folder.path / PAGE, told(folder, modality, seen, flops=flops))


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

    names: of columns to slice by. Raises UsageError for an unknown one, and for a file that is not to be replaced.
    """
    place = out or folder.path / PAGE
    if place.is_dir():
        raise UsageError(f"--out {place}: it is a folder; name a file, such as {place / PAGE}")
    if out is not None and out.exists() and not overwrite:
        raise UsageError(f"--out {out}: the file exists; add --overwrite to replace it, or name another")
    seen, why = None, ""
    try:
        seen = again(folder, modality, voice, device)
    except MulticnnError as error:
        why = str(error)
        voice.say(f"warning: the samples are not in the report, for they cannot be read again: {why}")
    write_text(place, told(folder, modality, seen, names=names, why=why))
    return place


def again(folder: RunFolder, modality: Modality, voice: Voice, device: str) -> Seen:
    """The measured samples of a run, from where they lay; but for labels, whose answers are kept, answered anew.

    Raises DataError or UsageError where they are gone, or others than they were.
    """
    facts, tables = read_model(folder), read_saved(folder.config, modality.name)
    kind = modality.kind(facts["task"])
    settings = from_table("data", DataSettings, tables["data"])
    part = "test" if (folder.evaluation / "test.json").exists() else "val"
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


def told(
    folder: RunFolder,
    modality: Modality,
    seen: Seen | None,
    *,
    names: Sequence[str] = (),
    why: str = "",
    flops: int | None = None,
) -> str:
    """The page. why: the samples are not there."""
    facts = read_model(folder)
    kind = modality.kind(facts["task"])
    task: Any = parts.answering(kind, several=facts["several_labels"])
    record = read(folder, task.monitor)
    answers = kept(record)
    samples = labelled(record, modality, answers, seen, why) if answers else drawn(kind, seen, why)
    found = found_slices(record, answers, seen, names, why)
    key = "accuracy" if answers and not facts["several_labels"] else "all labels right" if answers else record.key
    return build(
        record, twins(folder), answers=answers, samples=samples, flops=flops,
        slices=slicing.shown(found, key, no_slices(seen, why)),
    )  # fmt: skip


def kept(record: Record) -> Answers | None:
    """What was answered, where that is labels."""
    if record.found is None or not record.labels:
        return None
    path = record.path / "evaluation" / f"predictions_{record.found['split']}.csv"
    return answering.read(path, record.classes, several=record.model["several_labels"]) if path.exists() else None


def labelled(record: Record, modality: Modality, answers: Answers, seen: Seen | None, why: str) -> list[Html]:
    """The surest of the wrong samples, and of the others those with the highest loss."""
    wrong = answers.confident(SHOWN)
    worst = np.array([k for k in answers.worst(2 * SHOWN).tolist() if k not in wrong][:SHOWN], dtype=int)
    media = shower(record, modality, seen, answers.ids[[*wrong, *worst]])
    n = int((~answers.right).sum())
    said = f"{n:,} of {len(answers):,} samples are answered wrongly" + (f"; the {len(wrong)} surest:" if n else ".")
    gone = [paragraph(f"The samples themselves are gone: {why}", kind="note")] if seen is None else []
    room = Room(ROOM)
    return [
        section("Wrong and sure of it", paragraph(said), *gone, room.gallery(_cards(answers, wrong, media))),
        section(
            "Highest losses",
            paragraph("Of the other samples, those whose true label the network thought least likely."),
            room.gallery(_cards(answers, worst, media)),
        ),
    ]  # fmt: skip


def _cards(answers: Answers, places: np.ndarray, media: Callable[[str], Html]) -> Iterator[Html]:
    for k in places.tolist():
        kind = "good" if answers.right[k] else "bad"
        said = tag("strong", f"{answers.said[k] or 'nothing'}, {answers.sure[k]:.1%} sure", kind=kind)
        truth = f"truth: {answers.truth[k] or 'nothing'}"
        name = str(answers.ids[k])
        yield card(media(name), said, truth, f"{name}, loss {answers.loss[k]:.3g}")


def shower(record: Record, modality: Modality, seen: Seen | None, names: np.ndarray) -> Callable[[str], Html]:
    """Shows a sample by its name, or says why it cannot: what changed since is no longer what was answered."""
    wanted = {str(name) for name in names}
    if seen is None:
        return lambda name: Html("")
    ids = seen.table.ids[seen.rows].tolist()
    rows = {name: row for name, row in zip(ids, seen.rows.tolist(), strict=True) if name in wanted}
    hashes = {line["id"]: line["hash"] for line in splits(RunFolder(record.path)) if line["id"] in wanted}

    def show(name: str) -> Html:
        if name not in rows:
            return paragraph("This sample is gone.", kind="note")
        try:
            item = seen.table.items[rows[name]]
            if f"{digest(seen.reader(item)):016x}" != hashes.get(name):
                return paragraph("This sample has changed since it was answered.", kind="note")
            return modality.media(item, seen.reader)
        except DataError as error:
            return paragraph(str(error), kind="note")

    return show


def drawn(kind: Kind, seen: Seen | None, why: str) -> list[Html]:
    """The samples with the highest loss, with truth and answer drawn."""
    title = "Worst samples"
    if seen is None or seen.judged is None or kind.sketch is None:
        return [
            section(title, paragraph(f"The samples are gone: {why}" if why else "Nothing was measured.", kind="note"))
        ]
    task, judged, look = seen.judged.task, seen.judged.judged, seen.judged.look
    losses = task.losses(judged, seen.table.truth[seen.rows])
    few = np.argsort(-np.nan_to_num(losses, nan=-np.inf), kind="stable")[:SHOWN]
    made = kind.sketch(task, seen.reader, seen.table, seen.rows[few], judged[few], lambda places: look(few[places]))
    cards = (
        card(media, f"{seen.table.ids[seen.rows[k]]}, loss {losses[k]:.3g}") for k, media in zip(few, made, strict=True)
    )
    said = f"The {len(few)} of {len(losses):,} with the highest loss, the worst first."
    return [tag("div", section(title, paragraph(said), Room(ROOM).gallery(cards)), kind="wide")]


class Room:
    """Bytes that are left for samples in a page."""

    def __init__(self, left: int):
        self.left = left

    def gallery(self, cards: Iterable[Html]) -> Html:
        """As many as there is room for."""
        kept, out = [], 0
        for one in cards:
            fits = len(one.encode()) <= self.left
            self.left -= len(one.encode()) if fits else 0
            kept += [one] if fits else []
            out += not fits
        note = [paragraph(f"{out} more are left out, to keep the page small.", kind="note")] if out else []
        return Html("\n".join([gallery(kept), *note])) if kept or note else Html("")


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
    if answers is None and seen is None:
        return {}
    columns: dict[str, np.ndarray] = {} if answers is None else {"label": answers.truth}
    if answers is None or seen is None:
        return columns | (
            _groups(record, answers) if answers is not None else _of_table(seen, seen.rows) if seen else {}
        )
    place = dict(zip(seen.table.ids[seen.rows].tolist(), seen.rows.tolist(), strict=True))
    rows = [place.get(name) for name in answers.ids.tolist()]
    if None in rows:  # the data changed
        return columns | _groups(record, answers)
    return columns | _of_table(seen, np.array(rows, dtype=int))


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
    return (
        "No column of the data tells samples apart by few values; name one with multicnn report RUN --slice COLUMN, "
        "as label."
    )
