"""`python -m bench [--quick]`: measure, compare, check; see docs/performance.md."""

import argparse
import os
import sys
import time

import django
from django.conf import settings


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer rounds, no bulk of 10,000 orders")
    arguments = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "woop.settings")
    settings.DATABASES["default"].get("OPTIONS", {}).pop("pool", None)  # one connection is all there is to do
    django.setup()
    from django.db import connection

    if connection.vendor != "postgresql":
        print("The measurements need PostgreSQL: point DATABASE_URL to a server, or leave it out.")
        return 2
    from bench import run

    started = time.perf_counter()
    name = connection.creation.create_test_db(verbosity=0, autoclobber=True)  # never the data of anybody
    try:
        return run.everything(quick=arguments.quick)
    finally:
        connection.creation.destroy_test_db(name, verbosity=0)
        print(f"\nTook {time.perf_counter() - started:.0f} s.")


if __name__ == "__main__":
    sys.exit(main())
