"""Say things as carriers do: through the inbox, as the adapters would."""

from datetime import UTC, datetime, timedelta

from carriers import inbox
from carriers.adapters.base import ParcelStatus
from carriers.models import CarrierMessage
from carriers.statuses import Channel
from deliveries.models import Delivery
from deliveries.tracking import put_status
from tests.reference import links
from tests.reference.messages import Message

START = datetime(2026, 1, 1, tzinfo=UTC)
RAW = {"sendcloud": links.SENDCLOUD, "veloyd": links.VELOYD}


def moment(minutes):
    return START + timedelta(minutes=minutes)


def say(delivery_id, carrier, raw, minutes, comment="because"):
    """Bring one message in and answer what became of it, in the model's words."""
    delivery = Delivery.objects.select_related("account").get(pk=delivery_id)
    if carrier == "manual":
        before = CarrierMessage.objects.count()
        message = put_status(delivery, status=raw, occurred_at=moment(minutes), comment=comment)
        return "duplicate" if CarrierMessage.objects.count() == before else _state(message)
    item = ParcelStatus(delivery.carrier_ref, raw, comment, occurred_at=moment(minutes))
    body = f"{raw} {minutes}".encode()
    fresh = inbox.receive(delivery.account, Channel.HOOK, [item], body=body)
    if not fresh:
        return "duplicate"
    inbox.apply(fresh[0])
    return _state(fresh[0])


def _state(message):
    message.refresh_from_db()
    return str(message.state)


def message_of(carrier, raw, minutes, comment="because"):
    """Answer the same message for the model."""
    key = f"{raw}@{minutes}"
    if carrier == "manual":
        return Message(key, raw, moment(minutes), reason=comment)
    status, package_to = RAW[carrier][raw]
    return Message(key, status, moment(minutes), package_to, comment)
