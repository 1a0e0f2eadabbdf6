"""Numbers of how samples are read: how much of them, and what kernels make of their length."""

from math import ceil

import numpy as np

from multicnn.insight.advice.facts import Facts

AFFORDABLE = 128  # pixels a side; beyond, detail costs more than it is known to bring


def shrunk(facts: Facts) -> float | None:
    """Pixels of a picture's shorter side for each that the net gets."""
    if facts.modality != "image" or not facts.median or len(facts.read) != 2 or min(facts.read) >= AFFORDABLE:
        return None
    return min(facts.median) / min(facts.read)


def larger_pictures(facts: Facts, number: float) -> str | None:
    return f"--image-size {min(AFFORDABLE, round(min(facts.median)))}"


def unheard(facts: Facts) -> float | None:
    """The median length of the samples, in what the net gets of one at once."""
    return None if facts.modality == "image" or not facts.median else facts.median[0] / facts.read[0]


def longer(facts: Facts, number: float) -> str | None:
    """What holds nine samples of ten."""
    length = float(np.quantile(facts.given[:, 0], 0.9))
    return f"--max-words {ceil(length)}" if facts.modality == "text" else f"--seconds {ceil(10 * length) / 10:g}"


def shorter_than_kernels(facts: Facts) -> float | None:
    """Share of the texts that the widest kernel covers with words to spare."""
    if facts.modality != "text" or not len(facts.given) or not facts.spatial or "kernels" not in facts.takes:
        return None
    return float((words(facts) < widest(facts)).mean())


def words(facts: Facts) -> np.ndarray:
    """Read of each text."""
    return facts.given[:, 0].clip(max=facts.read[0])


def widest(facts: Facts) -> int:
    """Words that a kernel covers."""
    return max(max(x.kernel) for x in facts.spatial)


def narrower_kernels(facts: Facts, share: float) -> str | None:
    """As many kernels, the widest as long as the median text where that is possible."""
    most = max(1, int(np.median(words(facts))))
    n = len(facts.takes["kernels"])
    sizes = [max(1, most - n + 1 + i) for i in range(n)]
    return f"--set model.kernels=[{','.join(map(str, sorted(set(sizes))))}]"
