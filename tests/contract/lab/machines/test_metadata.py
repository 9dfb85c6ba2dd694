from __future__ import annotations

import json
import urllib.error
import urllib.request
from dataclasses import replace

import pytest

from lab.machines import Credentials, Known, MachineSpec
from lab.machines.metadata import Metadata, MetadataServer

SPEC = MachineSpec(
    instance_id="i-1",
    image_id="ami-1",
    private_ip="127.0.0.9",
    public_ip="127.0.101.9",
    region="eu-west-1",
    zone="eu-west-1b",
    instance_type="c5.large",
    user_data=b"#!/bin/sh",
    metadata_required=True,
)
TTL, TOKEN = "X-aws-ec2-metadata-token-ttl-seconds", "X-aws-ec2-metadata-token"
ID = "/latest/meta-data/instance-id"


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def metadata(clock):
    return Metadata(SPEC, Known(lambda _: "InService"), clock)


@pytest.fixture
def get(metadata):
    token = metadata.answer("PUT", "/latest/api/token", {TTL: "21600"}).body.decode()
    return lambda path: metadata.answer("GET", path, {TOKEN: token})


ITEMS = [
    ("meta-data/instance-id", b"i-1"),
    ("meta-data/local-ipv4", b"127.0.0.9"),
    ("meta-data/public-ipv4", b"127.0.101.9"),
    ("meta-data/placement/availability-zone", b"eu-west-1b"),
    ("meta-data/placement/region", b"eu-west-1"),
    ("meta-data/instance-type", b"c5.large"),
    ("meta-data/ami-id", b"ami-1"),
    ("meta-data/local-hostname", b"ip-127-0-0-9.eu-west-1.internal"),
    ("meta-data/autoscaling/target-lifecycle-state", b"InService"),
    ("meta-data/placement/", b"availability-zone\nregion"),
    ("", b"dynamic/\nmeta-data/\nuser-data"),
    ("user-data", b"#!/bin/sh"),
]


@pytest.mark.parametrize(("path", "body"), ITEMS)
def test_items(get, path, body):
    assert get(f"/latest/{path}").body == body


REFUSALS = [
    ("GET", ID, {}, 401),
    ("GET", ID, {TOKEN: "made up"}, 401),
    ("PUT", "/latest/api/token", {}, 400),
    ("PUT", "/latest/api/token", {TTL: "0"}, 400),
    ("PUT", "/latest/api/token", {TTL: "21601"}, 400),
    ("PUT", "/latest/api/token", {TTL: "soon"}, 400),
    ("PUT", "/latest/api/token", {TTL: "60", "X-Forwarded-For": "1.2.3.4"}, 403),
    ("PUT", "/2021-03-23/api/token", {TTL: "60"}, 403),
]


@pytest.mark.parametrize(("method", "path", "headers", "status"), REFUSALS)
def test_refusals(metadata, method, path, headers, status):
    assert metadata.answer(method, path, headers).status == status


def test_a_token_expires_and_belongs_to_one_machine(metadata, clock):
    token = metadata.answer("PUT", "/latest/api/token", {TTL: "60"}).body.decode()
    assert metadata.answer("GET", ID, {TOKEN: token}).status == 200
    assert Metadata(SPEC).answer("GET", ID, {TOKEN: token}).status == 401
    clock.now = 60.0
    assert metadata.answer("GET", ID, {TOKEN: token}).status == 401


def test_what_a_machine_has_not_is_404(clock):
    bare = Metadata(replace(SPEC, public_ip=None, user_data=b"", metadata_required=False), now=clock)
    for path in ("meta-data/public-ipv4", "user-data", "meta-data/autoscaling/target-lifecycle-state", "nonsense"):
        assert bare.answer("GET", f"/latest/{path}", {}).status == 404
    assert bare.answer("GET", ID, {}).body == b"i-1"


def test_a_service_that_is_switched_off_refuses_everything():
    off = Metadata(replace(SPEC, metadata_enabled=False))
    assert off.answer("PUT", "/latest/api/token", {TTL: "60"}).status == 403
    assert off.answer("GET", ID, {}).status == 403


def test_it_is_served_at_the_private_address_only():
    server = MetadataServer(Metadata(SPEC), SPEC.private_ip, 0)
    try:
        assert server.url.startswith("http://127.0.0.9:")
        request = urllib.request.Request(f"{server.url}/latest/api/token", method="PUT", headers={TTL: "60"})
        token = urllib.request.urlopen(request, timeout=5).read().decode()
        request = urllib.request.Request(f"{server.url}{ID}", headers={TOKEN: token})
        assert urllib.request.urlopen(request, timeout=5).read() == b"i-1"
        with pytest.raises(urllib.error.HTTPError, match="401"):
            urllib.request.urlopen(f"{server.url}{ID}", timeout=5)
    finally:
        server.close()
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(server.url, timeout=5)


KEYS = Credentials("arn:aws:iam::1:instance-profile/p", "node", "ASIA1", "s", "t", "2030-01-01T00:00:00Z")
PROFILED = Known(
    tags=lambda _: {"aws:autoscaling:groupName": "wcs", "Name": "wcs-node"},
    credentials=lambda _: Credentials(
        "arn:aws:iam::1:instance-profile/p", "node", "ASIA1", "s", "t", "2030-01-01T00:00:00Z"
    ),
)


def test_tags_and_credentials_are_told_where_the_instance_has_them(clock):
    full = Metadata(replace(SPEC, metadata_required=False), PROFILED, clock)
    bare = Metadata(replace(SPEC, metadata_required=False), now=clock)

    def get(path, of=full):
        answer = of.answer("GET", f"/latest/meta-data/{path}", {})
        return answer.body.decode() if answer.status == 200 else answer.status

    assert get("tags/instance") == "Name\naws:autoscaling:groupName"
    assert get("tags/instance/aws:autoscaling:groupName") == "wcs"
    assert get("iam/security-credentials/") == "node"
    keys = json.loads(get("iam/security-credentials/node"))
    assert {key: keys[key] for key in ("Code", "AccessKeyId", "SecretAccessKey", "Token", "Expiration")} == {
        "Code": "Success",
        "AccessKeyId": "ASIA1",
        "SecretAccessKey": "s",
        "Token": "t",
        "Expiration": "2030-01-01T00:00:00Z",
    }
    assert json.loads(get("iam/info"))["InstanceProfileArn"].endswith("instance-profile/p")
    assert [get(path, bare) for path in ("tags/instance/Name", "iam/security-credentials/", "iam/info")] == [404] * 3
