"""Subtitles and TextGrids."""

import itertools
from pathlib import Path

from multicnn.audio.speech.outcome import Word
from multicnn.audio.speech.subtitles import captions, clock, file_stem, srt, textgrid, vtt, write_subtitles

WORDS = [
    Word("press", 0.5, 0.8, 0.9),
    Word("one", 0.9, 1.1, 0.9),
    Word("a<b", 3.0, 3.4, 0.9),
]


def test_lines_end_at_silences_and_when_they_are_long() -> None:
    assert captions(WORDS) == [(0.5, 1.1, "press one"), (3.0, 3.4, "a<b")]
    many = [Word("word", n * 0.3, n * 0.3 + 0.2, 1.0) for n in range(30)]
    lines = captions(many)
    assert " ".join(text for _, _, text in lines).split() == ["word"] * 30
    assert all(len(text) <= 42 for _, _, text in lines)
    assert captions([]) == []


def test_formats() -> None:
    assert clock(3725.0049, ",") == "01:02:05,005"
    assert srt(captions(WORDS)).startswith("1\n00:00:00,500 --> 00:00:01,100\npress one\n\n2\n")
    assert vtt(captions(WORDS)) == (
        "WEBVTT\n\n00:00:00.500 --> 00:00:01.100\npress one\n\n00:00:03.000 --> 00:00:03.400\na&lt;b\n\n"
    )


def test_textgrids_cover_the_time_without_overlap() -> None:
    lines = textgrid([*WORDS, Word("x", 3.3, 3.6, 1.0)]).splitlines()
    assert lines[:7] == ['File type = "ooTextFile"', 'Object class = "TextGrid"', "", "0", "3.600", "<exists>", "1"]
    n = int(lines[11])
    cuts = [(float(lines[12 + 3 * i]), float(lines[13 + 3 * i]), lines[14 + 3 * i]) for i in range(n)]
    assert len(lines) == 12 + 3 * n
    assert cuts[0] == (0.0, 0.5, '""')
    assert all(a[1] == b[0] for a, b in itertools.pairwise(cuts))
    assert [c[2] for c in cuts if c[2] != '""'] == ['"press"', '"one"', '"a<b"', '"x"']


def test_every_sound_has_files_of_its_own(tmp_path: Path) -> None:
    assert file_stem("a/b.wav") != file_stem("a-b.wav")
    for name in ("a/b.wav", "a-b.wav"):
        write_subtitles(tmp_path, name, WORDS)
    assert len({p.suffix for p in tmp_path.iterdir()}) == 3
    assert len(list(tmp_path.iterdir())) == 6
