"""A rule of advice, and what it says where it is broken."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from multicnn.insight.advice.facts import Facts


@dataclass(frozen=True)
class Rule:
    """A number of a model and its data, and the limit that it should keep.

    number: None where the rule says nothing about such a model.  least: whether the number should be at least
    `limit`, else at most.  says: one sentence, with {value} and {limit} in it.  flag: words of the command line that
    mend it, None where there are none.  source: authors, year, where to read it.  recipe: `name of the script --rule`
    that shows what following it is worth.  recipes: of a modality, where another shows it.
    """

    number: Callable[[Facts], float | None]
    limit: float
    least: bool
    says: str
    flag: Callable[[Facts, float], str | None]
    source: str
    recipe: str
    recipes: Mapping[str, str] = field(default_factory=dict)

    def broken(self, number: float) -> bool:
        """Whether the limit is not kept."""
        return number < self.limit if self.least else number > self.limit


@dataclass(frozen=True)
class Advice:
    """One broken rule: its name, the number and its limit, a sentence, the flag that mends it, where it comes from."""

    rule: str
    value: float
    limit: float
    says: str
    flag: str
    source: str
    recipe: str

    def record(self) -> dict[str, Any]:
        """As JSON says it."""
        return asdict(self)

    def lines(self) -> list[str]:
        """As a person reads it."""
        where = f"{self.source}; shown by {self.recipe}"
        return [f"advice ({self.rule}): {self.says}", f"  try {self.flag}", f"  {where}"]


def judge(name: str, rule: Rule, facts: Facts) -> Advice | None:
    """What a rule says of a model and its data; None where it is kept, or nothing can be said or done."""
    number = rule.number(facts)
    if number is None or not rule.broken(number):
        return None
    flag = rule.flag(facts, number)
    said = rule.says.format(value=number, limit=rule.limit)
    recipe = rule.recipes.get(facts.modality, rule.recipe)
    return None if flag is None else Advice(name, number, rule.limit, said, flag, rule.source, recipe)


def judged(rules: Mapping[str, Rule], facts: Facts) -> list[Advice]:
    """All that is broken, in the order of the rules."""
    found = [judge(name, rule, facts) for name, rule in rules.items()]
    return [advice for advice in found if advice is not None]
