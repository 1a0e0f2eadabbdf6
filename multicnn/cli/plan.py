"""The commands `plan`: of a modality, for data or a model; of a run."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from multicnn.cli.console import Console
from multicnn.errors import UsageError
from multicnn.flags import Flag, flags_of

HELP = "What training on DATA would cost: every layer, memory, time; without DATA, of a --model what can be counted."
SILENCE = "a rule whose advice is not wanted, as early-stride"


def plan_command(name: str, option: Callable[[Flag], click.Option]) -> click.Command:
    """`multicnn image plan` and its like, with the options of `train`; option: makes one of a flag."""
    own = [
        click.Argument(["data"], required=False),
        click.Option(["--data", "data_option"], hidden=True),
        *(option(flag) for flag in flags_of(name).values()),
        click.Option(["--classes"], type=int, metavar="N", help="answers of a --model without DATA"),
        click.Option(["--config"], type=click.Path(path_type=Path), help="the config.toml of a run"),
        click.Option(["--set", "sets"], multiple=True, metavar="TABLE.KEY=VALUE", help="any other setting"),
        click.Option(["--silence"], multiple=True, metavar="RULE", help=SILENCE),
        click.Option(["--json", "as_json"], is_flag=True, help="print one JSON object, alone, on stdout"),
        click.Option(["-q", "--quiet"], is_flag=True, help="say nothing but warnings and errors"),
        click.Option(["-v", "--verbose"], is_flag=True, help="show every layer, however many"),
    ]
    return click.Command("plan", callback=_planning(name), params=own, help=HELP)


def _planning(name: str) -> Callable[..., None]:
    def plan(
        data: str | None, data_option: str | None, classes: int | None, config: Path | None, sets: Sequence[str],
        silence: Sequence[str], as_json: bool, quiet: bool, verbose: bool, **flags: Any,
    ) -> None:  # fmt: skip
        from multicnn import api
        from multicnn.verbs.layers import read_sets

        if data and data_option:
            raise UsageError(f"two data sets are named, {data} and {data_option}; name one")
        with Console(as_json, quiet) as console:
            found = api.plan(
                name, data or data_option, classes=classes, config=config, settings=read_sets(sets), every=verbose,
                silence=silence, voice=console, **flags,
            )  # fmt: skip
            console.result(found)

    return plan


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--silence", multiple=True, metavar="RULE", help=SILENCE)
@click.option("--json", "as_json", is_flag=True, help="print one JSON object")
@click.option("-q", "--quiet", is_flag=True)
@click.option("-v", "--verbose", is_flag=True, help="show every layer, however many")
def plan(run: Path, silence: Sequence[str], as_json: bool, quiet: bool, verbose: bool) -> None:
    """What training RUN costs on this machine: every layer, memory, time."""
    from multicnn.api import load
    from multicnn.verbs.plan import plan_run

    with Console(as_json, quiet) as console:
        loaded = load(run)
        console.result(plan_run(loaded.modality, loaded.folder, console, every=verbose, silence=silence))
