"""Sounds and other series: their sets, front-ends, augments and defaults."""

from multicnn.audio import heat, told
from multicnn.audio.augment import Gain, Noise, Roll, Shift, SpecAugment, Speed, Warp
from multicnn.audio.bands import Bands
from multicnn.audio.datasets import SETS, SUFFIXES, open_audio
from multicnn.audio.events import EVENTS, PieceReader
from multicnn.audio.fingerprint import fingerprint
from multicnn.audio.frontend import LogMel, Mfcc, Stft, Waveform
from multicnn.audio.imagined import imagined
from multicnn.audio.invertible import Invertible
from multicnn.audio.media import media
from multicnn.audio.plan import baseline, defaults, plan_reader, spotting
from multicnn.audio.reader import SoundReader
from multicnn.audio.segment import cells
from multicnn.audio.series import ChannelDrop, Excerpt, Jitter, Scaling, Series, SeriesReader, TimeWarp, Turn
from multicnn.audio.series import files as series
from multicnn.audio.series.layouts import expand
from multicnn.audio.sinc import Sinc
from multicnn.audio.sizes import sizes
from multicnn.audio.speech import TRANSCRIBE, SpeechReader
from multicnn.audio.speech.augment import Stretch
from multicnn.audio.stems import SEPARATE, MixtureReader, Polarity, Remix, Slide
from multicnn.audio.yamnet import YamnetMel
from multicnn.insight.export import labelled
from multicnn.tasks import Classify
from multicnn.train.mixup import Mixup
from multicnn.verbs.labels import Labels
from multicnn.verbs.modality import Heat, Inputs, Kind, Modality, Told
from multicnn.verbs.run import trainer

DATASETS = SETS
FRONTENDS = {
    "logmel": LogMel,
    "bands": Bands,
    "mfcc": Mfcc,
    "stft": Stft,
    "invertible": Invertible,
    "waveform": Waveform,
    "sinc": Sinc,
    "yamnet": YamnetMel,
    "series": Series,
}
AUGMENTS = {
    "gain": Gain,
    "shift": Shift,
    "roll": Roll,
    "speed": Speed,
    "stretch": Stretch,
    "noise": Noise,
    "warp": Warp,
    "mixup": Mixup,
    "specaugment": SpecAugment,
    "jitter": Jitter,
    "scaling": Scaling,
    "time-warp": TimeWarp,
    "excerpt": Excerpt,
    "channel-drop": ChannelDrop,
    "turn": Turn,
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
        outcome=Labels((baseline,), more=("onset", "offset")),
        views=("roll",),
        spot=spotting,
        told={"SoundReader": Told(told.rows, labelled.facts), "SeriesReader": Told(labelled.rows, labelled.facts)},
    ),
    "events": EVENTS,
    "transcribe": TRANSCRIBE,
    "separate": SEPARATE,
}

MODALITY = Modality(
    name="audio",
    item="path",
    suffixes=SUFFIXES,
    readers={
        "SoundReader": SoundReader,
        "PieceReader": PieceReader,
        "SpeechReader": SpeechReader,
        "MixtureReader": MixtureReader,
        "SeriesReader": SeriesReader,
    },
    frontends=FRONTENDS,
    augments=AUGMENTS,
    tasks=TASKS,
    heat=Heat("occlusion", heat.absent, heat.draw, heat.mark, heat.spell),
    media=media,
    sizes=sizes,
    fingerprint=fingerprint,
    cells=cells,
    inputs={"SeriesReader": Inputs(series.SUFFIXES, expand)},
    imagined=imagined,
)

train = trainer(MODALITY)
