"""Who asks, as the routes that keep something need it: under which name, and what he may see and change."""

from dataclasses import dataclass

from dashboard.access.principal import asking, tenant


@dataclass(frozen=True)
class Asker:
    """`organisation` None is the provider; `services` None is all of the organisation's."""

    name: str
    organisation: str | None
    services: tuple[str, ...] | None
    rules: bool
    """The provider, or an admin of the organisation: may also change what others have made."""

    @property
    def home(self) -> str:
        """The organisation of what he makes."""
        return self.organisation or ""

    def may_change(self, author: str, organisation: str) -> bool:
        if self.organisation not in (None, organisation):
            return False
        return self.rules or author == self.name


def asker() -> Asker:
    """Of this request; the gate has let nobody in who has not signed in."""
    principal, seen = asking(), tenant()
    user = None if principal is None else principal.user
    rules = principal is not None and (user is None or user.role != "viewer")
    return Asker("" if user is None else user.name, seen.organisation, seen.services, rules)
