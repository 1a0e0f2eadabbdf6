"""Names of files that tell who or what was recorded, where the parts tear such samples apart."""

import re
from collections.abc import Sequence

import numpy as np

from multicnn.data.table import Table
from multicnn.insight.audit.finding import Finding
from multicnn.insight.audit.words import named, samples

# what people number subjects by, as in `spk03_12.wav`, `patient-7/slice2.png`, `session_4`
WORDS = (
    "speaker|spkr|spk|subject|subj|sub|patient|pat|person|user|actor|singer|author|session|sess|recording|rec|video|"
    "vid|clip|scene|scan|slide|case|study|участник|диктор|пациент"
)
KEYED = re.compile(rf"(?i)(?:^|[/_.\- ])((?:{WORDS})[_\- ]?\d+)(?=$|[/_.\- ])")
FIELDS = re.compile(r"[_\- .]+")
FEW = 3  # groups that a field tells, at least
EACH = 2.0  # samples of a group, on average
LETTERS = 3  # of a name, at least
DIGITS = 4  # of a number that is no count
OTHERS = re.compile(
    "img|image|picture|photo|file|sample|aug|augmented|orig|original|copy|crop|flip|left|right|[a-z]*\\d+"
)


def torn_names(table: Table, part: np.ndarray) -> list[Finding]:
    """A likely group that files' names tell and that both train and test hold; none where groups are known."""
    if table.group is not None or not (part == "test").any() or table.items.dtype != np.dtypes.StringDType():
        return []
    ids = [str(name) for name in table.ids]
    if not all("/" in name or re.search(r"\.\w{2,4}$", name) for name in ids):
        return []
    for pattern in (KEYED.pattern, *_fields(ids)):
        groups = _caught(pattern, ids)
        if groups is not None and _likely(groups, table):
            return _torn(groups, pattern, table, part)
    return []


def _caught(pattern: str, ids: Sequence[str]) -> np.ndarray | None:
    """What the parentheses catch in each name; None unless in all."""
    found = [re.search(pattern, name) for name in ids]
    return np.array([m[1].casefold() for m in found if m]) if all(found) else None


def _fields(ids: Sequence[str]) -> list[str]:
    """A pattern for each field of the files' names that holds names or long numbers, where all have as many fields."""
    stems = [name.rsplit("/", 1)[-1].rsplit(".", 1)[0] for name in ids]
    cut = [FIELDS.split(stem) for stem in stems]
    width = len(cut[0])
    if width < 2 or any(len(fields) != width for fields in cut):
        return []
    field = r"[^/_\- .]+"
    return [
        rf"(?:^|/){''.join([field + '[_. -]+'] * place)}({field})(?:{'[_. -]+' + field}){{{width - 1 - place}}}\.\w+$"
        for place in range(width)
        if all(map(_telling, {fields[place] for fields in cut}))
    ]


def _telling(field: str) -> bool:
    """Whether a field can name somebody: a name, or a number too long for a count."""
    if field.isdigit():
        return len(field) >= DIGITS and len(set(field)) > 1
    return len(field) >= LETTERS and not OTHERS.fullmatch(field.casefold())


def _likely(groups: np.ndarray, table: Table) -> bool:
    """Whether it tells groups: several, of several samples, and no class by another name."""
    values, counts = np.unique(groups, return_counts=True)
    if len(values) < FEW or len(groups) < EACH * len(values) or counts.max() > 0.5 * len(groups):
        return False
    labels = table.target.argmax(axis=1) if table.several and table.target.shape[1] else table.target
    if table.several:
        return True
    by_group = len({*zip(groups.tolist(), labels.tolist(), strict=True)})
    return len(values) > len(table.classes) or by_group > len(values)


def _torn(groups: np.ndarray, pattern: str, table: Table, part: np.ndarray) -> list[Finding]:
    shared = {*groups[part == "test"]} & {*groups[part == "train"]}
    if not shared:
        return []
    rows = np.flatnonzero(np.isin(groups, sorted(shared)) & (part == "train"))
    says = (
        f"the files' names seem to tell groups, such as {named(sorted(map(str, shared))[:2])}: {len(shared)} of "
        f"them are in test and in train ({samples(len(rows))}); if each is one speaker, subject or recording, train "
        f"with --group-by '{pattern}'"
    )
    return [Finding("torn-names", "warning", tuple(map(str, table.ids[rows])), says)]
