"""The command `learning-curve` of a modality."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from multicnn.cli.console import Console
from multicnn.errors import UsageError
from multicnn.flags import flags_of

HELP = (
    "Will more data help? Train on shares of DATA's training part, and tell what twice and four times as much would do."
)


def learning_command(name: str, option: Any) -> click.Command:
    """`multicnn image learning-curve` and its like; option: makes one of a flag."""
    own = [
        click.Argument(["data"], required=False),
        click.Option(["--data", "data_option"], hidden=True),
        click.Option(["--shares"], default="10,25,50,100", show_default=True, help="of the training part, in per cent"),
        click.Option(["--repeats"], type=int, default=1, help="runs a share, with other samples and seeds"),
        *(option(f) for f in flags_of(name).values()),
        click.Option(["--config"], type=click.Path(path_type=Path), help="settings of a run, by its config.toml"),
        click.Option(["--set", "sets"], multiple=True, metavar="TABLE.KEY=VALUE", help="any other setting"),
        click.Option(["-o", "--out", "--output-dir"], type=click.Path(path_type=Path), help="folder of the runs"),
        click.Option(["--overwrite"], is_flag=True, help="replace the learning curve at --out"),
        click.Option(["--json", "as_json"], is_flag=True, help="print one JSON object, alone, on stdout"),
        click.Option(["-q", "--quiet"], is_flag=True, help="say nothing but warnings and errors"),
    ]
    return click.Command("learning-curve", callback=_learning(name), params=own, help=HELP)


def percents(text: str) -> Sequence[float]:
    """`10,25,50,100` as numbers. Raises UsageError for what is none."""
    try:
        return [float(part.strip().removesuffix("%")) for part in text.split(",")]
    except ValueError:
        raise UsageError(f"--shares {text}: give per cents with commas between them, such as 10,25,50,100") from None


def _learning(name: str) -> Any:
    def learning_curve(
        data: str | None, data_option: str | None, shares: str, repeats: int, config: Path | None,
        sets: tuple[str, ...], out: Path | None, overwrite: bool, as_json: bool, quiet: bool, **flags: Any,
    ) -> None:  # fmt: skip
        from multicnn import api
        from multicnn.verbs.layers import read_sets

        if data and data_option:
            raise UsageError(f"two data sets are named, {data} and {data_option}; name one")
        with Console(as_json, quiet) as console:
            found = api.learning_curve(
                name, data or data_option, shares=percents(shares), repeats=repeats, config=config, out=out,
                overwrite=overwrite, settings=read_sets(sets), voice=console, **flags,
            )  # fmt: skip
            console.result(found)

    return learning_curve
