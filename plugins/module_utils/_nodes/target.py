# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Addresses as users write them: a host, a host with a port, or a URL."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, replace
from urllib.parse import urljoin, urlsplit

from .._core.errors import Refusal
from .._core.pages import PORTS

KINDS = (("http", "https"), ("ws", "wss"))
SAFE = re.compile(r"[!-~]*")
HOST = re.compile(r"[A-Za-z0-9._-]{1,253}")


@dataclass(frozen=True)
class Target:
    """Where a request goes."""

    scheme: str
    host: str
    port: int
    path: str = "/"

    @property
    def tls(self) -> bool:
        """Whether the connection is encrypted."""
        return self.scheme in ("https", "wss")

    @property
    def authority(self) -> str:
        """Host and port as a URL and the Host header have them."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def url(self) -> str:
        """The whole URL."""
        return f"{self.scheme}://{self.authority}{self.path}"

    def towards(self, location: str) -> Target | None:
        """Where a redirect leads, if that is the same server; else None."""
        there = target(urljoin(self.url, location), self.scheme, None, "/")
        if isinstance(there, Refusal) or (there.scheme, there.host, there.port) != (self.scheme, self.host, self.port):
            return None
        return there


def target(text: str, scheme: str, port: int | None, path: str) -> Target | Refusal:
    """The target that `text` names; what it leaves out is `scheme`, `port` (None: WCS's for the scheme) and `path`.

    Schemes are those of a kind with `scheme`: http with https, ws with wss.
    """
    if not SAFE.fullmatch(text):
        return _refused("its address", "it has a space or another character that no address has")
    whole = text if "://" in text else f"{scheme}://{_bracketed(text)}"
    try:
        parts = urlsplit(whole)
        host, given = parts.hostname or "", parts.port
    except ValueError:
        return _refused(text.rpartition("@")[2], "it is not an address")
    name = f"{parts.scheme}://{host}"
    if "@" in parts.netloc:
        return _refused(name, "it carries a user name or password", "Use O(username) and O(password)")
    kind = next(kind for kind in KINDS if scheme in kind)
    if parts.scheme not in kind:
        return _refused(name, f"its scheme is neither {' nor '.join(kind)}")
    if not (HOST.fullmatch(host) or _is_ip(host)) or given == 0:
        return _refused(name, "it has no host")
    tail = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    own = "://" in text and tail != "/"
    found = Target(parts.scheme, host, given or port or PORTS[parts.scheme], tail if own else path)
    if not (SAFE.fullmatch(found.path) and found.path.startswith("/")):
        return _refused(name, f"the path '{found.path}' does not begin with / or has a character that no path has")
    return found


def asking(found: Target, dialect: str) -> Target:
    """The target with the parameter that makes WCS answer in JSON, where that is wanted."""
    if dialect != "json" or "format=" in found.path:
        return found
    return replace(found, path=found.path + ("&" if "?" in found.path else "?") + "format=json")


def forbidden(address: str) -> bool:
    """Whether no node can be there: link-local addresses, among them the instance metadata service."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    ip = getattr(ip, "ipv4_mapped", None) or ip
    return ip.is_link_local or ip.is_multicast or ip == ipaddress.ip_address("fd00:ec2::254")


def _bracketed(text: str) -> str:
    return f"[{text}]" if text.count(":") > 1 and not text.startswith("[") else text


def _is_ip(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _refused(name: str, reason: str, way_out: str = "Give a host, host:port, [IPv6]:port or a URL") -> Refusal:
    return Refusal("use", "host", name, reason, way_out)
