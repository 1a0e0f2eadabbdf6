"""Sounds: their sets, front-ends, augments and defaults."""

from multicnn.audio.augment import Gain, Noise, Roll, Shift, SpecAugment, Speed
from multicnn.audio.baseline import baseline
from multicnn.audio.datasets import SUFFIXES, esc10, fsdd, fsdd_speakers, instruments, open_audio
from multicnn.audio.defaults import defaults
from multicnn.audio.frontend import LogMel, Mfcc, Waveform
from multicnn.audio.reader import SoundReader, plan_reader
from multicnn.audio.stems import SEPARATE, MixtureReader, Polarity, Remix, Slide
from multicnn.audio.stft import Stft
from multicnn.tasks import Classify
from multicnn.train.mixup import Mixup
from multicnn.verbs.labels import Labels
from multicnn.verbs.modality import Kind, Modality
from multicnn.verbs.run import trainer

DATASETS = {"instruments": instruments, "fsdd": fsdd, "fsdd-speakers": fsdd_speakers, "esc10": esc10}
FRONTENDS = {"logmel": LogMel, "mfcc": Mfcc, "waveform": Waveform, "stft": Stft}
AUGMENTS = {
    "gain": Gain,
    "shift": Shift,
    "roll": Roll,
    "speed": Speed,
    "noise": Noise,
    "mixup": Mixup,
    "specaugment": SpecAugment,
    "remix": Remix,
    "polarity": Polarity,
    "slide": Slide,
}
TASKS = {
    "classify": Kind(
        task=Classify,
        default_data="instruments",
        datasets=DATASETS,
        open=open_audio,
        plan_reader=plan_reader,
        defaults=defaults,
        outcome=Labels(baseline),
    ),
    "separate": SEPARATE,
}

MODALITY = Modality(
    name="audio",
    item="path",
    suffixes=SUFFIXES,
    readers={"SoundReader": SoundReader, "MixtureReader": MixtureReader},
    frontends=FRONTENDS,
    augments=AUGMENTS,
    tasks=TASKS,
)

train = trainer(MODALITY)
