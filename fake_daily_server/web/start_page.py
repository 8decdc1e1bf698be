"""What a person sees in a browser: a page at `/`, and the descriptions of both APIs with Swagger UI under `/docs`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from html import escape
from importlib.resources import files
from pathlib import Path
from string import Template

from fastapi import APIRouter, Request
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from fake_daily_server.values.errors import NotFound

START_PAGE = "/docs/start"
"""Where the start page always is; it is at `/` as well, unless the sandbox is."""
_WAY_BACK = f'<p style="margin: 1em"><a href="{START_PAGE}">The start page of this server</a></p>'
"""The link from the pages of Swagger UI to the start page."""
_PAGE = Path(__file__).with_name("start_page.html")
_SWAGGER_UI = "fastapi_offline"
"""The package that brings the files of Swagger UI, so that no page loads anything from another host."""
_ASSETS = {
    "swagger-ui-bundle.js": "text/javascript; charset=utf-8",
    "swagger-ui.css": "text/css; charset=utf-8",
    "favicon.png": "image/png",
}


def start_page_router(
    facts: Callable[[], Mapping[str, str]], apis: Mapping[str, tuple[str, str]], sandbox: Callable[[], str | None]
) -> APIRouter:
    """Return the routes `/`, `/assets` and one page for each of `apis`: path to (title, path of the OpenAPI document).

    `facts` are shown on the start page. `sandbox` is the page to which `/` leads instead, if there is one. Only
    browsers get these: any other client's GET / is answered with 404.
    """
    router = APIRouter(include_in_schema=False)

    @router.get("/")
    async def root(request: Request) -> Response:
        if "text/html" not in request.headers.get("accept", ""):
            raise NotFound(
                "GET / is not a resource of this server; /v1/openapi.json lists all, and a browser finds a page here"
            )
        instead = sandbox()
        return start_page() if instead is None else RedirectResponse(instead, status_code=303)

    @router.get(START_PAGE)
    async def start() -> Response:
        return start_page()

    def start_page() -> Response:
        shown = {name: escape(value) for name, value in facts().items()}
        return HTMLResponse(Template(_PAGE.read_text("utf-8")).substitute(shown))

    @router.get("/assets/{name}")
    async def asset(name: str) -> Response:
        if name not in _ASSETS:
            raise NotFound(f"/assets/{name} not found; there are {', '.join(_ASSETS)}")
        content = files(_SWAGGER_UI).joinpath("static", name).read_bytes()
        return Response(content, media_type=_ASSETS[name], headers={"Cache-Control": "max-age=3600"})

    def add_swagger_ui(path: str, title: str, openapi: str) -> None:
        @router.get(path)
        async def swagger_ui() -> Response:
            page = get_swagger_ui_html(
                openapi_url=openapi,
                title=title,
                swagger_js_url="/assets/swagger-ui-bundle.js",
                swagger_css_url="/assets/swagger-ui.css",
                swagger_favicon_url="/assets/favicon.png",
            )
            return HTMLResponse(bytes(page.body).decode().replace("<body>", f"<body>{_WAY_BACK}", 1))

    for path, (title, openapi) in apis.items():
        add_swagger_ui(path, title, openapi)
    return router
