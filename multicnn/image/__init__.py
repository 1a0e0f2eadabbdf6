"""Pictures: their sets, front-ends, augments and defaults."""

from multicnn.image.augment import (
    Affine,
    Blur,
    Brightness,
    Contrast,
    Crop,
    CutMix,
    Cutout,
    Flip,
    FlipVertical,
    Shift,
    rotate,
    scale,
)
from multicnn.image.datasets import SUFFIXES, digits, fashion_mnist, open_image
from multicnn.image.defaults import defaults
from multicnn.image.frontend import Pixels
from multicnn.image.reader import ImageReader, plan_reader
from multicnn.tasks import Classify
from multicnn.train.mixup import Mixup
from multicnn.verbs.modality import Modality
from multicnn.verbs.run import trainer

DATASETS = {"digits": digits, "fashion-mnist": fashion_mnist}
FRONTENDS = {"pixels": Pixels}
AUGMENTS = {
    "flip": Flip,
    "flip-vertical": FlipVertical,
    "rotate": rotate,
    "shift": Shift,
    "scale": scale,
    "affine": Affine,
    "crop": Crop,
    "blur": Blur,
    "brightness": Brightness,
    "contrast": Contrast,
    "cutout": Cutout,
    "mixup": Mixup,
    "cutmix": CutMix,
}
TASKS = {"classify": Classify}

MODALITY = Modality(
    name="image",
    item="path",
    suffixes=SUFFIXES,
    default_data="digits",
    datasets=DATASETS,
    open=open_image,
    reader=ImageReader,
    plan_reader=plan_reader,
    frontends=FRONTENDS,
    augments=AUGMENTS,
    tasks=TASKS,
    defaults=defaults,
    baseline=None,
)

train = trainer(MODALITY)
