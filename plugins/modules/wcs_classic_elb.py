#!/usr/bin/python
# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ansible module: a Classic Load Balancer in front of WCS nodes."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: wcs_classic_elb
short_description: Manages the Classic Load Balancer in front of WCS nodes
version_added: 0.1.0
description:
  - Creates, changes and deletes a Classic Load Balancer, which is found by its name. Only what differs is written.
  - The defaults of a new load balancer suit WCS. WebSocket on TCP port 8080, the statistics page on port 8081 as health
    check, cross-zone balancing, and idle and draining timeouts of an hour, so that long sessions are not cut.
  - WebSocket works through V(tcp) and V(ssl) listeners of a Classic Load Balancer only. Media never passes through it.
  - A certificate and an SSL policy are replaced in place. Another protocol or instance port needs a new listener; AWS closes
    the port for a moment.
  - Instances that an Auto Scaling group has registered are never deregistered.
  - What an interrupted run created is found and completed by the next one. Until then the tag
    C(webcallserver.aws:creation) lists what is still to be set on a new load balancer.
author:
  - The webcallserver.aws maintainers (@webcallserver)
options:
  name:
    description:
      - The name, 1 to 32 letters, digits and hyphens, without a hyphen at its ends. It is unique in an account and Region.
    type: str
    required: true
  stack:
    description:
      - The stack that the balancer belongs to, which is the value of its tag C(webcallserver.aws:stack). Left out, it is
        O(name).
      - A stack has one balancer. Where a balancer of another name has the stack's tag, no second one is made; the module
        fails and names it.
      - With O(state=absent), a balancer that an Auto Scaling group names which is not of this stack is not removed. That is
        not looked for where the stack is left out.
    type: str
  scheme:
    description:
      - Whether the load balancer has public addresses. A new one without this option is V(internet-facing).
      - AWS cannot change it, so another value than that of an existing one is an error, which says what a replacement would
        cost.
    type: str
    choices: [internet-facing, internal]
  subnets:
    description:
      - The IDs of its subnets, at most one per zone. A new load balancer needs O(subnets) or O(zones).
      - AWS allows one subnet per zone, and never none. Subnets are exchanged in the order that this allows.
      - A subnet in whose zone instances are in service is not removed, unless O(allow_subnet_removal=true).
    type: list
    elements: str
  zones:
    description:
      - The names of its Availability Zones, in place of O(subnets), where a default VPC has subnets for them.
    type: list
    elements: str
  security_group_ids:
    description:
      - The IDs of its security groups. A new load balancer without this option gets the default group of the VPC.
    type: list
    elements: str
  listeners:
    description:
      - All ports that the load balancer listens on. A new one listens on TCP port 8080 and forwards to port 8080.
      - What is left out of a listener stays as it is at that port; for a new listener the defaults are below.
    type: list
    elements: dict
    suboptions:
      protocol:
        description:
          - The protocol towards clients, V(tcp), V(ssl), V(http) or V(https), in any case.
          - V(ssl) and V(https) terminate TLS at the load balancer and need O(listeners[].certificate_arn).
        type: str
        required: true
      load_balancer_port:
        description: The port towards clients, 1 to 65535.
        type: int
        required: true
      instance_protocol:
        description:
          - The protocol towards instances. V(http) and V(https) go with V(http) or V(https), V(tcp) and V(ssl) with V(tcp)
            or V(ssl).
          - The default for a new listener is V(http) or V(tcp), without TLS.
        type: str
      instance_port:
        description: The port of the instances, 1 to 65535. The default for a new listener is O(listeners[].load_balancer_port).
        type: int
      certificate_arn:
        description:
          - The ARN of a certificate in ACM or IAM. It is looked up before anything is written.
          - A new certificate may be unknown to Elastic Load Balancing for up to 15 minutes; the call is repeated for a minute.
        type: str
      ssl_policy:
        description:
          - A predefined security policy of AWS, for example V(ELBSecurityPolicy-TLS-1-2-2017-01), or the name of a policy
            that the balancer has.
          - AWS gives a new listener V(ELBSecurityPolicy-2016-08), which allows TLS 1.0.
        type: str
      stickiness:
        description:
          - The cookie by which a client stays with its instance, for example for HLS. Only for V(http) and V(https).
          - Written as a whole; a listener without O(listeners[].stickiness) keeps what it has.
        type: dict
        suboptions:
          type:
            description: A cookie of the load balancer, a cookie of the application, or none.
            type: str
            choices: [none, loadbalancer, application]
            required: true
          cookie:
            description: The name of the cookie of the application. Needed for V(application), and only there.
            type: str
          expiration:
            description:
              - How long the load balancer's cookie is valid, in seconds from 1. Without it, as long as the browser's session.
              - Only for V(loadbalancer).
            type: int
  health_check:
    description:
      - How the load balancer checks an instance. What is left out stays as it is; for a new one the defaults are below.
      - A change of protocol, port or path is first tried on the instances in service, from this machine. See
        O(allow_failing_health_check).
    type: dict
    suboptions:
      protocol:
        description: The protocol, V(http), V(https), V(tcp) or V(ssl), in any case. The default of a new load balancer is V(http).
        type: str
      port:
        description: The port of the instance, 1 to 65535. The default of a new load balancer is V(8081); WCS answers HTTPS on 8444.
        type: int
      path:
        description:
          - The path and query, beginning with V(/). Any answer but 200 is a failure. Only for V(http) and V(https).
          - V(/?action=stat) where there was none. The whole target has at most 1024 characters.
        type: str
      interval:
        description: Seconds between checks, 5 to 300. The default of a new load balancer is V(5).
        type: int
      timeout:
        description: Seconds to wait for an answer, 2 to 60 and below the interval. The default of a new load balancer is V(4).
        type: int
      healthy_threshold:
        description: How many checks in a row must pass until an instance is in service, 2 to 10. The default of a new load balancer is V(2).
        type: int
      unhealthy_threshold:
        description:
          - How many checks in a row must fail until an instance is out of service, 2 to 10. The default of a new load balancer
            is V(6), so that a long garbage collection costs no node.
        type: int
  cross_zone:
    description:
      - Whether each zone's addresses serve the instances of all zones. The default of a new load balancer is V(true).
    type: bool
  idle_timeout:
    description:
      - Seconds after which a connection without data is closed, 1 to 4000. The default of a new load balancer is V(3600).
      - AWS's guide and API model disagree above 3600, and AWS decides.
    type: int
  connection_draining:
    description:
      - How many seconds connections of an instance may last after it was deregistered, 1 to 3600; V(0) is off.
        The default of a new load balancer is V(3600).
      - V(0) cuts the sessions of an instance at once when it is deregistered or fails its checks.
    type: int
  access_log:
    description:
      - Logs of the connections in an S3 bucket, which must allow Elastic Load Balancing to write.
      - What is left out stays as it is; the defaults are below.
    type: dict
    suboptions:
      enabled:
        description: Whether logs are written. The default is V(true).
        type: bool
      bucket:
        description: The name of the bucket. Needed when logs are switched on.
        type: str
      prefix:
        description: The prefix of the names of the objects; V("") for none.
        type: str
      interval:
        description: Minutes between objects, V(5) or V(60). The default is V(60).
        type: int
  instance_ids:
    description:
      - Instances to register, for example existing hosts. They need no group.
      - With O(wait), the module returns when every one of them is InService. That takes up to about 30 seconds of
        registration and the health check.
    type: list
    elements: str
  purge_instance_ids:
    description:
      - Whether instances that are not in O(instance_ids) are deregistered. Members of an Auto Scaling group never are.
      - Without O(instance_ids) it does nothing.
    type: bool
    default: false
  allow_subnet_removal:
    description:
      - Whether a subnet or zone may be removed, or exchanged for another of its zone, while instances are in service there.
      - Without it that is refused before anything is written, because their sessions would be cut.
    type: bool
    default: false
  allow_failing_health_check:
    description:
      - Whether the health check may be changed to one that instances in service fail when it is tried from this machine.
      - Without it that is refused before anything is written, because they would all go out of service and be replaced by
        their group. An instance that cannot be reached from this machine gets a warning and is not judged.
        Where a library is missing by which they are asked, the change is refused.
    type: bool
    default: false
  tags:
    description:
      - Tags of the load balancer, at most 9, because AWS allows 10 and this collection needs one. Left out, tags are not managed.
      - Keys that begin with C(webcallserver.aws:) or C(aws:) are reserved and refused.
  wait:
    description:
      - Whether to return only when every one of O(instance_ids) is InService, or with O(state=absent) when the network
        interfaces of the load balancer are gone, so that its security groups and subnets can be removed.
  wait_timeout:
    default: 600
requirements:
  - requests >= 2.32.3, to try a new health check
  - urllib3 >= 2.0.2, to try a new health check
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - webcallserver.aws.converging
  - webcallserver.aws.converging.adopt
  - webcallserver.aws.variables
"""

EXAMPLES = r"""
- name: A load balancer with the defaults for WCS
  webcallserver.aws.wcs_classic_elb:
    name: wcs
    subnets: [subnet-0a1b2c3d4e5f60718, subnet-0b1c2d3e4f5061728]
    security_group_ids: [sg-0a1b2c3d4e5f60718]
    region: eu-central-1

- name: Typical, with TLS terminated at the load balancer and two existing hosts
  webcallserver.aws.wcs_classic_elb:
    name: wcs
    subnets: "{{ wcs_subnet_ids }}"
    security_group_ids: ["{{ wcs_balancer_security_group_id }}"]
    listeners:
      - protocol: tcp
        load_balancer_port: 8080
      - protocol: ssl
        load_balancer_port: 8443
        instance_port: 8080
        certificate_arn: arn:aws:acm:eu-central-1:123456789012:certificate/0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9
        ssl_policy: ELBSecurityPolicy-TLS-1-2-2017-01
    instance_ids: [i-0a1b2c3d4e5f60718, i-0b1c2d3e4f5061728]
    tags:
      Environment: production

- name: TLS up to the nodes, and the health check over HTTPS
  webcallserver.aws.wcs_classic_elb:
    name: wcs
    listeners:
      - protocol: ssl
        load_balancer_port: 8443
        instance_protocol: ssl
        certificate_arn: "{{ certificate_arn }}"
      - protocol: https
        load_balancer_port: 8445
        instance_protocol: http
        instance_port: 8082
        certificate_arn: "{{ certificate_arn }}"
        stickiness:
          type: loadbalancer
          expiration: 3600
    health_check:
      protocol: https
      port: 8444

- name: See what would be done; nothing is written
  webcallserver.aws.wcs_classic_elb:
    name: wcs
    idle_timeout: 1800
  check_mode: true
  diff: true

- name: Remove the load balancer, and wait until its network interfaces are gone
  webcallserver.aws.wcs_classic_elb:
    name: wcs
    state: absent
"""

RETURN = r"""
actions:
  description: The write calls made, or in check mode the ones that would be made, in order.
  returned: always
  type: list
  elements: str
  sample: ["elb:CreateLoadBalancer", "elb:ConfigureHealthCheck", "elb:ModifyLoadBalancerAttributes"]
done:
  description: Whether nothing is left to write, and nothing to wait for.
  returned: with O(validate_only)
  type: bool
plan:
  description:
    - The same by resource. C(things) is a list of C(thing), C(name), C(change) (add, change, remove or replace) and
      C(calls); C(options) a list of C(option) (a path), C(before) and C(after). M(webcallserver.aws.wcs_plan) shows it.
  returned: always
  type: dict
load_balancer:
  description:
    - The load balancer; null when it is absent. C(instances) has the health of O(instance_ids), null without them.
    - C(foreign_settings) has what this module does not manage and leaves alone, under AWS's names with underscores.
  returned: always
  type: dict
  sample:
    name: wcs
    scheme: internet-facing
    dns_name: wcs-1234567890.eu-central-1.elb.amazonaws.com
    hosted_zone_id: Z215JYRZR1TBD5
    vpc_id: vpc-0a1b2c3d4e5f60718
    subnets: [subnet-0a1b2c3d4e5f60718]
    availability_zones: [eu-central-1a]
    security_group_ids: [sg-0a1b2c3d4e5f60718]
    listeners:
      - protocol: tcp
        load_balancer_port: 8080
        instance_protocol: tcp
        instance_port: 8080
        certificate_arn:
        ssl_policy:
        stickiness:
    health_check:
      protocol: http
      port: 8081
      path: /?action=stat
      interval: 5
      timeout: 4
      healthy_threshold: 2
      unhealthy_threshold: 6
    cross_zone: true
    idle_timeout: 3600
    connection_draining: 3600
    access_log: {enabled: false, bucket: null, prefix: null, interval: null}
    instance_ids: [i-0a1b2c3d4e5f60718]
    instances:
      - {instance_id: i-0a1b2c3d4e5f60718, state: InService, reason_code: N/A, description: N/A}
    foreign_settings:
      additional_attributes: [{Key: elb.http.desyncmitigationmode, Value: defensive}]
    stack: wcs
    tags: {Environment: production}
error:
  description: The API call that failed; nulls where no call was made.
  returned: on failure
  type: dict
  sample: {service: elb, operation: CreateLoadBalancer, code: TooManyLoadBalancers, request_id: 59dbff89-35bd-4eac-99ed-be587EXAMPLE}
instances:
  description: The health of O(instance_ids) when waiting for them failed.
  returned: on failure
  type: list
  elements: dict
  sample:
    - instance_id: i-0a1b2c3d4e5f60718
      state: OutOfService
      reason_code: Instance
      description: Instance has failed at least the UnhealthyThreshold number of health checks consecutively.
"""

from ..module_utils._balancer.options import ARGUMENTS, SPEC
from ..module_utils._core.module import converging
from ..module_utils._parts.balancer import manage


def main() -> None:
    """Runs the module."""
    converging(ARGUMENTS, manage, **SPEC)


if __name__ == "__main__":
    main()
