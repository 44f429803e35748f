"""The journal: all that happens in a shop, for a client that follows it."""

from typing import ClassVar

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from woop import journal
from woop.api.answers import answer, events_json
from woop.api.pages import PageQuery, no_cursor, read_cursor, write_cursor
from woop.api.shapes import JournalPage
from woop.api.views import ApiView

KEYS = ("transaction_id", "id")


class JournalView(ApiView):
    read_scope: ClassVar = "orders:read"

    @extend_schema(operation_id="journal_read", parameters=[PageQuery], responses=JournalPage)
    def get(self, request: Request) -> HttpResponse:
        """Every event of the shop after the cursor: none is ever skipped or repeated."""
        query = self.query(PageQuery)
        events, position = journal.read(self.actor, _position(query.get("cursor")), query["page_size"])
        cursor = write_cursor(KEYS, [position.transaction_id, position.event_id])
        return answer({"results": events_json(events), "cursor": cursor})


def _position(cursor: str | None) -> journal.Position:
    if not cursor:
        return journal.Position()
    values = read_cursor(cursor, KEYS)
    if any(type(value) is not int or not 0 <= value < 2**63 for value in values):
        raise no_cursor()
    return journal.Position(*values)
