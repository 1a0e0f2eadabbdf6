# /// script
# requires-python = "==3.11.*"
# dependencies = ["seqeval==1.2.2", "numpy", "scikit-learn"]
# ///
"""Writes ner_answers.json: what seqeval 1.2.2 says of the cases in ner_cases.py.

    uv run --no-project tests/tasks/ner_reference.py

It comes without a wheel, so its answers are kept: the entities of broken sentences as its default mode (conlleval's
rules) and its strict mode have them, and its scores.
"""

import json
import warnings
from pathlib import Path

from ner_cases import CASES, LETTERS, answers, broken
from seqeval.metrics import classification_report
from seqeval.metrics.sequence_labeling import get_entities
from seqeval.scheme import BILOU, IOB1, IOB2, IOBES, Entities

warnings.filterwarnings("ignore")
STRICT = {"IOB1": IOB1, "IOB2": IOB2, "BIOES": IOBES, "BILOU": BILOU}
CONLLEVAL = str.maketrans("LU", "ES")  # the letters that its default mode knows


def main() -> None:
    entities = {
        scheme: [[sentence(tags, scheme) for tags in broken(seed, scheme)] for seed in range(CASES)]
        for scheme in LETTERS
    }
    scores = [score(seed) for seed in range(CASES)]
    path = Path(__file__).parent / "ner_answers.json"
    path.write_text(json.dumps({"entities": entities, "scores": scores}, separators=(",", ":")) + "\n")


def sentence(tags: list[str], scheme: str) -> dict[str, list]:
    """Type, first and last token in both modes."""
    default = get_entities([t[0].translate(CONLLEVAL) + t[1:] for t in tags])
    strict = Entities([tags], scheme=STRICT[scheme]).entities[0]
    return {"default": [[n, a, b] for n, a, b in default], "strict": [[e.tag, e.start, e.end - 1] for e in strict]}


def score(seed: int) -> dict[str, dict[str, float]]:
    """Precision, recall and F1 of each type and over all."""
    true, said = answers(seed)
    found = classification_report(true, said, output_dict=True, zero_division=0)
    return {name: {k: float(v) for k, v in row.items()} for name, row in found.items()}


if __name__ == "__main__":
    main()
