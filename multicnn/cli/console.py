"""What a person sees: lines, and a progress bar on a terminal; with --json one object alone on stdout."""

import json
import sys
from types import TracebackType
from typing import Any

import click


class Console:
    """The voice of the command line."""

    def __init__(self, as_json: bool, quiet: bool, *, lines_to_stderr: bool = False):
        self.as_json, self.quiet, self.lines_to_stderr = as_json, quiet, lines_to_stderr
        self.progress: Any = None
        self.what: str | None = None
        self.task: Any = None

    def __enter__(self) -> "Console":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._clear()

    def say(self, line: str) -> None:
        """A line worth keeping."""
        self._clear()
        warning = line.startswith("warning:")
        if not self.quiet or warning:
            click.echo(readable(line), err=warning or self.as_json or self.lines_to_stderr)

    def tick(self, what: str, done: int, of: int) -> None:
        """Move the bar; only a terminal has one."""
        if self.quiet or not sys.stderr.isatty():
            return
        if what != self.what:
            self._clear()
            self._start(what, of)
        self.progress.update(self.task, completed=done)
        if done >= of:
            self._clear()

    def result(self, value: Any) -> None:
        """The one JSON object, where it is asked for."""
        if self.as_json:
            click.echo(readable(json.dumps(value, ensure_ascii=False)))

    def _start(self, what: str, of: int) -> None:
        from rich.console import Console as Terminal
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        self.progress = Progress(*columns, console=Terminal(stderr=True), transient=True)
        self.task, self.what = self.progress.add_task(what, total=of), what
        self.progress.start()

    def _clear(self) -> None:
        if self.progress is not None:
            self.progress.stop()
        self.progress = self.what = None


def readable(text: str) -> str:
    """The same text, with a question mark for each byte of a file's name that is no letter."""
    return text.encode("utf-8", "replace").decode("utf-8")
