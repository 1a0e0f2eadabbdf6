"""The command `export`."""

from pathlib import Path

import click

from multicnn.cli.console import Console


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.option("-o", "--out", type=click.Path(path_type=Path), help="folder to write; RUN/export unless named")
@click.option("--format", "form", type=click.Choice(["onnx", "torch"]), default="onnx", help="of the graph")
@click.option("--int8", is_flag=True, help="8-bit weights and activations, with their measured loss")
@click.option("--overwrite", is_flag=True, help="replace the bundle at --out")
@click.option("--json", "as_json", is_flag=True, help="print one JSON object")
@click.option("-q", "--quiet", is_flag=True)
def export(run: Path, out: Path | None, form: str, int8: bool, overwrite: bool, as_json: bool, quiet: bool) -> None:
    """Write RUN as a folder that answers without multicnn and torch, and check its answers."""
    from multicnn.api import load

    with Console(as_json, quiet) as console:
        loaded = load(run, device="cpu", voice=console)
        found = loaded.export(out, format=form, int8=int8, overwrite=overwrite)
        console.result({"run": str(run), "bundle": str(found.path), **found.facts})
