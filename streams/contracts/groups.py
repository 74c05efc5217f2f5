"""The consumer groups of the flow, by what they do: the one place that names them.

Comes in: a stage of the workers or a kind of facts, and a generation. Goes out: the name that Kafka knows the group by.
"""


def of_stage(stage: str, generation: int) -> str:
    return f"pulse-{stage}.g{generation}"


def of_loader(facts: str, generation: int) -> str:
    return of_stage(f"load-{facts}", generation)
