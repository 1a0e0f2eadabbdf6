"""The page from its parts."""

from collections.abc import Sequence

from multicnn.insight.page import Html, contents, page
from multicnn.insight.report import about, measured
from multicnn.insight.report.answers import Answers
from multicnn.insight.report.record import Record, Twins

LARGEST = 5_000_000  # bytes of a page


def build(
    record: Record,
    twins: Twins,
    *,
    answers: Answers | None = None,
    samples: Sequence[Html] = (),
    slices: Html | None = None,
    audit: Sequence[str] = (),
) -> str:
    """All sections in their order; those that a task does not have are left out."""
    part = (record.found or {}).get("split", "test")
    sections = [
        measured.metrics(record),
        measured.curves(record),
        measured.classes(record),
        measured.confusions(record, answers),
        measured.calibration(record, part),
        *samples,
        slices or Html(""),
        about.data(record, twins, audit),
        about.cost(record),
        about.settings(record),
        about.versions(record),
        about.use(record),
    ]
    kept = [one for one in sections if one]
    title = f"{record.data['name']}: {record.model['modality']} {record.model['task']} with {record.model['model']}"
    return page(title, [about.opening(record), contents(map(title_of, kept)), *kept])


def title_of(section: Html) -> Html:
    """What stands above a section."""
    return Html(section.partition("<h2>")[2].partition("</h2>")[0])
