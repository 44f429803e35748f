"""What every part of the API stands on.

views.py         the base of all views: key, scope, body, idempotency, errors
keys.py          who asks                    throttle.py     how many calls a key may make
bodies.py        reading what is sent        fields.py       strict values and unknown fields
idempotency.py   a write is done once        versions.py     ETag and If-Match
pages.py         cursor pages                answers.py      JSON out, outcomes and events
objects.py       transitions and events of any object; each app says which
journal.py       all that happens            problems.py     every error, as RFC 9457 wants it
elsewhere.py     errors under /api/ that no view has seen
schema.py        OpenAPI                     shapes.py       outcomes, events and errors as it describes them
"""
