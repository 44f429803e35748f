"""Every curl call of docs/api.md, run in the order of the page."""

import re
import shlex
from pathlib import Path

import pytest
from django.conf import settings

from carriers.services import ensure_manual_account
from woop.services import create_api_key, create_shop

PAGE = Path(settings.BASE_DIR) / "docs" / "api.md"
BLOCK = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
CALL = re.compile(r"# (\d{3})\n(curl .*?)(?=\n# \d{3}\n|\Z)", re.DOTALL)


def calls():
    text = "\n".join(block.strip() for block in BLOCK.findall(PAGE.read_text()) if "curl" in block)
    return [(int(status), command.strip()) for status, command in CALL.findall(text)]


def read_command(command, variables):
    """Split a call as a shell would: variables are replaced outside of single quotes."""
    parts = re.split(r"('[^']*')", command.replace("\\\n", " "))
    filled = [
        part if part.startswith("'") else re.sub(r"\$(\w+)", lambda found: variables[found[1]], part)
        for part in parts
    ]
    return shlex.split("".join(filled))


def send(client, words):
    request = {"method": "GET", "data": "", "headers": {}}
    words = iter(words[1:])
    for word in words:
        if word == "-X":
            request["method"] = next(words)
        elif word == "-d":
            request["data"] = next(words)
        elif word == "-H":
            name, _, value = next(words).partition(": ")
            request["headers"][name] = value
        else:
            request["path"] = word.removeprefix("http://testserver")
    content_type = request["headers"].pop("Content-Type", "application/octet-stream")
    return client.generic(content_type=content_type, **request)


def remember(variables, answer):
    found = {name: (answer.get(name) or [None])[0] for name in ("packages", "deliveries", "collects")}
    if isinstance(found["packages"], dict):
        variables |= {"PACKAGE": found["packages"]["id"], "LINE": found["packages"]["lines"][0]["id"]}
    for name in ("DELIVERY", "COLLECT"):
        row = found["deliveries" if name == "DELIVERY" else "collects"]
        if row is not None:
            variables[name] = row["id"]
    if "tracking_number" in answer:
        variables["DELIVERY"] = answer["id"]


@pytest.mark.django_db
def test_every_call_of_the_guide_answers_as_it_says(client):
    shop = create_shop("demo", stores=["centrum", "haven"])
    ensure_manual_account(shop)
    _key, text = create_api_key(shop, name="guide")
    variables = {"WOOP": "http://testserver", "KEY": text, "AUTH": f"Authorization: Bearer {text}"}
    done = []
    for status, command in calls():
        response = send(client, read_command(command, variables))
        assert (command, response.status_code) == (command, status), response.content
        if response["Content-Type"] == "application/json":
            remember(variables, response.json())
        done.append(status)
    assert len(done) == PAGE.read_text().count("\ncurl ")
    assert done.count(200) > 10
