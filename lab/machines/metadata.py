# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The instance metadata service of one machine, with tokens (IMDSv2).

Rules: EC2 user guide, "Use the Instance Metadata Service" and "Instance metadata categories".
"""

from __future__ import annotations

import hashlib
import http.server
import json
import secrets
import socketserver
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.message import Message

from . import Known, MachineSpec

TOKEN_PATH = "/latest/api/token"  # noqa: S105
TOKEN_HEADER = "X-aws-ec2-metadata-token"  # noqa: S105
TTL_HEADER = "X-aws-ec2-metadata-token-ttl-seconds"
LONGEST = 21600  # seconds that a token may live

Headers = Mapping[str, str] | Message


@dataclass(frozen=True)
class Answer:
    """An HTTP answer in plain text."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Metadata:
    """Answers for one machine; `known` is what AWS knows of it now."""

    spec: MachineSpec
    known: Known = field(default_factory=Known)
    now: Callable[[], float] = time.monotonic
    _tokens: dict[str, float] = field(default_factory=dict)

    def answer(self, method: str, path: str, headers: Headers) -> Answer:
        """The answer to one request."""
        if not self.spec.metadata_enabled:
            return _refusal(403)
        if method == "PUT":
            return self._new_token(path, headers)
        if method not in ("GET", "HEAD"):
            return _refusal(405)
        token = headers.get(TOKEN_HEADER)
        if token is None and self.spec.metadata_required:
            return _refusal(401)
        if token is not None and self._tokens.get(token, 0.0) <= self.now():
            return _refusal(401)
        body = self._find(path)
        return _refusal(404) if body is None else Answer(200, body)

    def _new_token(self, path: str, headers: Headers) -> Answer:
        if path != TOKEN_PATH or headers.get("X-Forwarded-For") is not None:
            return _refusal(403)
        ttl = headers.get(TTL_HEADER, "")
        if not ttl.isdigit() or not 1 <= int(ttl) <= LONGEST:
            return _refusal(400)
        token = secrets.token_urlsafe(40)
        self._tokens[token] = self.now() + int(ttl)
        return Answer(200, token.encode(), {TTL_HEADER: ttl})

    def _find(self, path: str) -> bytes | None:
        version, _, item = path.lstrip("/").partition("/")
        if not version:
            return b"latest"
        items = self.items()
        item = item.rstrip("/")
        if item in items:
            return items[item]
        start = f"{item}/" if item else ""
        below = {key[len(start) :].split("/")[0] for key in items if key.startswith(start)}
        if not below:
            return None
        folders = {name for name in below if f"{start}{name}" not in items}
        return "\n".join(sorted(f"{name}/" if name in folders else name for name in below)).encode()

    def items(self) -> dict[str, bytes]:
        """Everything there is to know, by path below the version; what the machine does not have is left out."""
        spec = self.spec
        host = f"ip-{spec.private_ip.replace('.', '-')}.{'ec2' if spec.region == 'us-east-1' else spec.region}.internal"
        known = {
            "ami-id": spec.image_id,
            "hostname": host,
            "instance-id": spec.instance_id,
            "instance-life-cycle": "on-demand",
            "instance-type": spec.instance_type,
            "local-hostname": host,
            "local-ipv4": spec.private_ip,
            "mac": mac_address(spec.instance_id),
            "placement/availability-zone": spec.zone,
            "placement/region": spec.region,
            "public-hostname": spec.public_ip,
            "public-ipv4": spec.public_ip,
            "services/domain": "amazonaws.com",
            "services/partition": "aws",
            "autoscaling/target-lifecycle-state": self.known.target_state(spec.instance_id),
            **{f"tags/instance/{key}": value for key, value in self.known.tags(spec.instance_id).items()},
            **self._profile(),
        }
        found = {f"meta-data/{key}": value.encode() for key, value in known.items() if value}
        found["dynamic/instance-identity/document"] = json.dumps(self._document(), indent=2).encode()
        if spec.user_data:
            found["user-data"] = spec.user_data
        return found

    def _profile(self) -> dict[str, str]:
        """The instance profile, and the credentials of its role."""
        found = self.known.credentials(self.spec.instance_id)
        if found is None:
            return {}
        given = {
            "Code": "Success",
            "LastUpdated": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            "Type": "AWS-HMAC",
            "AccessKeyId": found.access_key,
            "SecretAccessKey": found.secret_key,
            "Token": found.token,
            "Expiration": found.expiration,
        }
        info = {"Code": "Success", "InstanceProfileArn": found.profile_arn}
        return {"iam/info": json.dumps(info), f"iam/security-credentials/{found.role}": json.dumps(given, indent=2)}

    def _document(self) -> dict[str, str]:
        spec = self.spec
        return {
            "availabilityZone": spec.zone,
            "imageId": spec.image_id,
            "instanceId": spec.instance_id,
            "instanceType": spec.instance_type,
            "privateIp": spec.private_ip,
            "region": spec.region,
        }


def mac_address(instance_id: str) -> str:
    """A locally administered address that belongs to the instance id."""
    digits = hashlib.sha256(instance_id.encode()).hexdigest()[:10]
    return ":".join(["0a", *(digits[i : i + 2] for i in range(0, 10, 2))])


def _refusal(status: int) -> Answer:
    reason = http.server.BaseHTTPRequestHandler.responses[http.HTTPStatus(status)][0]
    page = (
        '<?xml version="1.0" encoding="iso-8859-1"?>\n<html xmlns="http://www.w3.org/1999/xhtml"><head>'
        f"<title>{status} - {reason}</title></head><body><h1>{status} - {reason}</h1></body></html>\n"
    )
    return Answer(status, page.encode(), {"Content-Type": "text/html"})


class MetadataServer(http.server.ThreadingHTTPServer):
    """Serves one machine's metadata at an address of the machine until it is closed."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, metadata: Metadata, address: str, port: int) -> None:
        """Listens from now on; OSError where the address is taken."""
        super().__init__((address, port), _Handler)
        self.metadata = metadata
        threading.Thread(target=self.serve_forever, args=(0.1,), name="metadata", daemon=True).start()

    def server_bind(self) -> None:
        """Takes the address without asking any name server for its name."""
        socketserver.TCPServer.server_bind(self)

    @property
    def url(self) -> str:
        """Where it is asked."""
        return f"http://{self.server_address[0]!s}:{self.server_address[1]}"

    def close(self) -> None:
        """Stops listening."""
        self.shutdown()
        self.server_close()


class _Handler(http.server.BaseHTTPRequestHandler):
    server: MetadataServer
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "EC2ws", ""
    timeout = 10

    def _serve(self) -> None:
        answer = self.server.metadata.answer(self.command, self.path.partition("?")[0], self.headers)
        self.send_response(answer.status)
        for name, value in {"Content-Type": "text/plain", **answer.headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = _serve  # noqa: N815

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Says nothing."""
