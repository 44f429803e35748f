"""A real Chromium against a live server. `make e2e` finds the browser and says where the database is."""

import os

import pytest
from playwright.sync_api import sync_playwright

QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
]


def pytest_collection_modifyitems(items):
    for item in items:
        if "/e2e/" in item.path.as_posix():
            item.add_marker(pytest.mark.e2e)


@pytest.fixture(scope="session")
def browser():
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=os.environ["BROWSER_PATH"], args=QUIET)
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser, live_server):
    """Yield a page that fails its test when a script on it failed or it asked another host for anything."""
    context = browser.new_context(
        base_url=live_server.url, locale="en-GB", viewport={"width": 1400, "height": 900}
    )
    context.set_default_timeout(10_000)
    page = context.new_page()
    wrong = []
    page.on("pageerror", lambda error: wrong.append(f"script: {error}"))
    page.on(
        "request",
        lambda request: wrong.append(request.url) if _is_foreign(request.url, live_server) else None,
    )
    yield page
    context.close()
    assert wrong == []


def _is_foreign(url, live_server):
    return not url.startswith((live_server.url, "data:", "blob:", "about:"))
