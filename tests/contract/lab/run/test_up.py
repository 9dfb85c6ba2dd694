"""The lab as its users have it: `python -m lab` in processes of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import boto3
import pytest
import yaml

from lab.run.folder import Folder
from tests.support.waiting import until

REPOSITORY = Path(__file__).resolve().parents[4]
LISTEN, LOOPBACK = "0A", "7F"


def verb(*arguments, check=True):
    done = subprocess.run(
        [sys.executable, "-m", "lab", *map(str, arguments)],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert not check or done.returncode == 0, done.stderr
    return done


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def killed(lab):
    """Kills a lab; its lock is free when the last of its threads is gone, which may be after the process."""
    os.kill(lab.about["pid"], signal.SIGKILL)
    until(lambda: not alive(lab.about["pid"]) and Folder(lab.folder).holder() is None)


def from_folder(folder):
    """Process ids of whatever runs from a folder."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                words = (entry / "cmdline").read_bytes().decode(errors="replace").split("\0")
            except OSError:
                continue
            if any(word.startswith(f"{folder}/machines/") for word in words):
                found.append(int(entry.name))
    return found


def listeners(pids):
    """Local addresses, in hexadecimal, that the processes listen on."""
    links = [link for pid in pids for link in Path(f"/proc/{pid}/fd").iterdir()]
    inodes = {str(link.readlink()) for link in links if os.path.lexists(link)}
    rows = [row.split() for name in ("tcp", "tcp6") for row in Path(f"/proc/net/{name}").read_text().splitlines()[1:]]
    return [row[1] for row in rows if row[3] == LISTEN and f"socket:[{row[9]}]" in inodes]


class Up:
    """A lab that is up."""

    def __init__(self, folder, *options):
        self.folder = folder
        self.answer = verb("up", "--dir", folder, *options).stdout
        self.about = json.loads((folder / "lab.json").read_text())

    def client(self, service):
        return boto3.client(
            service,
            endpoint_url=self.about["url"],
            region_name="us-east-1",
            aws_access_key_id="LABLABLABLABLABLABLA",
            aws_secret_access_key="lab",
        )

    def launch(self, count=1):
        ec2 = self.client("ec2")
        reply = ec2.run_instances(
            ImageId=self.about["wcs_image_id"],
            MinCount=count,
            MaxCount=count,
            SubnetId=next(iter(self.about["subnets"].values())),
        )
        ids = [i["InstanceId"] for i in reply["Instances"]]

        def running():
            found = [i for r in ec2.describe_instances(InstanceIds=ids)["Reservations"] for i in r["Instances"]]
            return found if all(i["State"]["Name"] == "running" for i in found) else None

        until(running)
        until(lambda: len(from_folder(self.folder)) >= count)
        return ids


@pytest.fixture(scope="module")
def up(tmp_path_factory):
    folder = tmp_path_factory.mktemp("labs") / "first"
    lab = Up(folder, "--speed", "20")
    yield lab
    verb("down", "--dir", folder)
    until(lambda: not alive(lab.about["pid"]))
    assert from_folder(folder) == []
    assert not folder.exists() or [p.name for p in folder.iterdir()] == ["lab.log"], (folder / "lab.log").read_text()


def test_it_tells_what_it_made(up):
    for key in ("url", "block", "vpc_id", "wcs_image_id", "wcs_image_name", "bare_image_id", "key_name"):
        assert up.about[key] in up.answer
    assert f"{up.folder}/env" in up.answer


def test_its_environment_sends_every_client_to_it(up):
    script = f'. {up.folder}/env && exec {sys.executable} -c "$1"'
    program = "import boto3; print(boto3.client('ec2').describe_vpcs()['Vpcs'][0]['VpcId'])"
    environment = {"PATH": os.environ["PATH"], "AWS_PROFILE": "somebody", "HOME": "/nonexistent"}
    done = subprocess.run(
        ["sh", "-c", script, "sh", program], env=environment, capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.strip() == up.about["vpc_id"]
    exports = dict(
        line.removeprefix("export ").split("=", 1)
        for line in (up.folder / "env").read_text().splitlines()
        if line.startswith("export ")
    )
    assert exports["AWS_ENDPOINT_URL"] == up.about["url"]
    assert exports["WCS_LAB_DIR"] == str(up.folder)
    assert {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION"} <= exports.keys()


def test_its_inventory_has_the_ids_and_how_to_reach_the_seed(up):
    inventory = yaml.safe_load((up.folder / "inventory.yml").read_text())["all"]
    assert inventory["vars"]["wcs_subnets"] == list(up.about["subnets"].values())
    assert inventory["vars"]["wcs_seed_image_id"] == up.about["wcs_image_id"]
    seed = inventory["children"]["wcs_seed"]["vars"]
    assert seed["ansible_connection"] == "local"
    assert (seed["wcs_server_service"], seed["wcs_server_host_setup"]) == ("script", False)


def test_status_and_calls_show_what_happened(up):
    since = json.loads(verb("calls", "--dir", up.folder).stdout.splitlines()[-1])["number"]
    [i] = up.launch()
    calls = [json.loads(line) for line in verb("calls", "--dir", up.folder, "--since", since).stdout.splitlines()]
    assert {"service", "operation", "status", "error_code", "write"} <= calls[0].keys()
    assert [(c["service"], c["operation"]) for c in calls if c["write"]] == [("ec2", "RunInstances")]
    assert any(c["operation"] == "DescribeInstances" for c in calls)
    table = verb("status", "--dir", up.folder).stdout
    assert i in table
    assert "groups: none" in table
    shown = json.loads(verb("status", "--dir", up.folder, "--json").stdout)
    assert [(x["instance"], x["state"]) for x in shown["instances"] if x["instance"] == i] == [(i, "running")]


def test_faults_come_and_go(up):
    rule = json.loads(verb("fault", "add", "throttle", "DescribeKeyPairs", "--count", "0", "--dir", up.folder).stdout)
    assert (rule["kind"], rule["operation"], rule["count"]) == ("throttle", "DescribeKeyPairs", None)
    ec2 = up.client("ec2")
    with pytest.raises(ec2.exceptions.ClientError, match="RequestLimitExceeded"):
        ec2.describe_key_pairs()
    assert verb("fault", "list", "--dir", up.folder).stdout.count("\n") == 1
    verb("fault", "clear", "--dir", up.folder)
    assert ec2.describe_key_pairs()["KeyPairs"]
    wrong = verb("fault", "add", "flood", "--dir", up.folder, check=False)
    assert (wrong.returncode, "there is no fault 'flood'" in wrong.stderr) == (1, True)
    verb("fault", "add", "cut-reply", "CreateKeyPair", "--dir", up.folder)
    config = boto3.session.Config(retries={"total_max_attempts": 1})
    once = boto3.client(
        "ec2",
        endpoint_url=up.about["url"],
        region_name="us-east-1",
        aws_access_key_id="LAB",
        aws_secret_access_key="lab",
        config=config,
    )
    with pytest.raises(Exception, match="Connection"):
        once.create_key_pair(KeyName="made", KeyType="ed25519")
    assert "made" in {key["KeyName"] for key in ec2.describe_key_pairs()["KeyPairs"]}


def test_it_listens_on_loopback_only(up):
    up.launch()
    heard = lambda: listeners([up.about["pid"], *from_folder(up.folder)])  # noqa: E731
    until(lambda: len(heard()) > 3)
    addresses = heard()
    assert all(address.split(":")[0].endswith(LOOPBACK) for address in addresses), addresses


@pytest.mark.long
def test_a_second_lab_in_the_same_folder_is_refused(up):
    again = verb("up", "--dir", up.folder, check=False)
    assert again.returncode == 1
    assert f"one is up there, process {up.about['pid']}" in again.stderr
    assert verb("status", "--dir", up.folder).returncode == 0


@pytest.mark.long
def test_two_labs_side_by_side_and_what_a_killed_one_leaves(up, tmp_path):
    other = Up(tmp_path / "second", "--speed", "20")
    try:
        assert other.about["block"] != up.about["block"]
        assert other.about["url"] != up.about["url"]
        other.launch()
        before = len(from_folder(up.folder))
        killed(other)
        left = from_folder(other.folder)
        assert left, "servers outlive a killed lab: that is what is to be swept up"
        gone = verb("status", "--dir", other.folder, check=False)
        assert (gone.returncode, "No lab is up" in gone.stderr) == (1, True)
        other = Up(other.folder, "--speed", "20")
        assert not any(alive(pid) for pid in left)
        assert not list((other.folder / "machines").glob("*"))
        assert len(from_folder(up.folder)) == before
        other.launch()
        killed(other)
    finally:
        assert "were ended" in verb("down", "--dir", other.folder).stdout
    assert from_folder(other.folder) == []
    assert not other.folder.exists()
    assert "No lab is up" in verb("down", "--dir", other.folder).stdout


def starting(folder):
    """A lab held still half way up: the process that waits for it, and its own process id."""
    lock = folder / "lab.lock"
    for _ in range(10):
        process = subprocess.Popen(
            [sys.executable, "-m", "lab", "up", "--dir", str(folder)], cwd=REPOSITORY, stdout=-1, stderr=-1, text=True
        )
        child = int(until(lambda: lock.exists() and lock.read_text()))
        os.kill(child, signal.SIGSTOP)
        if not (folder / "lab.json").exists():
            return process, child
        os.kill(child, signal.SIGCONT)
        assert process.wait(30) == 0
        verb("down", "--dir", folder)
    raise AssertionError("it was always up before it could be held")


@pytest.mark.long
def test_interrupted_while_starting_it_leaves_nothing(tmp_path):
    folder = tmp_path / "lab"
    process, child = starting(folder)
    process.send_signal(signal.SIGINT)
    os.kill(child, signal.SIGCONT)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out) == (130, ""), err
    assert not alive(child)
    assert not folder.exists()


def test_a_folder_of_somebody_else_is_left_alone(tmp_path):
    (tmp_path / "thesis.txt").write_text("mine")
    refused = verb("up", "--dir", tmp_path, check=False)
    assert (refused.returncode, "there are other things in it (thesis.txt)" in refused.stderr) == (1, True)
    assert [p.name for p in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_port_that_is_taken_is_a_clear_error(up, tmp_path):
    port = up.about["url"].rpartition(":")[2]
    refused = verb("up", "--dir", tmp_path / "lab", "--port", port, check=False)
    assert (refused.returncode, f"port {port} of 127.0.0.1 is not to be had" in refused.stderr) == (1, True)
    assert not (tmp_path / "lab").exists()


@pytest.fixture(scope="module")
def api(tmp_path_factory):
    folder = tmp_path_factory.mktemp("labs") / "api"
    lab = Up(folder, "--machines", "imaginary", "--default-vpc", "--speed", "100")
    yield lab
    verb("down", "--dir", folder)


def test_g27_for_the_api_alone_machines_may_be_imaginary_and_in_any_subnet(api):
    ec2, about = api.client("ec2"), api.about
    vpc = ec2.create_vpc(CidrBlock="192.168.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="192.168.7.0/24")["Subnet"]["SubnetId"]
    ids = [
        ec2.run_instances(ImageId=about["wcs_image_id"], MinCount=1, MaxCount=1, SubnetId=at)["Instances"][0]
        for at in (subnet, next(iter(about["subnets"].values())))
    ]
    ec2.get_waiter("instance_running").wait(
        InstanceIds=[i["InstanceId"] for i in ids], WaiterConfig={"Delay": 1, "MaxAttempts": 30}
    )
    assert listeners([about["pid"]]) == [f"0100007F:{int(about['url'].rpartition(':')[2]):04X}"], "the API and no more"
    listener = {"Protocol": "TCP", "LoadBalancerPort": 80, "InstancePort": 80}
    made = api.client("elb").create_load_balancer(LoadBalancerName="b", Subnets=[subnet], Listeners=[listener])
    assert made["DNSName"].startswith("10.77.")


def test_g28_an_account_may_be_as_most_are(api):
    ec2 = api.client("ec2")
    default = ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"]
    assert [vpc["CidrBlock"] for vpc in default] == ["172.31.0.0/16"]
    in_it = [{"Name": "vpc-id", "Values": [default[0]["VpcId"]]}]
    subnets = ec2.describe_subnets(Filters=in_it)["Subnets"]
    assert len(subnets) == len(ec2.describe_availability_zones()["AvailabilityZones"])
    assert all(subnet["DefaultForAz"] and subnet["MapPublicIpOnLaunch"] for subnet in subnets)
    own = ec2.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [api.about["vpc_id"]]}])["Subnets"]
    assert not any(subnet["DefaultForAz"] for subnet in own)
    assert [g["GroupName"] for g in ec2.describe_security_groups(Filters=in_it)["SecurityGroups"]] == ["default"]
    routes = ec2.describe_route_tables(Filters=in_it)["RouteTables"][0]["Routes"]
    gateway = ec2.describe_internet_gateways()["InternetGateways"][0]["InternetGatewayId"]
    towards = {route["DestinationCidrBlock"]: route["GatewayId"] for route in routes}
    assert towards == {"172.31.0.0/16": "local", "0.0.0.0/0": gateway}
    made = ec2.run_instances(ImageId=api.about["wcs_image_id"], MinCount=1, MaxCount=1)["Instances"][0]
    assert made["VpcId"] == default[0]["VpcId"]


def test_g28_a_group_is_made_in_zones_of_the_default_vpc(api):
    group = api.client("autoscaling")
    api.client("ec2").create_launch_template(
        LaunchTemplateName="lean", LaunchTemplateData={"ImageId": api.about["wcs_image_id"]}
    )
    group.create_auto_scaling_group(
        AutoScalingGroupName="lean",
        MinSize=1,
        MaxSize=1,
        AvailabilityZones=["us-east-1b"],
        LaunchTemplate={"LaunchTemplateName": "lean"},
    )
    until(lambda: group.describe_auto_scaling_groups()["AutoScalingGroups"][0]["Instances"])


def test_g28_every_account_has_the_policies_that_people_name(up):
    iam = up.client("iam")
    for name in ("AmazonSSMManagedInstanceCore", "CloudWatchAgentServerPolicy", "AmazonS3ReadOnlyAccess"):
        policy = iam.get_policy(PolicyArn=f"arn:aws:iam::aws:policy/{name}")["Policy"]
        assert (policy["PolicyName"], policy["IsAttachable"]) == (name, True)
