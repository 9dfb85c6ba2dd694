"""The report: what it shows of answers, and that nothing that is shown becomes part of the page."""

from __future__ import annotations

import copy
import hashlib
import re
from base64 import b64encode
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import pytest

from plugins.module_utils._core.pages import DEMO, PORTS
from plugins.module_utils._money.options import costed
from plugins.module_utils._report.facts import gather
from plugins.module_utils._report.markup import clean, tag
from plugins.module_utils._report.page import page as html
from plugins.module_utils._report.style import STYLE
from tests.support.report_facts import everything, member, page, probe, stack

HEAD = {"html", "head", "meta", "title", "link", "style", "body"}
TEXT = set(re.findall(r"\w+", "header main section footer h1 h2 h3 p span small dl dt dd ol ul li time div"))
TABLES = {"table", "thead", "tbody", "tr", "th", "td"}
DRAWING = {"svg", "g", "rect", "circle", "path", "text", "title"}
SHAPE = {"d", "x", "y", "cx", "cy", "r", "rx", "width", "height", "viewbox", "preserveaspectratio", "transform"}
ATTRIBUTES = {"class", "scope", "colspan", "data-label", "lang", "text-anchor", "role", "aria-hidden"} | SHAPE
ONLY = {
    "meta": {"charset", "http-equiv", "content", "name"},
    "link": {"rel", "href"},
    "a": {"rel", "href"},
}
VOID = {"meta", "link"}
PAGE = re.compile(
    r"https?://(\d+\.\d+\.\d+\.\d+|\[[0-9a-f:]+\]|[a-z0-9.-]+\.amazonaws\.com|wcs\.example\.com):\d+/[\x21-\x7e]*"
)
HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "</style><script>alert(1)</script>",
    "</title></svg></table></body><iframe src='javascript:alert(1)'></iframe>",
    "<!-- --><![CDATA[ ]]>--!><svg/onload=alert(1)>",
    "&lt;script&gt;&#60;script&#x3e;&amp;",
    "{{ 7 * 7 }}{% raw %}${7*7}",
    "javascript:alert(1)//\r\nContent-Type: text/html",
    "\x00\x1b[2J\x07\ud800\ufffe\u202egnp.exe\u2066",
    "a" * 100_000,
]
NONSENSE: list[Any] = [
    *HOSTILE,
    "",
    True,
    -1,
    10**30,
    float("nan"),
    float("inf"),
    -0.5,
    [],
    {},
    ["<b>"],
    {"<b>": "<i>"},
    None,
]


class Read(HTMLParser):
    """A page, taken apart."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.words: list[str] = []
        self.styles: list[str] = []
        self.odd: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.odd.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        (self.styles if self.open and self.open[-1] == "style" else self.words).append(data)

    def handle_comment(self, data: str) -> None:
        self.odd.append(f"<!--{data}-->")

    def handle_pi(self, data: str) -> None:
        self.odd.append(f"<?{data}>")

    def unknown_decl(self, data: str) -> None:
        self.odd.append(f"<![{data}]>")

    @property
    def text(self) -> str:
        """All the words."""
        return " ".join(" ".join(self.words).split())

    def foreign(self) -> list[str]:
        """What must not be in a page: elements and attributes that no report has, tags that do not fit."""
        found = [*self.odd, *(f"<{element}> open" for element in self.open)]
        for element, attributes in self.tags:
            if element not in HEAD | TEXT | TABLES | DRAWING | {"a"}:
                found.append(f"<{element}>")
            found += [f"{element} {name}" for name in attributes if name not in ONLY.get(element, ATTRIBUTES)]
        links = [attributes for element, attributes in self.tags if element == "link"]
        found += [str(link) for link in links if link != {"rel": "icon", "href": "data:,"}]
        return found + [goal for goal in self.goals if not PAGE.fullmatch(goal)]

    @property
    def goals(self) -> list[str]:
        """Where the links lead."""
        return [attributes.get("href") or "" for element, attributes in self.tags if element == "a"]


def shown(*answers: Any, **more: Any) -> Read:
    """The page of these answers, which is sound."""
    listed = {"prices": {}, "refused": more.get("generated")}
    costs = costed({"costs": {"stack": answers[0]}, "listed_prices": listed})
    read = Read(html(gather(*answers, **{"costs": costs, **more})))
    assert read.foreign() == []
    assert read.styles == [STYLE]
    return read


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to every value that is no list or dictionary."""
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else None
    if parts is None:
        yield path
        return
    for key, part in parts:
        yield from leaves(part, (*path, key))


def put(value: Any, path: tuple[Any, ...], new: Any) -> None:
    for key in path[:-1]:
        value = value[key]
    value[path[-1]] = new


def at(value: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        value = value[key]
    return value


LEAVES = list(leaves(list(everything())))


@pytest.mark.parametrize("value", NONSENSE, ids=lambda value: repr(value)[:20])
def test_a_value_in_every_field_at_once_stays_a_value(value: Any) -> None:
    answers = list(everything())
    for path in LEAVES:
        put(answers, path, value)
    shown(*answers)


@pytest.mark.parametrize("value", HOSTILE, ids=lambda value: repr(value)[:20])
def test_a_text_in_every_text_field_stays_text_and_is_shown(value: str) -> None:
    answers = list(everything())
    for path in LEAVES:
        if isinstance(at(answers, path), str):
            put(answers, path, value)
    read = shown(*answers, server_version=value, generated=value)
    visible = re.sub(r"[^ -~]+", " ", value)[:1000].split()
    assert all(word in read.text for word in visible)


@pytest.mark.parametrize("value", [HOSTILE[1], None, ["<b>"], {"<b>": 1}], ids=["markup", "none", "list", "dict"])
@pytest.mark.parametrize("turn", range(5))
def test_some_fields_may_be_of_another_type_while_the_others_are_as_they_should(turn: int, value: Any) -> None:
    answers = list(everything())
    for path in LEAVES[turn::5]:
        put(answers, path, value)
    shown(*answers)


@pytest.mark.parametrize("whole", [None, {}, [], "<script>", 7, {"stack": "<script>"}, {"nodes": "<script>"}])
def test_an_answer_of_another_shape_is_no_answer(whole: Any) -> None:
    shown(whole, whole, whole)


@pytest.mark.parametrize("value", HOSTILE, ids=lambda value: repr(value)[:20])
def test_markup_is_what_is_made_as_markup(value: str) -> None:
    read = Read(tag("p", value, [tag("span", value, class_=value)], None, title=value, lang=None))
    assert [name for name, _ in read.tags] == ["p", "span"]
    assert [list(attributes) for _, attributes in read.tags] == [["title"], ["class"]]
    assert read.tags[0][1]["title"] == read.tags[1][1]["class"] == clean(value)
    assert (read.odd, read.open) == ([], [])


def test_what_cannot_be_seen_or_turns_the_text_around_is_replaced() -> None:
    assert clean("a\x00\x1b\ud800\u202eb\u2066\ufffe\x85c \r\n\td") == "a" + "\ufffd" * 4 + "b" + "\ufffd" * 3 + "c d"
    assert clean(" Straße, \u4e2d\u6587, 1\u202f234\u00a0ms ") == " Straße, \u4e2d\u6587, 1\u202f234\u00a0ms "
    assert len(clean("a" * 100_000)) == 2000


def test_a_node_has_links_to_its_statistics_page_and_its_demo_page() -> None:
    pages = {"scheme": "https", "port": 8444, "path": "/?action=stat"}
    read = shown(*everything(), pages=pages)
    assert len(read.goals) >= 2
    assert read.goals[0].endswith(":8444/?action=stat")
    assert read.goals[1].endswith(f":8444{DEMO}")
    assert shown(*everything()).goals == []


LISTENERS = [
    {"listener": {"protocol": protocol, "load_balancer_port": port, "instance_port": goal}}
    for protocol, port, goal in (("TCP", 8080, 8080), ("SSL", 443, 8080), ("HTTPS", 8444, 8081))
]


def test_where_clients_connect_and_the_pages_behind_the_load_balancer() -> None:
    answer, *rest = everything()
    balancer = {**answer["stack"]["load_balancer"], "listener_descriptions": LISTENERS}
    stack = {**answer, "stack": {**answer["stack"], "load_balancer": balancer}}
    pages = {"scheme": "http", "port": 8081, "path": "/?action=stat", "ports": PORTS}
    name = "wcs-1.eu-west-1.elb.amazonaws.com"
    read = shown(stack, *rest, pages=pages)
    for url in (f"ws://{name}:8080", f"wss://{name}:443"):
        assert url in read.text
    assert {f"https://{name}:8444/?action=stat", f"https://{name}:8444{DEMO}"} <= set(read.goals)
    assert "wss://wcs.example.com:443" in shown(stack, *rest, pages=pages | {"host": "wcs.example.com"}).text
    assert "ws://" not in shown(stack, *rest).text


@pytest.mark.parametrize("host", [*HOSTILE, "javascript:alert(1)", "a b", "-", "a/b", "ä.example"])
def test_what_is_no_name_of_a_host_is_no_address(host: str) -> None:
    answer, *rest = everything()
    balancer = {**answer["stack"]["load_balancer"], "listener_descriptions": LISTENERS, "dns_name": host}
    pages = {"scheme": "http", "port": 8081, "path": "/?action=stat", "ports": PORTS}
    stack = {**answer, "stack": {**answer["stack"], "load_balancer": balancer}}
    assert f"ws://{host}" not in shown(stack, *rest, pages=pages).text


@pytest.mark.parametrize("host", [*HOSTILE, "example.com", "javascript:alert(1)"])
def test_what_is_no_address_is_no_link(host: str) -> None:
    stack, statistics, *rest = everything()
    nodes = [{**node, "host": host} for node in statistics["nodes"]]
    pages = {"scheme": "http", "port": 8081, "path": "/?action=stat"}
    assert shown(stack, {**statistics, "nodes": nodes}, *rest, pages=pages).goals == []


def test_a_page_needs_nothing_from_elsewhere_and_runs_nothing() -> None:
    text = html(gather(*everything()))
    assert re.findall(r"(?i)https?://|url\(|@import|<script|javascript:|srcset| src=| style=| on\w+=", text) == []
    policy = next(value["content"] for _, value in Read(text).tags if value.get("http-equiv"))
    digest = b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    assert policy is not None
    assert policy.startswith(f"default-src 'none'; style-src 'sha256-{digest}'")


def test_equal_facts_make_equal_pages_in_whatever_order_nodes_come() -> None:
    answer, statistics, probed = everything()
    turned = copy.deepcopy((answer, statistics, probed))
    turned[0]["stack"]["group"]["instances"].reverse()
    turned[0]["stack"]["load_balancer"]["instance_states"].reverse()
    turned[1]["nodes"].reverse()
    turned[2]["nodes"].reverse()
    assert html(gather(*turned)) == html(gather(answer, statistics, probed))


def pictures(read: Read) -> list[str]:
    """The classes of the nodes in the picture for wide screens."""
    classes = [value.get("class") or "" for element, value in read.tags if element == "rect"]
    nodes = [kind for kind in classes if kind.startswith("node ")]
    return nodes[: len(nodes) // 2]


@pytest.mark.parametrize("many", [0, 1, 3, 7, 100])
def test_every_node_is_drawn_and_listed(many: int) -> None:
    members = [member(number, "ab"[number % 2]) for number in range(many)]
    read = shown(stack(*members), {"nodes": [page(number, number) for number in range(many)]}, costs=None)
    assert pictures(read) == ["node serving"] * many
    assert f"{many} of {many}" in read.text
    rows = [value for element, value in read.tags if element == "th" and value.get("scope") == "row"]
    assert len(rows) == many + (1 if many else 0)  # and one of latency


def test_nothing_at_all_is_told_as_such() -> None:
    read = shown({"stack": {"name": "wcs"}, "leftovers": []})
    assert "Not there." in read.text
    assert "neither a group nor a balancer" in read.text
    assert pictures(read) == []


def cells(read: Read) -> str:
    return read.text[read.text.index("Node State Zone") : read.text.index("Latency")]


def test_an_unknown_count_is_unknown_and_never_0() -> None:
    alone = shown(stack(member(1)), {"nodes": [page(1, None)]})
    assert "WebSocket sessions unknown" in alone.text
    assert cells(alone).count("unknown") == 2  # sessions, page
    one = shown(stack(member(1), member(2)), {"nodes": [page(1, 5), page(2, None)]})
    assert "of 1 of 2 nodes" in one.text
    probed = shown(stack(member(1), member(2)), None, probe((1, 5, 25), (2, None, None)))
    assert cells(probed).count("unknown") == 5  # before, during, new; both pages
    zero = shown(stack(member(1)), {"nodes": [page(1, 0)]})
    assert "unknown" not in cells(zero)


def test_without_a_probe_or_in_its_check_mode_nothing_is_said_of_new_sessions() -> None:
    checked = probe((1, 5, 5), verdict=None, sessions={"asked": 0, "held": 0})
    for given in (None, checked, {"skipped": True}):
        read = shown(stack(member(1)), {"nodes": [page(1, 5)]}, given)
        assert "No session was opened for this report." in read.text
        assert "During" not in read.text


COLOUR = re.compile(r"--(\w+): (#[0-9a-f]{6})")


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    bright, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_colours_can_be_told_from_the_paper(scheme: int) -> None:
    found = COLOUR.findall(STYLE)
    names = [name for name, _ in found]
    half = names.index("paper", 1)
    colours = dict(found[:half] if scheme == 0 else found[half : half * 2])
    for ground in (colours["paper"], colours["soft"]):
        for name in ("ink", "muted", "good", "bad", "warn"):
            assert contrast(colours[name], ground) >= 4.5, name
        for name in ("new", "old"):
            assert contrast(colours[name], ground) >= 2.7, name
    assert contrast(colours["new"], colours["old"]) >= 1.8


def machine(number: int, kind: str = "c5.large") -> dict[str, Any]:
    """A member as EC2 has it."""
    return {
        "instance_id": f"i-{number}",
        "instance_type": kind,
        "state": {"name": "running"},
        "monitoring": {"state": "disabled"},
    }


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("c5.large", ["An hour as it is 0.220", "An hour with 9 nodes, the maximum 0.892", "1 450.00"]),
        ("c9x.large", ["nodes (no price of c9x.large in eu-west-1)", "An hour as it is, and what has no price 0.028"]),
    ],
)
def test_costs_are_those_of_the_stack_and_what_has_no_price_is_said(kind: str, words: list[str]) -> None:
    text = " ".join(shown(stack(member(1), member(2), instances=[machine(1, kind), machine(2, kind)])).text.split())
    for one in words:
        assert one in text
    assert "Prices: the table of 2025-06. Not counted: " in text


def test_what_could_not_be_asked_for_stands_beside_what_was_left_behind() -> None:
    answers = everything()
    assert "Instance profile of the nodes: wcs-node-eu-west-1" in shown(*answers).text
    left = shown(*answers).text.partition("Orphaned resources")[2]
    assert "snap-1" in left
    assert "It is not known whether something exists: it is denied." in left
    answers[0]["leftovers"] = []
    assert "Orphaned resources None. It is not known whether something exists: it is denied." in shown(*answers).text


def test_without_a_group_there_is_nothing_to_pay_for() -> None:
    assert "Costs" not in shown({"stack": {"name": "wcs"}, "leftovers": []}).text
