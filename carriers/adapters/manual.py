"""A carrier without integration: nobody to call, nothing to read. People and the API set its statuses."""

from carriers.adapters.base import Adapter


class ManualAdapter(Adapter):
    carrier = "manual"
    name = "Manual"
    default_rate_per_minute = 60
