"""Texts: their sets, front-ends, augments and defaults."""

from multicnn.insight.export import labelled
from multicnn.tasks import Classify
from multicnn.text import heat
from multicnn.text.augment import WordDropout
from multicnn.text.baseline import baseline
from multicnn.text.baseline_nb import nb_svm
from multicnn.text.datasets import SETS, SUFFIXES, open_text
from multicnn.text.datasets import reviews as reviews
from multicnn.text.defaults import READINGS, defaults
from multicnn.text.embedding import embed as embed
from multicnn.text.entities import NER, TokenReader, Tokens, UnknownWords
from multicnn.text.entities.inputs import SUFFIXES as ENTITY_FILES
from multicnn.text.entities.inputs import expand
from multicnn.text.fingerprint import fingerprint
from multicnn.text.frontend import Embedding, OneHot
from multicnn.text.imagined import imagined
from multicnn.text.media import media
from multicnn.text.pretrained import Vectors
from multicnn.text.reader import WordReader, plan_reader
from multicnn.text.sizes import sizes
from multicnn.text.vectors.absent import Absent
from multicnn.text.vectors.source import Source
from multicnn.verbs.labels import Labels
from multicnn.verbs.modality import Heat, Inputs, Kind, Modality, Told
from multicnn.verbs.run import trainer

DATASETS = SETS
FRONTENDS = {"embedding": Embedding, "onehot": OneHot, "vectors": Vectors, "tokens": Tokens}
AUGMENTS = {"word-dropout": WordDropout, "unknown-words": UnknownWords}
TASKS = {
    "classify": Kind(
        task=Classify,
        default_data="reviews",
        datasets=DATASETS,
        open=open_text,
        plan_reader=plan_reader,
        defaults=defaults,
        outcome=Labels((baseline, nb_svm)),
        readings=READINGS,
        told=dict.fromkeys(("WordReader",), Told(labelled.rows, labelled.facts)),
    ),
    "ner": NER,
}

MODALITY = Modality(
    name="text",
    item="text",
    suffixes=SUFFIXES,
    readers={"WordReader": WordReader, "TokenReader": TokenReader},
    frontends=FRONTENDS,
    augments=AUGMENTS,
    tasks=TASKS,
    heat=Heat("occlusion", heat.absent, heat.draw, heat.mark, heat.spell),
    media=media,
    sizes=sizes,
    fingerprint=fingerprint,
    cells=lambda item: {"text": str(item)},
    inputs={"TokenReader": Inputs(ENTITY_FILES, expand)},
    imagined=imagined,
    instead={Source: Absent},
)

train = trainer(MODALITY)
