"""Numbers of a net's shape: how coarse its grid gets, what its cells see, how many features it answers from."""

from math import ceil, log2, prod

from multicnn.insight.advice.facts import Facts
from multicnn.insight.cost import Layer

LEAST = 3  # cells an axis, as many as a usual kernel looks at
SQUARE = 5  # the kernel that two of 3 stand in for
STEP = 8  # networks whose width is a multiple of 8 are built in eighths


def last_cells(facts: Facts) -> int | None:
    """Cells along the shortest axis of the grid that the last convolution over neighbours sees."""
    if facts.modality != "image" or facts.task != "classify" or not facts.spatial:
        return None
    return min(facts.spatial[-1].input[1:])


def finer(facts: Facts, cells: float) -> str | None:
    """A first layer that halves less, or else larger pictures."""
    if mended := gentler(facts):
        return mended
    wanted = ceil(LEAST / cells)
    return f"--image-size {round(min(facts.read)) * wanted}" if facts.read else None


def gentler(facts: Facts) -> str | None:
    """The setting by which a network's first layer keeps more cells."""
    if facts.takes.get("stem") == "imagenet":
        return "--set model.stem=small"
    patch = facts.takes.get("patch", 1)
    return f"--set model.patch={max(1, patch // 4)}" if patch > 1 else None


def last_bands(facts: Facts) -> int | None:
    """Cells along the frequency axis of the grid that the last convolution over neighbours sees."""
    if facts.modality != "audio" or not facts.spatial or len(facts.spatial[-1].input) < 3:
        return None
    return facts.spatial[-1].input[1]


def more_bands(facts: Facts, cells: float) -> str | None:
    """A first layer that halves less, or else more bands."""
    mels = facts.front.get("mels")
    return gentler(facts) or (f"--set frontend.mels={ceil(LEAST / cells) * mels}" if mels else None)


def seen_of_objects(facts: Facts) -> float | None:
    """Cells of the grid that the deepest cell sees, to those of the median object; along the axis where it is least."""
    if not len(facts.objects) or not facts.spatial:
        return None
    sides = [sorted(facts.objects[:, axis].tolist())[len(facts.objects) // 2] for axis in range(facts.objects.shape[1])]
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


def saved_by_small_kernels(facts: Facts) -> float | None:
    """Share of the parameters that two 3x3 convolutions in the place of each 5x5 would save."""
    found = [saved(x) for x in facts.spatial if set(x.kernel) == {SQUARE} and len(x.kernel) > 1 and x.groups == 1]
    return sum(n for n in found if n > 0) / facts.learnable if found else None


def saved(layer: Layer) -> int:
    """Weights of a 5x5 convolution, less those of a 3x3 that keeps its channels and of one that answers as it does."""
    c_in, rank = layer.input[0], len(layer.kernel)
    c_out = layer.output[0]
    return prod(layer.kernel) * c_in * c_out - 3**rank * c_in * (c_in + c_out)


def small_kernels(facts: Facts, share: float) -> str | None:
    """Where the network has a setting for it."""
    return "--set model.kernels_5=[3,3]" if "kernels_5" in facts.takes else None
