"""FactRuEval-2016 as naeval reads it, and the sentences that ship with the package."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from multicnn.data.table import Table
from multicnn.errors import DataError
from multicnn.text.datasets.entities import factrueval, hironsan

FILES = {
    "book_1.txt": "Глава компании «Роснефть» Игорь Сечин в мэрии города Москвы.\n",
    "book_1.spans": (
        "1 org_descr 6 8  # компании\n2 org_name 16 8  # Роснефть\n3 name 26 5  # Игорь\n4 surname 32 5  # Сечин\n"
        "5 loc_descr 47 6  # города\n6 loc_name 54 6  # Москвы\n7 org_name 41 19  # мэрии города Москвы\n"
    ),
    "book_1.objects": "1 Org 1 2 # a\n2 Person 3 4 # b\n3 LocOrg 5 6 # c\n4 Org 7 # d\n5 Project 1\n",
}


@pytest.fixture
def made(write: Callable[..., Path]) -> Path:
    """One document, in both parts."""
    for part in ("devset", "testset"):
        for name, content in FILES.items():
            path = write(f"fact/{part}/{name}", content)
    return path.parents[1]


def test_names_count_and_of_overlapping_ones_the_first(made: Path, entities: Callable[[Table], list]):
    table = factrueval(made)
    want = [("Роснефть", "ORG"), ("Игорь Сечин", "PER"), ("эрии города Москвы.", "ORG")]
    want[2] = (table.items[0][41:60], "ORG")  # the place within it is left out
    assert entities(table) == [want, want]
    assert table.split is not None
    assert table.split.tolist() == ["train", "test"]
    assert table.ids.tolist() == ["devset/book_1", "testset/book_1"]
    assert table.said == ("FactRuEval-2016: 2 documents, 6 entities; 2 that overlap left out",)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("book_1.spans", "1 org_name x 3\n", r"book_1\.spans: line 1 is no `id kind begin length`"),
        ("book_1.spans", "1 org_name 1 3\n", r"book_1\.objects: line 1 names span 2"),
        ("book_1.objects", "1\n", r"book_1\.objects: line 1 has one word only"),
    ],
)
def test_a_line_that_is_not_as_published_is_named(made: Path, name: str, content: str, said: str):
    (made / "devset" / name).write_text(content)
    with pytest.raises(DataError, match=said):
        factrueval(made)


def test_an_absent_file_or_folder_is_named(made: Path, tmp_path: Path):
    (made / "testset/book_1.spans").unlink()
    with pytest.raises(DataError, match=r"book_1\.spans: the file is absent"):
        factrueval(made)
    with pytest.raises(DataError, match=r"factrueval: no devset and testset with book_\*\.objects in"):
        factrueval(tmp_path)
    with pytest.raises(DataError, match="its folder is unknown"):
        factrueval()


def test_the_published_set_has_its_documents(shared_data: Callable[[str], Path], entities: Callable[[Table], list]):
    table = factrueval(shared_data("factrueval"))
    assert table.split is not None
    assert Counter(table.split.tolist()) == {"train": 122, "test": 132}
    assert Counter(kind for own in entities(table) for _, kind in own) == {"LOC": 2305, "ORG": 2187, "PER": 2094}


def test_the_shipped_sentences_are_whole(entities: Callable[[Table], list]):
    table = hironsan()
    assert len(table) == len(set(table.items.tolist())) == 499
    found = entities(table)
    kinds = Counter(kind for own in found for _, kind in own)
    assert kinds == {"LOC": 398, "DAT": 272, "ORG": 251, "PSN": 162, "ART": 122, "TIM": 57, "PER": 13, "MON": 9}
    assert found[0][0] == ("2005年7月14日", "DAT")
