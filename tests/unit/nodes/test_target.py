"""Addresses as users write them."""

from __future__ import annotations

import pytest

from plugins.module_utils._core.errors import Refusal
from plugins.module_utils._nodes.target import Target, asking, forbidden, target

PAGE = "/?action=stat"


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("10.0.0.1", "http://10.0.0.1:8081/?action=stat"),
        ("node-1.example", "http://node-1.example:8081/?action=stat"),
        ("10.0.0.1:9", "http://10.0.0.1:9/?action=stat"),
        ("::1", "http://[::1]:8081/?action=stat"),
        ("[::1]:9", "http://[::1]:9/?action=stat"),
        ("http://10.0.0.1", "http://10.0.0.1:8081/?action=stat"),
        ("http://10.0.0.1/", "http://10.0.0.1:8081/?action=stat"),
        ("https://10.0.0.1", "https://10.0.0.1:8444/?action=stat"),
        ("http://[::1]:80/stat?x=1", "http://[::1]:80/stat?x=1"),
        ("http://10.0.0.1/?groups=core_stats", "http://10.0.0.1:8081/?groups=core_stats"),
    ],
)
def test_what_an_address_leaves_out_is_filled_in(text: str, url: str) -> None:
    found = target(text, "http", None, PAGE)
    assert isinstance(found, Target), found.sentence()
    assert found.url == url


def test_scheme_and_port_of_the_options_count() -> None:
    assert target("n", "https", None, PAGE) == Target("https", "n", 8444, PAGE)
    assert target("n", "https", 1, PAGE) == Target("https", "n", 1, PAGE)
    assert target("n", "ws", None, "/") == Target("ws", "n", 8080, "/")


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("", "no host"),
        ("http://", "no host"),
        ("a b", "character that no address has"),
        ("a\r\nX: y", "character that no address has"),
        ("http://u:secret@10.0.0.1/", "user name or password"),
        ("u:secret@10.0.0.1", "user name or password"),
        ("ftp://10.0.0.1/", "its scheme is neither http nor https"),
        ("ws://10.0.0.1/", "its scheme is neither http nor https"),
        ("s://10.0.0.1/", "its scheme is neither http nor https"),
        ("10.0.0.1:0", "no host"),
        ("10.0.0.1:99999", "not an address"),
        ("http://[::1/", "not an address"),
        ("exa$mple", "no host"),
    ],
)
def test_what_is_no_address_is_refused(text: str, word: str) -> None:
    found = target(text, "http", None, PAGE)
    assert isinstance(found, Refusal), found
    assert word in found.sentence()
    assert "secret" not in found.sentence()


def test_a_path_that_would_change_the_request_is_refused() -> None:
    assert isinstance(target("n", "http", None, "/ HTTP/1.1\r\nX: y"), Refusal)
    assert isinstance(target("n", "http", None, "stat"), Refusal)


def test_redirects_lead_nowhere_else() -> None:
    here = Target("http", "n", 8081, PAGE)
    assert here.towards("/stat?x=1") == Target("http", "n", 8081, "/stat?x=1")
    assert here.towards("http://n:8081/stat") == Target("http", "n", 8081, "/stat")
    for elsewhere in ("http://m:8081/", "http://n:80/", "https://n:8081/", "//169.254.169.254/", "file:///etc/passwd"):
        assert here.towards(elsewhere) is None


def test_json_is_asked_for_once() -> None:
    assert asking(Target("http", "n", 1, PAGE), "json").path == PAGE + "&format=json"
    assert asking(Target("http", "n", 1, "/stat"), "json").path == "/stat?format=json"
    assert asking(Target("http", "n", 1, PAGE + "&format=json"), "json").path == PAGE + "&format=json"
    assert asking(Target("http", "n", 1, PAGE), "auto").path == PAGE


@pytest.mark.parametrize(
    ("address", "verdict"),
    [
        ("169.254.169.254", True),
        ("::ffff:169.254.169.254", True),
        ("fe80::1%eth0", True),
        ("fd00:ec2::254", True),
        ("224.0.0.1", True),
        ("127.0.0.1", False),
        ("10.0.0.1", False),
        ("2001:db8::1", False),
    ],
)
def test_where_no_node_can_be(address: str, verdict: bool) -> None:
    assert forbidden(address) is verdict
