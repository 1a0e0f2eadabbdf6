"""Pictures: their sets, front-ends, augments and defaults."""

from multicnn.image.augment import AUGMENTS
from multicnn.image.datasets import SUFFIXES, digits, fashion_mnist, open_image
from multicnn.image.defaults import defaults
from multicnn.image.frontend import Pixels
from multicnn.image.reader import ImageReader, plan_reader
from multicnn.tasks import Classify
from multicnn.verbs.labels import Labels
from multicnn.verbs.modality import Kind, Modality
from multicnn.verbs.run import trainer

DATASETS = {"digits": digits, "fashion-mnist": fashion_mnist}
FRONTENDS = {"pixels": Pixels}
TASKS = {
    "classify": Kind(
        task=Classify,
        default_data="digits",
        datasets=DATASETS,
        open=open_image,
        plan_reader=plan_reader,
        defaults=defaults,
        outcome=Labels(),
    )
}

MODALITY = Modality(
    name="image",
    item="path",
    suffixes=SUFFIXES,
    readers={"ImageReader": ImageReader},
    frontends=FRONTENDS,
    augments=AUGMENTS,
    tasks=TASKS,
)

train = trainer(MODALITY)
