"""Ring the workers after a commit, so that work starts at once; a sweep finds whatever the bell missed."""

import logging
import queue
import threading

from django.conf import settings
from django.db import transaction

from woop.celery import app

logger = logging.getLogger(__name__)

_waiting: queue.Queue[str] = queue.Queue(maxsize=100)
_ringer: threading.Thread | None = None
_lock = threading.Lock()


def ring(task: str) -> None:
    """Have a task sent once the transaction is committed. Never blocks, never fails."""
    if settings.DOORBELL:
        transaction.on_commit(lambda: _push(task), robust=True)


def _push(task: str) -> None:
    """Hand over to a thread: a broker that hangs must not hold up a request."""
    global _ringer
    with _lock:
        if _ringer is None or not _ringer.is_alive():  # also after a fork
            _ringer = threading.Thread(target=_send_all, daemon=True, name="doorbell")
            _ringer.start()
    try:
        if task not in _waiting.queue:
            _waiting.put_nowait(task)
    except queue.Full:
        logger.debug("The doorbell is busy: a sweep will find %s", task)


def _send_all() -> None:
    while True:
        task = _waiting.get()
        try:
            app.send_task(task, retry=False)
        except Exception as error:  # any fault of the broker: the rows are safe
            logger.debug("The doorbell is out of order: %s", error)
