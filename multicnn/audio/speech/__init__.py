"""Transcribing speech, and what else is a text in sound."""

from multicnn.audio.datasets.transcripts import DATASETS, open_transcripts
from multicnn.audio.speech import told
from multicnn.audio.speech.outcome import Transcripts
from multicnn.audio.speech.plan import defaults, plan_reader, written
from multicnn.audio.speech.reader import SpeechReader, plan_transcripts
from multicnn.audio.speech.sketch import sketch
from multicnn.tasks.align import Align
from multicnn.verbs.modality import Kind, Told

__all__ = ["TRANSCRIBE", "SpeechReader"]

TRANSCRIBE = Kind(
    task=Align,
    default_data="morse",
    datasets=DATASETS,
    open=open_transcripts,
    plan_reader=plan_reader,
    plan_answer=plan_transcripts,
    cut=written,
    defaults=defaults,
    outcome=Transcripts(),
    sketch=sketch,
    unit="units",
    told={"SpeechReader": Told(told.rows, told.facts_of)},
)
