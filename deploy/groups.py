"""Who works on a generation: the members of its consumer groups, of workers and loaders alike.

Comes in: Kafka's address. Goes out: names of members; after that the groups themselves can be removed.
"""

from typing import Any

from kafka.admin import KafkaAdminClient
from kafka.errors import GroupIdNotFoundError

from streams.contracts.groups import of_stage
from streams.progress import stages

EVERY_WORKER = "classify_clients"
"""A stage that every worker is a member of."""


class Groups:
    def __init__(self, kafka: str) -> None:
        self._admin = KafkaAdminClient(bootstrap_servers=kafka)

    def members(self, generation: int) -> set[str]:
        return {_name(member) for group in self._described(generation).values() for member in group["members"]}

    def workers(self, generation: int) -> int:
        """How many there are."""
        named = of_stage(EVERY_WORKER, generation)
        return sum(len(group["members"]) for name, group in self._described(generation).items() if name == named)

    def remove(self, generation: int) -> None:
        """What they had committed goes with them."""
        known = self._known(generation)
        if known:
            self._admin.delete_groups(known)

    def close(self) -> None:
        self._admin.close()

    def _described(self, generation: int) -> dict[str, Any]:
        known = self._known(generation)
        try:
            return dict(self._admin.describe_groups(known)) if known else {}
        except GroupIdNotFoundError:  # gone between the two questions
            return {}

    def _known(self, generation: int) -> list[str]:
        wanted = {stage.group for stage in stages(generation)}
        return sorted(wanted & {group["group_id"] for group in self._admin.list_groups()})


def _name(member: dict[str, Any]) -> str:
    return str(member.get("group_instance_id") or member["client_id"])
