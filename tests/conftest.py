"""Shared by every Python test: how hypothesis draws its examples, and which files start first."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, settings

# A run on a busy machine is slow without being wrong, so neither an example nor drawing it has a deadline; pytest's
# timeout holds.
settings.register_profile("dev", deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
# The same examples on every run, so that a red run is red again; the larger sweep is made by "thorough".
settings.register_profile("ci", settings.get_profile("dev"), derandomize=True, database=None)
# On the Pythons that are not .venv's.
settings.register_profile("brief", settings.get_profile("ci"), max_examples=10)
settings.register_profile("thorough", settings.get_profile("dev"), max_examples=1000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if os.environ.get("CI") else "dev"))


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files that take long start first, so that no process is left alone with one of them at the end."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)
