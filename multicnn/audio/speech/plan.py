"""What speech is read as and trained with, unless the user says otherwise."""

from collections import Counter
from dataclasses import replace
from typing import Any

import numpy as np

from multicnn.audio.reader import USUAL, headers
from multicnn.audio.speech.pieces import find_pieces
from multicnn.audio.speech.reader import SpeechReader
from multicnn.audio.speech.text import check_rules, plain
from multicnn.data.table import Table, strings
from multicnn.errors import DataError

FEW = 1_000  # training sounds, of which batches of nearly the same length would be small
SMALL_FILL, USUAL_FILL = 0.09, 0.05
SEEN = 40_000  # seconds of sound in a whole run, counting repeats: minutes of a small network on two cores


def plan_reader(
    table: Table,
    rows: np.ndarray,
    *,
    sample_rate: int | None = None,
    units: str | int = "characters",
    case: str = "lower",
    punctuation: str = "drop",
    yo: str = "keep",
    fill: float | None = None,
    chunk: float = 20.0,
    context: float = 4.0,
) -> SpeechReader:
    """A reader for speech, its units and what the user left open decided by the training rows.

    sample_rate: Hz; left open the most frequent one, at most 16,000. units: characters, or how many pieces of words
    sentencepiece shall find. fill: left open 0.05, or of few sounds 0.09, of which half is added on the average. The
    rest is as for SpeechReader. Raises DataError where no training sound can be read, or nothing is said.
    """
    check_rules(case, punctuation, yo)
    assert table.answer is not None
    texts = [plain(text, case, punctuation, yo) for text in table.answer[rows].tolist()]
    letters = sorted(set("".join(texts)))
    if not letters:
        raise DataError(f"{table.name}: its {len(rows)} training transcripts are empty; check the column of the texts")
    looked = headers(table, rows, sample_rate or USUAL)
    rates, lengths = [head.rate for head in looked], [head.seconds for head in looked]
    if sample_rate is None:
        sample_rate = min(USUAL, Counter(rates).most_common(1)[0][0])
    if fill is None:
        fill = SMALL_FILL if len(rows) < FEW else USUAL_FILL
    found, scores = (letters, ()) if units == "characters" else find_pieces(texts, units)
    reader = SpeechReader(
        rate=sample_rate, units=tuple(found), scores=tuple(scores), case=case, punctuation=punctuation, yo=yo,
        fill=fill, chunk=chunk, context=context,
    )  # fmt: skip
    return replace(reader, said=_said(reader, rates, lengths, letters))


def _said(reader: SpeechReader, rates: list[int], lengths: list[float], letters: list[str]) -> tuple[str, ...]:
    given = " and ".join(f"{rate} Hz" for rate in sorted(set(rates)))
    change = "as they are" if set(rates) == {reader.rate} else f"become {reader.rate} Hz"
    what = f"{len(reader.units)} pieces of words, made of" if reader.scores else "the characters"
    return (
        f"sounds of {given}, {change}; {min(lengths):.3g} to {max(lengths):.3g} s, "
        f"filled up by {50 * reader.fill:.2g} % on the average",
        f"transcripts are {what} {''.join(letters)!r}; case {reader.case}, punctuation {reader.punctuation}, "
        f"yo {reader.yo}",
    )


def written(table: Table, reader: Any) -> tuple[Table, np.ndarray]:
    """The table with its transcripts in the form that `reader` has learnt, and its units as classes.

    A row stays a row.
    """
    assert table.answer is not None
    texts = [reader.plain(text) for text in table.answer.tolist()]
    held = [set(text) for text in texts]
    parts = [set(unit.replace("▁", "")) for unit in reader.units]
    target = np.array([[bool(own) and own <= letters for own in parts] for letters in held], dtype=bool)
    known = set().union(*parts)
    strange = sorted(set().union(*held) - known - {" "}) if held else []
    said = (f"letters that training lacks count as errors: {''.join(strange)[:40]!r}",) if strange else ()
    table = replace(
        table,
        said=(*table.said, *said),
        answer=strings(texts),
        classes=tuple(reader.units),
        target=target.reshape(len(table), len(parts)),
    )
    return table, np.arange(len(table))


def defaults(table: Table, reader: SpeechReader, n_train: int) -> dict[str, dict[str, Any]]:
    """Model, training and augmentation for `n_train` sounds."""
    seconds = max(0.5, _mean_seconds(table, reader))
    return {
        "model": {"name": "speechcnn"},
        "frontend": {"name": "bands"},
        "train": {
            "epochs": int(np.clip(SEEN / (max(1, n_train) * seconds), 10, 100)),
            "batch_size": 16,
            "optimizer": "adamw",
            "lr": 3e-3,
            "patience": 0,
            "weight_decay": 0.05,
        },
        "augment": {"stretch": {}, "gain": {}, "specaugment": {"times": 4, "length": 0.05}},
    }


def _mean_seconds(table: Table, reader: SpeechReader) -> float:
    """Of up to 200 sounds."""
    try:
        return float(np.mean([head.seconds for head in headers(table, np.arange(len(table)), reader.rate)]))
    except DataError:
        return 0.0
