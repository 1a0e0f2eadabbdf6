"""The command `audit` of a modality."""

from pathlib import Path
from typing import Any

import click

from multicnn.cli.console import Console
from multicnn.errors import UsageError
from multicnn.flags import flags_of

TABLES = ("task", "data")
OTHERS = ("seed", "workers")
WITHOUT = ("class-weights", "on-bad", "limit")  # what only training does
HELP = "Check DATA before training on it: what `train` takes; --run RUN finds more by a trained network."


def audit_command(name: str, option: Any) -> click.Command:
    """`multicnn image audit` and its like; option: makes one of a flag."""
    taken = [f for f in flags_of(name).values() if f.key.split(".")[0] in TABLES or f.name in OTHERS]
    own = [
        click.Argument(["data"], required=False),
        click.Option(["--data", "data_option"], hidden=True),
        *(option(f) for f in taken if f.name not in WITHOUT),
        click.Option(["--run"], type=click.Path(path_type=Path), help="a run on such data, for suspects and outliers"),
        click.Option(
            ["--folds"], type=int, default=0, help="with --run: train it anew so many times to judge the labels"
        ),
        click.Option(["--apply"], type=click.Path(path_type=Path), help="fixes.csv to make a new table by, at --out"),
        click.Option(
            ["-o", "--out"],
            type=click.Path(path_type=Path),
            help="folder of audit.html, findings.csv, fixes.csv; with --apply the new table",
        ),
        click.Option(["--overwrite"], is_flag=True, help="replace the audit, or the table, at --out"),
        click.Option(["--json", "as_json"], is_flag=True, help="print one JSON object, alone, on stdout"),
        click.Option(["-q", "--quiet"], is_flag=True, help="say nothing but warnings and errors"),
    ]
    return click.Command("audit", callback=_auditing(name), params=own, help=HELP)


def _auditing(name: str) -> Any:
    def audit(
        data: str | None, data_option: str | None, run: Path | None, folds: int, apply: Path | None,
        out: Path | None, overwrite: bool, as_json: bool, quiet: bool, **flags: Any,
    ) -> None:  # fmt: skip
        from multicnn import api

        if data and data_option:
            raise UsageError(f"two data sets are named, {data} and {data_option}; name one")
        with Console(as_json, quiet) as console:
            found = api.audit(
                name, data or data_option, run=run, folds=folds, apply=apply, out=out, overwrite=overwrite,
                voice=console, **flags,
            )  # fmt: skip
            console.result(found)

    return audit
