"""The administrator's page: three files of this package, told to a browser with what it may load."""

from collections.abc import Mapping
from importlib.resources import files

from fastapi import APIRouter
from fastapi.responses import Response

from workbench.endpoint.settings import EndpointSettings

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
ONLY_HTTPS = {"strict-transport-security": "max-age=31536000"}
"""A browser that has seen this speaks to the host by https only, whatever the port, for a year (RFC 6797)."""
_KINDS = {"html": "text/html", "js": "text/javascript", "css": "text/css"}


def page_headers(settings: EndpointSettings) -> Mapping[str, str]:
    """Return what the page is told with; in production with a certificate, that there is no way without."""
    strict = settings.profile == "production" and settings.certificate is not None
    return HEADERS | ONLY_HTTPS if strict else HEADERS


def page_router(headers: Mapping[str, str] = HEADERS) -> APIRouter:
    """Return the routes of the page, told with ``headers``."""
    router = APIRouter()

    @router.get("/admin")
    async def page() -> Response:
        """Return the page."""
        return _file("html", headers)

    @router.get("/admin/page.js")
    async def script() -> Response:
        """Return its script."""
        return _file("js", headers)

    @router.get("/admin/page.css")
    async def style() -> Response:
        """Return its looks."""
        return _file("css", headers)

    return router


def _file(kind: str, headers: Mapping[str, str]) -> Response:
    content = files("workbench.endpoint").joinpath("static", f"admin.{kind}").read_bytes()
    return Response(content, media_type=f"{_KINDS[kind]}; charset=utf-8", headers=headers)
