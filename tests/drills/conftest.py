import pytest


def pytest_collection_modifyitems(items):
    for item in items:
        if "/drills/" in item.path.as_posix():
            item.add_marker(pytest.mark.drill)
