"""What AWS answers of images that the account may not launch, or not on that machine."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from lab.ec2.account import Offer, offer


def launch(aws, lab, image_id, kind="c5.large", **more):
    subnet = lab.account.subnet_ids[0]
    return aws("ec2").run_instances(
        ImageId=image_id, InstanceType=kind, MinCount=1, MaxCount=1, SubnetId=subnet, **more
    )


def refusal(*given, **more):
    with pytest.raises(ClientError) as refused:
        launch(*given, **more)
    return refused.value.response["Error"], refused.value.response["ResponseMetadata"]["HTTPStatusCode"]


def test_a_product_without_a_subscription_is_refused_with_the_link(lab, aws):
    """GitHub F5Networks/f5-aws-cloudformation 45: OptInRequired, status 401, and where to subscribe."""
    image = offer(lab, Offer("paid", product="8esk90vx7v713sa0muq2skw3j"))
    error, status = refusal(aws, lab, image)
    assert (error["Code"], status) == ("OptInRequired", 401)
    assert error["Message"].endswith("https://aws.amazon.com/marketplace/pp?sku=8esk90vx7v713sa0muq2skw3j")
    lab.unsubscribed.clear()
    launch(aws, lab, image)


@pytest.mark.parametrize(("asks", "code"), [(True, "OptInRequired"), (False, "DryRunOperation")])
def test_whether_a_dry_run_tells_it_is_not_documented(lab, aws, asks, code):
    image = offer(lab, Offer("paid", product="abc"))
    lab.dry_run_asks_marketplace = asks
    assert refusal(aws, lab, image, DryRun=True)[0]["Code"] == code
    assert lab.calls.writes() == []


def test_product_codes_are_shown_and_go_on_to_images_that_are_made_of_it(lab, aws):
    """EC2's user guide on paid AMIs: an image made of an instance of one keeps the product code."""
    ec2 = aws("ec2")
    shown = [{"ProductCodeId": "abc", "ProductCodeType": "marketplace"}]
    image = offer(lab, Offer("paid", product="abc", subscribed=True))
    assert ec2.describe_images(ImageIds=[image])["Images"][0]["ProductCodes"] == shown
    assert len(ec2.describe_images(Filters=[{"Name": "product-code", "Values": ["abc"]}])["Images"]) == 1
    instance = launch(aws, lab, image)["Instances"][0]["InstanceId"]
    lab.run(60)
    made = ec2.create_image(InstanceId=instance, Name="made-of-it")["ImageId"]
    assert ec2.describe_images(ImageIds=[made])["Images"][0]["ProductCodes"] == shown


@pytest.mark.parametrize(("architecture", "kind"), [("arm64", "c5.large"), ("x86_64", "c6g.large")])
def test_an_instance_type_of_another_architecture_is_refused(lab, aws, architecture, kind):
    """InvalidParameterValue: the architectures of instance type and image must match."""
    error, _ = refusal(aws, lab, offer(lab, Offer("other", architecture=architecture)), kind)
    assert error["Code"] == "InvalidParameterValue"
    assert f"does not match the architecture '{architecture}'" in error["Message"]
