"""The command `predict`, once its options are parsed."""

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from multicnn.api import load
from multicnn.cli.console import Console, readable
from multicnn.errors import DataError, UsageError
from multicnn.train.run import write_text
from multicnn.verbs.inputs import gather
from multicnn.verbs.modality import Prediction
from multicnn.verbs.predict import as_csv, as_jsonl, predict


def answer(
    run: Path, inputs: Sequence[str], form: str | None, out: Path | None, overwrite: bool, on_bad: str, device: str,
    console: Console,
) -> None:  # fmt: skip
    """Write the answers; unreadable samples stay in the table with their reason, and make the exit code 3."""
    if out is not None and out.is_dir():
        raise UsageError(f"--out {out}: a folder; name the file to write")
    if out is not None and out.exists() and not overwrite:
        raise UsageError(f"--out {out}: the file exists; add --overwrite to replace it, or name another")
    loaded = load(run, device=device)
    items = gather(loaded.modality, inputs, sys.stdin, loaded.item_column)
    found = predict(loaded.trained, items, console)
    form = form or ("jsonl" if out is not None and out.suffix == ".jsonl" else "csv")
    text = readable(
        as_jsonl(found) if form == "jsonl" else as_csv(found, loaded.trained.kind.outcome.columns(loaded.classes))
    )
    if console.as_json:
        console.result({"run": str(run), "predictions": [p.record() for p in found]})
    if out is not None:
        write_text(out, text)
        console.say(f"{len(found):,} answers: {out}")
    elif not console.as_json:
        click.echo(text, nl=False)
    _complain(found, on_bad)


def _complain(found: Sequence[Prediction], on_bad: str) -> None:
    bad = [p for p in found if p.error]
    if bad and on_bad == "error":
        raise DataError(
            f"{bad[0].error}; {len(bad)} of {len(found)} samples could not be read, the others are answered"
        )
