"""Names for classes that a table tells by number: the lines of a file beside it."""

from dataclasses import replace
from pathlib import Path

from multicnn.data.table import Table
from multicnn.text.datasets.lines import head

FILES = ("classes.txt", "labels.txt", "label_names.txt", "class_names.txt", "mapping.txt")


def named(table: Table, path: Path) -> Table:
    """The same table, its classes named by the lines of a file beside it; else as it was.

    Counted from 0, or from 1 where no class is 0 and the file has as many lines as the highest number.
    """
    if not table.classes or not all(c.isdecimal() for c in table.classes):
        return table
    folder = path if path.is_dir() else path.parent
    file = next((folder / name for name in FILES if (folder / name).is_file()), None)
    names = head(file) if file else []
    numbers = [int(c) for c in table.classes]
    first = 1 if min(numbers) > 0 and max(numbers) == len(names) else 0
    if not file or max(numbers) - first >= len(names) or len(set(names)) < len(names):
        return table
    said = f"names of the classes from {file.name}, counted from {first}"
    return replace(table, classes=tuple(names[n - first] for n in numbers), said=(*table.said, said))
