"""Every test of the system leaves no database behind; some are for SQLite alone."""

import pytest

import database


def pytest_configure(config):
    config.addinivalue_line("markers", "sqlite_only(reason): not with DSPAM_TEST_DRIVER pgsql or mysql")


def pytest_collection_modifyitems(items):
    for item in items:
        marker = item.get_closest_marker("sqlite_only")
        if marker and database.DRIVER != "sqlite":
            item.add_marker(pytest.mark.skip(reason=f"for SQLite: {marker.args[0]}"))


@pytest.fixture(autouse=True)
def _databases():
    yield
    database.drop_all()
