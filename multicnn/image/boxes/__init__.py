"""Tasks whose answers are boxes: one a picture, or any number."""

from multicnn.image.boxes import told
from multicnn.image.boxes.defaults import detect_defaults, localize_defaults, plan_whole
from multicnn.image.boxes.outcome import Boxed
from multicnn.image.boxes.reader import plan_box, plan_boxes
from multicnn.image.boxes.sketch import sketch
from multicnn.image.datasets.boxes import digit_boxes, digit_place, open_boxes
from multicnn.tasks.detect import Detect
from multicnn.tasks.localize import Localize
from multicnn.verbs.modality import Kind, Told

LOCALIZE = Kind(
    task=Localize,
    default_data="digit-place",
    datasets={"digit-place": digit_place},
    open=open_boxes,
    plan_reader=plan_whole,
    plan_answer=plan_box,
    defaults=localize_defaults,
    outcome=Boxed(),
    sketch=sketch,
    told={"ImageReader": Told(told.located, told.facts_of)},
)
DETECT = Kind(
    task=Detect,
    default_data="digit-boxes",
    datasets={"digit-boxes": digit_boxes},
    open=open_boxes,
    plan_reader=plan_whole,
    plan_answer=plan_boxes,
    defaults=detect_defaults,
    outcome=Boxed(),
    sketch=sketch,
    told={"ImageReader": Told(told.boxes, told.facts_of)},
)
