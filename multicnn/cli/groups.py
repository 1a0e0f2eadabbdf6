"""Names that may be mistyped, and the small commands: cache, doctor."""

from collections.abc import Sequence
from typing import Any

import click

from multicnn.cli.console import Console
from multicnn.cli.export import export
from multicnn.cli.plan import plan
from multicnn.cli.report import report
from multicnn.errors import UsageError
from multicnn.names import hint

ALIASES = {"val": "evaluate", "eval": "evaluate", "validate": "evaluate", "test": "evaluate", "inference": "predict"}


def settings() -> dict[str, Any]:
    """Hyphens and underscores do the same in every command and option; -h asks for help."""
    return {"token_normalize_func": lambda token: token.replace("_", "-"), "help_option_names": ["-h", "--help"]}


class Hinting(click.Group):
    """A group that offers the nearest command."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = ALIASES.get(args[0], args[0].replace("_", "-"))
        if self.get_command(ctx, name) is None and not name.startswith("-"):
            raise UsageError(f"no command {args[0]!r} of {ctx.command_path}; {hint(name, self.list_commands(ctx))}")
        return super().resolve_command(ctx, [name, *args[1:]])

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)  # in the order in which they are written


@click.group(cls=Hinting)
def cache() -> None:
    """The decoded samples that all runs share."""


@cache.command("list")
@click.option("--json", "as_json", is_flag=True, help="print one JSON object")
def cache_list(as_json: bool) -> None:
    """Folder, limit, and what lies there, most recently used first."""
    from multicnn.data import cache as store

    with Console(as_json, False) as console:
        entries = store.entries()
        total = sum(e.bytes for e in entries)
        console.say(f"{store.folder()}: {total / 1e6:,.1f} MB of at most {store.limit() / 1e6:,.0f} MB")
        for e in entries:
            console.say(f"  {e.bytes / 1e6:10,.1f} MB  {e.path.name}")
        found = [{"name": e.path.name, "bytes": e.bytes, "used": e.used} for e in entries]
        console.result({"folder": str(store.folder()), "limit": store.limit(), "bytes": total, "entries": found})


@cache.command("clear")
@click.argument("names", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="print one JSON object")
def cache_clear(names: Sequence[str], as_json: bool) -> None:
    """Remove the entries whose name begins with one of NAMES, or all; samples are decoded anew when needed."""
    from multicnn.data import cache as store

    with Console(as_json, False) as console:
        known = [e.path.name for e in store.entries()]
        for name in names:
            if not any(k.startswith(name) for k in known):
                raise UsageError(
                    f"nothing in the cache begins with {name!r}; {hint(name, known) if known else 'it is empty'}"
                )
        chosen = [e for e in store.entries() if not names or e.path.name.startswith(tuple(names))]
        gone = [e for e in chosen if store.remove(e)]
        console.say(f"removed {len(gone)} of {len(chosen)} entries, {sum(e.bytes for e in gone) / 1e6:,.1f} MB")
        console.result({"removed": [e.path.name for e in gone], "bytes": sum(e.bytes for e in gone)})


@click.command()
@click.option("--json", "as_json", is_flag=True, help="print one JSON object")
def doctor(as_json: bool) -> None:
    """What this machine has: versions, devices, threads, limits; what is missing and how to install it."""
    from multicnn.insight.doctor import examine, lines

    with Console(as_json, False) as console:
        found = examine()
        for line in lines(found):
            console.say(line)
        console.result(found)


COMMANDS = (plan, report, export, cache, doctor)
COMMANDS = (
    plan,
    report,
    export,
    cache,
    doctor,
)
