from __future__ import annotations


def test_a_new_account_has_a_network_a_key_and_two_images_of_the_vendor(lab, aws):
    ec2 = aws("ec2")
    assert [v["CidrBlock"] for v in ec2.describe_vpcs()["Vpcs"]] == ["127.77.0.0/16"]
    subnets = ec2.describe_subnets()["Subnets"]
    assert {s["AvailabilityZone"]: s["SubnetId"] for s in subnets} == lab.account.subnets
    assert [k["KeyName"] for k in ec2.describe_key_pairs()["KeyPairs"]] == [lab.account.key_name]
    images = ec2.describe_images(Owners=[lab.account.vendor_id])["Images"]
    assert {i["ImageId"] for i in images} == {lab.account.wcs_image_id, lab.account.bare_image_id}
