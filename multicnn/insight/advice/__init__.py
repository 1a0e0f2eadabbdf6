"""Advice on a model and its data: published design rules, each a number with a limit, and the flag that mends it."""

from collections.abc import Sequence

from multicnn.insight.advice.facts import Facts
from multicnn.insight.advice.rule import Advice, Rule, judged
from multicnn.insight.advice.rules import RULES
from multicnn.names import find

__all__ = ["RULES", "Advice", "Facts", "Rule", "advise", "refuse_unknown"]


def advise(facts: Facts, *, silence: Sequence[str] = ()) -> list[Advice]:
    """The rules that a model and its data break. silence: names of rules to leave out; UsageError for others."""
    refuse_unknown(silence)
    silent = {name.replace("_", "-") for name in silence}
    return judged({name: rule for name, rule in RULES.items() if name not in silent}, facts)


def refuse_unknown(rules: Sequence[str]) -> None:
    """Raises UsageError for a name that is none of a rule."""
    for name in rules:
        find("rule of advice", RULES, name.replace("_", "-"))
