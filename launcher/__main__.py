import sys

from launcher import checks, run
from launcher.state import give_up

COMMANDS = {
    "run": run.run,
    "test": checks.test,
    "lint": checks.lint,
    "bench": checks.bench,
    "e2e": checks.e2e,
}


def main() -> int:
    if len(sys.argv) < 2 or sys.argv[1] not in COMMANDS:
        give_up(f"Say what to do: {', '.join(COMMANDS)}.")
    return COMMANDS[sys.argv[1]](sys.argv[2:])


if __name__ == "__main__":
    sys.exit(main())
