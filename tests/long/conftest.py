"""Laboratories for stories: started once, with playbooks run on them as a user runs them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.playbooks import Stage, stage


@pytest.fixture(scope="module")
def site_stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A laboratory of the stories of one file, in their order."""
    with stage(tmp_path_factory.mktemp("lab")) as ready:
        yield ready
