"""Numbers of how much there is to learn from: samples, of each class, at a time."""

from multicnn.insight.advice.facts import Facts
from multicnn.zoo.official import OFFICIAL

ENOUGH = 16  # samples a step
COLOURS = 3  # channels of a photograph
PHOTO = 64  # pixels of the shorter side from which a colour picture counts as one


def photos_from_scratch(facts: Facts) -> float | None:
    """Training photographs a class, where nothing has learnt yet."""
    if facts.learnt or facts.modality != "image" or not len(facts.counts) or not facts.convolutions:
        return None
    photos = facts.convolutions[0].input[0] == COLOURS and len(facts.read) == 2 and min(facts.read) >= PHOTO
    return facts.samples / len(facts.counts) if photos else None


def learnt_weights(facts: Facts, number: float) -> str | None:
    """ImageNet's, for the same network where there are any."""
    model = "" if facts.model in OFFICIAL else "--model resnet18 "
    return f"{model}--weights imagenet --freeze backbone"


def batch_of_norms(facts: Facts) -> float | None:
    """Samples that a batch norm's statistics are taken from."""
    normed = any("BatchNorm" in x.kind for x in facts.layers)
    return facts.batch if normed and facts.batch and facts.samples > facts.batch else None


def larger_batch(facts: Facts, number: float) -> str | None:
    """Enough of them, or all."""
    return f"--batch-size {min(ENOUGH, facts.samples)}"


def plain_pictures(facts: Facts) -> float | None:
    """Training pictures a class, where none of them is ever changed."""
    if facts.modality != "image" or facts.augments or not facts.usual or not len(facts.counts):
        return None
    return facts.samples / len(facts.counts)


def usual_augments(facts: Facts, number: float) -> str | None:
    """What the defaults take for such data."""
    return f"--augment {','.join(facts.usual)}"


def imbalance(facts: Facts) -> float | None:
    """Samples of the largest class for each of the smallest, where all count alike."""
    if facts.balanced or len(facts.counts) < 2 or not facts.counts.min():
        return None
    return float(facts.counts.max() / facts.counts.min())


def balance(facts: Facts, number: float) -> str | None:
    """Weights that go half the way."""
    return "--class-weights sqrt"
