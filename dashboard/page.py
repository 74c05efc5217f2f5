"""The page of the chart and the files it is made of.

Comes in: a request of a browser. Goes out: files of `static/`. What has its version in its name is kept for a year, the
rest is asked anew.
"""

from pathlib import Path
from typing import Final

from fastapi import FastAPI
from fastapi.responses import FileResponse
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

STATIC: Final = Path(__file__).with_name("static")
ASK_ANEW: Final = "no-cache"
FOR_A_YEAR: Final = "public, max-age=31536000, immutable"


class Files(StaticFiles):
    """What lies in `vendor/` carries its version in its name and never changes."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers["Cache-Control"] = FOR_A_YEAR if path.startswith("vendor/") else ASK_ANEW
        return response


def install(app: FastAPI) -> None:
    @app.api_route("/", methods=["GET", "HEAD"], include_in_schema=False)
    async def page() -> Response:
        return FileResponse(STATIC / "index.html", headers={"Cache-Control": ASK_ANEW})

    @app.api_route("/sign-in", methods=["GET", "HEAD"], include_in_schema=False)
    async def sign_in() -> Response:
        return FileResponse(STATIC / "sign-in.html", headers={"Cache-Control": ASK_ANEW})

    app.mount("/static", Files(directory=STATIC))
