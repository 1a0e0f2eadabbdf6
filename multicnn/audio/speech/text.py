"""Transcripts as they are learnt: one Unicode form, small letters, no punctuation, unless told otherwise."""

import re
from unicodedata import category, normalize

from multicnn.names import find

CASES = {"lower": "small letters", "keep": "as written"}
MARKS = {"drop": "left out", "keep": "as written"}
YO = {"keep": "its own letter", "е": "written as е"}
APOSTROPHES = re.compile("[’‘ʼ`´]")
INNER = re.compile(r"(?<=\w)'(?=\w)")  # an apostrophe within a word belongs to it
HELD = "\0"


def check_rules(case: str, punctuation: str, yo: str) -> None:
    """Raises UsageError for a rule that is none, with near names."""
    find("reader.case", CASES, case)
    find("reader.punctuation", MARKS, punctuation)
    find("reader.yo", YO, yo)


def plain(text: str, case: str, punctuation: str, yo: str) -> str:
    """A transcript in the form that is learnt and measured.

    Unicode NFC, spaces single. case "lower": small letters. punctuation "drop": what is no letter, digit or mark of a
    letter becomes a space, but an apostrophe within a word stays, in one shape. yo "е": ё is written as е.
    """
    text = normalize("NFC", text)
    if case == "lower":
        text = normalize("NFC", text.lower())
    if punctuation == "drop":
        text = INNER.sub(HELD, APOSTROPHES.sub("'", text))
        text = "".join(c if c == HELD or category(c)[0] in "LNM" else " " for c in text).replace(HELD, "'")
    if yo == "е":
        text = text.replace("ё", "е").replace("Ё", "Е")
    return " ".join(text.split())
