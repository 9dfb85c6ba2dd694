"""The certificate of a server: what is refused, what is written, and that the stand-in serves TLS from it."""

from __future__ import annotations

import itertools
import shutil
import ssl
import subprocess
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from plugins.module_utils._core.errors import Failure
from plugins.module_utils._host import keystore
from plugins.module_utils._host.module import Change, Host
from tests.support import standin
from tests.support.standin import certificate_for, chain_for

TOOLS = {"openssl": shutil.which("openssl"), "keytool": shutil.which("keytool")}


class Local:
    """What a module asks of Ansible, done on this machine with some of its tools."""

    def __init__(self, folder: Path, *tools: str) -> None:
        self.tmpdir, self.tools, self.warned = str(folder), tools, []

    def get_bin_path(self, command: str) -> str | None:
        return TOOLS[command] if command in self.tools else None

    def run_command(self, command: list[str], data: str | None = None, **_: Any) -> tuple[int, str, str]:
        done = subprocess.run(command, input=data, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout, done.stderr

    def atomic_move(self, source: str, target: str) -> None:
        shutil.move(source, target)

    def warn(self, text: str) -> None:
        self.warned.append(text)


def plan(home: Path, pair: tuple[bytes, bytes], *tools: str, **options: Any) -> tuple[Change, Local]:
    given = {"home": str(home), "certificate": pair[0].decode(), "private_key": pair[1].decode(), **options}
    result = ArgumentSpecValidator(keystore.ARGUMENTS).validate(given)
    assert not result.error_messages
    local = Local(home, *(tools or ("openssl",)))
    return keystore.plan(result.validated_parameters, Host(local, False)), local


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "conf").mkdir()
    return tmp_path


@pytest.mark.parametrize(
    "tools",
    [
        ("openssl",),
        pytest.param(
            ("openssl", "keytool"), marks=pytest.mark.skipif(not TOOLS["keytool"], reason="there is no Java here")
        ),
    ],
    ids=["without Java", "with Java"],
)
def test_the_keystore_is_written_once(home, tools):
    pair = certificate_for("wcs.example", days=90)
    change, local = plan(home, pair, *tools)
    assert change.act
    change.act()
    again, _ = plan(home, pair, *tools)
    assert again.act is None
    assert again.before == change.after == f"{change.returns['fingerprint']}\n"
    assert [path.name for path in home.rglob("*") if path.is_file()] == ["wss.jks"]
    assert (home / "conf" / "wss.jks").stat().st_mode & 0o777 == 0o640
    assert local.warned == []
    other, _ = plan(home, certificate_for("wcs.example", days=90), *tools)
    assert other.act, "another certificate of the same name is another one"


def test_a_certificate_that_expires_soon_is_warned_of(home):
    change, local = plan(home, certificate_for("wcs.example", days=5))
    assert "expires on" in local.warned[0]
    assert change.returns["not_after"][:4].isdigit()
    assert plan(home, certificate_for("wcs.example", days=5), warn_days=1)[1].warned == []


def test_what_cannot_work_is_refused_and_nothing_written(home):
    good, other = certificate_for("a.example", days=90), certificate_for("b.example", days=90)
    locked = subprocess.run(
        ["openssl", "pkey", "-aes256", "-passout", "pass:x"], input=good[1], capture_output=True, check=True
    ).stdout
    for pair, word in {
        (certificate_for("old.example", days=-1)): "expired on",
        (b"no certificate", good[1]): "not a certificate in PEM",
        (b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", good[1]): "not a certificate in PEM",
        (good[0], other[1]): "not the one it was made for",
        (good[0], b"no key"): "not a key in PEM",
        (good[0], locked): "has a password",
    }.items():
        with pytest.raises(Failure, match=word) as failed:
            plan(home, pair)
        assert "Cannot use certificate: " in str(failed.value)
    with pytest.raises(Failure, match="no openssl"):
        plan(home, good, "keytool")
    assert list((home / "conf").iterdir()) == []


JAVA = pytest.mark.skipif(not TOOLS["keytool"], reason="there is no Java here")
BOTH = pytest.mark.parametrize(
    "tools", [("openssl",), pytest.param(("openssl", "keytool"), marks=JAVA)], ids=["without Java", "with Java"]
)


@pytest.mark.long
@BOTH
def test_v8_the_chain_counts_as_much_as_the_certificate(home, tools):
    (leaf, intermediate, root), key = chain_for("wcs.example", "Issuing CA", "Root CA")
    for bundle in ([leaf], [leaf, intermediate], [leaf, intermediate, root], [leaf, intermediate]):
        change, _ = plan(home, (b"".join(bundle), key), *tools)
        assert change.act, f"{len(bundle)} certificates are not what is there"
        change.act()
        again, _ = plan(home, (b"".join(bundle), key), *tools)
        assert again.act is None
        assert again.before.count("\n") == len(bundle) == len(change.returns["chain"])


def test_v9_a_bundle_in_any_order_is_put_in_order(home):
    chain, key = chain_for("wcs.example", "Issuing CA", "Root CA")
    wanted = [keystore.digest_of(one.decode()) for one in chain]
    for bundle in itertools.permutations(chain):
        assert plan(home, (b"".join(bundle), key))[0].returns["chain"] == wanted


def test_v9_what_is_no_chain_is_refused(home):
    (leaf, intermediate), key = chain_for("wcs.example", "Issuing CA")
    (stranger,), other_key = chain_for("elsewhere.example")
    (tomorrow,), early = chain_for("wcs.example", begins=1)
    (_, future), _ = chain_for("wcs.example", "Issuing CA", begins=1)
    broken = intermediate.replace(b"MII", b"XXX", 1)
    for bundle, of, word in (
        (tomorrow, early, "is not valid before"),
        (leaf + stranger, key, "CN=elsewhere.example is not in its chain"),
        (stranger + leaf, key, "CN=elsewhere.example is not in its chain"),
        (leaf + future, key, "is not valid before"),
        (leaf + broken, key, "its block 2 is not a certificate in PEM"),
        (leaf + intermediate[:200], key, "one of its blocks is incomplete"),
        (leaf + other_key, key, "it holds a private key, too"),
        (leaf + b"-----BEGIN CERTIFICATE REQUEST-----\nAA\n-----END CERTIFICATE REQUEST-----\n", key, "request, too"),
    ):
        with pytest.raises(Failure, match=word):
            plan(home, (bundle, of))
    assert list((home / "conf").iterdir()) == []


@pytest.mark.parametrize("tools", [("openssl",), ("openssl", "keytool")], ids=["PKCS12", "JKS"])
def test_the_server_serves_it(tmp_path, tools):
    if not all(TOOLS[tool] for tool in tools):
        pytest.skip("there is no Java here")
    pair = certificate_for("wcs.example", days=90)
    with standin.machines(tmp_path) as install:
        server = install()
        change, _ = plan(server.home, pair, *tools)
        assert change.act
        change.act()
        server.start()
        seen = ssl.get_server_certificate((server.private_ip, 8443))
    assert keystore.digest_of(seen) == change.returns["fingerprint"]


def test_another_password_than_the_servers_keeps_it_from_starting(tmp_path):
    with standin.machines(tmp_path) as install:
        server = install()
        change, _ = plan(server.home, certificate_for("wcs.example", days=90), password="something else")
        assert change.act
        change.act()
        done = server.verb("start")
    assert done.returncode == 1
    assert "wss.jks: no usable certificate and key" in done.stderr
