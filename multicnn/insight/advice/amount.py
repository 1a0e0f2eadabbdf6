"""Numbers of how much there is to learn from: samples, of each class, a step."""

from multicnn.insight.advice.facts import Facts

ENOUGH = 16  # samples a step


def parameters_a_sample(facts: Facts) -> float | None:
    """Parameters of body and head, for each training sample; nothing is said of weights that have learnt."""
    if facts.learnt or not facts.samples or facts.task != "classify":
        return None
    return facts.learnable / facts.samples


def narrower(facts: Facts, number: float) -> str | None:
    """The small network that is the default for pictures and sounds."""
    return None if facts.model == "compact" else "--model compact"


def batch_of_norms(facts: Facts) -> float | None:
    """Samples that a batch norm's statistics are taken from."""
    normed = any("BatchNorm" in x.kind for x in facts.layers)
    return facts.batch if normed and facts.batch and facts.samples > facts.batch else None


def larger_batch(facts: Facts, number: float) -> str | None:
    return f"--batch-size {min(ENOUGH, facts.samples)}"


def plain_samples(facts: Facts) -> float | None:
    """Training samples a class, where none of them is ever changed."""
    if facts.augments or not facts.usual or not facts.samples:
        return None
    return facts.samples / max(1, len(facts.counts))


def usual_augments(facts: Facts, number: float) -> str | None:
    """What the defaults take for such data."""
    return f"--augment {','.join(facts.usual)}"


def imbalance(facts: Facts) -> float | None:
    """Samples of the largest class for each of the smallest, where all count alike."""
    if facts.balanced or len(facts.counts) < 2 or not facts.counts.min():
        return None
    return float(facts.counts.max() / facts.counts.min())


def balance(facts: Facts, number: float) -> str | None:
    return "--class-weights balanced"
