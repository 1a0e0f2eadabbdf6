"""The task `ner`: which words of a text, of any length, name whom or what."""

from multicnn.tasks.entities import Entities
from multicnn.text.datasets.entities import SETS, open_entities
from multicnn.text.entities import told
from multicnn.text.entities.augment import UnknownWords
from multicnn.text.entities.frontend import Tokens
from multicnn.text.entities.outcome import Named
from multicnn.text.entities.pieces import cut
from multicnn.text.entities.plan import defaults, plan_reader
from multicnn.text.entities.reader import TokenReader, plan_tags
from multicnn.text.entities.sketch import sketch
from multicnn.verbs.modality import Kind, Told

__all__ = ["NER", "TokenReader", "Tokens", "UnknownWords"]

NER = Kind(
    task=Entities,
    default_data="hironsan",
    datasets=SETS,
    open=open_entities,
    plan_reader=plan_reader,
    plan_answer=plan_tags,
    cut=cut,
    defaults=defaults,
    outcome=Named(),
    sketch=sketch,
    augments=("unknown-words",),
    unit="types",
    told={"TokenReader": Told(told.rows, told.facts_of)},
)
