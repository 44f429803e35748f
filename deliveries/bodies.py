"""Deliveries as clients and carriers send them."""

from rest_framework import serializers

from woop.api.fields import Moment, StrictSerializer, Text
from woop.api.objects import TransitionBody

MAX_PACKAGES = 1000


class NewDeliveryBody(StrictSerializer):
    carrier_account = Text(
        required=False,
        default="",
        allow_blank=True,
        max_length=64,
        help_text="Its code; “manual” is the carrier without integration; empty lets the choice run.",
    )
    packages = serializers.ListField(
        child=Text(max_length=40),
        required=False,
        min_length=1,
        max_length=MAX_PACKAGES,
        help_text="Ids; without them, all packages for home delivery that nobody carries.",
    )


class DeliveryTransitionBody(TransitionBody):
    """Any spelling that carriers may use is understood here too."""

    sub_status = Text(required=False, default="", allow_blank=True, max_length=60)
    subStatus = Text(required=False, default="", allow_blank=True, max_length=60)  # noqa: N815


class PutStatusBody(StrictSerializer):
    """A status word in any accepted spelling; `subStatus` is another spelling of `sub_status`."""

    status = Text(max_length=60)
    sub_status = Text(required=False, default="", allow_blank=True, max_length=60)
    subStatus = Text(required=False, default="", allow_blank=True, max_length=60)  # noqa: N815
    date = Moment(required=False, default=None, allow_null=True, help_text="When it happened.")
    comment = Text(required=False, default="", allow_blank=True, max_length=1000)
    code = Text(required=False, default="", allow_blank=True, max_length=100)
