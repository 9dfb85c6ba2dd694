from __future__ import annotations

from typing import Any

import pytest

from plugins.module_utils._core.errors import Failure
from plugins.module_utils._core.step import LATER
from plugins.module_utils._image.fingerprint import fingerprint
from plugins.modules.wcs_fingerprint import look

BASE: dict[str, Any] = {"image": "ami-1", "settings": {"http.port": 8081, "ws.port": 8080}}


def of(inputs: Any = BASE, files: Any = None, secrets: Any = None, salt: str = "wcs") -> str:
    return fingerprint(inputs, files or {}, secrets or {}, salt)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (of(), of({"settings": {"ws.port": 8080, "http.port": 8081}, "image": "ami-1"})),
        (of(), of({**BASE, "settings": {"http.port": "8081", "ws.port": "8080"}})),
        (of(), of({**BASE, "nothing": None})),
        (of(), of(secrets={"licence": ""})),
        (of({"on": True}), of({"on": "true"})),
    ],
)
def test_equal(one: str, other: str) -> None:
    assert one == other
    assert len(one) == 12


def test_different() -> None:
    seen = {
        of(),
        of({**BASE, "image": "ami-2"}),
        of({**BASE, "settings": {"http.port": 8082, "ws.port": 8080}}),
        of(files={"certificate": b"one"}),
        of(files={"certificate": b"two"}),
        of(secrets={"licence": "a"}),
        of(secrets={"licence": "b"}),
        of(secrets={"licence": "a"}, salt="other"),
        of({**BASE, "settings": ["http.port", 8081]}),
    }
    assert len(seen) == 9


def test_the_name_is_known_for_ever() -> None:
    assert of() == "d20380125322"


def test_refusals(tmp_path: Any) -> None:
    base: dict[str, Any] = {"inputs": {}, "files": {}, "secrets": {}, "salt": ""}
    with pytest.raises(Failure, match="the name would change once it is known"):
        look({**base, "inputs": {"image": LATER}})
    with pytest.raises(Failure, match=r"Cannot read file '.*/none.pem': No such file or directory\. Give the path"):
        look({**base, "files": {"certificate": str(tmp_path / "none.pem")}})
    for path in ("~nobody-of-this-name/some.pem", "some\0.pem"):
        with pytest.raises(Failure, match="Cannot read file '"):
            look({**base, "files": {"certificate": path}})
    (tmp_path / "some.pem").write_text("x")
    assert look({**base, "files": {"certificate": str(tmp_path / "some.pem")}})["fingerprint"]
