"""Cut a text of any script into words, numbers, emoji and punctuation; nothing but white space is lost.

One compiled expression: "don't", "из-за", "3.5", "10/10", ":-)", "!!!", "👍🏽" are one token each. Scripts that
write no spaces (Chinese, Japanese, Thai, ...) are cut into letters: the convolutions put them together.
"""

import re
from itertools import pairwise
from unicodedata import category, is_normalized, normalize

# Combining marks and joiners of the living scripts: they belong to the letter before them, yet `\w` leaves them out.
MARKS = (
    "\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670"
    "\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed\u0711-\u074a\u0898-\u0963\u0971-\u0df3\u0e31\u0e34-\u0e3a\u0e47-\u0e4e"
    "\u0eb1\u0eb4-\u0ecd\u0f71-\u0f84\u0f86-\u0fbc\u102b-\u103e\u1056-\u109d\u135d-\u135f\u17b4-\u17d3\u180b-\u180d"
    "\u1ab0-\u1ace\u1dc0-\u1dff\u200c\u200d\u20d0-\u20f0\u3099\u309a\ufe00-\ufe0f\ufe20-\ufe2f"
)
SOLID = "\u0e01-\u0e30\u0e32\u0e33\u0e40-\u0e46\u0e80-\u0eb0\u0ec0-\u0ec6\u0f40-\u0f6c\u1000-\u102a\u1780-\u17b3"
SOLID += "\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
PICTURE = "[\u2190-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001faff]"
SHADE = "[\ufe0f\U0001f3fb-\U0001f3ff]"

LETTERS = rf"[\w{MARKS}]+"
TOKEN = re.compile(
    "|".join(
        (
            r"\d+(?:[.,:/]\d+)+",  # 3.5  1,000  10/10  12:30
            rf"{LETTERS}(?:['-]{LETTERS})*",  # words, with what hyphens and apostrophes hold together
            r"[:;=][-^']?(?:[()*/|]+|[dDpP](?!\w))",  # :)  ;-(  :D  =)))
            r"[!?]{2,}|\.{2,}|\){2,}|\({2,}",  # !!!  ...  )))
            "[\U0001f1e6-\U0001f1ff]{2}",  # a flag is two letters
            rf"{PICTURE}{SHADE}*(?:\u200d{PICTURE}{SHADE}*)*",  # joined emoji, with the colour of their skin
            r"[^\w\s]",
        )
    )
)
LETTER = re.compile(rf"[{SOLID}][{MARKS}]*")
RARE = re.compile(rf"[’ʼ‐‑\u00ad\u200b\ufeff{SOLID}]")  # a text without these, as most are, is left as it is
SAME = {ord(a): b for a, b in zip("’ʼ‐‑", "''--", strict=True)} | dict.fromkeys(map(ord, "\u00ad\u200b\ufeff"))


def tokens(text: str) -> list[str]:
    """The tokens of a text in their order, in Unicode's composed form (NFC), with plain apostrophes and hyphens."""
    if text.isascii():
        return TOKEN.findall(text)
    rare = RARE.search(text) is not None
    text = normalize("NFC", text.translate(SAME) if rare else text)
    return TOKEN.findall(LETTER.sub(r" \g<0> ", text) if rare else text)


def spans(text: str) -> list[tuple[int, int]]:
    """Where each of `tokens(text)` stands in the text as it was given: begin and end in its code points.

    In order and apart; between them is nothing but white space and characters that nobody sees. Where one character is
    written as two in the composed form and these are two tokens, the second of them is empty.
    """
    if text.isascii() or (RARE.search(text) is None and is_normalized("NFC", text)):
        return [found.span() for found in TOKEN.finditer(text)]
    where = [i for i, c in enumerate(text) if SAME.get(ord(c), c)]
    composed, fences = compose(text.translate(SAME))
    spaced, places = apart(composed)
    found = [(fences[places[a]], fences[places[b - 1] + 1]) for a, b in (m.span() for m in TOKEN.finditer(spaced))]
    return [(where[a] if a < b else where[a - 1] + 1, where[b - 1] + 1) for a, b in found]


def compose(text: str) -> tuple[str, list[int]]:
    """The composed form (NFC), and at which character of `text` each of its characters begins, and its end."""
    begins = [0, *(i for i, c in enumerate(text) if i and not joins(c)), len(text)]
    forms, fences = [], []
    for a, b in pairwise(begins):
        form = normalize("NFC", text[a:b])
        forms.append(form)
        missing = max(0, b - a - len(form))  # a letter takes in the marks next to it
        fences += [a if not j else min(b, a + j + missing) for j in range(len(form))]
    return "".join(forms), [*fences, len(text)]


def joins(character: str) -> bool:
    """Whether it may become one with the character before it: marks, and the vowels and ends of Korean syllables."""
    return category(character)[0] == "M" or "\u1160" <= character <= "\u11ff"


def apart(text: str) -> tuple[str, list[int]]:
    """The text with spaces around each letter of scripts that write none, and the place of each character in `text`.

    A space stands for its neighbour.
    """
    pieces, places, last = [], [], 0
    for found in LETTER.finditer(text):
        a, b = found.span()
        pieces += [text[last:a], " ", text[a:b], " "]
        places += [*range(last, a), a, *range(a, b), b]
        last = b
    return "".join([*pieces, text[last:]]), [*places, *range(last, len(text))]
