"""The API as one application. Comes in: what it answers from. Goes out: an ASGI app, which owns and starts nothing."""

from fastapi import FastAPI

from dashboard import openapi, page, problems
from dashboard.access.gate import Gate
from dashboard.api import (
    accounts,
    annotations,
    call,
    catalogue,
    health,
    internal,
    lists,
    quality,
    session,
    timeseries,
    views,
)
from dashboard.bodies import Bodies
from dashboard.etags import Etags
from dashboard.gauges import Gauges, Standings
from dashboard.requests import Requests
from dashboard.sources import Sources


def create_app(sources: Sources) -> FastAPI:
    """Without FastAPI's own pages, which would load their scripts from elsewhere, and its redirects, which lead
    wherever the Host header says."""
    app = FastAPI(title="Dispatch Pulse", version="1", docs_url=None, redoc_url=None, redirect_slashes=False)
    gauges = Gauges()
    gauges.registry.register(Standings(sources))
    page.install(app)  # the first, because a page asks for fifty of its files, and routes are looked at in turn
    for router in (
        timeseries.routes(sources, gauges),
        lists.routes(sources),
        call.routes(sources),
        quality.routes(sources),
        annotations.routes(sources),
        views.routes(sources),
        catalogue.routes(sources),
        health.routes(sources, gauges),
        internal.routes(sources),
        accounts.routes(sources),
        session.routes(sources),
    ):
        app.include_router(router)
    problems.install(app)
    app.add_middleware(Bodies)
    app.add_middleware(Etags)
    app.add_middleware(Gate, accounts=sources.accounts, token=sources.token)
    app.add_middleware(Requests)
    openapi.install(app)
    return app
