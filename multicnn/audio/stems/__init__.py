"""The task whose answers are signals: a mixture's sources."""

from multicnn.audio.datasets.stems import open_stems
from multicnn.audio.datasets.stems.duets import duets
from multicnn.audio.stems import told
from multicnn.audio.stems.augment import Polarity, Remix, Slide
from multicnn.audio.stems.defaults import defaults
from multicnn.audio.stems.outcome import Stems
from multicnn.audio.stems.reader import MixtureReader, plan_answer, plan_reader
from multicnn.audio.stems.sketch import sketch
from multicnn.tasks import Separate
from multicnn.verbs.modality import Kind, Told

__all__ = ["SEPARATE", "MixtureReader", "Polarity", "Remix", "Slide"]

SEPARATE = Kind(
    task=Separate,
    default_data="duets",
    datasets={"duets": duets},
    open=open_stems,
    plan_reader=plan_reader,
    plan_answer=plan_answer,
    defaults=defaults,
    outcome=Stems(),
    sketch=sketch,
    told={"MixtureReader": Told(told.rows, told.facts_of)},
    augments=("remix", "polarity", "slide", "noise"),
)
