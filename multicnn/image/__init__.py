"""Pictures, volumes and film clips: their sets, front-ends, augments and defaults."""

from multicnn.image import heat
from multicnn.image.augment import (
    Affine,
    Blur,
    Brightness,
    Colour,
    Contrast,
    Crop,
    CropResize,
    CutMix,
    Cutout,
    Flip,
    FlipAlternate,
    FlipDepth,
    FlipVertical,
    Grey,
    Noise,
    Perspective,
    Shift,
    rotate,
    scale,
)
from multicnn.image.boxes import DETECT, LOCALIZE
from multicnn.image.cubes import CubeReader
from multicnn.image.datasets import SUFFIXES, digits, fashion_mnist, frames, open_image
from multicnn.image.defaults import defaults
from multicnn.image.fingerprint import fingerprint
from multicnn.image.frontend import Pixels
from multicnn.image.imagined import imagined
from multicnn.image.instances import INSTANCES
from multicnn.image.media import media
from multicnn.image.plan import plan_reader
from multicnn.image.presets import PRESETS
from multicnn.image.reader import ImageReader
from multicnn.image.segmenting import SEGMENT
from multicnn.image.sizes import sizes
from multicnn.image.tiles import TileReader
from multicnn.image.video import VideoReader
from multicnn.image.volume import VolumeReader
from multicnn.insight.export import labelled
from multicnn.tasks import Classify
from multicnn.train.mixup import Mixup
from multicnn.verbs.labels import Labels
from multicnn.verbs.modality import Heat, Kind, Modality, Told
from multicnn.verbs.run import trainer

DATASETS = {"digits": digits, "fashion-mnist": fashion_mnist, "frames": frames}
FRONTENDS = {"pixels": Pixels}
AUGMENTS = {
    "flip": Flip,
    "flip-alternate": FlipAlternate,
    "flip-vertical": FlipVertical,
    "flip-depth": FlipDepth,
    "rotate": rotate,
    "shift": Shift,
    "scale": scale,
    "affine": Affine,
    "perspective": Perspective,
    "crop": Crop,
    "crop-resize": CropResize,
    "blur": Blur,
    "noise": Noise,
    "brightness": Brightness,
    "contrast": Contrast,
    "colour": Colour,
    "grey": Grey,
    "cutout": Cutout,
    "mixup": Mixup,
    "cutmix": CutMix,
}
TASKS = {
    "classify": Kind(
        task=Classify,
        default_data="digits",
        datasets=DATASETS,
        open=open_image,
        plan_reader=plan_reader,
        defaults=defaults,
        outcome=Labels(),
        views=("flip", "shift"),
        presets=PRESETS,
        told=dict.fromkeys(("ImageReader", "VolumeReader", "VideoReader"), Told(labelled.rows, labelled.facts)),
    ),
    "segment": SEGMENT,
    "localize": LOCALIZE,
    "detect": DETECT,
    "instances": INSTANCES,
}

MODALITY = Modality(
    name="image",
    item="path",
    suffixes=SUFFIXES,
    readers={
        "ImageReader": ImageReader,
        "VolumeReader": VolumeReader,
        "VideoReader": VideoReader,
        "TileReader": TileReader,
        "CubeReader": CubeReader,
    },
    frontends=FRONTENDS,
    augments=AUGMENTS,
    tasks=TASKS,
    heat=Heat("integrated-gradients", heat.absent, heat.draw, heat.mark, heat.spell),
    media=media,
    sizes=sizes,
    imagined=imagined,
    fingerprint=fingerprint,
)

train = trainer(MODALITY)
