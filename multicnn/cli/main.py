"""Commands, and how every error becomes one line and an exit code."""

import os
import sys
import traceback
from collections.abc import Sequence
from errno import EDQUOT, EFBIG, ENOSPC
from io import TextIOWrapper
from pathlib import Path
from typing import NoReturn

import click

from multicnn import __version__
from multicnn.cli.console import Console
from multicnn.cli.explain import explain
from multicnn.cli.groups import COMMANDS, Hinting, settings
from multicnn.cli.modality import modality_group
from multicnn.errors import MulticnnError, UsageError

BUG = 1
INTERRUPTED = 130


@click.group(
    cls=Hinting, context_settings=settings(), epilog="Add --debug to any command for the traceback of an error."
)
@click.version_option(__version__, prog_name="multicnn")
def cli() -> None:
    """Convolutional networks for images, audio and text: train, measure and use them with one command.

    \b
    multicnn image train photos/         a folder with a folder per class
    multicnn audio train sounds.csv      a table with columns path and label
    multicnn text train reviews.csv      a table with columns text and label
    multicnn predict runs/NAME FILE...
    """


for _name in ("image", "audio", "text"):
    cli.add_command(modality_group(_name))


@cli.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.argument("data", required=False)
@click.option(
    "--split", type=click.Choice(["test", "val", "train"]), help="part of the run's own data; test unless named"
)
@click.option("--tta", is_flag=True, help="average the answers to several views of each sample, as mirrored or shifted")
@click.option(
    "--set", "sets", multiple=True, metavar="task.KEY=VALUE", help="a setting of the task, instead of its own"
)
@click.option("--require", metavar="METRIC>=X", help="exit with 5 unless the metric holds")
@click.option("--device", default="auto", help="auto, cpu, cuda, mps")
@click.option("--json", "as_json", is_flag=True, help="print one JSON object")
@click.option("-q", "--quiet", is_flag=True)
def evaluate(
    run: Path, data: str | None, split: str | None, tta: bool, sets: Sequence[str], require: str | None, device: str,
    as_json: bool, quiet: bool,
) -> None:  # fmt: skip
    """Measure RUN on its own test part, or on other labelled DATA."""
    from multicnn.api import load
    from multicnn.verbs.layers import read_task
    from multicnn.verbs.train import check_requirement, parse_requirement

    wanted = parse_requirement(require) if require else None
    if data is not None and split is not None:
        raise UsageError(f"--split {split} is a part of the run's own data, and {data} is other data; leave one out")
    with Console(as_json, quiet) as console:
        loaded = load(run, device=device, voice=console, task=read_task(sets))
        found = loaded.evaluate(data, split=split or "test", tta=tta)
        console.result(found)
    if wanted:
        check_requirement(wanted, {**found["metrics"], "loss": found["loss"]}, loaded.folder)


@cli.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.argument("inputs", nargs=-1, required=True)
@click.option(
    "--format", "form", type=click.Choice(["csv", "jsonl"]), help="of the answers; from the ending of --out, else csv"
)
@click.option("-o", "--out", type=click.Path(path_type=Path), help="file to write; standard output unless named")
@click.option("--overwrite", is_flag=True, help="replace the file of --out")
@click.option(
    "--on-bad",
    type=click.Choice(["error", "skip"]),
    default="error",
    help="what unreadable samples do to the exit code",
)
@click.option(
    "--features", is_flag=True, help="write the vectors that it answers from: --out NAME makes NAME.npy, .csv"
)
@click.option("--tta", is_flag=True, help="average the answers to several views of each sample, as mirrored or shifted")
@click.option("--every", type=float, metavar="SECONDS", help="sounds: say what occurs when, looking so often")
@click.option("--threshold", type=float, help="sounds: probability from which something occurs; 0.5 unless given")
@click.option(
    "--abstain", type=float, metavar="PRECISION", help="hold back what is not sure enough to be so often right"
)
@click.option(
    "--set", "sets", multiple=True, metavar="task.KEY=VALUE", help="a setting of the task, instead of its own"
)
@click.option("--device", default="auto", help="auto, cpu, cuda, mps")
@click.option("--json", "as_json", is_flag=True, help="print one JSON object with all answers")
@click.option("-q", "--quiet", is_flag=True)
def predict(
    run: Path, inputs: Sequence[str], form: str | None, out: Path | None, overwrite: bool, on_bad: str, features: bool,
    tta: bool, every: float | None, threshold: float | None, abstain: float | None, sets: Sequence[str], device: str,
    as_json: bool, quiet: bool,
) -> None:  # fmt: skip
    """Answer for INPUTS with RUN: files, folders, tables, or - for lines of text."""
    from multicnn.cli.answers import answer
    from multicnn.cli.vectors import write_features

    with Console(as_json, quiet, lines_to_stderr=True) as console:
        if features:
            others = {"format": form, "every": every, "threshold": threshold, "abstain": abstain, "set": tuple(sets)}
            return write_features(run, inputs, out, overwrite, on_bad, tta, device, console, others)
        answer(run, inputs, form, out, overwrite, on_bad, tta, every, threshold, abstain, sets, device, console)


@cli.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="print one JSON object")
@click.option("-q", "--quiet", is_flag=True)
def resume(run: Path, as_json: bool, quiet: bool) -> None:
    """Train RUN on from its last saved state, to the same result as if it had never stopped."""
    from multicnn.api import load
    from multicnn.verbs.train import resume as go_on

    with Console(as_json, quiet) as console:
        loaded = load(run)
        _, summary = go_on(loaded.modality, loaded.folder, console)
        console.result(summary)


@cli.command()
@click.argument("first", type=click.Path(path_type=Path))
@click.argument("second", type=click.Path(path_type=Path))
@click.option("--split", default="test", help="name of an evaluation both have")
@click.option("--json", "as_json", is_flag=True, help="print one JSON object")
def compare(first: Path, second: Path, split: str, as_json: bool) -> None:
    """Compare two runs on the same test samples, by a paired bootstrap."""
    from multicnn.train.run import open_run
    from multicnn.verbs.compare import compare as run_compare
    from multicnn.verbs.compare import lines

    with Console(as_json, False) as console:
        found = run_compare(open_run(first), open_run(second), split)
        for line in lines(found):
            console.say(line)
        console.result(found)


for _command in (explain, *COMMANDS):
    cli.add_command(_command)


def main(argv: Sequence[str] | None = None) -> NoReturn:
    """Run a command and end the process with its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal or pipe that lacks a letter is no error
    # torch's threads wait by spinning, which on a busy machine takes the core that the other thread needs
    os.environ.setdefault("GOMP_SPINCOUNT", "1000")
    arguments = list(sys.argv[1:] if argv is None else argv)
    debug = "--debug" in arguments
    sys.exit(run([a for a in arguments if a != "--debug"], debug))


def run(arguments: Sequence[str], debug: bool) -> int:
    """Run a command; every error becomes one line on stderr."""
    try:
        code = cli.main(list(arguments), prog_name="multicnn", standalone_mode=False)
        return code if isinstance(code, int) else 0
    except (MulticnnError, click.ClickException, KeyboardInterrupt, click.Abort, BrokenPipeError) as error:
        if debug:
            traceback.print_exc()
        return tell(error)
    except Exception as error:
        if debug:
            traceback.print_exc()
        return tell(error)


def tell(error: BaseException) -> int:
    """One line on stderr, and the exit code of an error."""
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        click.echo(error.format_message())
        return error.exit_code
    if isinstance(error, BrokenPipeError):  # the reader of our output has gone, as with `| head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    message, code = said(error)
    line = message.replace("\n", "\\n").replace("\r", "\\r")  # names of files may hold them
    click.echo(f"multicnn: {line}", err=True)
    return code


def said(error: BaseException) -> tuple[str, int]:
    """What to say of an error, and the exit code."""
    if isinstance(error, MulticnnError):
        return str(error), error.exit_code
    if isinstance(error, click.ClickException):
        where = error.ctx.command_path if isinstance(error, click.UsageError) and error.ctx else "multicnn"
        return f"{error.format_message().rstrip('.')}; see `{where} --help`", error.exit_code
    if isinstance(error, KeyboardInterrupt | click.Abort):
        return "interrupted; nothing was lost", INTERRUPTED
    if isinstance(error, OSError) and error.strerror:
        full = error.errno in (ENOSPC, EDQUOT, EFBIG)
        step = "free some space, or choose another disk" if full else "check the path and its rights"
        return f"{error.filename or 'a file'}: {error.strerror}; {step}", 3
    line = " ".join(str(error).split()) or type(error).__name__
    if isinstance(error, MemoryError) or "allocate memory" in line:
        return f"not enough memory ({line}); make the samples smaller, or free some memory", 3
    return f"unexpected {type(error).__name__}: {line}; run again with --debug and report it", BUG


__all__ = ["cli", "main"]
