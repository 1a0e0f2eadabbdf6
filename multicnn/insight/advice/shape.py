"""Numbers of a net's shape: how coarse its grid gets, what its cells see, how many features it answers from."""

from math import ceil, log2

import numpy as np

from multicnn.insight.advice.facts import Facts

LEAST = 3  # cells along an axis, as many as a usual kernel looks at
STEP = 8  # networks whose width is a multiple of 8 are built in eighths


def last_cells(facts: Facts) -> int | None:
    """Cells along the shortest axis of the grid that the last convolution over neighbours sees."""
    if facts.modality != "image" or facts.task != "classify" or not facts.spatial:
        return None
    return min(facts.spatial[-1].input[1:])


def finer(facts: Facts, cells: float) -> str | None:
    """A first layer that halves less, where the network has such a setting."""
    if facts.takes.get("stem") == "imagenet":
        return "--set model.stem=small"
    patch = facts.takes.get("patch", 1)
    return f"--set model.patch={max(1, int(patch * cells / LEAST))}" if patch > 1 else None


def seen_of_objects(facts: Facts) -> float | None:
    """Cells of the grid that the deepest cell sees, to those of the median object; along the axis where it is least."""
    if not len(facts.objects) or not facts.spatial:
        return None
    sides = np.median(facts.objects, axis=0).tolist()
    fields = [max(x.field[axis] for x in facts.spatial) for axis in range(len(sides))]
    return min(field / side for field, side in zip(fields, sides, strict=True))


def farther(facts: Facts, share: float) -> str | None:
    """One more halving for each doubling that the field lacks."""
    if "depth" not in facts.takes:
        return None
    return f"--set model.depth={facts.takes['depth'] + ceil(log2(1 / share))}"


def features_a_class(facts: Facts) -> float | None:
    """Features that the last affine layer reads, for each class."""
    heads = [x for x in facts.layers if x.kind == "Linear" and x.name.startswith("head") and x.calls]
    if facts.task != "classify" or len(facts.counts) < 2 or not heads:
        return None
    return heads[-1].input[-1] / len(facts.counts)


def wider(facts: Facts, share: float) -> str | None:
    """The least width with a feature a class."""
    width = facts.takes.get("width")
    if not width:
        return None
    wanted = ceil(width / share)
    return f"--set model.width={wanted if width % STEP else STEP * ceil(wanted / STEP)}"
