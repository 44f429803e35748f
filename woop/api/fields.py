"""Values as they must be: no unknown fields, no guessing of types, and no time without its zone."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import phonenumbers
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from woop import clock
from woop.countries import COUNTRIES

CENT = Decimal("0.01")
MAX_NAMED = 20  # unknown fields that an answer names
CLOCKS_DIFFER = timedelta(minutes=5)


class StrictSerializer(serializers.Serializer[Any]):
    """Refuse fields that do not exist: a misspelt one must not be silently ignored."""

    def to_internal_value(self, data: Any) -> Any:
        unknown = _unknown(data, self.fields) if isinstance(data, Mapping) else {}
        try:
            value = super().to_internal_value(data)
        except serializers.ValidationError as error:
            if isinstance(error.detail, dict):
                error.detail.update(unknown)
            raise
        if unknown:
            raise serializers.ValidationError(unknown)
        return value


def _unknown(data: Mapping[Any, Any], fields: Mapping[str, Any]) -> dict[str, list[Any]]:
    names = [name for name in data if name not in fields][:MAX_NAMED]
    return {name: [serializers.ErrorDetail(str(_("There is no such field.")), "unknown")] for name in names}


def many(body: type[StrictSerializer], *, most: int, least: int = 0, **kwargs: Any) -> Any:
    """Return a list of such bodies, of a bounded length."""
    return serializers.ListSerializer(child=body(), min_length=least, max_length=most, **kwargs)


class Text(serializers.CharField):
    """A text, and nothing that would first have to be made one."""

    def __init__(self, **kwargs: Any) -> None:
        self.null_is_empty: bool = kwargs.get("allow_blank", False)
        if self.null_is_empty:
            kwargs["allow_null"] = True
        super().__init__(**kwargs)

    def validate_empty_values(self, data: Any) -> tuple[bool, Any]:
        if data is None and self.null_is_empty:
            return True, ""
        return super().validate_empty_values(data)

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class Email(Text, serializers.EmailField):
    """An e-mail address that can be one."""


class Whole(serializers.IntegerField):
    def to_internal_value(self, data: Any) -> int:
        if not isinstance(data, int) or isinstance(data, bool):
            self.fail("invalid")
        return super().to_internal_value(data)


class Flag(serializers.BooleanField):
    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=str(data)[:50])
        return data


class Money(serializers.DecimalField):
    """An amount of at least nothing, as a decimal string; the currency stands beside it."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_digits=12, decimal_places=2, min_value=0, **kwargs)

    def validate_precision(self, value: Any) -> Any:
        return super().validate_precision(value).quantize(CENT)


class Degrees(serializers.DecimalField):
    """A latitude or longitude; what is finer than 11 cm is rounded away."""

    def __init__(self, limit: int, **kwargs: Any) -> None:
        super().__init__(
            max_digits=9,
            decimal_places=6,
            min_value=-limit,
            max_value=limit,
            coerce_to_string=False,
            **kwargs,
        )

    def validate_precision(self, value: Any) -> Any:
        if abs(value) > 1000:
            self.fail("max_value", max_value=self.max_value)
        return super().validate_precision(round(value, 6))


class Moment(serializers.DateTimeField):
    """A time in ISO 8601 with its zone."""

    default_error_messages = {"no_zone": _("Give the time zone, as in 2026-05-04T10:00:00+02:00.")}

    def to_internal_value(self, value: Any) -> datetime:
        if not isinstance(value, str):
            self.fail("invalid", format="ISO 8601")
        return super().to_internal_value(value)

    def enforce_timezone(self, value: datetime) -> datetime:
        if value.tzinfo is None:
            self.fail("no_zone")
        return super().enforce_timezone(value)


class QueryMoment(Moment):
    """The same in an address, where a plus sign that was not escaped arrives as a space."""

    def to_internal_value(self, value: Any) -> datetime:
        return super().to_internal_value(re.sub(r" (\d\d:?\d\d)$", r"+\1", str(value)))


class PastMoment(Moment):
    """When something happened, which was not tomorrow."""

    default_error_messages = {"future": _("This time lies in the future.")}

    def to_internal_value(self, value: Any) -> datetime:
        moment = super().to_internal_value(value)
        if moment > clock.now() + CLOCKS_DIFFER:
            self.fail("future")
        return moment


class Country(Text):
    """ISO 3166-1 alpha-2."""

    default_error_messages = {"unknown": _("Give the two letters of ISO 3166, as in FR.")}

    def to_internal_value(self, data: Any) -> str:
        code = super().to_internal_value(data).upper()
        if code and code not in COUNTRIES:
            self.fail("unknown")
        return code


class Currency(Text):
    default_error_messages = {"unknown": _("Give the three letters of ISO 4217, as in EUR.")}

    def to_internal_value(self, data: Any) -> str:
        code = super().to_internal_value(data).upper()
        if not re.fullmatch(r"[A-Z]{3}", code):
            self.fail("unknown")
        return code


class Language(Text):
    default_error_messages = {"unknown": _("Give a language as in fr or fr-BE.")}

    def to_internal_value(self, data: Any) -> str:
        code = super().to_internal_value(data)
        if code and not re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z]{2,4})?", code):
            self.fail("unknown")
        return code


def phone_number(text: str, country: str) -> str:
    """Return a number as E.164; raises ValueError. The country helps with numbers written nationally."""
    try:
        number = phonenumbers.parse(text, country or None)
    except phonenumbers.NumberParseException as error:
        raise ValueError(text) from error
    # Possible, not assigned: the numbering plans move faster than any list of them.
    if not phonenumbers.is_possible_number(number):
        raise ValueError(text)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
