"""A model card: what the model is for, what it learnt from, how good it is, in one page of Markdown."""

from collections.abc import Mapping
from typing import Any


def model_card(
    model: Mapping[str, Any],
    data: Mapping[str, Any],
    found: Mapping[str, Any],
    baselines: Mapping[str, Mapping[str, float]],
) -> str:
    """Mitchell et al. 2019, arXiv 1810.03993, as far as a program can know it."""
    parts = ", ".join(f"{p['n']:,} {name}" for name, p in data["parts"].items())
    rows = [f"| {k} | {v:.4f} | {interval(found['intervals'][k])} |" for k, v in found["metrics"].items()]
    beside = [f"| {name} | {', '.join(f'{k} {v:.4f}' for k, v in m.items())} |" for name, m in baselines.items()]
    columns = list(next(iter(found["per_class"].values())))
    per_class = [
        f"| {name} | {' | '.join(number(c[key]) for key in columns)} |" for name, c in found["per_class"].items()
    ]
    return "\n".join(
        [
            f"# {model['model']} for {model['modality']} {model['task']}",
            "",
            f"{model['parameters']:,} parameters; {len(model['classes'])} classes. "
            f"Trained on `{data['name']}`: {parts} ({data['how_split']}).",
            "",
            f"## On the {found['split']} part ({found['n']:,} samples)",
            "",
            "| metric | value | 95 % bootstrap interval |",
            "|---|---|---|",
            *rows,
            "",
            *(
                ["Simple learners on the same samples:", "", "| learner | metrics |", "|---|---|", *beside, ""]
                if beside
                else []
            ),
            f"| class | {' | '.join(columns)} |",
            f"|---{'|---' * len(columns)}|",
            *per_class,
            "",
            "The intervals tell how far another test set of this size and kind would differ; "
            "they do not cover data of another kind.",
            "",
        ]
    )


def number(value: float) -> str:
    """A count as it is, a share with three digits."""
    return f"{value:,}" if isinstance(value, int) else f"{value:.3f}"


def interval(edges: list[float]) -> str:
    """`0.91 to 0.95`."""
    return f"{edges[0]:.4f} to {edges[1]:.4f}"
