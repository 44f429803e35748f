import re

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import expect

pytestmark = pytest.mark.django_db(transaction=True)


def test_home_leads_to_the_log_in_and_on_to_the_admin(page):
    User.objects.create_superuser("root", password="a long password")
    page.goto("/")
    expect(page).to_have_url(re.compile(r"/admin/login/"))
    page.get_by_label("Username").fill("root")
    page.locator("[name=password]").fill("a long password")
    page.get_by_role("button", name="Log in").click()
    expect(page).to_have_url(re.compile(r"/admin/$"))


def test_wrong_password_stays_outside(page):
    User.objects.create_superuser("root", password="a long password")
    page.goto("/admin/")
    page.get_by_label("Username").fill("root")
    page.locator("[name=password]").fill("wrong")
    page.get_by_role("button", name="Log in").click()
    expect(page).to_have_url(re.compile(r"/admin/login/"))
    expect(page.get_by_text("correct username and password")).to_be_visible()


def test_api_docs_are_readable_without_the_internet(page):
    page.goto("/api/docs/")
    expect(page.get_by_role("heading", name="Woop API")).to_be_visible()
