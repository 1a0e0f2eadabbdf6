"""One line of verdict: is the network better than a learner that needs none?"""

import shlex
from typing import NamedTuple

from multicnn.insight.report.record import Record


class Verdict(NamedTuple):
    """A sentence, and what it is: "good", "bad", or "" where nothing can be said."""

    says: str
    kind: str


def verdict(record: Record) -> Verdict:
    """By the metric that matters and its interval, against the best simple learner."""
    if record.found is None:
        return Verdict(unmeasured(record), "")
    value, (low, high) = record.found["metrics"][record.key], record.found["intervals"][record.key]
    where = f"{record.found['n']:,} {'test' if record.found['split'] == 'test' else 'validation'} samples"
    own = f"{record.key} {value:.4f} on {where} (95 % interval {low:.4f} to {high:.4f})"
    if record.found["split"] != "test":
        return Verdict(f"{own}. Without a test part this is the part by which the best epoch was chosen.", "")
    rival = best_rival(record)
    if rival is None:
        return Verdict(f"{own}. No learner without a network answers this at all, so none stands beside it.", "")
    name, theirs = rival
    sign = -1 if record.monitor.startswith("-") else 1
    beside = f"the best simple learner, {name}, reaches {theirs:.4f}"
    if sign * value <= sign * theirs:
        return Verdict(f"No better than a simple learner: {own}; {beside}.", "bad")
    if min(sign * low, sign * high) <= sign * theirs:
        return Verdict(f"Perhaps better than a simple learner, within the interval: {own}; {beside}.", "")
    return Verdict(f"Better than a simple learner: {own}; {beside}.", "good")


def unmeasured(record: Record) -> str:
    """Why there are no numbers."""
    if any(record.data["parts"].get(part, {}).get("n") for part in ("test", "val")):
        return f"Nothing is measured yet; finish the run with: multicnn resume {shlex.quote(str(record.path))}"
    return "Nothing was measured: there is neither a test nor a validation part."


def best_rival(record: Record) -> tuple[str, float] | None:
    """The simple learner with the best metric that matters."""
    sign = -1 if record.monitor.startswith("-") else 1
    known = [(name, metrics[record.key]) for name, metrics in record.baselines.items() if record.key in metrics]
    return max(known, key=lambda pair: sign * pair[1], default=None)
