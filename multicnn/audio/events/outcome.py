"""Answers that are events: rows of onset and offset, label files, pictures."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from multicnn.audio.decode import header
from multicnn.audio.events.draw import draw_events
from multicnn.audio.events.files import free_stem, write_labels, write_scores
from multicnn.audio.events.reader import PieceReader
from multicnn.data.reader import Reader
from multicnn.data.splits import Splits
from multicnn.data.store import Store
from multicnn.data.table import Table
from multicnn.tasks import found
from multicnn.tasks.events import Events
from multicnn.tasks.spans import overlaps
from multicnn.tasks.tracks import TIMES, Track, join
from multicnn.train.run import RunFolder, read_model, write_text
from multicnn.train.task import Task
from multicnn.verbs.modality import Look

DRAWN = 6  # recordings of a part
LEAST = 0.001  # seconds that a piece holds, whatever a header says
SECONDS = 60.0  # of a recording that are drawn


class Event(NamedTuple):
    """Class, seconds, and the mean score between them."""

    label: str
    onset: float
    offset: float
    probability: float


@dataclass(frozen=True, eq=False)
class Sounded:
    """The events of one recording in order of their onsets.

    scores: k t, of cells with borders edges.  labels, drawn: the files that hold and show them, if there are some.
    """

    id: str
    item: Any
    reader: PieceReader
    classes: tuple[str, ...]
    events: list[Event]
    scores: np.ndarray
    edges: np.ndarray
    labels: str = ""
    drawn: str = ""
    error = None

    def record(self) -> dict[str, Any]:
        """id, seconds, events, and the files where they are kept."""
        files = {"labels": self.labels, "picture": self.drawn} if self.labels else {}
        seconds = round(float(self.edges[-1]), 6)
        return {"id": self.id, "seconds": seconds, **files, "events": [rounded(e) for e in self.events]}

    def cells(self) -> list[list[str]]:
        """A line an event; one with the id alone where there is none."""
        lines = [[self.id, e.label, f"{e.onset:.3f}", f"{e.offset:.3f}", f"{e.probability:.4f}"] for e in self.events]
        return lines or [[self.id, *[""] * len(Event._fields)]]


def rounded(event: Event) -> dict[str, Any]:
    """As JSON says it."""
    return {
        "label": event.label, "onset": round(event.onset, 3), "offset": round(event.offset, 3),
        "probability": round(event.probability, 4),
    }  # fmt: skip


@dataclass(frozen=True)
class Heard:
    """Shows events."""

    files = True

    def columns(self, classes: Sequence[str]) -> list[str]:
        """id, label, onset and offset in seconds, probability."""
        return ["id", *Event._fields]

    def tell(self, name: str, item: Any, reader: Reader, task: Task, answer: Iterator[np.ndarray]) -> Sounded:
        """k t scores of each piece -> the events of the recording"""
        assert isinstance(reader, PieceReader)
        assert isinstance(task, Events)
        scores, edges = whole(item, reader, task, answer)
        return Sounded(name, item, reader, task.classes, events(scores, edges, task), scores, edges)

    def keep(self, prediction: Sounded, folder: Path | None) -> Sounded:
        """labels/NAME.txt for Audacity, scores/NAME.npz and pictures/NAME.png of the first minute."""
        nothing = np.zeros((len(prediction.classes), 0))
        light = replace(prediction, item=None, scores=nothing, edges=prediction.edges[-1:])
        if folder is None:
            return light
        stem = free_stem(folder / "scores", prediction.id)
        write_labels(folder / "labels" / f"{stem}.txt", prediction.events)
        write_scores(
            folder / "scores" / f"{stem}.npz", prediction.id, prediction.classes, prediction.scores, prediction.edges
        )
        sound = first_piece(prediction)
        shown = [(e.label, e.onset, e.offset) for e in prediction.events]
        draw_events(
            folder / "pictures" / f"{stem}.png", [(prediction.id, sound, prediction.reader.rate, [], shown)],
            prediction.classes,
        )  # fmt: skip
        return replace(light, labels=f"labels/{stem}.txt", drawn=f"pictures/{stem}.png")

    def finish(self, predictions: Sequence[Any], folder: Path) -> None:
        """Nothing: the table tells all."""

    def write(
        self, folder: RunFolder, part: str, task: Task, table: Table, rows: np.ndarray, judged: np.ndarray, look: Look
    ) -> None:
        """predictions_PART.csv, a line an event, and events_PART.png: truth and answers in the first recordings.

        iou: the share that an event and the true one of its class that it meets best have in common.
        """
        assert isinstance(task, Events)
        all_tracks = task.tracks(judged)
        out = io.StringIO()
        write = csv.writer(out, lineterminator="\n").writerow
        write([*self.columns(task.classes), "iou"])
        for track in all_tracks:
            name = str(table.ids[rows[track.rows[0]]]).removesuffix("#0")
            own = events(track.scores, track.edges, task)
            for e in own:
                write([name, e.label, f"{e.onset:.3f}", f"{e.offset:.3f}", f"{e.probability:.4f}", iou(e, track, task)])
            if not own:
                write([name, *[""] * (len(Event._fields) + 1)])
        write_text(folder.evaluation / f"predictions_{part}.csv", out.getvalue())
        self._draw(folder, part, task, table, rows, all_tracks[:DRAWN], look)

    def _draw(
        self, folder: RunFolder, part: str, task: Events, table: Table, rows: np.ndarray, shown: Sequence[Track],
        look: Look,
    ) -> None:  # fmt: skip
        reader = PieceReader(**read_model(folder)["preprocessing"])
        firsts = np.array([t.rows[0] for t in shown])
        lines = []
        for track, sound in zip(shown, look(firsts)[0], strict=True):
            true = [(c, *span) for c, spans in zip(task.classes, track.true, strict=True) for span in spans.tolist()]
            said = [(e.label, e.onset, e.offset) for e in events(track.scores, track.edges, task)]
            heard = sound[: round(min(track.length, reader.seconds) * reader.rate)]
            lines.append((str(table.ids[rows[track.rows[0]]]), heard, reader.rate, true, said))
        draw_events(folder.evaluation / f"events_{part}.png", lines, task.classes)

    def baselines(
        self, task: Task, reader: Reader, table: Table, splits: Splits, store: Store, judged: np.ndarray
    ) -> dict[str, np.ndarray]:
        """None: no event is found by chance."""
        return {}


def whole(item: Any, reader: PieceReader, task: Events, answer: Iterator[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """The scores of a recording from those of its pieces, and the borders of their cells.  -> k t, t + 1"""
    scores = list(answer)
    starts = np.arange(len(scores)) * reader.hop
    held = (seconds(item, reader) - starts).clip(LEAST, reader.seconds)
    shares = [reader.share(i, h, last=i == len(scores) - 1) for i, h in enumerate(held.tolist())]
    low, high = np.array(shares).T
    return join(scores, starts, low, high, task.cell)


def seconds(item: Any, reader: PieceReader) -> float:
    """Of a recording, by its header."""
    return len(item) / reader.rate if isinstance(item, np.ndarray) else header(item).seconds


def first_piece(prediction: Sounded) -> np.ndarray:
    """The first minute of a recording."""
    kept, most = [], round(SECONDS * prediction.reader.rate)
    for number, piece in enumerate(prediction.reader.heard(prediction.item)):
        kept.append(piece[(prediction.reader.shape[0] - prediction.reader.start(1)) * (number > 0) :])
        if sum(map(len, kept)) >= most:
            break
    return np.concatenate(kept)[:most]


def events(scores: np.ndarray, edges: np.ndarray, task: Events) -> list[Event]:
    """What is said to sound, in order of onsets.  k t, t + 1"""
    out = []
    middles = (edges[1:] + edges[:-1]) / 2
    for c, own, spans in zip(task.classes, scores, found.spoken(scores, edges, *task.used), strict=True):
        for onset, offset in spans.tolist():
            inside = own[(middles > onset) & (middles < offset)]
            out.append(Event(c, onset, offset, float(inside.mean())))
    return sorted(out, key=lambda e: (e.onset, e.offset, e.label))


def iou(event: Event, track: Track, task: Events) -> str:
    """The share in common with the truth it meets best; nothing where no times are known."""
    if track.known != TIMES:
        return ""
    true = track.true[task.classes.index(event.label)]
    own = np.array([[event.onset, event.offset]])
    both = overlaps(own, true)[0]
    union = event.offset - event.onset + (true[:, 1] - true[:, 0]) - both
    return f"{(both / union).max(initial=0):.4f}"
