"""Sounds: their sets, front-ends, augments and defaults."""

from multicnn.audio.augment import Gain, Noise, Roll, Shift, SpecAugment, Speed
from multicnn.audio.baseline import baseline
from multicnn.audio.datasets import SETS, SUFFIXES, open_audio
from multicnn.audio.defaults import defaults
from multicnn.audio.frontend import LogMel, Mfcc, Waveform
from multicnn.audio.reader import SoundReader, plan_reader
from multicnn.audio.spotting import Spotting
from multicnn.tasks import Classify
from multicnn.train.mixup import Mixup
from multicnn.verbs.labels import Labels
from multicnn.verbs.modality import Kind, Modality
from multicnn.verbs.run import trainer

DATASETS = SETS
FRONTENDS = {"logmel": LogMel, "mfcc": Mfcc, "waveform": Waveform}
AUGMENTS = {
    "gain": Gain,
    "shift": Shift,
    "roll": Roll,
    "speed": Speed,
    "noise": Noise,
    "mixup": Mixup,
    "specaugment": SpecAugment,
}
TASKS = {
    "classify": Kind(
        task=Classify,
        default_data="instruments",
        datasets=DATASETS,
        open=open_audio,
        plan_reader=plan_reader,
        defaults=defaults,
        outcome=Labels(baseline, more=("onset", "offset")),
        spot=Spotting,
    )
}

MODALITY = Modality(
    name="audio",
    item="path",
    suffixes=SUFFIXES,
    readers={"SoundReader": SoundReader},
    frontends=FRONTENDS,
    augments=AUGMENTS,
    tasks=TASKS,
)

train = trainer(MODALITY)
