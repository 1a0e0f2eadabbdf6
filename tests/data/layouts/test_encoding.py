"""Promises of text whose encoding nobody noted."""

from collections.abc import Callable
from pathlib import Path

import pytest

from multicnn.data.layouts.encoding import guess_encoding, read_as, read_text
from multicnn.errors import DataError

RUSSIAN = "Ещё вчера я думал, что этот фильм не стоит смотреть, но актёры играют очень хорошо, и сюжет не отпускает."
FRENCH = "Où est passé l'été ? Ça m'a déçu : le garçon a brûlé la crème, hélas, même à Noël."
GERMAN = "Schöne Grüße aus Köln, die Straße ist gesperrt; übrigens fällt die Führung heute aus."


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_unicode_is_read_without_a_word(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes((RUSSIAN + " 日本語 🎉").encode(encoding))
    assert read_as(path, lambda file: file.read()) == (RUSSIAN + " 日本語 🎉", "")


@pytest.mark.parametrize("case", [str, str.upper, str.title])
@pytest.mark.parametrize("encoding", ["cp1251", "koi8-r", "cp866"])
def test_cyrillic_encodings_are_told_apart_by_their_letters(
    tmp_path: Path, encoding: str, case: Callable[[str], str]
) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(case(RUSSIAN).encode(encoding))
    text, note = read_as(path, lambda file: file.read())
    assert text == case(RUSSIAN)
    assert note == f"a.txt is not Unicode; read as {encoding}, save it as UTF-8 if letters look wrong"


@pytest.mark.parametrize("text", [FRENCH, GERMAN])
def test_western_letters_are_not_taken_for_cyrillic(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.txt").write_bytes(text.encode("latin-1"))
    assert read_text(tmp_path / "a.txt") == text


def test_bytes_that_no_windows_page_has_are_latin_1() -> None:
    assert guess_encoding("caf\xe9 \x81".encode("latin-1")) == "latin-1"
    assert guess_encoding("“smart” café".encode("cp1252")) == "cp1252"


@pytest.mark.parametrize("encoding", ["cp1251", "koi8-r"])
def test_real_news_is_read_in_either_encoding(
    shared_data: Callable[[str], Path], tmp_path: Path, encoding: str
) -> None:
    for source in sorted(shared_data("factrueval").rglob("*.txt"))[:20]:
        text = source.read_text("utf-8").encode(encoding, "ignore").decode(encoding)
        (tmp_path / "a.txt").write_bytes(text.encode(encoding))
        assert read_text(tmp_path / "a.txt") == text.replace("\r\n", "\n")


def test_movie_reviews_are_western(shared_data: Callable[[str], Path]) -> None:
    path = next(shared_data("mr").rglob("rt-polarity.neg"))
    assert read_text(path) == path.read_text("cp1252")


@pytest.mark.parametrize("at", [30, 3_000_000])
def test_one_bad_byte_in_utf_8_is_an_error_with_its_line(tmp_path: Path, at: int) -> None:
    line = RUSSIAN.encode() + b"\n"
    data = line * (at // len(line)) + b"\xff\n" + line * 20
    (tmp_path / "a.txt").write_bytes(data)
    with pytest.raises(DataError, match=rf"a.txt: line {at // len(line) + 1} is not valid UTF-8; mend it, or save"):
        read_text(tmp_path / "a.txt")


def test_half_a_character_of_utf_16_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes("ab\n".encode("utf-16") + b"x")
    with pytest.raises(DataError, match="is not valid utf-16; mend it"):
        read_text(tmp_path / "a.txt")


def test_a_text_beyond_the_limit_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("x" * 11)
    assert read_text(tmp_path / "a.txt", limit=11) == "x" * 11
    with pytest.raises(DataError, match="longer than 10 characters; cut it"):
        read_text(tmp_path / "a.txt", limit=10)


def test_line_ends_of_every_system_become_one(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"a\r\nb\rc\nd")
    assert read_text(tmp_path / "a.txt") == "a\nb\nc\nd"


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"none.txt: cannot be read \(No such file or directory\); check"):
        read_text(tmp_path / "none.txt")


def test_noise_is_refused_and_not_decoded(tmp_path: Path) -> None:
    """0x98 is no letter of cp1251, which noise looks like: runs of high bytes."""
    path = tmp_path / "noise.txt"
    path.write_bytes("привет мир".encode("cp1251") * 5 + b"\x98\n")
    with pytest.raises(DataError, match=r"noise.txt: line 1 is not valid UTF-8, and the file no .* text either"):
        read_text(path)
