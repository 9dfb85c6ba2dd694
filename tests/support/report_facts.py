"""A small stack as the three modules answer it, with something in every field that a report shows."""

from __future__ import annotations

from typing import Any

Item = dict[str, Any]
TIME = "2026-01-02T03:04:05.000Z"
ACCOUNT = "eu-west-1:123456789012"


def member(number: int, zone: str = "a", **more: Any) -> Item:
    """A node as the group has it."""
    usual = {
        "instance_id": f"i-{number}",
        "availability_zone": f"eu-west-1{zone}",
        "lifecycle_state": "InService",
        "health_status": "Healthy",
        "instance_type": "c5.large",
        "launch_template": {"launch_template_name": "wcs", "version": "1"},
    }
    return usual | more


def stack(*members: Item, **more: Any) -> Item:
    """What wcs_stack_info answers for a stack of these members, all of them in service in the balancer."""
    shown = {
        "name": "wcs",
        "group": {
            "auto_scaling_group_arn": f"arn:aws:autoscaling:{ACCOUNT}:autoScalingGroup:1:autoScalingGroupName/wcs",
            "min_size": 1,
            "desired_capacity": len(members),
            "max_size": 9,
            "instances": list(members),
            "launch_template": {"launch_template_name": "wcs", "version": "1"},
        },
        "load_balancer": {
            "load_balancer_name": "wcs",
            "dns_name": "wcs-1.eu-west-1.elb.amazonaws.com",
            "availability_zones": ["eu-west-1a", "eu-west-1b"],
            "listener_descriptions": [{"listener": {"protocol": "TCP", "load_balancer_port": 8080}}],
            "health_check": {"target": "HTTP:8081/?action=stat"},
            "instance_states": [
                {"instance_id": item["instance_id"], "state": "InService", "description": "N/A"} for item in members
            ],
        },
    }
    return {"stack": shown | more, "leftovers": []}


def page(number: int, sessions: int | None, **more: Any) -> Item:
    """A node as wcs_stat_info answers it."""
    error = "connection refused while connecting" if sessions is None else None
    usual = {
        "host": f"198.51.100.{number}",
        "instance_id": f"i-{number}",
        "ok": not error,
        "error": error,
        "latency_ms": None if error else 4.2,
        "stats": {"connection": {"connections_websocket": sessions}},
        "connections_websocket": sessions,
    }
    return usual | more


def probe(*counts: tuple[int, int | None, int | None], verdict: str | None = "spread", **more: Any) -> Item:
    """What wcs_websocket_probe answers; `counts`: number of the node, its sessions before and during."""
    gains = [during - before for _, before, during in counts if before is not None and during is not None]
    held = sum(gains)
    nodes = [
        {
            "host": f"198.51.100.{number}",
            "instance_id": f"i-{number}",
            "zone": "eu-west-1a",
            "health": "InService",
            "before": before,
            "during": during,
            "gained": None if before is None or during is None else during - before,
            "error": None,
        }
        for number, before, during in counts
    ]
    usual = {
        "verdict": verdict,
        "distribution": {
            "min": min(gains, default=None),
            "max": max(gains, default=None),
            "mean": held / len(gains) if gains else None,
            "max_over_mean": 1.2,
            "p_value": 0.4,
            "sample": held,
        },
        "causes": [],
        "sessions": {"asked": held, "opened": held, "failed": 0, "held": held, "background": 0, "errors": []},
        "latency_ms": {"min": 1.5, "median": 2.5, "p95": 9.5, "max": 12.5},
        "closed_early": 0,
        "nodes": nodes,
    }
    return usual | more


def everything() -> tuple[Item, Item, Item]:
    """Answers in which every field that a report shows is there."""
    alarm = {
        "alarm_name": "wcs:burst:out",
        "state_value": "ALARM",
        "state_reason": "Threshold crossed",
        "state_updated_timestamp": TIME,
        "metric_name": "CPUUtilization",
        "statistic": "Average",
        "comparison_operator": "GreaterThanThreshold",
        "threshold": 70.0,
        "period": 60,
        "evaluation_periods": 2,
    }
    step = {"metric_interval_lower_bound": 0.0, "metric_interval_upper_bound": 15.0, "scaling_adjustment": 1}
    custom = {"metric_name": "Sessions", "namespace": "Mine", "statistic": "Sum"}
    tracking = {"customized_metric_specification": custom, "target_value": 60.0, "disable_scale_in": True}
    answer = stack(
        member(1),
        member(2, "b", lifecycle_state="Terminating:Wait"),
        member(3, health_status="Unhealthy", launch_template={"version": "2"}),
        scaling_policies=[
            {"policy_name": "cpu", "policy_type": "TargetTrackingScaling", "target_tracking_configuration": tracking},
            {"policy_name": "burst", "policy_type": "StepScaling", "step_adjustments": [step], "enabled": False},
            {"policy_name": "old", "policy_type": "SimpleScaling", "scaling_adjustment": 1, "cooldown": 300},
        ],
        alarms=[alarm],
        lifecycle_hooks=[
            {"lifecycle_hook_name": "hook", "lifecycle_transition": "autoscaling:EC2_INSTANCE_TERMINATING"}
        ],
        scheduled_actions=[
            {"scheduled_action_name": "morning", "recurrence": "0 7 * * *", "time_zone": "Etc/UTC", "min_size": 3}
        ],
        activities=[
            {
                "description": "Launching a new EC2 instance: i-1",
                "cause": "At 2026-01-02T03:04:05Z a user request did it.",
                "status_code": "Failed",
                "status_message": "No capacity",
                "start_time": TIME,
                "end_time": "2026-01-02T03:04:09.000Z",
            }
        ],
        launch_template_versions=[
            {
                "version_number": 1,
                "default_version": True,
                "create_time": TIME,
                "launch_template_data": {"image_id": "ami-1", "instance_type": "c5.large"},
            }
        ],
        launch_configurations=[
            {"launch_configuration_name": "wcs-1", "image_id": "ami-1", "instance_type": "c5.large"}
        ],
        images=[{"name": "wcs-2", "image_id": "ami-1", "state": "available", "creation_date": TIME, "region": None}],
        seed={"instance_id": "i-9"},
        instance_profiles=[{"instance_profile_name": "wcs-node-eu-west-1"}],
        unread=["It is not known whether something exists: it is denied."],
    )
    answer["stack"]["group"]["suspended_processes"] = [{"process_name": "AZRebalance"}]
    answer["stack"]["load_balancer"]["instance_states"][2].update(state="OutOfService", description="It failed")
    answer["leftovers"] = [{"kind": "snapshot", "id": "snap-1", "reason": "its image is gone", "region": "us-east-1"}]
    sessions = [{"time": "2026-01-02T03:03:00Z", "sessions": 2}, {"time": "2026-01-02T03:04:00Z", "sessions": 3.5}]
    minute = {"time": "2026-01-02T03:04:00Z", "nodes": 2, "cpu_percent": 12.5, "sessions": 7}
    answer["history"] = {"period": 60, "points": [minute], "by_node": {"i-1": sessions}}
    causes = [{"cause": "cross_zone_off", "subject": "wcs", "message": "cross-zone balancing is off"}]
    probed = probe((1, 2, 22), (2, 3, 5), (3, 0, 0), verdict="skewed", causes=causes)
    probed["nodes"][2].update(error="page too long", health="OutOfService")
    return answer, {"nodes": [page(1, 2), page(2, 3), page(3, None)]}, probed


def forecast() -> Item:
    """What wcs_forecast answers for two variants, the second of which knows neither room nor licences."""
    times = [f"2026-01-02T{hour:02}:00:00Z" for hour in range(24)]
    day = [
        {"time": time, "sessions": at * 30, "nodes": 2 + at // 8, "capacity": 400 + at // 8 * 200, "refused": 0}
        for at, time in enumerate(times)
    ]
    peak = {"nodes": 4, "licences": 4, "time": times[16], "licence_limit": 3, "over_limit": True}
    cost, refused = {"node_hours": 72.0, "usd": None}, {"sessions": 40, "first_time": times[7], "session_hours": 1.5}
    bare = [{"time": time, "sessions": 1, "nodes": 2, "capacity": None, "refused": 0} for time in times]
    return {
        "timeline": day,
        "peak": peak,
        "variants": [
            {"name": "cpu 50", "timeline": day, "peak": peak, "cost": cost, "refused": refused},
            {"name": "cpu 70", "timeline": bare, "peak": {"nodes": 2}, "cost": {}, "refused": {}},
        ],
    }
