"""Transcripts as they are learnt: one Unicode form, small letters, no punctuation, unless told otherwise."""

import re
from unicodedata import category, normalize

from multicnn.names import find

CASES = {"lower": "small letters", "keep": "as written"}
MARKS = {"drop": "left out", "keep": "as written"}
YO = {"keep": "a letter of its own", "merge": "written as its sister without dots"}
APOSTROPHES = re.compile("[\u2019\u2018\u02bc\u00b4`]")  # typographic ones
INNER = re.compile(r"(?<=\w)'(?=\w)")  # an apostrophe within a word belongs to it
HELD = "\0"
SISTERS = str.maketrans("\u0451\u0401", "\u0435\u0415")


def check_rules(case: str, punctuation: str, yo: str) -> None:
    """Raises UsageError for a rule that is none, with near names."""
    find("reader.case", CASES, case)
    find("reader.punctuation", MARKS, punctuation)
    find("reader.yo", YO, yo)


def plain(text: str, case: str, punctuation: str, yo: str) -> str:
    """A transcript in the form that is learnt and measured.

    Unicode NFC, spaces single. case "lower": small letters. punctuation "drop": what is no letter, digit or mark of a
    letter becomes a space, but an apostrophe within a word stays, in one shape. yo "merge": the Russian letter yo is
    written as its sister ye, as most texts have it.
    """
    text = normalize("NFC", text)
    if case == "lower":
        text = normalize("NFC", text.lower())
    if punctuation == "drop":
        text = INNER.sub(HELD, APOSTROPHES.sub("'", text.replace(HELD, " ")))
        text = "".join(c if c == HELD or category(c)[0] in "LNM" else " " for c in text).replace(HELD, "'")
    if yo == "merge":
        text = text.translate(SISTERS)
    return " ".join(text.split())
