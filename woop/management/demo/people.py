"""Who buys: names put together at random, so that nobody is meant."""

from random import Random
from typing import NamedTuple

FIRST = {
    "NL": [
        "Sanne",
        "Joris",
        "Femke",
        "Daan",
        "Lotte",
        "Bram",
        "Maud",
        "Teun",
        "Roos",
        "Wessel",
        "Nienke",
        "Sjoerd",
    ],
    "FR": [
        "Camille",
        "Hugo",
        "Élise",
        "Bastien",
        "Margaux",
        "Théo",
        "Inès",
        "Corentin",
        "Jeanne",
        "Malo",
        "Solène",
        "Yanis",
    ],
    "DE": ["Anke", "Jonas", "Friederike", "Lukas", "Greta", "Henning"],
    "GB": ["Imogen", "Callum", "Harriet", "Rhys", "Poppy", "Angus"],
}
LAST = {
    "NL": (
        "van Houten",
        "de Graaf",
        "Terpstra",
        "Veenstra",
        "van Rossum",
        "Kuipers",
        "Dijkhuizen",
        "Bouwens",
    ),
    "FR": ("Lemoine", "Carpentier", "Delorme", "Vasseur", "Bourdin", "Chevallier", "Roussel", "Kerbrat"),
    "DE": ("Hartwig", "Lindner", "Brandes", "Oehler"),
    "GB": ("Ashworth", "Penhale", "Kerr", "Llewellyn"),
}
# The last two letters of a Dutch code steer the simulator, so none of its markers is here by chance.
TOWNS = {
    "NL": (
        ("1012 KV", "Amsterdam"),
        ("3511 EN", "Utrecht"),
        ("9711 JB", "Groningen"),
        ("2311 HA", "Leiden"),
        ("6211 XN", "Maastricht"),
        ("3011 BH", "Rotterdam"),
        ("7411 JK", "Deventer"),
    ),
    "FR": (
        ("69002", "Lyon"),
        ("33000", "Bordeaux"),
        ("75011", "Paris"),
        ("35000", "Rennes"),
        ("67000", "Strasbourg"),
        ("31000", "Toulouse"),
        ("59800", "Lille"),
    ),
    "DE": (("50667", "Köln"), ("04109", "Leipzig"), ("20095", "Hamburg")),
    "GB": (("EH1 1YZ", "Edinburgh"), ("BS1 4DJ", "Bristol")),
}
STREETS = {
    "NL": ("Prinsengracht", "Oudegracht", "Nieuwstraat", "Havenkade", "Lindelaan", "Molenpad"),
    "FR": (
        "rue des Tilleuls",
        "quai de la Loire",
        "rue du Moulin",
        "place aux Herbes",
        "allée des Érables",
        "rue Haute",
    ),
    "DE": ("Lindenstraße", "Am Markt", "Gartenweg", "Hafenstraße"),
    "GB": ("Mill Lane", "Harbour Street", "Castle Road", "Orchard Close"),
}
LANGUAGES = {"NL": "nl", "FR": "fr", "DE": "de", "GB": "en"}
NUMBER_FIRST = frozenset({"FR", "GB"})
# Numbers that are kept free for films and plays.
PHONES = {"FR": "+3319900{:04}", "GB": "+447700900{:03}"}


class Person(NamedTuple):
    name: str
    email: str
    phone: str
    language: str
    street: str
    postal_code: str
    city: str
    country: str


def invent(dice: Random, country: str, number: int) -> Person:
    first, last = dice.choice(FIRST[country]), dice.choice(LAST[country])
    postal_code, city = dice.choice(TOWNS[country])
    house, street = dice.randint(1, 140), dice.choice(STREETS[country])
    phone = PHONES.get(country, "").format(dice.randint(0, 999))
    return Person(
        name=f"{first} {last}",
        email=f"customer{number}@example.org",
        phone=phone,
        language=LANGUAGES[country],
        street=f"{house} {street}" if country in NUMBER_FIRST else f"{street} {house}",
        postal_code=postal_code,
        city=city,
        country=country,
    )
