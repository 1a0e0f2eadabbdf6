"""What `tasks`, `models` and `datasets` list."""

from typing import Any, NamedTuple

from multicnn.api import modality as find_modality
from multicnn.names import schema
from multicnn.zoo import BODIES


class Listing(NamedTuple):
    """Lines for a person, a value for a program."""

    lines: list[str]
    value: Any


def tasks(modality: str) -> Listing:
    """The modality's tasks, with the first sentence of their documentation."""
    found = [
        {"name": n, "about": about(kind.task), "settings": plain(schema(kind.task))}
        for n, kind in find_modality(modality).tasks.items()
    ]
    return Listing([f"{t['name']:<12} {t['about']}" for t in found], found)


def models(modality: str) -> Listing:
    """Networks and front-ends."""
    bodies = [{**m.facts(name), "settings": plain(schema(m.build))} for name, m in BODIES.items()]
    lines = [
        f"{b['name']:<23} {b['parameters']:>12,}  rank {','.join(map(str, b['ranks'])):<7} {b['paper']}" for b in bodies
    ]
    fronts = [f"{name:<23} {about(f)}" for name, f in find_modality(modality).frontends.items()]
    return Listing([*lines, "front-ends:", *fronts], bodies)


def datasets(modality: str) -> Listing:
    """Named sets."""
    found = [
        {"name": n, "task": task, "about": about(d), "default": n == kind.default_data}
        for task, kind in find_modality(modality).tasks.items()
        for n, d in kind.datasets.items()
    ]
    lines = [f"{d['name']:<19} {d['task']:<11} {d['about']}{' (the default)' if d['default'] else ''}" for d in found]
    layouts = [f"{task:<19} {about(kind.open)}" for task, kind in find_modality(modality).tasks.items()]
    return Listing([*lines, "NAME=PATH says where a named set lies; also read:", *layouts], found)


def about(thing: Any) -> str:
    """The first sentence of a documentation string."""
    text = " ".join((thing.__doc__ or "").split())
    return text.split(". ")[0].split("; see")[0].rstrip(".")


def plain(settings: dict[str, Any]) -> dict[str, Any]:
    """Defaults that JSON can say; a setting without one follows from the data."""
    return {k: v for k, v in settings.items() if isinstance(v, str | int | float | bool | list | tuple) or v is None}
