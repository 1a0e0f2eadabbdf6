"""The command `explain`."""

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from multicnn.cli.console import Console
from multicnn.errors import DataError, UsageError


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.argument("inputs", nargs=-1)
@click.option("--method", metavar="NAME", help="gradcam, integrated-gradients, ...; the most faithful for the network")
@click.option("--class", "class_", metavar="NAME", help="what to explain; what the network is surest of unless given")
@click.option(
    "--level", type=int, metavar="N", help="of the network, for --maps and the cams; the last that keeps cells"
)
@click.option("--top", type=int, default=1, metavar="N", help="classes of each input that are explained, surest first")
@click.option("--filters", is_flag=True, help="draw the filters of the first layer too")
@click.option("--maps", is_flag=True, help="draw the feature maps of the level for each input too")
@click.option("-o", "--out", type=click.Path(path_type=Path), help="folder to write; explanations unless named")
@click.option("--overwrite", is_flag=True, help="replace the explanations in the folder of --out")
@click.option(
    "--on-bad",
    type=click.Choice(["error", "skip"]),
    default="error",
    help="what unreadable samples do to the exit code",
)
@click.option("--device", default="auto", help="auto, cpu, cuda, mps")
@click.option("--json", "as_json", is_flag=True, help="print one JSON object")
@click.option("-q", "--quiet", is_flag=True)
def explain(
    run: Path, inputs: Sequence[str], method: str | None, class_: str | None, level: int | None, top: int,
    filters: bool, maps: bool, out: Path | None, overwrite: bool, on_bad: str, device: str, as_json: bool, quiet: bool,
) -> None:  # fmt: skip
    """Show what in INPUTS (files, folders, tables, or - for lines of text) RUN goes by, and how far to believe it."""
    from multicnn.api import load
    from multicnn.verbs.explained import free, write_gallery
    from multicnn.verbs.inputs import gather

    if not inputs and not filters:
        raise UsageError("name what to explain: files, folders or tables; or add --filters for the network alone")
    with Console(as_json, quiet) as console:
        loaded = load(run, device=device, voice=console)
        items = gather(loaded.modality, inputs, sys.stdin, loaded.item_column, loaded.reader) if inputs else []
        explainer = loaded.explainer(method=method, class_=class_, level=level, top=top)
        made = write_gallery(
            explainer, items, out or free(Path()), console, overwrite=overwrite, filters=filters, maps=maps
        )
        console.result(made.summary())
    bad = [one.error for one in made.found if one.error]
    if bad and on_bad == "error":
        raise DataError(f"{bad[0]}; {len(bad)} of {len(items)} samples are not explained, the others are")
