import pytest

from tests.factories import make_shop


@pytest.fixture
def shop(db):
    return make_shop()
