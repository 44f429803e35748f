"""The form of a carrier account: its keys go in and never come out again."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminPasswordWidget, UnfoldAdminTextInputWidget

from carriers.models import CarrierAccount
from carriers.registry import adapter_class, carrier_choices
from woop import kinds

PREFIX = "credential_"


class AccountForm(forms.ModelForm):  # type: ignore[type-arg]
    """An account; one field for each key of its carrier, of which only is shown whether it is set."""

    class Meta:
        model = CarrierAccount
        fields = ("shop", "carrier", "code", "name", "base_url")  # the admin names those it shows

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "carrier" in self.fields:
            self.fields["carrier"] = forms.ChoiceField(
                label=_("carrier"), choices=carrier_choices(), widget=self.fields["carrier"].widget
            )
        known = self.instance.credentials if self.instance.pk else {}
        self._spell_countries()
        for name in credential_names(self.instance):
            if field := self.fields.get(PREFIX + name):
                field.help_text = (
                    _("It is set; empty leaves it as it is.") if known.get(name) else _("Not set.")
                )

    def _spell_countries(self) -> None:
        """Let people write "FR, BE" rather than JSON."""
        if "countries" in self.fields:
            self.fields["countries"] = forms.CharField(
                label=_("countries"),
                required=False,
                widget=UnfoldAdminTextInputWidget,
                help_text=_("Codes of two letters, such as FR, BE. Empty means every country."),
            )
            self.initial["countries"] = ", ".join(self.instance.countries)

    def clean_countries(self) -> list[str]:
        codes = self.cleaned_data["countries"].upper().replace(",", " ").split()
        if any(len(code) != 2 or not code.isalpha() for code in codes):
            raise forms.ValidationError(_("Write codes of two letters, such as FR, BE."))
        return list(dict.fromkeys(codes))

    def entered(self) -> dict[str, str]:
        """Return the keys as they are now to be kept."""
        known = dict(self.instance.credentials) if self.instance.pk else {}
        for name in credential_names(self.instance):
            if value := self.cleaned_data.get(PREFIX + name):
                known[name] = value
        return known


def credential_names(account: CarrierAccount) -> tuple[str, ...]:
    return adapter_class(account.carrier).credential_names if account.pk else ()


def credential_fields(account: CarrierAccount | None) -> dict[str, forms.Field]:
    if account is None:
        return {}
    return {
        PREFIX + name: forms.CharField(
            label=name.replace("_", " ").capitalize(),
            required=False,
            widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password"}),
        )
        for name in credential_names(account)
    }


def status_choices(kind: str) -> list[tuple[Any, Any]]:
    """Return the statuses that a mapping may set, in words."""
    return [("", "—"), *((value, f"{word} ({value})") for value, word in kinds.words(kind, "status").items())]
