"""The administrator's page: three files of this package, told to a browser with what it may load."""

from importlib.resources import files

from fastapi import APIRouter
from fastapi.responses import Response

PAGE_PATHS = frozenset({b"/admin", b"/admin/page.js", b"/admin/page.css"})
"""Asked without a token: they hold no data, and ask for one."""

HEADERS = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "cache-control": "no-store",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}
_KINDS = {"html": "text/html", "js": "text/javascript", "css": "text/css"}


def page_router() -> APIRouter:
    """Return the routes of the page."""
    router = APIRouter()

    @router.get("/admin")
    async def page() -> Response:
        """Return the page."""
        return _file("html")

    @router.get("/admin/page.js")
    async def script() -> Response:
        """Return its script."""
        return _file("js")

    @router.get("/admin/page.css")
    async def style() -> Response:
        """Return its looks."""
        return _file("css")

    return router


def _file(kind: str) -> Response:
    content = files("workbench.endpoint").joinpath("static", f"admin.{kind}").read_bytes()
    return Response(content, media_type=f"{_KINDS[kind]}; charset=utf-8", headers=HEADERS)
