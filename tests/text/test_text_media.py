"""Texts as a page shows them."""

from pathlib import Path

from multicnn.text.media import media
from multicnn.text.reader import WordReader

READER = WordReader(words=("good",))


def test_a_text_is_escaped_and_whole() -> None:
    assert media("a <b>\n«привет» 🎵", READER) == '<p class="passage" dir="auto">a &lt;b&gt;\n«привет» 🎵</p>'


def test_a_long_text_says_how_much_is_left_out() -> None:
    found = media("word " * 1000, READER)
    assert "… (4,406 more characters)" in found
    assert "wor …" not in found
    assert "… (400 more characters)" in media("x" * 1000, READER)


def test_a_document_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("in a file", encoding="utf-8")
    assert "in a file" in media(tmp_path / "a.txt", READER)
