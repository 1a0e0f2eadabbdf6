"""Settings in layers: defaults, then a saved config, then flags, then `--set`; each later one wins."""

import tomllib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from multicnn.errors import UsageError
from multicnn.names import check, find, hint
from multicnn.train.run import damaged
from multicnn.verbs.modality import Kind, Modality

Tables = dict[str, dict[str, Any]]
TABLES = ("preset", "data", "reader", "frontend", "model", "task", "train", "augment")


def read_config(path: Path, modality: str) -> Tables:
    """The tables of a saved config.toml. Raises UsageError when it is none, or of another modality."""
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(f"--config {path}: {error}; give the config.toml of a run") from error
    kind = found.pop("modality", modality)
    if kind != modality:
        raise UsageError(f"--config {path}: it is of a run of {kind}; say `multicnn {kind} train --config {path}`")
    for table, settings in found.items():
        find("table of settings", dict.fromkeys(TABLES), table)
        if not isinstance(settings, dict):
            raise UsageError(f"--config {path}: {table} is no table; write [{table}]")
    return found


def read_saved(path: Path, modality: str) -> Tables:
    """The tables that a run saved of its settings. Raises DataError where they are damaged or one is missing."""
    found = read_written(path, modality)
    if missing := [table for table in ("data", "task", "train") if table not in found]:
        raise damaged(path, f"no table [{missing[0]}] in it")
    return found


def read_written(path: Path, modality: str) -> Tables:
    """What there is of them. Raises DataError for what no run writes."""
    try:
        return read_config(path, modality)
    except UsageError as error:
        raise damaged(path, error.__cause__ or str(error).removeprefix(f"--config {path}: ")) from error


def read_sets(given: Iterable[str]) -> Tables:
    """`table.key=value` as tables; the value is read as TOML, or else as a string."""
    found: Tables = {}
    for text in given:
        path, equals, value = text.partition("=")
        keys = path.strip().replace("-", "_").split(".")
        if not equals or len(keys) < 2 or keys[0] not in TABLES:
            raise UsageError(f"--set {text}: write table.key=value, with a table of {', '.join(TABLES)}")
        place = found.setdefault(keys[0], {})
        for key in keys[1:-1]:
            place = place.setdefault(key if keys[0] != "augment" else key.replace("_", "-"), {})
            if not isinstance(place, dict):
                raise UsageError(f"--set {text}: {key} is set to {place!r} before; leave one of them out")
        place[keys[-1]] = _value(value)
    return found


def read_task(given: Iterable[str]) -> dict[str, Any]:
    """The settings of a trained task. Raises UsageError for one of another table, which the weights have settled."""
    found = read_sets(given)
    if other := [name for name in found if name != "task"]:
        raise UsageError(f"--set {other[0]}...: settled by training; only settings of the task can be set, as task.KEY")
    return found.get("task", {})


def _value(text: str) -> Any:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def overlay(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """`above` over `below`; another `name` drops what was said about the old one."""
    if "name" in above and above["name"] != below.get("name"):
        return dict(above)
    merged = dict(below)
    for key, value in above.items():
        inner = merged.get(key)
        merged[key] = overlay(inner, value) if isinstance(value, dict) and isinstance(inner, dict) else value
    return merged


def resolve(defaults: Tables, config: Tables, flags: Tables, sets: Tables, augments: Mapping[str, Any]) -> Tables:
    """All tables, every setting decided."""
    found: Tables = {table: {} for table in TABLES}
    for layer in (defaults, config, flags, sets):
        for table, settings in layer.items():
            if table != "augment":
                found[table] = overlay(found[table], settings)
    chosen = config.get("augment", defaults.get("augment", {}))
    if "names" in flags.get("augment", {}):
        names = flags["augment"]["names"]
        known = overlay(defaults.get("augment", {}), config.get("augment", {}))
        chosen = {name: known.get(name, {}) for name in names if find("augmentation", augments, name)}
    found["augment"] = overlay(chosen, sets.get("augment", {}))
    return found


def check_tables(modality: Modality, kind: Kind, tables: Tables, body: Callable[..., Any]) -> None:
    """Refuse what no part takes. Raises UsageError with near names."""
    check("reader", kind.plan_reader, tables["reader"])
    frontend = find("front-end", modality.frontends, tables["frontend"]["name"])
    check(f"front-end {tables['frontend']['name']!r}", frontend, rest(tables["frontend"]))
    check(f"model {tables['model']['name']!r}", body, rest(tables["model"]))
    for name, settings in tables["augment"].items():
        only = getattr(modality.augments.get(name), "only", tables["task"]["name"])
        if only != tables["task"]["name"]:
            raise UsageError(f"--augment {name} is for --task {only}; leave it out")
        if kind.augments is not None and name in modality.augments and name not in kind.augments:
            raise UsageError(
                f"--augment {name}: {tables['task']['name']} cannot follow it; take {', '.join(kind.augments)} or none"
            )
        if not isinstance(settings, dict):
            raise UsageError(
                f"augment.{name} is no table; write --set augment.NAME.key=value, {hint(name, modality.augments)}"
            )
        check(f"augmentation {name!r}", find("augmentation", modality.augments, name), settings)


def rest(settings: Mapping[str, Any]) -> dict[str, Any]:
    """The settings without the name of what they belong to."""
    return {k: v for k, v in settings.items() if k != "name"}
