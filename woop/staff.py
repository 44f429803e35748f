"""The people of a shop: supervisors take in their colleagues, and nobody else's."""

from typing import Any

from django import forms
from django.contrib.auth import get_user_model, password_validation
from django.db import transaction
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminPasswordWidget, UnfoldAdminTextInputWidget

from woop.models import Membership, Role


class MembershipForm(forms.ModelForm):
    """A role, with the user who has it: a new one is made with it, a present one may get a new password."""

    username = forms.CharField(label=_("User name"), max_length=150, widget=UnfoldAdminTextInputWidget)
    first_name = forms.CharField(
        label=_("First name"), max_length=150, required=False, widget=UnfoldAdminTextInputWidget
    )
    last_name = forms.CharField(
        label=_("Last name"), max_length=150, required=False, widget=UnfoldAdminTextInputWidget
    )
    password = forms.CharField(
        label=_("Password"),
        required=False,
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password"}),
        help_text=_("Needed for a new user; empty leaves the password of a present one as it is."),
    )

    class Meta:
        model = Membership
        fields = ("shop", "role", "store")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        user = self.instance.user if self.instance.pk else None
        if user is None:
            return
        for name in ("username", "first_name", "last_name"):
            self.fields[name].initial = getattr(user, name)
        self.fields["username"].disabled = True
        if user.is_superuser:
            self.fields["password"].disabled = True

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if data.get("role") == Role.STORE_STAFF and not data.get("store"):
            self.add_error("store", _("Store staff work in a store: choose it."))
        if data.get("store") and data.get("shop") and data["store"].shop_id != data["shop"].pk:
            self.add_error("store", _("This store belongs to another shop."))
        if "username" in data and "shop" in data:
            self._take_user(data)
        return data

    def _post_clean(self) -> None:
        if self.instance.user_id is None:
            # The model compares with the user's other roles, and a new user has none.
            self.instance.clean = lambda: None
        super()._post_clean()  # type: ignore[misc]

    def _take_user(self, data: dict[str, Any]) -> None:
        """Find the user or prepare a new one; those who work elsewhere are taken, whoever they are."""
        users = get_user_model()
        user = users.objects.filter(username=data["username"]).first()
        if self.instance.pk is None and user is not None and not self._is_colleague(user, data["shop"]):
            self.add_error("username", _("This user name is taken."))
            return
        if user is None:
            user = users(username=data["username"], is_staff=True)
            if not data.get("password"):
                self.add_error("password", _("A new user needs a password."))
        elif data.get("password") and user.is_superuser:
            self.add_error("password", _("The password of a superuser is not changed here."))
        user.first_name, user.last_name = data.get("first_name", ""), data.get("last_name", "")
        self._check_password(data.get("password", ""), user)
        self.instance.user = user

    def _is_colleague(self, user: Any, shop: Any) -> bool:
        memberships = Membership.objects.filter(user=user)
        return not user.is_superuser and memberships.filter(shop=shop).exists()

    def _check_password(self, password: str, user: Any) -> None:
        if password:
            try:
                password_validation.validate_password(password, user)
            except forms.ValidationError as error:
                self.add_error("password", error)

    def _get_validation_exclusions(self) -> set[str]:
        """Leave a user out who is not stored yet: there is nothing to compare it with."""
        names: set[str] = super()._get_validation_exclusions()  # type: ignore[misc]
        return names | {"user"} if self.instance.user_id is None else names - {"user"}


@transaction.atomic
def save_membership(membership: Membership, password: str) -> None:
    """Write a role together with the user who has it."""
    user = membership.user
    if not user.is_superuser:
        user.is_staff = True
        if password:
            user.set_password(password)
        user.save()
    membership.user = user
    membership.save()
