"""Transcripts in one form, as units; sounds whole, in stretches and in pieces."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from multicnn.audio.segment import named
from multicnn.audio.speech.pieces import find_pieces
from multicnn.audio.speech.plan import plan_reader, written
from multicnn.audio.speech.reader import SpeechReader, TranscriptReader, plan_transcripts
from multicnn.audio.speech.text import plain
from multicnn.audio.speech.units import segmenter
from multicnn.data.batches import rounded
from multicnn.data.table import Table, strings
from multicnn.errors import DataError, UsageError

RATE = 8000
TEXTS = ["press one for the menu", "press two for the conference", "the number you have dialed is not in service"] * 4


def table(texts: list[str], items: list[str]) -> Table:
    empty = np.zeros((len(texts), 0), dtype=bool)
    return Table("t", strings(items), strings(f"s{n}" for n in range(len(texts))), (), empty, answer=strings(texts))


@pytest.fixture
def voice(tmp_path: Path) -> Path:
    """Three seconds of something."""
    path = tmp_path / "voice.wav"
    soundfile.write(path, np.random.default_rng(0).normal(size=3 * RATE) * 0.1, RATE)
    return path


@pytest.mark.parametrize(
    ("text", "rules", "found"),
    [
        ("Hello,  WORLD!", ("lower", "drop", "keep"), "hello world"),
        ("Hello, World!", ("keep", "keep", "keep"), "Hello, World!"),
        ("it\u2019s twenty-one \u2014 'so'", ("lower", "drop", "keep"), "it's twenty one so"),
        ("Ёлка и ещё\u2026", ("lower", "drop", "merge"), "елка и еще"),
        ("Ёлка и ещё\u2026", ("lower", "drop", "keep"), "ёлка и ещё"),
        ("е\u0308лка, и\u0306", ("lower", "drop", "keep"), "ёлка й"),
        ("\u212bngstr\u00f6m 5 %", ("lower", "drop", "keep"), "\u00e5ngstr\u00f6m 5"),
        ("  ", ("lower", "drop", "keep"), ""),
    ],
)
def test_transcripts_have_one_form(text: str, rules: tuple[str, str, str], found: str) -> None:
    assert plain(text, *rules) == found


@settings(deadline=None)
@given(st.text(max_size=40))
def test_the_form_of_a_form_is_itself(text: str) -> None:
    for case in ("lower", "keep"):
        once = plain(text, case, "drop", "merge")
        assert plain(once, case, "drop", "merge") == once


def test_rules_that_are_none_are_refused(voice: Path) -> None:
    with pytest.raises(UsageError, match=r"no reader\.case named 'upper'"):
        plan_reader(table(["a"], [str(voice)]), np.array([0]), case="upper")


def test_units_are_the_characters_of_the_training_part(voice: Path) -> None:
    speech = table(["Ab, c", "xyz"], [str(voice)] * 2)
    reader = plan_reader(speech, np.array([0]))
    assert reader.units == (" ", "a", "b", "c")
    assert reader.rate == RATE
    assert reader.fill == 0.09
    known, of = written(speech, reader)
    assert known.classes == reader.units
    assert known.target.tolist() == [[True, True, True, True], [False] * 4]
    assert of.tolist() == [0, 1]
    answers = plan_transcripts(known, reader)
    assert answers("s\0ab c").tolist() == [1, 2, 0, 3, -1, -1][: answers.most] + [-1] * max(0, answers.most - 6)
    assert answers("s\0a x")[:4].tolist() == [1, 0, 5, -1]
    assert known.said[-1] == "letters that training lacks count as errors: 'xyz'"
    with pytest.raises(
        DataError, match="s1: no letter of its transcript 'xyz' is known to the model; check the script"
    ):
        answers("s1\0xyz")


def test_readers_are_rebuilt_from_their_settings(voice: Path) -> None:
    reader = plan_reader(table(["Ab, c"], [str(voice)]), np.array([0]), yo="merge", fill=0.2)
    again = SpeechReader(**reader.settings())
    assert again.settings() == reader.settings()
    assert again(voice).tolist() == reader(voice).tolist()
    answers = TranscriptReader(units=reader.units, scores=(), most=7)
    assert TranscriptReader(**answers.settings())("s\0a b").tolist() == answers("s\0a b").tolist()


def test_nothing_said_is_refused(voice: Path) -> None:
    with pytest.raises(DataError, match="its 1 training transcripts are empty"):
        plan_reader(table(["..."], [str(voice)]), np.array([0]))
    with pytest.raises(DataError, match="no such file"):
        plan_reader(table(["a"], ["nowhere.wav"]), np.array([0]))


@pytest.mark.parametrize("name", ["fill", "chunk", "context"])
def test_times_that_are_none_are_refused(name: str) -> None:
    with pytest.raises(UsageError, match=rf"reader\.{name} is -1"):
        SpeechReader(rate=RATE, units=("a",), **{name: -1.0})


@pytest.mark.parametrize(("fill", "most"), [(0.05, 0.03), (0.09, 0.05)])
def test_less_than_5_percent_is_filled_up(fill: float, most: float) -> None:
    reader = SpeechReader(rate=RATE, units=("a",), fill=fill)
    lengths = np.random.default_rng(0).gamma(1.5, 3 * RATE, 5000).astype(int) + RATE // 2
    longer = rounded(lengths, reader.quantum)
    assert (longer >= lengths).all()
    assert (longer / lengths).max() <= 1 + fill + 0.001
    assert longer.sum() / lengths.sum() - 1 <= most
    assert rounded(np.array([RATE * 700]), reader.quantum)[0] < RATE * 700 * (1 + fill)


def test_stretches_are_parts_of_the_whole(voice: Path) -> None:
    reader = SpeechReader(rate=RATE, units=("a",))
    whole = reader(voice)
    part = reader(named(str(voice), 0.5, 1.25))
    assert part.tolist() == whole[4000:10000].tolist()
    assert reader.files(named(str(voice), 0.5, 1.25)) == (str(voice),)
    assert len(reader(named(str(voice), 2.5, 3.04))) == 4000  # times are often rounded up


def test_stretches_beyond_the_end_are_refused(voice: Path) -> None:
    for start, end in ((3.0, 4.0), (2.0, 4.0), (9.0, 10.0)):
        with pytest.raises(DataError, match=f"no seconds {start:g} to {end:g} in a sound of 3 s"):
            SpeechReader(rate=RATE, units=("a",))(named(str(voice), start, end))


def test_stretches_are_resampled(voice: Path) -> None:
    reader = SpeechReader(rate=4000, units=("a",))
    assert len(reader(named(str(voice), 0.5, 1.0))) == 2000
    with pytest.raises(DataError, match=r"nothing decodes at 0\.5 s"):
        reader(named(str(voice), 0.5, 0.50001))


@pytest.mark.parametrize("as_stretch", [True, False])
def test_pieces_cover_the_sound_once(voice: Path, as_stretch: bool) -> None:
    reader = SpeechReader(rate=RATE, units=("a",), chunk=0.7, context=0.2)
    whole = reader(voice)
    item = named(str(voice), 0, 3) if as_stretch else voice
    chunk, context = reader.samples("chunk"), reader.samples("context")
    at = 0
    for piece in reader.pieces(item):
        before = min(at, context)
        assert piece.tolist() == whole[at - before : at + chunk + context].tolist()
        at += chunk
    assert at >= len(whole) > at - chunk


def test_pieces_are_cut_as_sentencepiece_cuts() -> None:
    theirs = pytest.importorskip("sentencepiece", reason="sentencepiece is not installed")
    import io

    model = io.BytesIO()
    theirs.SentencePieceTrainer.train(
        sentence_iterator=iter(TEXTS), model_writer=model, vocab_size=29, model_type="unigram", character_coverage=1.0,
        bos_id=-1, eos_id=-1, unk_id=0, normalization_rule_name="identity", minloglevel=2,
    )  # fmt: skip
    processor = theirs.SentencePieceProcessor(model_proto=model.getvalue())
    units, scores = find_pieces(TEXTS, 28)
    assert len(units) == 28
    cut = segmenter(units, scores)
    for text in [*TEXTS, "one menu for you", "the conference number is one"]:
        assert [units[n] for n in cut(text, "s")] == processor.encode(text, out_type=str)
    assert cut("", "s") == []
    assert 29 in cut("zero", "s")  # z
    with pytest.raises(DataError, match="s: no letter of its transcript 'жж' is known"):
        cut("жж", "s")


def test_wrong_numbers_of_pieces_are_refused() -> None:
    pytest.importorskip("sentencepiece", reason="sentencepiece is not installed")
    with pytest.raises(UsageError, match=r"reader\.units is 'words'; give characters, or a number"):
        find_pieces(TEXTS, "words")
    with pytest.raises(UsageError, match=r"reader\.units is 5000: sentencepiece says"):
        find_pieces(TEXTS, 5000)


def test_without_sentencepiece_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "sentencepiece", None)
    with pytest.raises(UsageError, match=r"pip install 'multicnn\[units\]'"):
        find_pieces(TEXTS, 40)
