"""The task `events`: which sounds begin and end when, in recordings of any length."""

from multicnn.audio.datasets.events import note_scenes, open_events
from multicnn.audio.events import told
from multicnn.audio.events.cut import cut
from multicnn.audio.events.outcome import Heard
from multicnn.audio.events.plan import defaults, plan_reader
from multicnn.audio.events.reader import PieceReader, plan_events
from multicnn.audio.events.sketch import sketch
from multicnn.tasks.events import Events
from multicnn.verbs.modality import Kind, Told

__all__ = ["EVENTS", "PieceReader"]

EVENTS = Kind(
    task=Events,
    default_data="note-scenes",
    datasets={"note-scenes": note_scenes},
    open=open_events,
    plan_reader=plan_reader,
    plan_answer=plan_events,
    cut=cut,
    defaults=defaults,
    outcome=Heard(),
    sketch=sketch,
    numbers=1,
    told={"PieceReader": Told(told.rows, told.facts_of)},
)
