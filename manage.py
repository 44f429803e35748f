#!/usr/bin/env python
"""Django's command line. `make run` starts everything; this is for single commands on the same state."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "woop.settings")
    from django.core.management import execute_from_command_line  # after the environment

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
