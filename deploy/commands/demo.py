"""`pulse demo`: everything on this machine with a simulated provider: history, the report, then live traffic.

With --once it ends where the history ends: drained, reported, verified; exit 0 or 1.
"""

from contextlib import suppress
from datetime import UTC, datetime

import click

from deploy import demo
from deploy.local import interrupt_on_sigterm, running, say
from deploy.plan import Plan, plan_options


@click.command()
@plan_options
@click.option("--days", type=click.IntRange(1, 800), default=21, help="Days of history.")
@click.option("--seed", type=int, default=1, help="Which city.")
@click.option(
    "--start",
    type=click.DateTime(["%Y-%m-%d"]),
    help="First day of the history; else it ends with yesterday. The same seed and start give the same records.",
)
@click.option("--once", is_flag=True, help="End after the history: drain, report, verify; exit 0, or 1.")
def command(plan: Plan, days: int, seed: int, start: datetime | None, once: bool) -> None:
    interrupt_on_sigterm()
    today = datetime.now(UTC).date()
    city = demo.city_of(plan.data, demo.Asked(seed, days, start.date() if start else None), today)
    demo.begin(plan.data, city)
    finished = False
    with suppress(KeyboardInterrupt), running(plan) as system:
        demo.show_history(system, city)
        if once:
            system.run("verify")
        else:
            demo.live(system, city)
        finished = True
    say("stopped")
    if once and not finished:
        raise click.ClickException("interrupted before the end")
