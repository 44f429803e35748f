"""JSON out: what moved and what was left, by the thousand, without a serializer per row."""

import json
from collections.abc import Iterable
from typing import Any

from django.http import HttpResponse
from rest_framework.utils.encoders import JSONEncoder

from woop.identifiers import encode
from woop.machines import StrPromise
from woop.models import StatusEvent
from woop.nodes import Node
from woop.outcomes import Event, Kept, Note, Outcome


def json_bytes(data: Any) -> bytes:
    return json.dumps(data, cls=JSONEncoder, ensure_ascii=False, separators=(",", ":")).encode()


def answer(
    data: Any, *, status: int = 200, version: int | None = None, location: str | None = None
) -> HttpResponse:
    """Return the answer of a view; `version` is that of the order, and becomes the ETag."""
    response = HttpResponse(json_bytes(data), status=status, content_type="application/json")
    if version is not None:
        response["ETag"] = etag(version)
    if location is not None:
        response["Location"] = location
    return response


def etag(version: int) -> str:
    return f'"{version}"'


# --- outcomes --------------------------------------------------------------------------------------


class Texts(dict[int, str]):
    """Each sentence translated once: thousands of rows share a handful of them."""

    def of(self, text: StrPromise) -> str:
        found = self.get(id(text))
        if found is None:
            found = self[id(text)] = str(text)
        return found


def outcome_json(outcome: Outcome, version: int) -> dict[str, Any]:
    texts = Texts()
    return {
        "applied": outcome.applied,
        "version": version,
        "moved": [moved_json(event) for event in outcome.moved],
        "kept": [_kept_json(kept, texts) for kept in outcome.kept],
        "warnings": [note_json(note) for note in outcome.warnings],
    }


def moved_json(event: Event) -> dict[str, Any]:
    node = event.node
    return {
        "type": node.kind,
        "id": public_id(node),
        "field": event.field,
        "from": event.from_status,
        "to": event.to_status,
        "source": event.source,
        "sequence": event.sequence,
        "cause": event.cause,
    }


def _kept_json(kept: Kept, texts: Texts) -> dict[str, Any]:
    return {
        "type": kept.node.kind,
        "id": public_id(kept.node),
        "status": kept.status,
        "code": kept.code,
        "detail": texts.of(kept.detail),
    }


def note_json(note: Note) -> dict[str, Any]:
    return {
        "type": note.node.kind if note.node else None,
        "id": public_id(note.node) if note.node else None,
        "code": note.code,
        "detail": str(note.detail),
    }


def public_id(node: Node) -> str | None:
    """Return what clients call a row: the number of an order, else an opaque id, None while it is new."""
    if node.kind == "order":
        number: str = getattr(node, "number")  # noqa: B009  (the shared class does not know it)
        return number
    return encode(node.kind, node.id) if node.id else None


# --- history ---------------------------------------------------------------------------------------


def events_json(events: Iterable[StatusEvent]) -> list[dict[str, Any]]:
    return [event_json(event) for event in events]


def event_json(event: StatusEvent) -> dict[str, Any]:
    number = event.order.number
    return {
        "order": number,
        "sequence": event.sequence,
        "type": event.object_type,
        "id": number if event.object_type == "order" else encode(event.object_type, event.object_id),
        "field": event.field,
        "from": _status(event.from_status),
        "to": _status(event.to_status),
        "source": event.source,
        "actor": event.actor,
        "reason": event.reason,
        "occurred_at": event.occurred_at,
        "recorded_at": event.recorded_at,
        "cause": event.cause,
        "quantities": _quantities(event),
    }


def _quantities(event: StatusEvent) -> dict[str, Any] | None:
    """Return what a split or a change of data noted, with the public id of the row that was split."""
    noted: dict[str, Any] | None = event.quantities
    if noted and "split_from" in noted:
        return noted | {"split_from": encode(event.object_type, noted["split_from"])}
    return noted


def _status(text: str | None) -> int | str | None:
    """The history keeps words: fulfilment statuses are numbers again."""
    return int(text) if text is not None and text.isdigit() else text
