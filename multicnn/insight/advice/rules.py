"""The rules, each with its limit, its source and the recipe that shows that it pays."""

from multicnn.insight.advice import amount, reading, shape
from multicnn.insight.advice.rule import Rule

RULES: dict[str, Rule] = {
    "early-stride": Rule(
        shape.last_cells, shape.LEAST, True,
        "the last convolutions of 3 cells see a grid of {value:.0f}, mostly padding: it is halved too early",
        shape.finer,
        "Iandola et al. 2016, arxiv.org/abs/1602.07360, section 3.1",
        "principles.py --rule early-stride",
    ),
    "bands": Rule(
        shape.last_bands, shape.LEAST, True,
        "the last convolutions of 3 cells see {value:.0f} along the frequencies: pitch is averaged away too early",
        shape.more_bands,
        "Kim et al. 2021, arxiv.org/abs/2106.04140, table 1, which keeps 5",
        "principles.py --rule bands",
    ),
    "receptive-field": Rule(
        shape.seen_of_objects, 1, True,
        "the deepest cell sees {value:.2f} of the median object's side: it cannot know its shape",
        shape.farther,
        "Luo et al. 2016, arxiv.org/abs/1701.04128",
        "principles.py --rule receptive-field",
    ),
    "bottleneck": Rule(
        shape.features_a_class, 1, True,
        "the answers are read from {value:.2f} features a class; with fewer than one, classes must share them",
        shape.wider,
        "Szegedy et al. 2015, arxiv.org/abs/1512.00567, principle 1; Yang et al. 2017, arxiv.org/abs/1711.03953",
        "principles.py --rule bottleneck",
    ),
    "two-for-five": Rule(
        shape.saved_by_small_kernels, 0.02, False,
        "two 3x3 convolutions in the place of each 5x5 see as much with {value:.1%} less parameters",
        shape.small_kernels,
        "Szegedy et al. 2015, arxiv.org/abs/1512.00567, section 3.1",
        "principles.py --rule two-for-five",
    ),
    "parameters": Rule(
        amount.parameters_a_sample, 2_000, False,
        "{value:,.0f} parameters for each training sample are more than {limit:,.0f}",
        amount.narrower,
        "Brigato, Iocchi 2020, arxiv.org/abs/2003.12843",
        "principles.py --rule parameters",
    ),
    "batch-norm": Rule(
        amount.batch_of_norms, 8, True,
        "batch norm takes its statistics from {value:.0f} samples, which differ from one batch to the next",
        amount.larger_batch,
        "Wu, He 2018, arxiv.org/abs/1803.08494, figure 1",
        "principles.py --rule batch-norm",
    ),
    "augmentation": Rule(
        amount.plain_samples, 1_200, True,
        "{value:.0f} training samples a class are seen unchanged in every epoch, and learnt by heart",
        amount.usual_augments,
        "Krizhevsky et al. 2012, doi.org/10.1145/3065386, section 4.1, with 1,200 a class",
        "principles.py --rule augmentation",
    ),
    "imbalance": Rule(
        amount.imbalance, 10, False,
        "the largest class has {value:.0f} times the samples of the smallest, and the loss follows it",
        amount.balance,
        "Buda et al. 2017, arxiv.org/abs/1710.05381",
        "principles.py --rule imbalance",
    ),
    "kernel-words": Rule(
        reading.shorter_than_kernels, 0.5, False,
        "{value:.0%} of the texts are shorter than the widest kernel",
        reading.narrower_kernels,
        "Zhang, Wallace 2015, arxiv.org/abs/1510.03820, section 4.2",
        "principles.py --rule kernel-words",
    ),
    "window": Rule(
        reading.unheard, 2, False,
        "the median sample is {value:.1f} times as long as what the net gets at once",
        reading.longer,
        "Zhang, Wallace 2015, arxiv.org/abs/1510.03820; Piczak 2015, doi.org/10.1109/MLSP.2015.7324337",
        "principles.py --rule window",
    ),
    "resolution": Rule(
        reading.shrunk, 2, False,
        "{value:.1f} pixels of the median picture become one along each axis",
        reading.larger_pictures,
        "Tan, Le 2019, arxiv.org/abs/1905.11946, figure 3",
        "principles.py --rule resolution",
    ),
}  # fmt: skip
