import json
import logging

import pytest
import structlog
from django.http import HttpResponse

from woop.logs import logging_config
from woop.middleware import RequestIdMiddleware


def answer_to(rf, given=None, view=lambda request: HttpResponse()):
    return RequestIdMiddleware(view)(rf.get("/", headers={"X-Request-ID": given} if given else {}))


def test_request_id_is_taken_over(rf):
    assert answer_to(rf, "abc-1.2_3")["X-Request-ID"] == "abc-1.2_3"


@pytest.mark.parametrize("given", [None, "a b", "x" * 65, 'x"}'])
def test_request_id_is_made(rf, given):
    made = answer_to(rf, given)["X-Request-ID"]
    assert len(made) == 32
    assert made != answer_to(rf, given)["X-Request-ID"]


def test_log_lines_carry_the_request_id_and_forget_it_after(rf):
    lines = []
    formatter = logging_config("INFO")["formatters"]["json"]
    handler = logging.Handler()
    handler.setFormatter(
        formatter["()"](foreign_pre_chain=formatter["foreign_pre_chain"], processors=formatter["processors"])
    )
    handler.emit = lambda record: lines.append(json.loads(handler.format(record)))
    logger = logging.getLogger("tests.request")
    logger.addHandler(handler)
    logger.propagate = False

    def view(request):
        logger.warning("in %s", "between")
        return HttpResponse()

    answer_to(rf, "abc", view)
    logger.warning("after")
    logger.removeHandler(handler)
    assert [(line["event"], line.get("request_id"), line["level"]) for line in lines] == [
        ("in between", "abc", "warning"),
        ("after", None, "warning"),
    ]
    assert structlog.contextvars.get_contextvars() == {}
