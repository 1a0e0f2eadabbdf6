"""Spans in order and apart: without spaces at their ends, at bounds of tokens, none within or across another."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence

from multicnn.data.mended import Mended
from multicnn.errors import DataError, UsageError
from multicnn.names import hint
from multicnn.text.datasets.entities.marked import Span, Token

MISALIGNED = {
    "snap": "widen to whole tokens",
    "drop": "leave out",
    "error": "stop, naming the first",
}  # what entities do that begin or end within a token


def check_policy(on_misaligned: str) -> None:
    """Raises UsageError for a policy that there is not."""
    if on_misaligned not in MISALIGNED:
        raise UsageError(f"on_misaligned is {on_misaligned!r}; {hint(on_misaligned, MISALIGNED)}")


def settled(
    text: str, spans: Sequence[Span], tokens: Sequence[Token] | None, where: str, mended: Mended, on_misaligned: str
) -> list[Span]:
    """The spans that a table can hold; what is changed is counted.

    Of spans that overlap the longest stays, of equally long ones the first. Raises DataError under "error".
    """
    whole = [trimmed(text, span, where, mended) for span in spans]
    kept = [span for span in whole if span[0] < span[1]]
    if empty := len(whole) - len(kept):
        mended.note("entities without a character left out", where, empty)
    if tokens is not None:
        kept = list(aligned(text, kept, tokens, where, mended, on_misaligned))
    once = sorted(dict.fromkeys(kept), key=lambda s: (s[0], -s[1]))
    if repeats := len(kept) - len(once):
        mended.note("entities left out that are there twice", where, repeats)
    apart = [span for run in touching(once) for span in longest_first(run)]
    if across := len(once) - len(apart):
        mended.note("entities left out that overlap a longer one, or lie within it", where, across)
    return apart


def trimmed(text: str, span: Span, where: str, mended: Mended) -> Span:
    """A span without spaces at its ends."""
    begin, end, kind = span
    while begin < end and text[begin].isspace():
        begin += 1
    while begin < end and text[end - 1].isspace():
        end -= 1
    if begin < end and (begin, end) != span[:2]:
        mended.note("entities had spaces at their ends, cut off", where)
    return begin, end, kind


def aligned(
    text: str, spans: Sequence[Span], tokens: Sequence[Token], where: str, mended: Mended, on_misaligned: str
) -> Iterator[Span]:
    """Spans from the begin of a token to the end of one."""
    begins, ends = [t[0] for t in tokens], [t[1] for t in tokens]
    for begin, end, kind in spans:
        first, last = bisect_right(ends, begin), bisect_left(begins, end) - 1
        if first > last:
            mended.note("entities between two tokens left out", where)
        elif (begins[first], ends[last]) == (begin, end):
            yield begin, end, kind
        elif on_misaligned == "error":
            held, wide = text[begin:end][:60], text[begins[first] : ends[last]][:60]
            raise DataError(
                f"{where}: entity {kind!r} {held!r} ({begin} to {end}) is not whole tokens, {wide!r} is; correct it"
            )
        elif on_misaligned == "drop":
            mended.note("entities left out that are not whole tokens", where)
        else:
            mended.note("entities widened to whole tokens", where)
            yield begins[first], ends[last], kind


def touching(spans: Sequence[Span]) -> Iterator[list[Span]]:
    """Runs of spans that overlap, one with the next; `spans` by their begin."""
    run: list[Span] = []
    reach = -1
    for span in spans:
        if run and span[0] >= reach:
            yield run
            run = []
        run.append(span)
        reach = max(reach, span[1])
    if run:
        yield run


def longest_first(run: Sequence[Span]) -> list[Span]:
    """Spans of a run that do not overlap, the longest chosen first, in order."""
    kept: list[Span] = []
    for span in sorted(run, key=lambda s: (s[0] - s[1], s[0])):
        place = bisect_left(kept, span[0], key=lambda s: s[0])
        free = place == len(kept) or kept[place][0] >= span[1]
        if free and (place == 0 or kept[place - 1][1] <= span[0]):
            kept.insert(place, span)
    return kept
