from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.support.lab_groups import Fleet


@pytest.fixture
def ec2(aws: Callable[..., Any]) -> Any:
    return aws("ec2")


@pytest.fixture
def run(lab, ec2) -> Callable[..., str]:
    """Launches one instance in the first subnet and returns its id; `wait` lets it get to running."""

    def launch(wait: bool = True, **options: Any) -> str:
        options = {"ImageId": lab.account.wcs_image_id, "SubnetId": lab.account.subnet_ids[0], **options}
        reply = ec2.run_instances(MinCount=1, MaxCount=1, **options)
        if wait:
            lab.run(lab.delays.instance_pending)
        return reply["Instances"][0]["InstanceId"]

    return launch


@pytest.fixture
def instance(ec2) -> Callable[[str], dict[str, Any]]:
    return lambda instance_id: ec2.describe_instances(InstanceIds=[instance_id])["Reservations"][0]["Instances"][0]


@pytest.fixture
def image(ec2) -> Callable[[str], dict[str, Any]]:
    return lambda image_id: ec2.describe_images(ImageIds=[image_id])["Images"][0]


@pytest.fixture
def refused() -> Callable[..., Any]:
    """`with refused("Code", "part of the message"):` fails unless AWS's error is just that."""

    @contextlib.contextmanager
    def expect(code: str, message: str = "") -> Iterator[None]:
        with pytest.raises(ClientError) as caught:
            yield
        error = caught.value.response["Error"]
        assert error["Code"] == code, error
        assert message in error["Message"], error

    return expect


@pytest.fixture
def fleet(lab, aws) -> Fleet:
    """A lab with the launch template "wcs"."""
    made = Fleet(lab, aws)
    made.template()
    return made
