"""Forms of the settings in the back office."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from woop.models import ApiKey
from woop.permissions import SCOPES


class ApiKeyForm(forms.ModelForm):
    """A new key: what it may do is chosen, its text is made up."""

    scopes = forms.MultipleChoiceField(
        label=_("Scopes"),
        choices=[(scope, scope) for scope in SCOPES],
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
    )

    class Meta:
        model = ApiKey
        fields = ("shop", "name", "scopes", "stores")

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        shop = data.get("shop")
        if shop and any(store.shop_id != shop.pk for store in data.get("stores") or ()):
            self.add_error("stores", _("This store belongs to another shop."))
        return data
