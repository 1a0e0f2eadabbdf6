"""How long to train on texts, and how strong the prior may be, by their number and that of their classes."""

from typing import Any

from multicnn.data.table import Table

SEEN = 30_000  # texts in a whole run for two classes, counting repeats
FEWEST, MOST, MOST_OF_MANY = 5, 20, 50  # epochs
MOST_SEEN = 116_000  # texts in a whole run of many classes
PRIOR = 20_000  # weight decay times training texts of two classes: a prior weighs less the more texts speak against it
CLASSES = 5  # up to so many, the texts of each are enough


def effort(table: Table, n: int) -> dict[str, Any]:
    """Epochs and weight decay for `n` training texts of the classes of `table`.

    Of many classes each text teaches one, so that it takes more rounds to learn them all; and the gradient of what
    tells one class is as much smaller, so that the same decay would drown it. Several labels all learn from every text.
    """
    many = 2 if table.several else max(2, len(table.classes))
    rounds = int(min(SEEN * max(1.0, many / CLASSES), MOST_SEEN)) // n
    most = MOST_OF_MANY if many > CLASSES else MOST
    return {"epochs": min(most, max(FEWEST, rounds)), "weight_decay": min(10.0, PRIOR / n * 2 / many)}
