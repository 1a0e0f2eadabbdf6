"""Schemes of tags: found out, read as stretches, repaired where they are broken; beside seqeval."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from multicnn.tasks.schemes import BILOU, BIOES, BMES, IO, IOB1, IOB2, Scheme, bio, detect, names
from tests.tasks.ner_cases import CASES, LETTERS, broken, wellformed

ANSWERS = json.loads((Path(__file__).parent / "ner_answers.json").read_text())


@pytest.mark.parametrize(
    ("sentences", "scheme", "types"),
    [
        ([["I-PER", "I-PER", "O", "I-LOC"]], IO, "behind"),
        ([["I-PER", "O"], ["I-LOC", "B-LOC", "O"]], IOB1, "behind"),
        ([["B-PER", "I-PER", "O"], ["B-LOC", "B-LOC"]], IOB2, "behind"),
        ([["B-PER", "O", "I-PER"], ["B-PER", "I-PER"]], IOB2, "behind"),  # one of them is broken
        ([["B-PER", "E-PER", "O", "S-LOC"]], BIOES, "behind"),
        ([["B-PER", "L-PER", "O", "U-LOC"]], BILOU, "behind"),
        ([["B-PER", "M-PER", "E-PER", "S-LOC"]], BMES, "behind"),
        ([["B_PER", "I_PER", "O"]], IOB2, "behind"),
        ([["PER-B", "PER-I", "O", "LOC-B"]], IOB2, "before"),
        ([["PER_S", "o"]], BIOES, "before"),
        ([["b-per", "i-per", "o"]], IOB2, "behind"),
        ([["B", "I", "O"]], IOB2, "behind"),
        ([["I", "I", "O"]], IO, "behind"),
        ([["PER", "PER", "O", "LOC"]], IO, "alone"),
        ([["person-actor", "O", "building-other"]], IO, "alone"),
        ([["O", "O"], []], IOB2, "behind"),
        ([["B-PER", "I-PER", "PER"]], IOB2, "behind"),
        ([["B", "I-PER", "O"]], IOB2, "behind"),
    ],
)
def test_the_scheme_is_found_out(sentences: list[list[str]], scheme: str, types: str) -> None:
    assert detect(sentences) == Scheme(scheme, types)


@pytest.mark.parametrize(
    ("scheme", "tags", "stretches", "repairs"),
    [
        (IO, "I-A I-A O I-B I-A", [(0, 2, "A"), (3, 4, "B"), (4, 5, "A")], 0),
        (IOB1, "I-A B-A I-A O I-B", [(0, 1, "A"), (1, 3, "A"), (4, 5, "B")], 0),
        (IOB1, "O B-A I-A", [(1, 3, "A")], 1),
        (IOB2, "B-A I-A B-A O I-B I-A", [(0, 2, "A"), (2, 3, "A"), (4, 5, "B"), (5, 6, "A")], 2),
        (BIOES, "B-A I-A E-A S-B O", [(0, 3, "A"), (3, 4, "B")], 0),
        (BIOES, "B-A O I-A E-A E-A S-A", [(0, 1, "A"), (2, 4, "A"), (4, 5, "A"), (5, 6, "A")], 3),
        (BIOES, "O B-A", [(1, 2, "A")], 1),
        (BILOU, "B-A L-A U-B", [(0, 2, "A"), (2, 3, "B")], 0),
        (BMES, "B-A M-A M-A E-A S-B", [(0, 4, "A"), (4, 5, "B")], 0),
        (IOB2, "B I O B", [(0, 2, "entity"), (3, 4, "entity")], 0),
        (IOB2, "B-A A", [(0, 2, "A")], 0),  # a type alone is inside
        (IOB2, "b-A i-A o", [(0, 2, "A")], 0),
        (IOB2, "B-work-of-art I-work-of-art", [(0, 2, "work-of-art")], 0),
        (IO, "B-A", [(0, 1, "A")], 1),
        (IOB2, "", [], 0),
    ],
)
def test_stretches_are_read(scheme: str, tags: str, stretches: list[tuple[int, int, str]], repairs: int) -> None:
    assert Scheme(scheme, "behind").read(tags.split()) == (stretches, repairs)


def test_types_before_the_place_and_alone() -> None:
    assert Scheme(BIOES, "before").read(["PER-B", "PER_E", "LOC-S"])[0] == [(0, 2, "PER"), (2, 3, "LOC")]
    assert Scheme(IO, "alone").read(["B-A", "B-A", "O"]) == ([(0, 2, "B-A")], 0)


@pytest.mark.parametrize("scheme", LETTERS)
def test_broken_tags_are_read_as_conlleval_does(scheme: str) -> None:
    """seqeval's default mode; and its strict mode, where nothing had to be repaired."""
    clean = 0
    for seed in range(CASES):
        for tags, theirs in zip(broken(seed, scheme), ANSWERS["entities"][scheme][seed], strict=True):
            found, repairs = Scheme(scheme, "behind").read(tags)
            ours = [[name, begin, end - 1] for begin, end, name in found]
            assert ours == theirs["default"], tags
            if not repairs:
                clean += 1
                assert ours == theirs["strict"], tags
    assert clean


@pytest.mark.parametrize("scheme", LETTERS)
def test_wellformed_tags_are_detected_and_read_without_repairs(scheme: str) -> None:
    for seed in range(CASES):
        spans, sentences = wellformed(seed, scheme)
        for own, tags in zip(spans, sentences, strict=True):
            assert Scheme(scheme, "behind").read(tags) == ([(b, last + 1, n) for n, b, last in own], 0)
    every = [tags for seed in range(CASES) for tags in wellformed(seed, scheme)[1]]
    assert detect(every) == Scheme(scheme, "behind")


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(1, 4), st.sampled_from(["A", "B-C", "d_e"]))))
def test_there_and_back(gaps: list[tuple[int, int, str]]) -> None:
    stretches, end = [], 0
    for gap, length, name in gaps:
        stretches.append((end + gap, end + gap + length, name))
        end += gap + length
    assert Scheme(IOB2, "behind").read(bio(stretches, end + 2)) == (stretches, 0)


def test_a_scheme_says_what_it_is() -> None:
    assert [str(Scheme(IO, t)) for t in ("behind", "before", "alone")] == ["IO", "IO (TYPE-B)", "IO (TYPE)"]
    assert names(["A", "B"]) == ["O", "B-A", "I-A", "B-B", "I-B"]
