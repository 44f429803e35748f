"""What every part of the API stands on.

views.py         the base of all views: key, scope, body, idempotency, errors
keys.py          who asks               problems.py      every error, as RFC 9457 wants it
bodies.py        reading what is sent   fields.py        strict values and unknown fields
idempotency.py   a write is done once   versions.py      ETag and If-Match
pages.py         cursor pages           answers.py       JSON out, outcomes and events
objects.py       transitions and events of any object; each app says which
schema.py        OpenAPI                shapes.py        what outcomes, events and errors look like there
"""
