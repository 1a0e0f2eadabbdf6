"""Texts: their sets, front-ends, augments and defaults."""

from multicnn.tasks import Classify
from multicnn.text.augment import WordDropout
from multicnn.text.baseline import baseline
from multicnn.text.datasets import SUFFIXES, mr, open_text, reviews, sst2
from multicnn.text.defaults import READINGS, defaults
from multicnn.text.embedding import embed as embed
from multicnn.text.frontend import Embedding, OneHot
from multicnn.text.pretrained import Vectors
from multicnn.text.reader import WordReader, plan_reader
from multicnn.verbs.labels import Labels
from multicnn.verbs.modality import Kind, Modality
from multicnn.verbs.run import trainer

DATASETS = {"reviews": reviews, "mr": mr, "sst2": sst2}
FRONTENDS = {"embedding": Embedding, "onehot": OneHot, "vectors": Vectors}
AUGMENTS = {"word-dropout": WordDropout}
TASKS = {
    "classify": Kind(
        task=Classify,
        default_data="reviews",
        datasets=DATASETS,
        open=open_text,
        plan_reader=plan_reader,
        defaults=defaults,
        outcome=Labels(baseline),
        readings=READINGS,
    )
}

MODALITY = Modality(
    name="text",
    item="text",
    suffixes=SUFFIXES,
    readers={"WordReader": WordReader},
    frontends=FRONTENDS,
    augments=AUGMENTS,
    tasks=TASKS,
)

train = trainer(MODALITY)
