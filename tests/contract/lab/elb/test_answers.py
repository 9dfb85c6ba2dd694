"""Classic Load Balancing as AWS answers it. Each test names what AWS does."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

LISTENER = {"Protocol": "TCP", "LoadBalancerPort": 8080, "InstanceProtocol": "TCP", "InstancePort": 8080}
CHECK = {
    "Target": "HTTP:8081/?action=stat",
    "Interval": 5,
    "Timeout": 4,
    "UnhealthyThreshold": 6,
    "HealthyThreshold": 2,
}


@pytest.fixture
def elb(aws):
    return aws("elb")


def create(elb, lab, name="wcs", **given):
    given = {"Listeners": [LISTENER], "Subnets": lab.account.subnet_ids, **given}
    return elb.create_load_balancer(LoadBalancerName=name, **given)["DNSName"]


def describe(elb, name="wcs"):
    return elb.describe_load_balancers(LoadBalancerNames=[name])["LoadBalancerDescriptions"][0]


def refused(call, **given):
    with pytest.raises(ClientError) as error:
        call(**given)
    return error.value.response["Error"]["Code"]


def node(lab, aws, zone=0):
    ids = aws("ec2").run_instances(
        ImageId=lab.account.wcs_image_id,
        InstanceType="c5.large",
        MinCount=1,
        MaxCount=1,
        SubnetId=lab.account.subnet_ids[zone],
    )["Instances"]
    lab.run(lab.delays.instance_pending + 1)
    return ids[0]["InstanceId"]


def health(elb, *ids, name="wcs"):
    rows = elb.describe_instance_health(LoadBalancerName=name, Instances=[{"InstanceId": i} for i in ids])
    return {r["InstanceId"]: (r["State"], r["ReasonCode"], r["Description"]) for r in rows["InstanceStates"]}


def register(elb, *ids, name="wcs"):
    return elb.register_instances_with_load_balancer(LoadBalancerName=name, Instances=[{"InstanceId": i} for i in ids])[
        "Instances"
    ]


def deregister(elb, *ids, name="wcs"):
    return elb.deregister_instances_from_load_balancer(
        LoadBalancerName=name, Instances=[{"InstanceId": i} for i in ids]
    )["Instances"]


def test_a_new_balancer_has_awss_defaults(elb, lab):
    dns = create(elb, lab)
    have = describe(elb)
    assert dns == have["DNSName"]
    assert dns.startswith("127.77.250.")
    assert have["HealthCheck"] == {
        "Target": "TCP:8080",
        "Interval": 30,
        "Timeout": 5,
        "UnhealthyThreshold": 2,
        "HealthyThreshold": 10,
    }
    assert have["Scheme"] == "internet-facing"
    assert have["AvailabilityZones"] == lab.account.zones
    assert have["VPCId"] == lab.account.vpc_id
    attributes = elb.describe_load_balancer_attributes(LoadBalancerName="wcs")["LoadBalancerAttributes"]
    assert attributes == {
        "CrossZoneLoadBalancing": {"Enabled": False},
        "AccessLog": {"Enabled": False},
        "ConnectionDraining": {"Enabled": False, "Timeout": 300},
        "ConnectionSettings": {"IdleTimeout": 60},
        "AdditionalAttributes": [{"Key": "elb.http.desyncmitigationmode", "Value": "defensive"}],
    }


def test_balancers_have_addresses_of_their_own(elb, lab):
    assert len({create(elb, lab, name) for name in ("a", "b", "c")}) == 3


def test_the_same_call_again_returns_the_balancer_there_is(elb, lab):
    tags = [{"Key": "k", "Value": "v"}]
    assert create(elb, lab, Tags=tags) == create(elb, lab, Tags=tags)
    assert len(elb.describe_load_balancers()["LoadBalancerDescriptions"]) == 1


@pytest.mark.parametrize(
    ("change", "words"),
    [({"Tags": [{"Key": "k", "Value": "w"}]}, "tags"), ({"Scheme": "internal"}, "parameters")],
)
def test_a_name_in_use_with_other_settings_is_refused_and_tags_are_settings(elb, lab, change, words):
    create(elb, lab)
    with pytest.raises(ClientError) as error:
        create(elb, lab, **change)
    assert error.value.response["Error"]["Code"] == "DuplicateLoadBalancerName"
    assert error.value.response["Error"]["Message"] == (
        f"Load Balancer named wcs already exists and it is configured with different {words}."
    )


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"name": "a_b"}, "ValidationError"),
        ({"name": "a" * 33}, "ValidationError"),
        ({"name": "-a"}, "ValidationError"),
        ({"Subnets": []}, "ValidationError"),
        ({"Subnets": ["subnet-0"]}, "SubnetNotFound"),
        ({"SecurityGroups": ["sg-0"]}, "InvalidSecurityGroup"),
        ({"Scheme": "public"}, "InvalidScheme"),
        ({"Listeners": [{**LISTENER, "Protocol": "UDP"}]}, "ValidationError"),
        ({"Listeners": [{**LISTENER, "Protocol": "SSL"}]}, "ValidationError"),
        ({"Listeners": [{**LISTENER, "Protocol": "HTTP"}]}, "InvalidConfigurationRequest"),
        (
            {"Listeners": [{**LISTENER, "Protocol": "SSL", "SSLCertificateId": "arn:aws:iam::1:server-certificate/x"}]},
            "CertificateNotFound",
        ),
        (
            {
                "Listeners": [
                    {**LISTENER, "Protocol": "SSL", "SSLCertificateId": "arn:aws:acm:us-east-1:1:certificate/x"}
                ]
            },
            "CertificateNotFound",
        ),
        ({"Tags": [{"Key": str(n), "Value": ""} for n in range(11)]}, "TooManyTags"),
        ({"Tags": [{"Key": "a", "Value": ""}, {"Key": "a", "Value": "b"}]}, "DuplicateTagKeys"),
    ],
)
def test_what_aws_refuses_at_creation(elb, lab, change, code):
    with pytest.raises(ClientError) as error:
        create(elb, lab, **change)
    assert error.value.response["Error"]["Code"] == code
    assert elb.describe_load_balancers()["LoadBalancerDescriptions"] == []


def test_two_subnets_of_one_zone_are_refused(elb, lab, aws):
    zone = lab.account.zones[0]
    second = aws("ec2").create_subnet(VpcId=lab.account.vpc_id, CidrBlock="127.77.9.0/24", AvailabilityZone=zone)
    subnets = [lab.account.subnets[zone], second["Subnet"]["SubnetId"]]
    assert refused(create, elb=elb, lab=lab, Subnets=subnets) == "InvalidConfigurationRequest"


def test_instance_protocol_is_kept_and_a_known_certificate_taken(elb, lab, aws):
    certificate = aws("iam").upload_server_certificate(ServerCertificateName="c", CertificateBody="b", PrivateKey="k")[
        "ServerCertificateMetadata"
    ]["Arn"]
    secure = {"Protocol": "SSL", "LoadBalancerPort": 443, "InstanceProtocol": "TCP", "InstancePort": 8080}
    create(elb, lab, Listeners=[{**secure, "SSLCertificateId": certificate}])
    assert describe(elb)["ListenerDescriptions"] == [
        {"Listener": {**secure, "SSLCertificateId": certificate}, "PolicyNames": ["ELBSecurityPolicy-2016-08"]}
    ]


def test_a_missing_balancer_is_an_error_in_every_call_but_delete(elb):
    assert refused(elb.describe_load_balancers, LoadBalancerNames=["no"]) == "LoadBalancerNotFound"
    assert refused(elb.describe_load_balancer_attributes, LoadBalancerName="no") == "LoadBalancerNotFound"
    assert refused(elb.configure_health_check, LoadBalancerName="no", HealthCheck=CHECK) == "LoadBalancerNotFound"
    assert refused(elb.describe_tags, LoadBalancerNames=["no"]) == "LoadBalancerNotFound"
    assert refused(elb.describe_instance_health, LoadBalancerName="no") == "LoadBalancerNotFound"
    elb.delete_load_balancer(LoadBalancerName="no")


def test_pages(elb, lab):
    for number in range(5):
        create(elb, lab, f"b{number}")
    pages = elb.get_paginator("describe_load_balancers").paginate(PaginationConfig={"PageSize": 2})
    names = [b["LoadBalancerName"] for p in pages for b in p["LoadBalancerDescriptions"]]
    assert names == [f"b{number}" for number in range(5)]


@pytest.mark.parametrize(
    "change",
    [
        {"Interval": 301}, {"Timeout": 5}, {"Timeout": 6}, {"UnhealthyThreshold": 11},
        {"HealthyThreshold": 11}, {"Target": "HTTP:8081"}, {"Target": "UDP:1"}, {"Target": "TCP:0"},
    ],
)  # fmt: skip
def test_health_checks_out_of_range_are_refused(elb, lab, change):
    create(elb, lab)
    assert (
        refused(elb.configure_health_check, LoadBalancerName="wcs", HealthCheck={**CHECK, **change})
        == "ValidationError"
    )
    assert describe(elb)["HealthCheck"]["Target"] == "TCP:8080"


def test_a_health_check_reads_back(elb, lab):
    create(elb, lab)
    assert elb.configure_health_check(LoadBalancerName="wcs", HealthCheck=CHECK)["HealthCheck"] == CHECK
    assert describe(elb)["HealthCheck"] == CHECK


def test_listeners_are_added_once_and_several_deleted_in_one_call(elb, lab):
    create(elb, lab)
    more = [{**LISTENER, "LoadBalancerPort": port} for port in (1, 2, 3)]
    for _ in "12":
        elb.create_load_balancer_listeners(LoadBalancerName="wcs", Listeners=more)
    clash = [{**LISTENER, "InstancePort": 9}]
    assert refused(elb.create_load_balancer_listeners, LoadBalancerName="wcs", Listeners=clash) == "DuplicateListener"
    elb.delete_load_balancer_listeners(LoadBalancerName="wcs", LoadBalancerPorts=[1, 3, 77])
    assert [d["Listener"]["LoadBalancerPort"] for d in describe(elb)["ListenerDescriptions"]] == [8080, 2]


def test_a_certificate_needs_a_secure_listener_that_exists(elb, lab):
    create(elb, lab)
    given = {"LoadBalancerName": "wcs", "SSLCertificateId": "arn:aws:iam::1:server-certificate/x"}
    set_certificate = elb.set_load_balancer_listener_ssl_certificate
    assert refused(set_certificate, LoadBalancerPort=9, **given) == "ListenerNotFound"
    assert refused(set_certificate, LoadBalancerPort=8080, **given) == "InvalidConfigurationRequest"


def test_attributes_are_changed_one_by_one_within_their_ranges(elb, lab):
    create(elb, lab)

    def modify(**attributes):
        elb.modify_load_balancer_attributes(LoadBalancerName="wcs", LoadBalancerAttributes=attributes)

    modify(ConnectionSettings={"IdleTimeout": 3600})
    modify(ConnectionDraining={"Enabled": True, "Timeout": 3600}, CrossZoneLoadBalancing={"Enabled": True})
    modify(ConnectionDraining={"Enabled": False})
    have = elb.describe_load_balancer_attributes(LoadBalancerName="wcs")["LoadBalancerAttributes"]
    assert have["ConnectionSettings"] == {"IdleTimeout": 3600}
    assert have["ConnectionDraining"] == {"Enabled": False, "Timeout": 3600}
    assert have["CrossZoneLoadBalancing"] == {"Enabled": True}
    assert len(have["AdditionalAttributes"]) == 1
    for bad in (
        {"ConnectionSettings": {"IdleTimeout": 4001}},
        {"ConnectionDraining": {"Enabled": True, "Timeout": 3601}},
    ):
        assert refused(modify, **bad) == "ValidationError"


def test_tags_are_at_most_ten(elb, lab):
    create(elb, lab, Tags=[{"Key": str(n), "Value": "v"} for n in range(10)])
    add = elb.add_tags
    assert refused(add, LoadBalancerNames=["wcs"], Tags=[{"Key": "x", "Value": ""}]) == "TooManyTags"
    add(LoadBalancerNames=["wcs"], Tags=[{"Key": "0", "Value": "w"}])
    elb.remove_tags(LoadBalancerNames=["wcs"], Tags=[{"Key": "9"}, {"Key": "no"}])
    tags = elb.describe_tags(LoadBalancerNames=["wcs"])["TagDescriptions"][0]["Tags"]
    assert {t["Key"]: t["Value"] for t in tags} == {"0": "w", **{str(n): "v" for n in range(1, 9)}}


def test_zones_follow_the_subnets(elb, lab):
    first, second, third = lab.account.subnet_ids
    create(elb, lab, Subnets=[first])
    elb.attach_load_balancer_to_subnets(LoadBalancerName="wcs", Subnets=[second, third])
    assert describe(elb)["AvailabilityZones"] == lab.account.zones
    elb.detach_load_balancer_from_subnets(LoadBalancerName="wcs", Subnets=[first, third])
    assert describe(elb)["AvailabilityZones"] == [lab.account.zones[1]]
    detach = elb.detach_load_balancer_from_subnets
    assert refused(detach, LoadBalancerName="wcs", Subnets=[second]) == "InvalidConfigurationRequest"
    enable = elb.enable_availability_zones_for_load_balancer
    zones = {"LoadBalancerName": "wcs", "AvailabilityZones": lab.account.zones[:1]}
    assert refused(enable, **zones) == "InvalidConfigurationRequest"


def test_policies(elb, lab):
    http = {"Protocol": "HTTP", "LoadBalancerPort": 80, "InstancePort": 80}
    create(elb, lab, Listeners=[LISTENER, http])
    cookie = {"LoadBalancerName": "wcs", "PolicyName": "sticky", "CookieExpirationPeriod": 60}
    elb.create_lb_cookie_stickiness_policy(**cookie)
    assert refused(elb.create_lb_cookie_stickiness_policy, **cookie) == "DuplicatePolicyName"
    put = elb.set_load_balancer_policies_of_listener
    given = {"LoadBalancerName": "wcs", "PolicyNames": ["sticky"]}
    assert refused(put, LoadBalancerPort=8080, **given) == "InvalidConfigurationRequest"
    assert refused(put, LoadBalancerPort=9, **given) == "ListenerNotFound"
    assert refused(put, LoadBalancerName="wcs", LoadBalancerPort=80, PolicyNames=["no"]) == "PolicyNotFound"
    put(LoadBalancerPort=80, **given)
    delete = {"LoadBalancerName": "wcs", "PolicyName": "sticky"}
    assert refused(elb.delete_load_balancer_policy, **delete) == "InvalidConfigurationRequest"
    put(LoadBalancerName="wcs", LoadBalancerPort=80, PolicyNames=[])
    elb.delete_load_balancer_policy(**delete)
    assert describe(elb)["Policies"]["LBCookieStickinessPolicies"] == []


def test_a_reference_security_policy_is_written_out(elb, lab):
    create(elb, lab)
    elb.create_load_balancer_policy(
        LoadBalancerName="wcs", PolicyName="tls", PolicyTypeName="SSLNegotiationPolicyType",
        PolicyAttributes=[
            {"AttributeName": "Reference-Security-Policy", "AttributeValue": "ELBSecurityPolicy-TLS-1-2-2017-01"}
        ],
    )  # fmt: skip
    have = elb.describe_load_balancer_policies(LoadBalancerName="wcs", PolicyNames=["tls"])["PolicyDescriptions"][0]
    attributes = {a["AttributeName"]: a["AttributeValue"] for a in have["PolicyAttributeDescriptions"]}
    assert attributes["Reference-Security-Policy"] == "ELBSecurityPolicy-TLS-1-2-2017-01"
    assert (attributes["Protocol-TLSv1"], attributes["Protocol-TLSv1.2"]) == ("false", "true")


def test_registering_replies_with_all_instances_and_is_idempotent(elb, lab, aws):
    create(elb, lab)
    first, second = node(lab, aws), node(lab, aws)
    assert register(elb, first) == [{"InstanceId": first}]
    assert register(elb, first, second) == [{"InstanceId": first}, {"InstanceId": second}]
    assert describe(elb)["Instances"] == [{"InstanceId": first}, {"InstanceId": second}]


def test_an_unknown_instance_is_refused_and_nothing_else_done(elb, lab, aws):
    create(elb, lab)
    known = node(lab, aws)
    for call in (register, deregister):
        assert refused(lambda c=call: c(elb, known, "i-00000000000000000")) == "InvalidInstance"
    assert describe(elb)["Instances"] == []


def test_a_new_node_is_in_service_after_registration_and_its_first_success(elb, lab, aws):
    create(elb, lab)
    elb.configure_health_check(LoadBalancerName="wcs", HealthCheck=CHECK)
    one = node(lab, aws)
    register(elb, one)
    assert health(elb) == {one: ("OutOfService", "ELB", "Instance registration is still in progress.")}
    lab.run(lab.delays.elb_registration - 1)
    assert health(elb)[one][0] == "OutOfService"
    lab.run(2)
    assert health(elb) == {one: ("InService", "N/A", "N/A")}


def test_a_failing_node_leaves_after_the_unhealthy_threshold_and_comes_back_after_the_healthy_one(elb, lab, aws):
    create(elb, lab)
    elb.configure_health_check(LoadBalancerName="wcs", HealthCheck=CHECK)
    one = node(lab, aws)
    register(elb, one)
    lab.run(20)
    well, lab.machines[one].health = lab.machines[one].health, type(lab.machines[one].health)(False, 500, "500")
    lab.run(24)
    assert health(elb)[one][0] == "InService"
    lab.run(6)
    assert health(elb)[one] == (
        "OutOfService", "Instance",
        "Instance has failed at least the UnhealthyThreshold number of health checks consecutively.",
    )  # fmt: skip
    lab.machines[one].health = well
    lab.run(5)
    assert health(elb)[one][0] == "OutOfService"
    lab.run(5)
    assert health(elb)[one][0] == "InService"


def test_the_tcp_check_knows_nothing_of_pages(elb, lab, aws):
    create(elb, lab)
    asked = []
    check = lab.machines.check
    lab.machines.check = lambda *args: asked.append(args[1:4]) or check(*args)
    register(elb, node(lab, aws))
    lab.run(12)
    assert asked == [("tcp", 8080, "")]


def test_a_stopped_node_and_a_zone_that_is_not_served(elb, lab, aws):
    create(elb, lab)
    first, second = node(lab, aws, 0), node(lab, aws, 1)
    register(elb, first, second)
    lab.run(12)
    aws("ec2").stop_instances(InstanceIds=[first])
    lab.run(20)
    elb.detach_load_balancer_from_subnets(LoadBalancerName="wcs", Subnets=[lab.account.subnet_ids[1]])
    assert health(elb)[first] == ("OutOfService", "Instance", "Instance is in stopped state.")
    assert "Availability Zone" in health(elb)[second][2]


def drain(elb, timeout=100):
    attributes = {"ConnectionDraining": {"Enabled": True, "Timeout": timeout}}
    elb.modify_load_balancer_attributes(LoadBalancerName="wcs", LoadBalancerAttributes=attributes)


def test_deregistering_reads_in_service_until_the_connections_end(elb, lab, aws):
    from lab.elb.balancers import find

    create(elb, lab)
    drain(elb)
    one = node(lab, aws)
    register(elb, one)
    lab.run(12)
    find(lab.region, "wcs").connections[one] = 1
    assert deregister(elb, one) == []
    lab.run(50)
    assert health(elb) == {}
    assert health(elb, one)[one] == ("InService", "N/A", "Instance deregistration currently in progress.")
    find(lab.region, "wcs").connections[one] = 0
    lab.run(1)
    assert health(elb, one)[one] == (
        "OutOfService", "Instance", "Instance is not currently registered with the LoadBalancer.",
    )  # fmt: skip
    deregister(elb, one)


def test_draining_ends_at_its_timeout(elb, lab, aws):
    from lab.elb.balancers import find

    create(elb, lab)
    drain(elb, 100)
    one = node(lab, aws)
    register(elb, one)
    find(lab.region, "wcs").connections[one] = 1
    deregister(elb, one)
    lab.run(99)
    assert health(elb, one)[one][0] == "InService"
    lab.run(2)
    assert health(elb, one)[one][0] == "OutOfService"


def test_a_draining_node_that_is_registered_again_is_back_at_its_first_success(elb, lab, aws):
    from lab.elb.balancers import find

    create(elb, lab)
    drain(elb)
    one = node(lab, aws)
    register(elb, one)
    lab.run(12)
    find(lab.region, "wcs").connections[one] = 1
    deregister(elb, one)
    lab.run(5)
    register(elb, one)
    lab.run(1)
    assert health(elb)[one] == ("InService", "N/A", "N/A")


def test_terminated_instances_are_not_told_of(elb, lab, aws):
    create(elb, lab)
    one = node(lab, aws)
    register(elb, one)
    aws("ec2").terminate_instances(InstanceIds=[one])
    assert health(elb) == {}
    lab.run(60)
    assert describe(elb)["Instances"] == []


def test_network_interfaces_linger_and_hold_their_security_group(elb, lab, aws):
    ec2 = aws("ec2")
    group = ec2.create_security_group(GroupName="b", Description="b", VpcId=lab.account.vpc_id)["GroupId"]
    create(elb, lab, SecurityGroups=[group])

    def interfaces():
        found = ec2.describe_network_interfaces(Filters=[{"Name": "description", "Values": ["ELB wcs"]}])
        return found["NetworkInterfaces"]

    assert len(interfaces()) == 3
    lab.run(lab.delays.elb_interfaces_attach)
    assert {i["Attachment"]["InstanceOwnerId"] for i in interfaces()} == {"amazon-elb"}
    assert {g["GroupId"] for i in interfaces() for g in i["Groups"]} == {group}
    elb.delete_load_balancer(LoadBalancerName="wcs")
    lab.run(lab.delays.elb_interfaces_linger - 1)
    assert len(interfaces()) == 3
    assert refused(ec2.delete_security_group, GroupId=group) == "DependencyViolation"
    lab.run(2)
    assert interfaces() == []
    ec2.delete_security_group(GroupId=group)


def test_g3_a_new_interface_is_available_for_a_moment_and_then_in_use(elb, lab, aws):
    create(elb, lab)
    ec2 = aws("ec2")

    def seen():
        found = ec2.describe_network_interfaces()["NetworkInterfaces"]
        return {(i["Status"], (i.get("Attachment") or {}).get("Status"), i["RequesterManaged"]) for i in found}

    assert seen() == {("available", None, True)}
    lab.run(lab.delays.elb_interfaces_attach)
    assert seen() == {("in-use", "attached", True)}
    interface = ec2.describe_network_interfaces()["NetworkInterfaces"][0]["NetworkInterfaceId"]
    assert refused(ec2.delete_network_interface, NetworkInterfaceId=interface) == "InvalidParameterValue"


@pytest.mark.parametrize("given", [{}, {"CookieExpirationPeriod": 0}])
def test_g18_a_cookie_without_a_period_is_told_with_0(elb, lab, given):
    create(elb, lab)
    elb.create_lb_cookie_stickiness_policy(LoadBalancerName="wcs", PolicyName="sticky", **given)
    shown = describe(elb)["Policies"]["LBCookieStickinessPolicies"]
    assert shown == [{"PolicyName": "sticky", "CookieExpirationPeriod": 0}]


def test_g11_zones_of_a_balancer_in_the_default_vpc_come_and_go(elb, lab, aws):
    aws("ec2").create_default_vpc()
    a, b = "us-east-1a", "us-east-1b"
    elb.create_load_balancer(LoadBalancerName="wcs", Listeners=[LISTENER], AvailabilityZones=[a])
    zones = {"LoadBalancerName": "wcs", "AvailabilityZones": [b]}
    assert elb.enable_availability_zones_for_load_balancer(**zones)["AvailabilityZones"] == [a, b]
    assert len(describe(elb)["Subnets"]) == 2
    assert elb.disable_availability_zones_for_load_balancer(**zones)["AvailabilityZones"] == [a]
    disable = {"LoadBalancerName": "wcs", "AvailabilityZones": [a]}
    assert refused(elb.disable_availability_zones_for_load_balancer, **disable) == "InvalidConfigurationRequest"
