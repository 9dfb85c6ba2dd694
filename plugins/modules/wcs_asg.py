#!/usr/bin/python
# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ansible module: an Auto Scaling group of Web Call Servers, with what it launches and what makes it scale."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: wcs_asg
short_description: Manages an Auto Scaling group with its launch template, scaling policies and alarms
version_added: 0.1.0
description:
  - Manages an Auto Scaling group, its launch template, its scaling policies with their alarms, its lifecycle hooks and
    scheduled actions in one run, and waits until the desired number of instances is in service in the group and in each of
    its Classic Load Balancers.
  - An option that is left out is neither read nor changed. A list that is given is complete; what is not in it is removed,
    unless its C(purge_) option is false.
  - A change by which AWS would choose instances to terminate is refused, unless O(allow_scale_in=true).
  - The launch template has the name of the group. Alarms are named C(<group>:<policy>:<out|in>), launch configurations
    C(<group>-<12 hex digits of the content>).
  - Settings that this module does not know (a mixed instances policy, a warm pool, target groups) are shown as
    C(foreign_settings) and left alone. What is written anew as a whole (a policy, an alarm, a version of the template, a hook,
    a scheduled action) keeps what this module has no option for.
author:
  - The webcallserver.aws maintainers (@webcallserver)
options:
  name:
    description:
      - The name of the group, 1 to 255 printable ASCII characters without space and colon; with a launch template, which
        has the same name, 3 to 128 letters, digits and C(-()./_).
    type: str
    required: true
  stack:
    description:
      - The stack that the group belongs to, which is the value of the tag C(webcallserver.aws:stack) of all that this module
        makes. Left out, it is O(name).
      - A stack has one group. Where a group of another name has the stack's tag, no second one is made; the module fails
        and names it.
    type: str
  min_size:
    description: The minimum number of instances. Needed for a new group.
    type: int
  max_size:
    description: The maximum number of instances. Needed for a new group.
    type: int
  desired_capacity:
    description:
      - The desired number of instances. Left out, a new group gets O(min_size), and afterwards only scaling changes it.
    type: int
  subnets:
    description: IDs of the subnets to launch in. Needed for a new group.
    type: list
    elements: str
  load_balancers:
    description:
      - Names of the Classic Load Balancers that instances join, at most 50.
      - One that is no longer listed is detached last, when the instances are in service in the others. It gets no new
        sessions from then on, and closes its existing ones after its C(connection_draining).
    type: list
    elements: str
  planned_load_balancers:
    description:
      - Names in O(load_balancers) that an earlier task creates. A dry run refuses others that do not exist; one with the
        name of the group need not be listed.
    type: list
    elements: str
    default: []
  health_check_type:
    description:
      - What marks an instance unhealthy, V(EC2) or V(ELB) (or V(EBS), V(VPC_LATTICE), several separated by commas).
      - A new group gets V(ELB).
    type: str
  health_check_grace_period:
    description:
      - How long failed health checks are ignored after an instance came into service, in seconds. A new group gets 300.
    type: int
  default_instance_warmup:
    description:
      - How long a new instance counts as warming up, in seconds; V(-1) removes the setting.
    type: int
  default_cooldown:
    description: The pause after a simple policy, in seconds. AWS gives a new group 300.
    type: int
  termination_policies:
    description:
      - How AWS chooses the instance to terminate, in order. AWS gives a new group V(Default).
      - Values are V(Default), V(AllocationStrategy), V(ClosestToNextInstanceHour), V(NewestInstance), V(OldestInstance),
        V(OldestLaunchConfiguration), V(OldestLaunchTemplate), and ARNs of Lambda functions.
    type: list
    elements: str
  new_instances_protected_from_scale_in:
    description:
      - Whether new instances are protected from scale-in, so that AWS does not cut their sessions. A new group gets V(true).
    type: bool
  metrics_collection:
    description:
      - The group metrics to collect; V(true) is all, V(false) is none, a list is exactly these.
    type: raw
  suspended_processes:
    description:
      - The processes to suspend; those that are not listed are resumed.
      - Values are V(Launch), V(Terminate), V(AddToLoadBalancer), V(AlarmNotification), V(AZRebalance), V(HealthCheck),
        V(InstanceRefresh), V(ReplaceUnhealthy), V(ScheduledActions).
    type: list
    elements: str
  deletion_protection:
    description:
      - Whether the group may be deleted (V(none)), not with its instances in it (V(prevent_force_deletion)), or not at all
        (V(prevent_all_deletion)). O(state=absent) deletes with the instances, without running termination hooks, and is refused
        unless this is V(none). AWS gives a new group V(none).
    type: str
    choices: [none, prevent_force_deletion, prevent_all_deletion]
  instance_lifecycle_policy:
    description: What happens to instances whose termination does not complete.
    type: dict
    suboptions:
      on_abandoned_termination:
        description:
          - Whether an instance is terminated (V(terminate)) or kept (V(retain)) when its termination hook times out or is
            abandoned. A kept one is shown as C(Terminating:Retained), serves no more, and costs until it is terminated.
            AWS gives a new group V(terminate).
        type: str
        required: true
        choices: [terminate, retain]
  allow_scale_in:
    description:
      - Whether to make changes by which AWS chooses instances to terminate, and so cuts their sessions. These are a lower
        O(desired_capacity), an O(max_size) below it, and O(subnets) without one in which instances are.
      - To remove nodes without cutting sessions, use M(webcallserver.aws.wcs_drain) first.
    type: bool
    default: false
  licence_seed:
    description:
      - The seed that O(licence_limit) counts besides the nodes. V(baking) is a seed from which the image is made during the
        run, so it runs besides the current nodes and is terminated when the group is changed; V(kept) is one that keeps
        running.
    type: str
    choices: [none, baking, kept]
    default: none
  licence_seed_image_id:
    description:
      - The image of that seed. It tells whether an image that is made from the seed is of AWS Marketplace.
    type: str
  licence_surge:
    description:
      - By how many nodes the following rollout exceeds the desired capacity, for O(licence_limit).
    type: int
    default: 0
  tags:
    description:
      - Tags of the group, passed on to new instances. Left out, tags are not managed, those of this collection aside. At most 47.
      - When they change, existing instances and the launch template are updated, too. No instance is replaced.
  tag_volumes:
    description:
      - Whether the volumes of the instances get O(tags), too. Those of new instances get them from the launch template, so a
        change makes a version, which does not make instances outdated. A launch configuration cannot tag volumes.
      - Does nothing without O(tags), or where O(launch.volume_tags) is given.
    type: bool
    default: false
  launch:
    description:
      - What the group launches. Needed for a new group; suboptions left out stay as they are.
    type: dict
    suboptions:
      kind:
        description:
          - V(template) is a launch template, V(configuration) a launch configuration, V(auto) what the group has, or a template
            for a new group. A group that has a configuration is moved to a template in one change.
          - AWS lets only accounts that used launch configurations before 2024-10 create new ones.
        type: str
        choices: [auto, template, configuration]
        default: auto
      image_id:
        description: The image, an ID or, in a template, C(resolve:ssm:) and a parameter. Needed for a new group.
        type: str
      instance_type:
        description: The instance type. Needed for a new group.
        type: str
      key_name:
        description: The name of the key pair.
        type: str
      security_group_ids:
        description: IDs of the security groups.
        type: list
        elements: str
      instance_profile:
        description: Name or ARN of the IAM instance profile.
        type: str
      user_data:
        description:
          - User data as plain text, at most 16384 bytes. It is never shown, only its SHA-256.
        type: str
      detailed_monitoring:
        description: Whether EC2 reports every minute instead of every five. At creation V(true).
        type: bool
      associate_public_ip:
        description:
          - Whether instances get public addresses. At creation V(true), because media never passes the balancer.
        type: bool
      ebs_optimized:
        description: Whether instances are EBS-optimized. Current instance types always are.
        type: bool
      volumes:
        description: Block devices; those of the image that are not listed stay as the image has them.
        type: list
        elements: dict
        suboptions:
          device_name:
            description: The device, for example V(/dev/xvda).
            type: str
            required: true
          size:
            description: The size in GiB, 1 to 65536.
            type: int
            aliases: [volume_size]
          type:
            description: The volume type.
            type: str
            choices: [gp2, gp3, io1, io2, st1, sc1, standard]
            aliases: [volume_type]
          iops:
            description: Input and output operations per second, for V(gp3), V(io1) and V(io2).
            type: int
          throughput:
            description: Throughput in MiB per second, for V(gp3).
            type: int
          encrypted:
            description: Whether it is encrypted. At creation V(true).
            type: bool
          kms_key_id:
            description: The key to encrypt with. Default is the account's key for EBS.
            type: str
          snapshot_id:
            description: The snapshot to create it from.
            type: str
          delete_on_termination:
            description: Whether it is deleted with its instance. At creation V(true).
            type: bool
          virtual_name:
            description: In place of a volume, an instance store, V(ephemeral0) and so on.
            type: str
          no_device:
            description: Whether the image's device of that name is left out.
            type: bool
      volume_tags:
        description:
          - Tags of the volumes of new instances, in the template's own tag specifications, beside that of this collection. At most 49.
          - When they change, the volumes of existing instances are updated, too. No instance is replaced.
        type: dict
      metadata:
        description: The instance metadata service.
        type: dict
        suboptions:
          http_tokens:
            description: V(required) is IMDSv2 only. At creation V(required).
            type: str
            choices: [required, optional]
          http_put_response_hop_limit:
            description: How many network hops a token may make, 1 to 64. At creation 1.
            type: int
          instance_metadata_tags:
            description:
              - Whether an instance can read its tags there, as C(wcs-metrics) does to know its group. Only a launch template has it.
                With V(enabled), keys of tags are letters, digits and C(+-=._:,@) only.
            type: str
            choices: [enabled, disabled]
      keep:
        description:
          - How many versions of the template (or configurations) of this collection to keep. One that the group, an instance or
            an open rollout uses, and the default version, are never removed.
        type: int
        default: 2
      apply:
        description:
          - V(now) sets the group to the new version; instances stay as they are until they are replaced. V(rollout) creates
            the version and leaves the group as it is, for M(webcallserver.aws.wcs_rollout).
        type: str
        choices: [now, rollout]
        default: now
  scaling_policies:
    description:
      - The scaling policies, at most 50. A policy whose type changes is deleted and created again.
    type: list
    elements: dict
    suboptions:
      name:
        description: The name, unique in the group, 1 to 255 characters; with an alarm, 1 to 200 without a colon.
        type: str
        required: true
      type:
        description:
          - The type. A policy of type V(predictive) is shown and left alone, also when O(purge_policies=true); it can be listed
            as it is shown, and is not created by this module.
        type: str
        required: true
        choices: [target_tracking, step, simple, predictive]
      metric:
        description:
          - Of V(target_tracking), the metric to keep at O(scaling_policies[].target). V(cpu) is the average load of the group.
            V(sessions) is the average number of sessions of a node, where nodes publish it (O(scaling_policies[].target) is then
            the number that a node shall have); with a period below 60, name it as a dictionary instead.
          - Or a dictionary of C(namespace), C(name), and optionally C(statistic), C(dimensions), C(unit), C(period) (seconds that
            a data point covers, 10, 30 or 60; at creation 60).
          - For a metric that AWS has predefined, a dictionary of C(predefined) and C(resource_label).
          - For metric math, a dictionary of C(math), a list of lines with an C(id), either C(metric) (a dictionary as above) or
            C(expression), and optionally C(label) and C(return_data). Exactly one line returns data, by default the last.
        type: raw
      target:
        description: Of V(target_tracking), the value to keep, more than 0.
        type: float
      disable_scale_in:
        description: Of V(target_tracking), whether the policy only adds instances. At creation V(true).
        type: bool
      adjustment_type:
        description: Of V(step) and V(simple), what an adjustment counts. At creation V(ChangeInCapacity).
        type: str
        choices: [ChangeInCapacity, ExactCapacity, PercentChangeInCapacity]
      steps:
        description:
          - Of V(step), what to do in which range, 1 to 20 steps without gaps and overlaps. Bounds are relative to the alarm's
            threshold; a bound left out is open; a step needs at least one.
        type: list
        elements: dict
        suboptions:
          lower_bound:
            description: Where the range begins; 0 is the threshold.
            type: float
          upper_bound:
            description: Where the range ends.
            type: float
          adjustment:
            description: By how many instances (or percent, or to how many) to change.
            type: int
            required: true
      adjustment:
        description: Of V(simple), by how many instances (or percent, or to how many) to change.
        type: int
      min_adjustment_magnitude:
        description: Of V(PercentChangeInCapacity), the minimum number of instances to change.
        type: int
      metric_aggregation:
        description: Of V(step), how the metric's values are aggregated. At creation V(Average).
        type: str
        choices: [Average, Minimum, Maximum]
      cooldown:
        description: Of V(simple), the pause afterwards in seconds. The default is that of the group.
        type: int
      estimated_instance_warmup:
        description: Of V(step) and V(target_tracking), seconds until a new instance counts. The default is that of the group.
        type: int
      enabled:
        description: Whether the policy acts. At creation V(true).
        type: bool
      alarm:
        description:
          - Of V(step) and V(simple), the alarm that runs the policy, named C(<group>:<policy>:<out|in>). It is deleted with its
            policy.
          - Left out, alarms of the policy are not managed.
        type: dict
        suboptions:
          metric:
            description:
              - V(cpu), the average load of the group, V(sessions), that of its nodes, or a dictionary of C(namespace), C(name), and optionally C(statistic)
                (also a percentile, V(p95)), C(dimensions), C(unit). At creation V(cpu).
              - For metric math, a dictionary of C(math) as in O(scaling_policies[].metric); its metrics have their own periods,
                at creation 60, and the alarm has none.
            type: raw
          comparison:
            description: How the metric is compared with the threshold. Needed for a new alarm.
            type: str
            choices:
              - GreaterThanOrEqualToThreshold
              - GreaterThanThreshold
              - LessThanThreshold
              - LessThanOrEqualToThreshold
              - ">="
              - ">"
              - "<"
              - "<="
          threshold:
            description: The threshold. Needed for a new alarm.
            type: float
          period:
            description:
              - Seconds that one data point covers, a multiple of 60, or 10, 20, 30 for custom metrics. At creation 60.
              - Below 300 for a metric of EC2, O(launch.detailed_monitoring) is needed.
            type: int
          evaluation_periods:
            description: How many periods are evaluated. At creation 2.
            type: int
          datapoints_to_alarm:
            description: How many of them must breach the threshold. The default is all.
            type: int
          treat_missing_data:
            description: What a period without data counts as. At creation V(missing).
            type: str
            choices: [missing, ignore, breaching, notBreaching]
  purge_policies:
    description: Whether policies that are not in O(scaling_policies) are removed, with their alarms.
    type: bool
    default: true
  lifecycle_hooks:
    description:
      - The lifecycle hooks, at most 50. They are created with the group, so that they hold for its first instances.
    type: list
    elements: dict
    suboptions:
      name:
        description: The name, unique in the group.
        type: str
        required: true
      transition:
        description: When it pauses an instance.
        type: str
        required: true
        choices: ["autoscaling:EC2_INSTANCE_LAUNCHING", "autoscaling:EC2_INSTANCE_TERMINATING"]
      heartbeat_timeout:
        description:
          - How long it pauses, in seconds, 30 to 7200. At creation 3600. With heartbeats at most a hundred times as long, or
            48 hours.
        type: int
      default_result:
        description: What happens at the timeout. At creation V(ABANDON).
        type: str
        choices: [CONTINUE, ABANDON]
      notification_target_arn:
        description: Where a message is sent, an SNS topic or SQS queue. Needs O(lifecycle_hooks[].role_arn).
        type: str
      role_arn:
        description: The IAM role that sends the message.
        type: str
      notification_metadata:
        description: Additional text of the message.
        type: str
  purge_hooks:
    description: Whether hooks that are not in O(lifecycle_hooks) are removed.
    type: bool
    default: true
  scheduled_actions:
    description: The scheduled actions, at most 125.
    type: list
    elements: dict
    suboptions:
      name:
        description: The name, unique in the group.
        type: str
        required: true
      recurrence:
        description: When it recurs, as a five-field cron expression, for example V(0 8 * * 1-5).
        type: str
      time_zone:
        description: The time zone of the recurrence, for example V(Europe/Berlin). The default is UTC.
        type: str
      start_time:
        description: When it runs, or with O(scheduled_actions[].recurrence) when that begins, for example V(2026-01-31T08:00:00Z).
        type: str
      end_time:
        description: When the recurrence ends.
        type: str
      min_size:
        description: The minimum number of instances from then on.
        type: int
      max_size:
        description: The maximum number of instances from then on.
        type: int
      desired_capacity:
        description: The desired number of instances from then on.
        type: int
  purge_schedules:
    description: Whether scheduled actions that are not in O(scheduled_actions) are removed.
    type: bool
    default: true
  wait:
    description:
      - Whether to wait until the desired number of instances is in service in the group and in every load balancer, or with
        O(state=absent) until the name is free.
      - It does not wait while a drain or rollout (M(webcallserver.aws.wcs_drain), M(webcallserver.aws.wcs_rollout)) is open,
        also an interrupted one, because nodes that are draining are not in service.
  wait_timeout:
    default: 900
requirements:
  - requests >= 2.32.3, to say what a node answers that is not in service
  - urllib3 >= 2.0.2, to say what a node answers that is not in service
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - webcallserver.aws.converging
  - webcallserver.aws.converging.adopt
  - webcallserver.aws.licences
  - webcallserver.aws.variables
"""

EXAMPLES = r"""
- name: A group with a launch template
  webcallserver.aws.wcs_asg:
    name: wcs
    min_size: 1
    max_size: 4
    subnets: [subnet-0a1b2c3d4e5f60718, subnet-1a1b2c3d4e5f60718]
    load_balancers: [wcs]
    launch:
      image_id: ami-0123456789abcdef0
      instance_type: c5.large
      security_group_ids: [sg-0123456789abcdef0]
    region: eu-central-1

- name: Typical, scaling out on the load of the processors, nothing scaled in by AWS
  webcallserver.aws.wcs_asg:
    name: wcs
    min_size: 2
    max_size: 10
    subnets: "{{ subnets }}"
    load_balancers: [wcs]
    launch:
      image_id: "{{ wcs_image_id }}"
      instance_type: c5.xlarge
      key_name: operations
      security_group_ids: ["{{ wcs_node_security_group_id }}"]
      volumes:
        - device_name: /dev/xvda
          size: 20
          type: gp3
    scaling_policies:
      - name: cpu
        type: target_tracking
        metric: cpu
        target: 50
      - name: cpu-out
        type: step
        steps:
          - {lower_bound: 0, upper_bound: 15, adjustment: 1}
          - {lower_bound: 15, adjustment: 2}
        alarm: {metric: cpu, comparison: GreaterThanOrEqualToThreshold, threshold: 70}
    tags:
      Environment: production

- name: See what another instance type would change; nothing is written
  webcallserver.aws.wcs_asg:
    name: wcs
    launch:
      instance_type: c5.2xlarge
  check_mode: true
  diff: true

- name: Remove the group with its instances, policies, alarms and launch template
  webcallserver.aws.wcs_asg:
    name: wcs
    state: absent
"""

RETURN = r"""
actions:
  description: The write calls made, or in check mode the ones that would be made, in order.
  returned: always
  type: list
  elements: str
  sample: ["ec2:CreateLaunchTemplate", "autoscaling:CreateAutoScalingGroup", "autoscaling:PutScalingPolicy"]
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
group:
  description:
    - The group; null when it is absent. Values under the name of an option can be passed to that option (without the nulls).
    - C(lifecycle_hooks) and C(scheduled_actions) are null when their options were left out, because they were not read.
    - C(foreign_settings) has what this module does not manage and leaves alone, under AWS's names with underscores.
    - C(subnets) is null for a group that was created with zones, which C(availability_zones) always lists.
  returned: always
  type: dict
  sample:
    name: wcs
    arn: arn:aws:autoscaling:us-east-1:123456789012:autoScalingGroup:73aa1107-119f-469f-92b7-563053db4391:autoScalingGroupName/wcs
    stack: wcs
    min_size: 1
    max_size: 4
    desired_capacity: 1
    subnets: [subnet-7f43a1d2c44a3c272, subnet-b856967b282e2a7c9, subnet-d53e5753dc98fa36a]
    load_balancers: [wcs]
    health_check_type: ELB
    health_check_grace_period: 300
    default_instance_warmup:
    default_cooldown: 300
    termination_policies: [Default]
    new_instances_protected_from_scale_in: true
    metrics_collection: []
    suspended_processes: []
    tags: {Environment: production}
    deletion_protection: none
    instance_lifecycle_policy: {on_abandoned_termination: terminate}
    lifecycle_hooks:
    scheduled_actions:
    availability_zones: [us-east-1a, us-east-1b, us-east-1c]
    foreign_settings:
      service_linked_role_arn: arn:aws:iam::123456789012:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling
    instances:
      - instance_id: i-6af30b81e937887d4
        instance_type: c5.large
        availability_zone: us-east-1a
        lifecycle_state: InService
        health_status: Healthy
        protected_from_scale_in: true
        launched_from: wcs
        version: "1"
        load_balancers:
          - {name: wcs, state: InService, reason: N/A}
launch:
  description:
    - What the group launches; null when it is absent, or when O(launch) was left out.
    - C(pending) is the content of the template's newest version while the group uses another one.
    - C(wanted_version) is the version that holds what was asked for; with C(apply=rollout) the one to roll out.
    - C(foreign_settings) names what this module does not manage; it is kept in new versions.
  returned: always
  type: dict
  sample:
    kind: template
    name: wcs
    version: "1"
    default_version: "1"
    latest_version: "1"
    image_id: ami-394641a659d51782e
    instance_type: c5.large
    key_name: operations
    security_group_ids: [sg-dd3987c06e0078659]
    instance_profile:
    user_data_sha256: 299001868fb8c02fd431c336c6d058f5558c5dff5b5af5e6fe04b870a6a9cbba
    detailed_monitoring: true
    associate_public_ip: true
    ebs_optimized:
    volumes:
      - {device_name: /dev/xvda, size: 20, type: gp3, encrypted: true, delete_on_termination: true}
    metadata: {http_tokens: required, http_put_response_hop_limit: 1, instance_metadata_tags: enabled}
    volume_tags: {}
    foreign_settings: []
    pending:
    wanted_version: "1"
scaling_policies:
  description:
    - The policies with their alarms; null when the group is absent, or when O(scaling_policies) was left out.
    - C(alarms) names all alarms that run the policy; C(managed_by) is C(webcallserver.aws), C(aws) or C(others).
  returned: always
  type: list
  elements: dict
  sample:
    - name: cpu
      type: target_tracking
      arn: arn:aws:autoscaling:us-east-1:123456789012:scalingPolicy:ba5b99cd-f06f-417a-a93e-6d5dc42dddc2:autoScalingGroupName/wcs:policyName/cpu
      metric: cpu
      target: 50.0
      disable_scale_in: true
      estimated_instance_warmup:
      enabled: true
      alarms:
        - {name: TargetTracking-wcs-AlarmHigh-1966a3bb-cfcd-4902-8cd3-aee89ea4f0bb, managed_by: aws}
        - {name: TargetTracking-wcs-AlarmLow-4406d47f-ae6a-489a-8bb3-835bfa85459d, managed_by: aws}
    - name: cpu-out
      type: step
      arn: arn:aws:autoscaling:us-east-1:123456789012:scalingPolicy:41adfe67-f9ee-48db-bf87-6918d73ecd63:autoScalingGroupName/wcs:policyName/cpu-out
      adjustment_type: ChangeInCapacity
      steps:
        - {lower_bound: 0.0, upper_bound: 15.0, adjustment: 1}
        - {lower_bound: 15.0, upper_bound: null, adjustment: 2}
      min_adjustment_magnitude:
      metric_aggregation: Average
      estimated_instance_warmup:
      enabled: true
      alarm:
        name: wcs:cpu-out:out
        metric: cpu
        comparison: GreaterThanOrEqualToThreshold
        threshold: 70.0
        period: 60
        evaluation_periods: 2
        datapoints_to_alarm:
        treat_missing_data: missing
      alarms:
        - {name: wcs:cpu-out:out, managed_by: webcallserver.aws}
sick_instances:
  description:
    - When a wait fails, the instances that are not in service, with their state in the load balancer, and the result of its
      health check from this machine.
  returned: when waiting for the group failed
  type: list
  elements: dict
  sample:
    - instance_id: i-6af30b81e937887d4
      where: balancer wcs
      state: OutOfService
      reason: Instance has failed at least the UnhealthyThreshold number of health checks consecutively.
      health_check: "HTTP:8081/?action=stat: HTTP 404 Not Found"
failed_activities:
  description: When a wait fails, the launches that failed since the run began.
  returned: when waiting for the group failed
  type: list
  elements: dict
  sample:
    - description: Launching a new EC2 instance
      status: Failed
      reason: The AMI ID ami-394641a659d51782e does not exist. Launching EC2 instance failed.
      cause: At 2026-01-01T00:02:40Z an instance was started in response to a difference between desired and actual capacity.
      start_time: "2026-01-01T00:02:40Z"
error:
  description: The API call that failed; nulls where no call was made.
  returned: on failure
  type: dict
  sample: {service: autoscaling, operation: CreateAutoScalingGroup, code: ValidationError, request_id: 59dbff89-35bd-4eac-99ed-be587EXAMPLE}
"""

from ..module_utils._core.module import converging
from ..module_utils._fleet.options import ARGUMENTS
from ..module_utils._parts.group import manage


def main() -> None:
    """Runs the module."""
    converging(ARGUMENTS, manage)


if __name__ == "__main__":
    main()
