"""The page's modules: their own tests under node, and that nothing but them is served or asked for."""

import ast
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from dashboard import money, page, problems
from dashboard.files.words import LANGS, word

HERE = Path(__file__).parent
NODE = shutil.which("node")
with_node = pytest.mark.skipif(
    NODE is None and "CI" not in os.environ, reason="node is not installed: apt-get install nodejs"
)


@with_node
def test_the_pure_modules() -> None:
    done = subprocess.run(["node", "--test", str(HERE)], check=False, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture
def client() -> httpx.AsyncClient:
    app = FastAPI()
    problems.install(app)
    page.install(app)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://pulse")


@pytest.mark.parametrize(
    "path", ["/", "/sign-in", "/static/js/main.js", "/static/js/sign-in.js", "/static/css/page.css"]
)
async def test_the_pages_and_their_files_are_served(client: httpx.AsyncClient, path: str) -> None:
    assert (await client.get(path)).status_code == 200


async def test_versioned_files_are_kept_others_are_asked_about_anew(client: httpx.AsyncClient) -> None:
    vendored = await client.get("/static/vendor/echarts-6.1.0.esm.min.js")
    assert "immutable" in vendored.headers["cache-control"]
    own = await client.get("/static/js/main.js")
    assert own.headers["cache-control"] == "no-cache"
    again = await client.get("/static/js/main.js", headers={"If-None-Match": own.headers["etag"]})
    assert (again.status_code, again.headers["cache-control"]) == (304, "no-cache")


async def test_a_file_that_changed_is_served_as_it_is_now(tmp_path: Path) -> None:
    files = httpx.AsyncClient(transport=httpx.ASGITransport(page.Files(directory=tmp_path)), base_url="http://pulse")
    for turn in (1, 2):
        (tmp_path / "one.js").write_text(f"turn {turn}")
        os.utime(tmp_path / "one.js", (turn, turn))
        assert (await files.get("/one.js")).text == f"turn {turn}"


@pytest.mark.parametrize("path", ["/static/none.js", "/static/../page.py", "/static/%2e%2e/page.py", "/static/js/"])
async def test_nothing_else_is_served(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


def test_every_module_is_asked_for_at_once() -> None:
    """Else a browser learns of each only from the one that needs it, one after another."""
    folder = page.STATIC / "js"
    others = {"opening.js", "main.js", "sign-in.js", "landing.js", "types.js", "i18n/sign-in.js"}
    modules = {file.relative_to(folder).as_posix() for file in folder.rglob("*.js")}
    html = (page.STATIC / "index.html").read_text()
    preloaded = re.findall(r'rel="modulepreload"[^>]* href="/static/js/([^"]+)"', html)
    assert sorted(preloaded) == sorted(modules - others)


def test_nothing_of_the_page_lies_elsewhere() -> None:
    own = [
        file
        for file in page.STATIC.rglob("*")
        if file.suffix in {".js", ".css", ".html"} and "vendor" not in file.parts
    ]
    assert len(own) > 20
    for file in own:
        assert not set(re.findall(r"https?://[\w./-]+", file.read_text())) - {"http://www.w3.org/2000/svg"}, file


def test_money_has_the_digits_of_the_report() -> None:
    text = (page.STATIC / "js" / "format.js").read_text()

    def listed(name: str) -> set[str]:
        found = re.search(rf"const {name} = (\[.*\]);", text)
        assert found
        return set(ast.literal_eval(found[1]))

    for name, digits in (("NO_MINOR", 0), ("THOUSANDTHS", 3)):
        assert listed(name) == {currency for currency, count in money.DIGITS.items() if count == digits}


@with_node
def test_sources_and_states_have_in_files_the_names_that_they_have_on_the_page() -> None:
    module = (page.STATIC / "js" / "i18n.js").as_uri()
    script = f"import {{ WORDS }} from '{module}'; console.log(JSON.stringify(WORDS));"
    said = subprocess.run(
        ["node", "--input-type=module", "-e", script], check=True, capture_output=True, text=True, timeout=60
    )
    words = json.loads(said.stdout)
    for lang in LANGS:
        named = {key.partition(".")[2]: name for key, name in words[lang].items() if re.match(r"(source|state)\.", key)}
        assert len(named) == 19
        assert {value: word(lang, value) for value in named} == named
