"""Where everything that carriers say comes in: stored raw first, applied afterwards.

receive(account, channel, items)      store what was read from a carrier or put through the API
receive_hook(account, headers, body)  store what was pushed, trusted or not
set_applier(fn)                       who brings a message to its delivery (see Applier)
run_due()                             apply what waits; the task that the bell rings for
apply(message)                        apply one at once, for those who answer only afterwards
settle(message, verdict)              write a result that was found out in another way
replay(messages, dry_run=True)        do it again, with the preview first
"""

from carriers.inbox.replay import Preview, replay
from carriers.inbox.store import Hook, receive, receive_hook
from carriers.inbox.work import (
    TASK,
    Applier,
    NotYetError,
    Verdict,
    apply,
    claim,
    reopen,
    reopen_mapped,
    ring,
    run_due,
    set_applier,
    settle,
)

__all__ = [
    "TASK",
    "Applier",
    "Hook",
    "NotYetError",
    "Preview",
    "Verdict",
    "apply",
    "claim",
    "receive",
    "receive_hook",
    "reopen",
    "reopen_mapped",
    "replay",
    "ring",
    "run_due",
    "set_applier",
    "settle",
]
