"""What offsets count: characters (code points), or what other tools count, told by the texts that the spans quote."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from multicnn.data.mended import Mended
from multicnn.errors import DataError
from multicnn.text.datasets.entities.marked import Span

NEAR = 200  # characters from where a span is said to stand that its text is looked for
FEW = 4  # spans of a text below which no share of misfits says that they are of another text
Points = np.ndarray  # (n,) the code points of a text


class Claim(NamedTuple):
    """A span as a file gives it. quoted: what it should hold; None where the file does not say.  where: its line."""

    begin: int
    end: int
    type: str
    quoted: str | None
    where: str


class Claimed(NamedTuple):
    """A text and the spans that a file gives it."""

    text: str
    claims: Sequence[Claim]


NEVER = -(10**9)
Widths = Callable[[Points], np.ndarray]
ASTRAL = 0x10000  # the first code point that UTF-16 writes as two units
UNITS: dict[str, Widths] = {  # how much each code point counts; spans without quotes tell the first two apart
    "characters": np.ones_like,
    "UTF-16 units": lambda points: 1 + (points >= ASTRAL),
    "characters, a line end as two": lambda points: 1 + (points == ord("\n")),
    "characters, \\r\\n as one": lambda points: 1 - _before_line_end(points),
    "UTF-16 units, \\r\\n as one": lambda points: 1 + (points >= ASTRAL) - _before_line_end(points),
    "bytes of UTF-8": lambda points: 1 + (points >= 0x80) + (points >= 0x800) + (points >= ASTRAL),
}


def fitted(found: Sequence[Claimed], mended: Mended, *, strict: bool = False) -> tuple[list[list[Span]], str]:
    """The spans of each text in characters, as far as they fit what they quote; and the unit that the offsets count.

    A span whose quote stands elsewhere near is moved there, one whose quote does not is left out; both are counted.
    Raises DataError where most spans of a text do not fit, for one outside its text, and with `strict` for any misfit.
    """
    unit = likeliest(found)
    return [placed(one, unit, mended, strict) for one in found], unit


def likeliest(found: Sequence[Claimed]) -> str:
    """The unit in which most spans fit, the first of several."""
    fits: Counter[str] = Counter()
    for one in found:
        if one.claims:
            fits.update(fit(one))
    return max(UNITS, key=lambda unit: fits[unit]) if fits else next(iter(UNITS))


def fit(one: Claimed) -> dict[str, int]:
    """Spans of a text that fit in each unit; nothing where all units are alike to it."""
    n = len(one.claims)
    first = next(iter(UNITS))
    own = sum(fits(one.text, (c.begin, c.end), c) for c in one.claims)
    if own == n:
        return dict.fromkeys(UNITS, n) | {unit: 0 for unit in UNITS if unit != first and not _same(one.text, unit)}
    quoted = any(c.quoted is not None for c in one.claims)
    found = {first: own}
    for unit in list(UNITS)[1 : None if quoted else 2]:
        places = converted(one, unit)
        found[unit] = sum(fits(one.text, at, c) for at, c in zip(places, one.claims, strict=True))
        if not quoted and any(-1 in at for at in places):
            found[unit] = NEVER  # an offset within a character
    return found


def _same(text: str, unit: str) -> bool:
    """Whether offsets into a text are the same in both."""
    return bool((UNITS[unit](_points(text)) == 1).all())


def converted(one: Claimed, unit: str) -> list[tuple[int, int]]:
    """Begin and end of each span in characters; -1 where an offset stands within one, or outside."""
    if not one.claims:
        return []
    asked = np.array([(_bounded(c.begin), _bounded(c.end)) for c in one.claims], dtype=np.int64)
    if unit == next(iter(UNITS)):
        return [(int(b), int(e)) for b, e in np.where(asked <= len(one.text), asked, -1)]
    starts = np.concatenate([[0], np.cumsum(UNITS[unit](_points(one.text)))])
    place = np.searchsorted(starts, asked)
    exact = starts[np.minimum(place, len(one.text))] == asked
    return [(int(b), int(e)) for b, e in np.where(exact, place, -1)]


def fits(text: str, at: tuple[int, int], claim: Claim) -> bool:
    """Whether a span holds what it quotes, spaces apart; one without a quote: whether it ends at ends of words."""
    begin, end = at
    if not 0 <= begin < end <= len(text):
        return False
    if claim.quoted is not None:
        return alike(text[begin:end], claim.quoted)
    inside = not text[begin].isspace() and not text[end - 1].isspace()
    return inside and not _cuts(text, begin) and not _cuts(text, end)


def alike(held: str, quoted: str) -> bool:
    """Whether two texts are the same but for their spaces and line ends."""
    return held == quoted or held.split() == quoted.split()


def placed(one: Claimed, unit: str, mended: Mended, strict: bool) -> list[Span]:
    """The spans of one text."""
    spans: list[Span] = []
    for at, claim in zip(converted(one, unit), one.claims, strict=True):
        if claim.quoted is None or not claim.quoted.strip():
            spans.append((*inside(one.text, at, claim), claim.type))
        elif 0 <= at[0] < at[1] and alike(one.text[at[0] : at[1]], claim.quoted):
            spans.append((*at, claim.type))
        elif strict:
            raise misfit(one.text, at, claim)
        elif near := nearest(one.text, at[0] if at[0] >= 0 else claim.begin, claim.quoted):
            mended.note("entities moved to where the text that they quote stands", claim.where)
            spans.append((*near, claim.type))
        else:
            mended.note("entities left out whose quoted text is not there", claim.where)
    lost = len(one.claims) - len(spans)
    if len(one.claims) >= FEW and 2 * lost > len(one.claims):
        raise misfit(one.text, (-1, -1), one.claims[0], f"; so are {lost - 1} of {len(one.claims)} more in this text")
    return spans


def inside(text: str, at: tuple[int, int], claim: Claim) -> tuple[int, int]:
    """The same place. Raises DataError where it is not within the text."""
    if not 0 <= at[0] <= at[1] <= len(text) or claim.begin < 0:
        raise DataError(
            f"{claim.where}: entity {claim.type!r} from {claim.begin} to {claim.end} is not within its text of "
            f"{len(text):,} characters; correct it"
        )
    return at


def misfit(text: str, at: tuple[int, int], claim: Claim, more: str = "") -> DataError:
    """The error for a span that holds something else than it quotes."""
    held = repr(text[at[0] : at[1]][:60]) if 0 <= at[0] <= at[1] else "something else"
    return DataError(
        f"{claim.where}: entity {claim.type!r} from {claim.begin} to {claim.end} quotes {(claim.quoted or '')[:60]!r}, "
        f"but its text holds {held} there{more}; is it of another text?"
    )


def nearest(text: str, begin: int, quoted: str) -> tuple[int, int] | None:
    """The occurrence of a quote that is nearest to a place, not too far from it."""
    low, high = max(0, begin - NEAR), begin + NEAR + len(quoted)
    found, place = [], text.find(quoted, low, high)
    while place >= 0:
        found.append(place)
        place = text.find(quoted, place + 1, high)
    if not found:
        return None
    best = min(found, key=lambda p: abs(p - begin))
    return best, best + len(quoted)


def _bounded(offset: int) -> int:
    """An offset that 64 bits hold, still outside of any text if it was."""
    return max(-1, min(offset, 2**62))


def _points(text: str) -> Points:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.int64)


def _before_line_end(points: Points) -> np.ndarray:
    """1 for each \\r that a \\n follows."""
    return np.append((points[:-1] == ord("\r")) & (points[1:] == ord("\n")), False)[: len(points)].astype(np.int64)


def _cuts(text: str, place: int) -> bool:
    """Whether a place is within a word."""
    return 0 < place < len(text) and text[place - 1].isalnum() and text[place].isalnum()
