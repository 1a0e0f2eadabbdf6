"""Samples of a measured part, with what was answered, as a report shows them."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from multicnn.data.reader import Reader
from multicnn.data.store import digest
from multicnn.data.table import Table
from multicnn.errors import DataError
from multicnn.insight.page import Html, card, gallery, paragraph, section, tag
from multicnn.insight.report.answers import Answers
from multicnn.insight.report.record import Record, splits
from multicnn.train.run import RunFolder
from multicnn.train.task import Task
from multicnn.verbs.modality import Kind, Look, Modality

SHOWN, DRAWN = 12, 8  # samples of a kind: beside their labels, and with their answers drawn
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
    few = np.argsort(-np.nan_to_num(losses, nan=-np.inf), kind="stable")[:DRAWN]
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
