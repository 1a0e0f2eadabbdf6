"""The command `predict`, once its options are parsed."""

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from multicnn.api import load
from multicnn.cli.console import Console, readable
from multicnn.errors import DataError, UsageError
from multicnn.train.run import write_text
from multicnn.verbs.abstain import columns
from multicnn.verbs.inputs import gather
from multicnn.verbs.layers import read_task
from multicnn.verbs.modality import Prediction
from multicnn.verbs.predict import as_csv, as_jsonl, one_by_one

TABLES = (".csv", ".jsonl")


def answer(
    run: Path, inputs: Sequence[str], form: str | None, out: Path | None, overwrite: bool, on_bad: str, tta: bool,
    every: float | None, threshold: float | None, abstain: float | None, sets: Sequence[str], device: str,
    console: Console,
) -> None:  # fmt: skip
    """Write the answers; unreadable samples stay in the table with their reason, and make the exit code 3."""
    loaded = load(run, device=device, task=read_task(sets))
    outcome = loaded.outcome
    alone = outcome.files == "optional" and out is not None and out.suffix.lower() in TABLES
    folder = out if outcome.files and not alone else None
    form = form or ("jsonl" if out is not None and out.suffix == ".jsonl" else "csv")
    if out is not None:
        out = out if folder is None else out / f"predictions.{form}"
        check_place(out, folder, overwrite)
    rule = None if abstain is None else loaded.abstaining(abstain, tta=tta)
    for line in rule.lines() if rule else ():
        console.say(line)
    net = loaded.seeing(tta).spotting(every=every, threshold=threshold)
    items = gather(loaded.modality, inputs, sys.stdin, loaded.item_column, loaded.reader)
    found = [p if p.error else outcome.keep(p, folder) for p in one_by_one(net, items, console)]
    names = outcome.columns(loaded.classes)
    if rule:
        found, names = [rule.hold(p) for p in found], columns(names)
    text = readable(as_jsonl(found) if form == "jsonl" else as_csv(found, names))
    if console.as_json:
        more = {"abstain": rule.record()} if rule else {}
        console.result({"run": str(run), "predictions": [p.record() for p in found]} | more)
    if folder is not None:
        outcome.finish(found, folder)
    if out is not None:
        write_text(out, text)
        console.say(f"{len(found):,} answers: {out}")
    elif not console.as_json:
        click.echo(text, nl=False)
    _complain(found, on_bad)


def check_place(table: Path, folder: Path | None, overwrite: bool) -> None:
    """Raises UsageError, before any work, where the answers may not be written."""
    if folder is not None and folder.exists() and not folder.is_dir():
        raise UsageError(f"--out {folder}: a file; these answers are several files, name a folder for them")
    if table.is_dir():
        raise UsageError(f"--out {table}: a folder; name the file to write")
    if table.exists() and not overwrite:
        raise UsageError(f"--out {folder or table}: the file exists; add --overwrite to replace it, or name another")


def _complain(found: Sequence[Prediction], on_bad: str) -> None:
    bad = [p for p in found if p.error]
    if bad and on_bad == "error":
        raise DataError(
            f"{bad[0].error}; {len(bad)} of {len(found)} samples could not be read, the others are answered"
        )
