"""The command `report`."""

from collections.abc import Sequence
from pathlib import Path

import click

from multicnn.cli.console import Console


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--slice", "slices", multiple=True, metavar="COLUMN", help="tell results apart by it; label, group, ...")
@click.option("-o", "--out", type=click.Path(path_type=Path), help="file to write; report.html of the run unless named")
@click.option("--overwrite", is_flag=True, help="replace the file of --out")
@click.option("--device", default="auto", help="auto, cpu, cuda, mps")
@click.option("--json", "as_json", is_flag=True, help="print one JSON object")
@click.option("-q", "--quiet", is_flag=True)
def report(
    run: Path, slices: Sequence[str], out: Path | None, overwrite: bool, device: str, as_json: bool, quiet: bool
) -> None:
    """Write a page that tells all about RUN: how good it is, where it fails, what it cost, how it is used."""
    from multicnn.api import load

    with Console(as_json, quiet) as console:
        place = load(run, device=device, voice=console).report(slices, out=out, overwrite=overwrite)
        console.say(f"report: {place}")
        console.result({"run": str(run), "report": str(place), "bytes": place.stat().st_size})
