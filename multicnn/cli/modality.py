"""The commands of one modality: train, plan, audit, tasks, models, datasets."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from multicnn.cli.audit import audit_command
from multicnn.cli.console import Console
from multicnn.cli.embedding import embed
from multicnn.cli.groups import Hinting, settings
from multicnn.cli.learning import learning_command
from multicnn.cli.plan import plan_command
from multicnn.errors import UsageError
from multicnn.flags import Flag, flags_of

FILES = "Train on DATA: a folder with a folder per class, a table of paths and labels, or a built-in name."
TEXTS = "Train on DATA: a table of texts and labels, a folder with a folder per class, or a built-in name."
TRAIN_HELP = {"image": FILES, "audio": FILES, "text": TEXTS}
HELP = {"image": "Pictures.", "audio": "Sounds, and series of several channels.", "text": "Texts."}
OWN = {"text": (embed,)}  # commands that only one modality has
LETTERS = 1  # length of an alias that is a short option


def modality_group(name: str) -> click.Group:
    """`multicnn image`, `audio` or `text`."""
    group = Hinting(name, help=HELP[name], context_settings=settings())
    group.add_command(train_command(name))
    group.add_command(plan_command(name, option))
    group.add_command(audit_command(name, option))
    group.add_command(learning_command(name, option))
    for table, text in (
        ("tasks", "What can be asked of the samples."),
        ("models", "Networks, with their parameters, and front-ends."),
        ("datasets", "Named sets, and the layouts that are read."),
    ):
        group.add_command(list_command(name, table, text))
    for command in OWN.get(name, ()):
        group.add_command(command)
    return group


def list_command(name: str, table: str, text: str) -> click.Command:
    """A command that lists one of the modality's tables."""

    def show(as_json: bool) -> None:
        from multicnn.cli import listings

        with Console(as_json, False) as console:
            found = getattr(listings, table)(name)
            for line in found.lines:
                console.say(line)
            console.result(found.value)

    flag = click.Option(["--json", "as_json"], is_flag=True, help="print JSON")
    return click.Command(table, callback=show, params=[flag], help=text)


def train_command(name: str) -> click.Command:
    """`train`, its options made of the table of flags."""
    options = [option(flag) for flag in flags_of(name).values()]
    own = [
        click.Argument(["data"], required=False),
        click.Option(["--data", "data_option"], hidden=True),
        *options,
        click.Option(["--folds"], type=int, help="cross-validate: a run a fold, and their mean"),
        click.Option(["--config"], type=click.Path(path_type=Path), help="replay the config.toml of a run"),
        click.Option(["--set", "sets"], multiple=True, metavar="TABLE.KEY=VALUE", help="any other setting"),
        click.Option(["-o", "--out", "--output-dir", "--output"], type=click.Path(path_type=Path), help="run folder"),
        click.Option(["--overwrite"], is_flag=True, help="replace the run at --out"),
        click.Option(["--require"], metavar="METRIC>=X", help="exit with 5 unless the metric holds on the test part"),
        click.Option(["--json", "as_json"], is_flag=True, help="print one JSON object, alone, on stdout"),
        click.Option(["-q", "--quiet"], is_flag=True, help="say nothing but warnings and errors"),
        click.Option(["-v", "--verbose"], is_flag=True, help="show every resolved setting"),
    ]
    return click.Command("train", callback=_training(name), params=own, help=TRAIN_HELP[name])


def option(flag: Flag) -> click.Option:
    """The option of one flag, under all its names."""
    names = [f"--{flag.name}", *(f"-{a}" if len(a) == LETTERS else f"--{a}" for a in flag.aliases)]
    variable = flag.name.replace("-", "_")
    if flag.kind is bool:
        return click.Option([*names, variable], is_flag=True, default=None, help=flag.help)
    return click.Option([*names, variable], type=str, help=flag.help, metavar=metavar(flag))


def metavar(flag: Flag) -> str:
    """What stands for the flag's value in the help."""
    kinds = {
        int: "N",
        float: "X",
        str: "NAME",
        "names": "A,B",
        "seconds": "TIME",
        "part": "SHARE|PATH",
        "size": "PIXELS",
    }
    return kinds[flag.kind]


def _training(name: str) -> Callable[..., None]:
    def train(
        data: str | None, data_option: str | None, folds: int | None, config: Path | None, sets: tuple[str, ...],
        out: Path | None, overwrite: bool, require: str | None, as_json: bool, quiet: bool, verbose: bool, **flags: Any,
    ) -> None:  # fmt: skip
        from multicnn.cli.training import Asked, train

        if data and data_option:
            raise UsageError(f"two data sets are named, {data} and {data_option}; name one")
        with Console(as_json, quiet) as console:
            asked = Asked(name, data or data_option, flags, config, sets, out, overwrite, require, folds, verbose)
            console.result(train(asked, console))

    return train
