"""The task whose answers are instances: any number of boxes a picture, each with a mask."""

from multicnn.image.boxes.defaults import instances_defaults, plan_whole
from multicnn.image.datasets.instances import digit_instances, open_instances
from multicnn.image.instances import told
from multicnn.image.instances.outcome import Pieces
from multicnn.image.instances.reader import plan_pieces
from multicnn.image.instances.sketch import sketch
from multicnn.tasks.instances import Instances
from multicnn.verbs.modality import Kind, Told

INSTANCES = Kind(
    task=Instances,
    default_data="digit-instances",
    datasets={"digit-instances": digit_instances},
    open=open_instances,
    plan_reader=plan_whole,
    plan_answer=plan_pieces,
    defaults=instances_defaults,
    outcome=Pieces(),
    sketch=sketch,
    told={"ImageReader": Told(told.instances, told.facts_of)},
    numbers=8,  # a prototype's cell has four of the grid, and a picture sixteen prototypes and a hundred lines
)
