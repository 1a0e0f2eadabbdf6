"""The names that people give to the columns of a table, the likeliest first."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from multicnn.errors import DataError, UsageError

PATH = (
    "path", "file_path", "filepath", "image_path", "img_path", "audio_path", "audio_filepath", "image", "img",
    "audio", "wav", "sound", "clip", "file", "file_name", "filename", "fname", "image_name", "image_file",
    "audio_file", "slice_file_name", "picture", "photo", "путь", "файл", "имя_файла", "изображение", "картинка",
    "фото", "аудио", "звук",
)  # fmt: skip
TEXT = (
    "text", "sentence", "content", "review", "review_text", "comment", "comment_text", "tweet", "message", "body",
    "document", "post", "utterance", "question", "description", "headline", "title", "heading", "текст", "предложение",
    "отзыв", "комментарий", "сообщение", "содержание", "описание", "твит", "вопрос", "заголовок",
)  # fmt: skip
HEADING = ("title", "headline", "heading", "заголовок")  # stand before another column of texts, if there is one
LABEL = (
    "label", "labels", "class", "classes", "category", "categories", "sentiment", "target", "targets", "tag",
    "tags", "class_name", "label_name", "topic", "topics", "genre", "genres", "intent", "emotion", "emotions",
    "polarity", "rating", "stars", "command", "keyword", "event_label", "instrument", "species", "y", "метка", "метки",
    "класс", "классы", "категория", "категории", "тональность", "тег", "теги", "тема", "темы", "рубрика", "рубрики",
    "оценка", "рейтинг", "настроение", "эмоция",
)  # fmt: skip
SPLIT = ("split", "subset", "set", "part", "partition", "выборка", "часть", "разбиение")
FOLD = ("fold", "cv_fold", "kfold", "fold_id")
GROUP = (
    "group", "group_id", "subject", "subject_id", "patient", "patient_id", "speaker", "speaker_id", "session",
    "session_id", "spk_id", "recording", "recording_id", "client_id", "source", "source_id", "src_file", "группа",
    "пациент", "диктор", "источник",
)  # fmt: skip
SEVERAL = (  # names in the plural: a cell may hold several labels
    "labels", "classes", "categories", "targets", "tags", "topics", "genres", "emotions", "метки", "классы",
    "категории", "теги", "темы", "рубрики",
)  # fmt: skip


@dataclass(frozen=True)
class Role:
    """What a column is for, its usual names, and the flag that names it."""

    what: str
    names: tuple[str, ...]
    flag: str


ROLES = {
    "path": Role("the files", PATH, "--path-column"),
    "text": Role("the texts", TEXT, "--text-column"),
    "label": Role("the labels", LABEL, "--label-column"),
    "split": Role("the split", SPLIT, "--split-column"),
    "fold": Role("the folds", FOLD, "--split-column"),
    "group": Role("the groups", GROUP, "--group-by"),
}
USUAL = frozenset(name for role in ROLES.values() for name in role.names)


def plain(name: str) -> str:
    """A column's name without the differences of spelling: `File-Name ` is `file_name`."""
    return re.sub(r"[\s\-]+", "_", name.strip()).casefold()


def usual(name: str) -> bool:
    """Whether a header cell is one of the usual names."""
    return plain(name) in USUAL


def candidates(names: Sequence[str], role: str) -> list[str]:
    """The columns that may play a role, the likeliest first."""
    place = {plain(name): name for name in reversed(names)}
    return [place[name] for name in ROLES[role].names if name in place]


def chosen(names: Sequence[str], role: str, name: str) -> str:
    """The column the user named, in any case. Raises UsageError with the columns found and the nearest."""
    if name in names:
        return name
    same = [n for n in names if plain(n) == plain(name)]
    if len(same) == 1:
        return same[0]
    near = get_close_matches(name, names, n=1)
    meant = f"did you mean {near[0]!r}? " if near else ""
    raise UsageError(f"{ROLES[role].flag}: no column named {name!r}; {meant}columns found: {listed(names)}")


def text_columns(names: Sequence[str], override: str | None) -> list[str]:
    """The columns whose cells together are the texts: those named, `a,b`, or the likeliest behind its heading.

    [] where none has a usual name. Raises UsageError for a name that is not there.
    """
    if override:
        several = override not in names and "," in override
        return (
            [chosen(names, "text", n.strip()) for n in override.split(",")]
            if several
            else [chosen(names, "text", override)]
        )
    found = candidates(names, "text")
    headings = [n for n in found if plain(n) in HEADING]
    return [*headings[:1], found[0]] if headings and found[0] not in headings else found[:1]


def missing(path: object, names: Sequence[str], role: str) -> DataError:
    """The error for a table in which a needed column has no usual name."""
    r = ROLES[role]
    return DataError(
        f"{path}: no column for {r.what} among {listed(names)}; name it with {r.flag}, "
        f"or add a header line such as {'path' if role == 'path' else 'text'},label if that is the first sample"
    )


def listed(names: Sequence[str], n: int = 12) -> str:
    """`'a', 'b', 'c'`, the first ones, each cut to a readable length."""
    short = [repr(name if len(name) <= 30 else name[:29] + "…") for name in names[:n]]
    return ", ".join(short) + (f" and {len(names) - n} more" if len(names) > n else "")
