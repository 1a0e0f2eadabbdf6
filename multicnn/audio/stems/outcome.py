"""Answers that are signals, written as sound files."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from multicnn.audio.stems.draw import draw_stems
from multicnn.audio.stems.reader import MixtureReader
from multicnn.audio.stems.separated import Kept, Separated, collected, write
from multicnn.audio.wave import FULL
from multicnn.data.reader import Reader
from multicnn.data.splits import Splits
from multicnn.data.store import Store
from multicnn.data.table import Table
from multicnn.tasks import sdr
from multicnn.train.run import RunFolder, read_model, write_text
from multicnn.verbs.modality import Look


@dataclass(frozen=True)
class Stems:
    """Shows signals: a WAV file each, levels, spectra."""

    files = True

    def columns(self, classes: Sequence[str]) -> list[str]:
        """id, seconds of the mixture, stem, its level in dB, and its file where a folder is written."""
        return ["id", "seconds", "stem", "level_db", "file"]

    def tell(self, name: str, item: Any, reader: Reader, task: Any, answer: Iterator[np.ndarray]) -> Separated:
        """Answers to the pieces of a mixture, s t each -> its stems"""
        assert isinstance(reader, MixtureReader)
        return collected(name, item, reader, task.classes, answer, permute=task.permute)

    def keep(self, prediction: Separated, folder: Path | None) -> Kept:
        """NAME/STEM.wav, 32-bit floating, at the mixture's own rate and to the sample as long."""
        return Kept.of(prediction, {} if folder is None else write(prediction, folder))

    def finish(self, predictions: Sequence[Any], folder: Path) -> None:
        """Nothing: the table tells all."""

    def write(
        self, folder: RunFolder, part: str, task: Any, table: Table, rows: np.ndarray, judged: np.ndarray, look: Look
    ) -> None:
        """predictions_PART.csv, a line a sample and stem; stems_PART.png: the worst sample and one in the middle."""
        found = sdr.ratios(task.unpack(judged), permute=task.permute)
        heard = ~task.unpack(judged).silent
        out = io.StringIO()
        line = csv.writer(out, lineterminator="\n").writerow
        line(["id", "stem", *found, "loss"])
        for place, (row, loss) in enumerate(zip(rows, task.losses(judged, rows), strict=True)):
            for k, name in enumerate(task.classes):
                numbers = [f"{values[place, k]:.4f}" if heard[place, k] else "" for values in found.values()]
                line([table.ids[row], name, *numbers, f"{loss:.6g}"])
        write_text(folder.evaluation / f"predictions_{part}.csv", out.getvalue())
        improvement = (found["si_sdr_improvement"] * heard).sum(1) / np.maximum(heard.sum(1), 1)
        order = np.argsort(improvement, kind="stable")
        shown = order[sorted({0, len(order) // 2})]
        raw, truth, answer = look(shown)
        titles = [f"{table.ids[rows[k]]}, {improvement[k]:+.1f} dB" for k in shown]
        rate = read_model(folder)["preprocessing"]["rate"]
        png = folder.evaluation / f"stems_{part}.png"
        draw_stems(png, raw / FULL, truth / FULL, answer[..., : raw.shape[-1]], task.classes, titles, rate)

    def baselines(
        self, task: Any, reader: Reader, table: Table, splits: Splits, store: Store, judged: np.ndarray
    ) -> dict[str, np.ndarray]:
        """The mixture as every source's answer, which by definition improves nothing."""
        return {"the mixture itself": sdr.repack(sdr.of_mixture(task.unpack(judged)))}
