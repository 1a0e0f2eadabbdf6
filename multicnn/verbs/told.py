"""A plan for a person: a table of layers, or of blocks where they are many, and what they add up to."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from multicnn.insight.cost import Layer

MANY = 40  # layers, from which on they are shown by block
LARGEST = 1024  # samples of a batch that are looked at; larger ones leave few steps to learn by
PARTS = ("weights", "gradients", "optimizer", "average", "activations")
COLUMNS = ("layer", "kind", "output", "parameters", "MFLOP", "sees", "every")


def lines(facts: Mapping[str, Any], found: Sequence[Layer], *, every: bool) -> list[str]:
    """All that a plan says."""
    rows = [row(layer) for layer in found] if every or len(found) <= MANY else blocks(found)
    return [*aligned([COLUMNS, *rows]), *summary(facts)]


def row(layer: Layer) -> tuple[str, ...]:
    """A layer's cells."""
    kernel = f" {spelt(layer.kernel)}" if layer.kernel else ""
    times = f" x{layer.calls}" if layer.calls > 1 else ""
    output = spelt(layer.output) if layer.calls else "in training"
    return (
        layer.name, f"{layer.kind}{kernel}{times}", output, f"{layer.parameters:,}", f"{layer.flops / 1e6:,.3f}",
        spelt(layer.field), spelt(layer.stride),
    )  # fmt: skip


def blocks(found: Sequence[Layer]) -> list[tuple[str, ...]]:
    """Runs of layers of one part of the net, each as a line."""
    rows = []
    for name, run in groupby(found, key=lambda layer: ".".join(layer.name.split(".")[:3])):
        part = list(run)
        last = next((x for x in reversed(part) if x.calls), part[-1])
        seen = max((x.field for x in part), default=())
        rows.append((
            name, f"{len(part)} layers" if len(part) > 1 else last.kind,
            spelt(last.output) if last.calls else "in training", f"{sum(x.parameters for x in part):,}",
            f"{sum(x.flops for x in part) / 1e6:,.3f}", spelt(seen), spelt(last.stride),
        ))  # fmt: skip
    return rows


def spelt(numbers: Sequence[float]) -> str:
    """`64 x 56 x 56`; of equal ones along a square grid one, for what a cell sees."""
    return " x ".join(f"{n:g}" for n in numbers)


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Columns under their heads, numbers at their right."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    right = {COLUMNS.index(name) for name in ("parameters", "MFLOP")}
    return ["  ".join(placed(row, widths, right)).rstrip() for row in rows]


def placed(row: Sequence[str], widths: Sequence[int], right: set[int]) -> list[str]:
    """Cells as wide as their columns."""
    padded = zip(row, widths, strict=True)
    return [cell.rjust(width) if i in right else cell.ljust(width) for i, (cell, width) in enumerate(padded)]


def summary(facts: Mapping[str, Any]) -> list[str]:
    """Totals, memory and time."""
    told = [
        f"{facts['model']}: {facts['parameters']:,} parameters, {facts['flops'] / 1e9:.4g} GFLOP a sample; feature "
        f"maps {sized(facts['activation_bytes'])} a sample, of which training keeps {sized(facts['held_bytes'])}"
    ]
    memory, time = facts["memory"], facts.get("time")
    told.append(f"memory of training, batch {memory['batch']}: {sized(memory['peak'])} ({held(memory)})")
    if "fitting_batch" in memory:
        told.append(fitting(memory))
    if time:
        parts = f"{time['steps']} steps of at most {clock(time['step'])}, validation {clock(time['validation'])}"
        told.append(f"time: {clock(time['epoch'])} an epoch ({parts}, saving {clock(time['saving'])})")
        told.append(f"{time['epochs']} epochs: {clock(time['all'])}, if patience or --time do not end it sooner")
    return told


def held(memory: Mapping[str, Any]) -> str:
    """The parts of the memory of training, which add up to it."""
    parts = [f"{name} {sized(memory[name])}" for name in PARTS]
    if memory["other"] > 0:
        parts.append(f"other {sized(memory['other'])}: what torch and the step take besides")
    if memory["other"] < 0:
        parts.append(f"less {sized(-memory['other'])}, as not all is held at once")
    return ", ".join(parts)


def fitting(memory: Mapping[str, Any]) -> str:
    """The batch that fits, and how that is known."""
    free = sized(memory["free"])
    if not memory["fitting_batch"]:
        return f"not even one sample at a time fits into the free {free}: take a smaller model"
    how = "tried with one step" if memory["tried"] else "by what a sample took; not tried, as a step would be long"
    n, takes = memory["fitting_batch"], sized(memory["fitting_bytes"])
    if n == memory["samples"]:
        return f"any batch fits: all {n:,} training samples at once take {takes} of the free {free} ({how})"
    if n == LARGEST:
        return f"batches of up to {n} fit into the free {free}, and take {takes} ({how}; larger ones are not looked at)"
    return f"batches of up to {n} fit into the free {free}, and take {takes} ({how})"


def sized(n: float) -> str:
    """Bytes, in a unit that suits."""
    for unit, large in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if n >= large:
            return f"{n / large:,.1f} {unit}"
    return f"{n:.0f} bytes"


def clock(seconds: float) -> str:
    """A span of time."""
    if seconds < 1:
        return f"{1000 * seconds:.1f} ms" if seconds < 0.1 else f"{1000 * seconds:.0f} ms"
    if seconds < 120:
        return f"{seconds:.1f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h {minutes % 60} min"
