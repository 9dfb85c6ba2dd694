# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a Classic Load Balancer is, and what can be wanted of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

from .._core import tags as _tags
from .._core.step import LATER
from . import health as _health_check
from . import listeners as _listeners
from .health import HealthAnswer, HealthCheck, InstanceHealth
from .listener_moves import ListenerSet
from .listeners import Listener

Ids = tuple[str, ...]

UNFINISHED = f"{_tags.PREFIX}creation"
"""A reserved tag: the parts that a creation sets in later calls. One that still is as AWS made it was never set, which
is how a run after an interrupted one knows that the creation defaults are still owed."""

MOST_TAGS = 10


@dataclass(frozen=True)
class AccessLog:
    """Whether and where requests are logged; in a wish None is what the user left out. `interval` in minutes."""

    enabled: bool | None = None
    bucket: str | None = None
    prefix: str | None = None
    interval: int | None = None


NO_LOG = AccessLog(False)


@dataclass(frozen=True)
class Attributes:
    """What ModifyLoadBalancerAttributes sets; in a wish None is what the user left out. Times in seconds, 0 is off.

    `rest` is what else AWS's answer says in each of these attributes: what is written again has it, too. Of a log that
    is off it has bucket, prefix and interval.
    """

    cross_zone: bool | None = None
    idle_timeout: int | None = None
    connection_draining: int | None = None
    access_log: AccessLog | None = None
    rest: Mapping[str, Mapping[str, Any]] | None = field(default=None, compare=False)


BIRTH = Attributes(False, 60, 0, NO_LOG)
"""What AWS gives a new balancer."""

CREATION = Attributes(True, 3600, 3600)
"""Sessions last: the longest timeouts that AWS is sure to take."""


@dataclass(frozen=True)
class Balancer:
    """A Classic Load Balancer. None in subnets, zones or security groups: AWS has not said yet.

    `zone_of`: the zones of subnets, as far as they matter; `members` the instances that an Auto Scaling group
    registered, as far as they were in question; `health` is read for the instances that the user names. What a change
    could hurt: `serving` are the zones of the instances in service, `tried` what these answer to the wanted health
    check when they are asked from here. Both are read only where they matter. `foreign` is what AWS says beside all
    that is managed here.
    """

    name: str
    scheme: str
    dns_name: str
    hosted_zone_id: str | None
    vpc_id: str | None
    subnets: Ids | None
    zones: Ids | None
    security_group_ids: Ids | None
    listener_set: ListenerSet
    health_check: HealthCheck
    attributes: Attributes = BIRTH
    instance_ids: Ids = ()
    tags: Mapping[str, str] = field(default_factory=dict)
    zone_of: Mapping[str, str] = field(default_factory=dict)
    members: frozenset[str] = frozenset()
    health: Mapping[str, InstanceHealth] = field(default_factory=dict)
    serving: Mapping[str, str] = field(default_factory=dict)
    tried: Mapping[str, HealthAnswer] = field(default_factory=dict)
    foreign: Mapping[str, Any] | str = LATER


@dataclass(frozen=True)
class Have:
    """What is there under a name; `interfaces` are those AWS keeps for a while after a deletion.

    `adopt` says that a balancer without our tag may be treated as ours. `stack`: whose tag it has, where that is
    not its own name. `others` are the stack's balancers of other names, read where one is to be made; `users` the
    groups of others that name it, read where it should go and its stack was given, so that theirs are known.
    """

    name: str
    adopt: bool = False
    balancer: Balancer | None = None
    interfaces: Ids = ()
    stack: str | None = None
    others: Ids = ()
    users: Ids = ()

    @property
    def owner(self) -> str:
        """The stack whose tag the balancer has."""
        return self.stack or self.name

    @property
    def is_ours(self) -> bool:
        """Whether the balancer has our tag."""
        return self.balancer is not None and _tags.is_marked(self.balancer.tags, self.owner)


@dataclass(frozen=True)
class Wanted:
    """What the user wants; None is what was left out. `stack`: whose tag it gets, where not its own name."""

    name: str
    scheme: str | None = None
    subnets: Ids | None = None
    zones: Ids | None = None
    security_group_ids: Ids | None = None
    listeners: tuple[Listener, ...] | None = None
    health_check: HealthCheck | None = None
    attributes: Attributes = Attributes()
    instance_ids: Ids | None = None
    purge_instance_ids: bool = False
    tags: Mapping[str, str] | None = None
    purge_tags: bool = True
    region: str = ""
    allow_subnet_removal: bool = False
    allow_failing_health_check: bool = False
    stack: str | None = None

    @property
    def marks(self) -> dict[str, str]:
        """The tags that show that it is ours."""
        return _tags.marks(self.stack or self.name)


def complete(have: Have, want: Wanted | None) -> Wanted | None:
    """The want with what was left out: as it is, else the creation default; None stays where nothing is to be set."""
    if want is None:
        return None
    balancer = have.balancer
    owed = unset(balancer) if balancer else {"attributes", "health_check"}
    return replace(
        want,
        scheme=want.scheme or (balancer.scheme if balancer else "internet-facing"),
        listeners=_listeners_aimed(balancer, want),
        health_check=_health_check_aimed(balancer, want, owed),
        attributes=_attributes_aimed(balancer, want, owed),
    )


def _listeners_aimed(balancer: Balancer | None, want: Wanted) -> tuple[Listener, ...] | None:
    wishes = want.listeners
    if wishes is None:
        return None if balancer else _listeners.CREATION
    there = balancer.listener_set if balancer else ListenerSet()
    return tuple(_listeners.completed(wish, there.at(wish.load_balancer_port)) for wish in wishes)


def _health_check_aimed(balancer: Balancer | None, want: Wanted, owed: set[str]) -> HealthCheck | None:
    base = balancer.health_check if balancer and "health_check" not in owed else _health_check.CREATION
    if want.health_check is None:
        return _health_check.CREATION if "health_check" in owed else None
    return _health_check.completed(want.health_check, base)


def _attributes_aimed(balancer: Balancer | None, want: Wanted, owed: set[str]) -> Attributes:
    base = CREATION if "attributes" in owed else Attributes()
    aim = over(base, want.attributes)
    if aim.access_log is None:
        return aim
    there = (balancer and balancer.attributes.access_log) or NO_LOG
    log = over(last_log(there, (balancer and balancer.attributes.rest) or {}), aim.access_log)
    given = aim.access_log.enabled
    log = replace(log, enabled=True if given is None else given, prefix=log.prefix or None, interval=log.interval or 60)
    return replace(aim, access_log=log if log.enabled else NO_LOG)


def last_log(log: AccessLog, rest: Mapping[str, Mapping[str, Any]]) -> AccessLog:
    """The log, or where it is off what AWS remembers of it."""
    if log.enabled:
        return log
    kept = rest.get("AccessLog", {})
    return AccessLog(False, kept.get("S3BucketName"), kept.get("S3BucketPrefix"), kept.get("EmitInterval"))


def over(base: Any, wish: Any) -> Any:
    """The wish's given fields over the base; both of one dataclass."""
    return replace(
        base, **{part.name: value for part in fields(wish) if (value := getattr(wish, part.name)) is not None}
    )


def unset(balancer: Balancer) -> set[str]:
    """The parts that an interrupted creation of ours left as AWS made them."""
    promised = set(balancer.tags.get(UNFINISHED, "").split("+"))
    return promised & newborn(balancer.listener_set, balancer.health_check, balancer.attributes)


def newborn(listener_set: ListenerSet, check: HealthCheck, attributes: Attributes) -> set[str]:
    """The parts that are as AWS makes them."""
    ports = listener_set.instance_ports
    parts = {"attributes"} if attributes == BIRTH else set()
    return parts | ({"health_check"} if any(check == _health_check.at_birth(port) for port in ports) else set())


def tags_aimed(balancer: Balancer, want: Wanted) -> dict[str, str]:
    """The tags that the balancer should have: the user's, our tag, and the promise of creation as long as it holds.

    A part that is to be as AWS makes it because the user says so is promised no more.
    """
    aim = _tags.aimed(balancer.tags, want.tags, want.purge_tags, want.marks)
    if UNFINISHED not in aim:
        return aim
    check = want.health_check or balancer.health_check
    still = set(aim.pop(UNFINISHED).split("+")) - newborn(
        balancer.listener_set, check, over(balancer.attributes, want.attributes)
    )
    return aim | promise(still, aim)


def creation_tags(want: Wanted) -> dict[str, str]:
    """The tags of a new balancer; `want` is complete."""
    tags = dict(want.tags or {}) | want.marks
    check, listeners = want.health_check or _health_check.CREATION, want.listeners or ()
    set_later = {"attributes", "health_check"} - newborn(ListenerSet(listeners), check, over(BIRTH, want.attributes))
    return tags | promise(set_later, tags)


def promise(parts: set[str], tags: Mapping[str, str]) -> dict[str, str]:
    """The tag that promises these parts, if there is room for it."""
    return {UNFINISHED: "+".join(sorted(parts))} if parts and counted(tags) < MOST_TAGS else {}


def counted(tags: Mapping[str, str]) -> int:
    """How many of the ten tags of a balancer are used: AWS's own do not count."""
    return sum(not key.startswith("aws:") for key in tags)


def show(have: Have) -> dict[str, Any] | None:
    """The managed fields and identifiers; options under their names."""
    balancer = have.balancer
    if balancer is None:
        return None
    attributes = {key: value for key, value in asdict(balancer.attributes).items() if key != "rest"}
    return {
        "name": balancer.name,
        "scheme": balancer.scheme,
        "dns_name": balancer.dns_name,
        "hosted_zone_id": balancer.hosted_zone_id,
        "vpc_id": balancer.vpc_id,
        "subnets": _shown(balancer.subnets),
        "availability_zones": _shown(balancer.zones),
        "security_group_ids": _shown(balancer.security_group_ids),
        "listeners": [_listeners.show(listener) for listener in balancer.listener_set.listeners],
        "health_check": _health_check.show(balancer.health_check),
        **attributes,
        "instance_ids": list(balancer.instance_ids),
        "foreign_settings": balancer.foreign if isinstance(balancer.foreign, str) else dict(balancer.foreign),
        "stack": balancer.tags.get(_tags.STACK),
        "tags": {
            key: value for key, value in sorted(balancer.tags.items()) if not key.startswith((_tags.PREFIX, "aws:"))
        },
    }


def _shown(ids: Ids | None) -> list[str] | str:
    return LATER if ids is None else list(ids)
