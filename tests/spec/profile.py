"""How much the generated tests try: the same few examples in CI, many new ones on demand.

SPEC_PROFILE=thorough .venv/bin/pytest tests/spec/test_machine.py
"""

import os

from hypothesis import HealthCheck, Phase, settings

THOROUGH = os.environ.get("SPEC_PROFILE") == "thorough"
PHASES = tuple(Phase) if os.environ.get("SPEC_SHRINK") else (Phase.explicit, Phase.generate)
UNTROUBLED = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large]


def bounded(examples, **more):
    """Answer the settings of one generated test that tries this many examples in CI."""
    return settings(
        max_examples=examples * 20 if THOROUGH else examples,
        derandomize=not THOROUGH,
        database=None,
        deadline=None,
        suppress_health_check=UNTROUBLED,
        phases=PHASES,
        report_multiple_bugs=False,
        **more,
    )
