"""Where the demo takes place: shops, stores, who logs in, carrier accounts, keys."""

import json
from typing import Any, NamedTuple

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import make_password

from carriers.models import CarrierAccount
from carriers.services import create_account, ensure_manual_account
from carriers.simulator.accounts import accounts_file
from carriers.simulator.linking import link
from woop import services
from woop.models import ApiKey, DoneWhen, Membership, Role, Shop, Store

PASSWORD = "woop-demo"  # noqa: S105 - printed on the screen of everybody who starts the demo
KEY_NAME = "Demo"

BOOKS, HOUSE = "paperboat", "maisonverte"
SHOPS = {
    BOOKS: ("Paper Boat Books", DoneWhen.SENT),
    HOUSE: ("Maison Verte", DoneWhen.RECEIVED),
}
STORES = {
    BOOKS: (
        ("amsterdam", "Paper Boat Amsterdam", "Amsterdam", "Europe/Amsterdam"),
        ("utrecht", "Paper Boat Utrecht", "Utrecht", "Europe/Amsterdam"),
    ),
    HOUSE: (
        ("lyon", "Maison Verte Lyon", "Lyon", "Europe/Paris"),
        ("bordeaux", "Maison Verte Bordeaux", "Bordeaux", "Europe/Paris"),
    ),
}


class Login(NamedTuple):
    username: str
    shop: str
    role: str
    store: str
    title: str


LOGINS = (
    Login("agent", BOOKS, Role.AGENT, "", "agent, Paper Boat Books"),
    Login("supervisor", BOOKS, Role.SUPERVISOR, "", "supervisor, Paper Boat Books"),
    Login("store", BOOKS, Role.STORE_STAFF, "amsterdam", "store staff, Paper Boat Amsterdam"),
    Login("reader", BOOKS, Role.READ_ONLY, "", "read only, Paper Boat Books"),
    Login("verte", HOUSE, Role.SUPERVISOR, "", "supervisor, Maison Verte"),
    Login("lyon", HOUSE, Role.STORE_STAFF, "lyon", "store staff, Maison Verte Lyon"),
)
ADMIN = "admin"

ACCOUNTS: dict[str, tuple[dict[str, Any], ...]] = {
    BOOKS: (
        {"carrier": "veloyd", "countries": ["NL", "BE"], "max_weight_g": 20_000, "poll_interval_s": 10},
        {
            "carrier": "sendcloud",
            "priority": 200,
            "countries": ["FR", "DE", "GB", "LU"],
            "max_weight_g": 30_000,
            "poll_interval_s": 5,
        },
    ),
    HOUSE: (
        {"carrier": "sendcloud", "max_weight_g": 30_000, "poll_interval_s": 5, "countries": ["FR", "DE"]},
        {
            "carrier": "veloyd",
            "priority": 200,
            "countries": ["NL", "BE"],
            "max_weight_g": 20_000,
            "poll_interval_s": 10,
        },
    ),
}


def furnish() -> dict[str, Shop]:
    """Make everything that stands still."""
    password = make_password(PASSWORD)  # once: it is slow on purpose
    shops = {code: _shop(code) for code in SHOPS}
    for login in LOGINS:
        _user(login, shops[login.shop], password)
    users = get_user_model().objects
    users.create(username=ADMIN, password=password, is_staff=True, is_superuser=True)
    for code, shop in shops.items():
        ensure_manual_account(shop)
        for columns in ACCOUNTS[code]:
            create_account(shop, rate_per_minute=1200, **columns)
    return shops


def _shop(code: str) -> Shop:
    name, done_when = SHOPS[code]
    shop = services.create_shop(code, name=name, stores=[row[0] for row in STORES[code]])
    shop.done_when = done_when
    shop.save(update_fields=["done_when"])
    for store, title, city, timezone in STORES[code]:
        Store.objects.filter(shop=shop, code=store).update(name=title, city=city, timezone=timezone)
    return shop


def _user(login: Login, shop: Shop, password: str) -> None:
    user = get_user_model().objects.create(username=login.username, password=password, is_staff=True)
    store = Store.objects.get(shop=shop, code=login.store) if login.store else None
    Membership.objects.create(user=user, shop=shop, store=store, role=login.role)


# --- what lies outside the database ----------------------------------------------------------------


def connect() -> None:
    """Let the accounts and the simulator of this state folder know each other, where they do not yet."""
    file = accounts_file()
    known = {row["key"] for row in json.loads(file.read_text())} if file.exists() else set()
    for account in CarrierAccount.objects.filter(shop__code__in=SHOPS).exclude(carrier="manual"):
        keys = account.credentials
        if (keys.get("public_key") or keys.get("api_key")) not in known:
            link(account)


def hand_out() -> None:
    """Write the logins and fresh keys down for whoever started the demo, unless that was done."""
    file = settings.VAR / "demo.json"
    if file.exists() and _still_open(json.loads(file.read_text())):
        return
    for old in ApiKey.objects.filter(shop__code__in=SHOPS, name=KEY_NAME):
        services.revoke_api_key(old)
    keys = {code: services.create_api_key(Shop.objects.get(code=code), name=KEY_NAME)[1] for code in SHOPS}
    logins = [[login.username, PASSWORD, login.title] for login in LOGINS]
    logins.append([ADMIN, PASSWORD, "everything, in both shops"])
    content = json.dumps({"logins": logins, "api_key": keys[BOOKS], "api_keys": keys}, indent=1)
    draft = file.with_suffix(".draft")
    draft.unlink(missing_ok=True)
    draft.touch(mode=0o600)
    draft.write_text(content)
    draft.replace(file)


def _still_open(access: dict[str, Any]) -> bool:
    keys = access.get("api_keys", {})
    return keys.keys() == SHOPS.keys() and all(services.find_api_key(text) for text in keys.values())
