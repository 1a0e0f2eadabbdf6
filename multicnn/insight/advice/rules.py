"""The rules, each with its limit, its source and the recipe that shows that it pays.

Rules whose ablation failed are not among them; recipes/LOG.md has their numbers.
"""

from multicnn.insight.advice import amount, reading, shape
from multicnn.insight.advice.rule import Rule

RULES: dict[str, Rule] = {
    "early-stride": Rule(
        shape.last_cells, shape.LEAST, True,
        "the grid that the last convolutions see has a side of {value:.0f}, all else is padding: halved too early",
        shape.finer,
        "Iandola et al. 2016, arxiv.org/abs/1602.07360, section 3.1",
        "recipes/principles.py --rule early-stride",
    ),
    "receptive-field": Rule(
        shape.seen_of_objects, 1, True,
        "the deepest cell sees {value:.2f} of the median object's side: it cannot know its shape",
        shape.farther,
        "Luo et al. 2016, arxiv.org/abs/1701.04128",
        "recipes/principles.py --rule receptive-field",
    ),
    "bottleneck": Rule(
        shape.features_a_class, 1, True,
        "the answers are read from {value:.2f} features a class: with fewer than one, classes must share them",
        shape.wider,
        "Szegedy et al. 2015, arxiv.org/abs/1512.00567, principle 1; Yang et al. 2017, arxiv.org/abs/1711.03953",
        "recipes/principles.py --rule bottleneck",
    ),
    "batch-norm": Rule(
        amount.batch_of_norms, 8, True,
        "batch norm takes its statistics from {value:.0f} samples, which differ from one batch to the next",
        amount.larger_batch,
        "Wu, He 2018, arxiv.org/abs/1803.08494, figure 1",
        "recipes/principles.py --rule batch-norm",
    ),
    "from-scratch": Rule(
        amount.photos_from_scratch, 100, True,
        "{value:.0f} photographs a class are few to learn from scratch, and weights of ImageNet are there",
        amount.learnt_weights,
        "Kornblith et al. 2018, arxiv.org/abs/1805.08974",
        "recipes/image/transfer_photos.py",
    ),
    "augmentation": Rule(
        amount.plain_pictures, 1_200, True,
        "{value:.0f} training pictures a class are seen unchanged in every epoch, and learnt by heart",
        amount.usual_augments,
        "Krizhevsky et al. 2012, doi.org/10.1145/3065386, section 4.1; Brigato, Iocchi 2020, arxiv.org/abs/2003.12843",
        "recipes/principles.py --rule augmentation",
    ),
    "imbalance": Rule(
        amount.imbalance, 10, False,
        "the largest class has {value:.0f} times the samples of the smallest, and the loss follows it",
        amount.balance,
        "Buda et al. 2017, arxiv.org/abs/1710.05381",
        "recipes/principles.py --rule imbalance",
    ),
    "window": Rule(
        reading.unheard, 2, False,
        "the median sample is {value:.1f} times as long as what the net gets at once",
        reading.longer,
        "Piczak 2015, doi.org/10.1109/MLSP.2015.7324337, on short and long segments",
        "recipes/principles.py --rule window",
        {"text": "recipes/principles.py --rule window-words"},
    ),
    "resolution": Rule(
        reading.shrunk, 2, False,
        "{value:.1f} pixels of the median picture become one along each axis",
        reading.larger_pictures,
        "Tan, Le 2019, arxiv.org/abs/1905.11946, figure 3",
        "recipes/principles.py --rule resolution",
    ),
}  # fmt: skip
