"""The page of the chart and the files it is made of.

Comes in: a request of a browser. Goes out: files of `static/`. What has its version in its name is kept for a year, the
rest is asked anew.
"""

import os
from functools import lru_cache
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
    """What lies in `vendor/` carries its version in its name and never changes.

    A page asks for fifty small files at once: they are answered from memory, not read in threads, and read again only
    when they change.
    """

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers["Cache-Control"] = FOR_A_YEAR if path.startswith("vendor/") else ASK_ANEW
        return response

    def file_response(
        self, full_path: os.PathLike[str] | str, stat_result: os.stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        found = super().file_response(full_path, stat_result, scope, status_code)
        if not isinstance(found, FileResponse):
            return found  # they who ask have it already
        del found.headers["accept-ranges"]
        return Response(_read(str(full_path), stat_result.st_mtime_ns), status_code, found.headers)


@lru_cache(maxsize=128)
def _read(path: str, _changed_ns: int) -> bytes:
    return Path(path).read_bytes()


def install(app: FastAPI) -> None:
    @app.api_route("/", methods=["GET", "HEAD"], include_in_schema=False)
    async def page() -> Response:
        return FileResponse(STATIC / "index.html", headers={"Cache-Control": ASK_ANEW})

    @app.api_route("/sign-in", methods=["GET", "HEAD"], include_in_schema=False)
    async def sign_in() -> Response:
        return FileResponse(STATIC / "sign-in.html", headers={"Cache-Control": ASK_ANEW})

    app.mount("/static", Files(directory=STATIC))
