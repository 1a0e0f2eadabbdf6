"""Numbers of how samples are read: how much of them a net is given."""

from math import ceil

import numpy as np

from multicnn.insight.advice.facts import Facts

AFFORDABLE = 128  # pixels a side; beyond, detail costs more than it is known to bring


def shrunk(facts: Facts) -> float | None:
    """Pixels of the median picture's shorter side for each that the net gets."""
    if facts.modality != "image" or not facts.median or len(facts.read) != 2 or min(facts.read) >= AFFORDABLE:
        return None
    return min(facts.median) / min(facts.read)


def larger_pictures(facts: Facts, number: float) -> str | None:
    """As they come, up to a size that is affordable."""
    return f"--image-size {min(AFFORDABLE, round(min(facts.median)))}"


def unheard(facts: Facts) -> float | None:
    """The median length of the samples, in what the net gets of one at once."""
    return None if facts.modality == "image" or not facts.median else facts.median[0] / facts.read[0]


def longer(facts: Facts, number: float) -> str | None:
    """What holds nine samples of ten."""
    length = float(np.quantile(facts.given[:, 0], 0.9))
    return f"--max-words {ceil(length)}" if facts.modality == "text" else f"--seconds {ceil(10 * length) / 10:g}"
