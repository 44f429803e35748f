"""Reading what a client sends: never more than it may, and only JSON that can be kept."""

import json
from collections.abc import Mapping
from io import BytesIO
from typing import IO, Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import JSONParser
from rest_framework.request import Request

from woop.api.problems import too_large

MAX_BODY = 1024 * 1024
# What is read and thrown away of a body that was refused unread; beyond that the connection ends.
MAX_DRAIN = 16 * 1024 * 1024
CHUNK = 64 * 1024


def read_body(http: HttpRequest) -> bytes:
    """Read the whole body, once; afterwards Django and the parsers find it in `http.body`."""
    stream = _stream(http)
    body: bytes = stream.read(MAX_BODY + 1)
    if len(body) > MAX_BODY:
        raise too_large()
    http._body = body
    http.META["CONTENT_LENGTH"] = str(len(body))  # also of one that came in chunks
    return body


def _stream(http: HttpRequest) -> Any:
    """Django takes a body without a length for none; a server that marks the end lets us read it."""
    if "Transfer-Encoding" in http.headers and http.META.get("wsgi.input_terminated"):
        return http.META["wsgi.input"]
    return http


def drain(http: HttpRequest) -> None:
    """Read and throw away what is left of a body, or the next request on the connection would fail."""
    stream, left = _stream(http), MAX_DRAIN
    try:
        while left > 0 and (chunk := stream.read(min(CHUNK, left))):
            left -= len(chunk)
    except OSError:
        return  # the client has gone


class StrictJSONParser(JSONParser):
    """JSON whose texts are real Unicode: a lone surrogate could neither be stored nor be answered."""

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        raw = stream.read()
        try:
            data = super().parse(BytesIO(raw), media_type, parser_context)
            if b"\\u" in raw:  # only an escape can bring one in
                json.dumps(data, ensure_ascii=False).encode()
        except RecursionError as error:
            raise ParseError(_("This is nested too deeply.")) from error
        except UnicodeEncodeError as error:
            raise ParseError(_("A text holds half a character.")) from error
        return data


class AlwaysJSON(BaseContentNegotiation):
    """There is one representation: whatever a client says it accepts, it is JSON."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        given = (request.content_type or "").partition(";")[0].strip().lower()
        return next((parser for parser in parsers if parser.media_type == given), None)

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> Any:
        return renderers[0], renderers[0].media_type
