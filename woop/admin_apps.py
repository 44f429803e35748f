"""Makes the back office's own site the one that every app registers with."""

from django.contrib.admin.apps import AdminConfig


class BackOfficeConfig(AdminConfig):
    default_site = "woop.admin_site.BackOffice"
