"""flashphoner.properties is changed in place: what is not named stays, to the byte."""

from __future__ import annotations

import pytest

from plugins.module_utils._host import properties

STOCK = """\
# Addresses
ip                     =212.3.130.192
ip_local               =172.19.0.2

media_port_from        =31001
codecs                 =opus,alaw,\\
                        ulaw
! an old remark
http.port:8081
unknown.key = kept as it is
ip=10.0.0.1
"""


def test_settings_are_read_as_java_reads_them():
    settings = properties.settings_of(STOCK)
    assert settings["ip"] == "10.0.0.1"  # the last one counts
    assert settings["http.port"] == "8081"
    assert settings["unknown.key"] == "kept as it is"
    assert settings["codecs"].startswith("opus")
    assert settings["codecs"].endswith("ulaw")


def test_nothing_wanted_changes_nothing():
    assert properties.edited(STOCK, {}) == STOCK
    assert properties.edited(STOCK, {"ip_local": "172.19.0.2", "http.port": "8081"}) == STOCK


@pytest.mark.parametrize(
    ("wanted", "old", "new"),
    [
        ({"media_port_from": "40001"}, "media_port_from        =31001", "media_port_from        =40001"),
        ({"http.port": "9091"}, "http.port:8081", "http.port:9091"),
        ({"codecs": "opus"}, "=opus,alaw,\\\n                        ulaw", "=opus"),
        ({"ip_local": None}, "ip_local               =172.19.0.2\n", ""),
    ],
)
def test_a_setting_changes_where_it_stands(wanted, old, new):
    assert properties.edited(STOCK, wanted) == STOCK.replace(old, new)


def test_every_occurrence_gets_the_value():
    text = properties.edited(STOCK, {"ip": "1.2.3.4"})
    assert "ip                     =1.2.3.4\n" in text
    assert text.endswith("ip=1.2.3.4\n")


def test_a_new_setting_is_put_at_the_end_also_of_a_file_without_a_last_line_break():
    assert properties.edited("a=1", {"b": "2"}) == "a=1\nb=2\n"
    assert properties.edited("", {"b": "2"}) == "b=2\n"


@pytest.mark.parametrize("ending", ["", "\n", "\r\n", "\r"])
@pytest.mark.parametrize("last", ["a=b", "a=b\\", "a=b\\\\", "a=\\", "\\", "# end", "# end\\", "a", " ", "\ufeffa=b"])
def test_a_new_setting_is_its_own_whatever_the_last_line_is(last, ending):
    before = f"x=1\n{last}{ending}"
    after = properties.edited(before, {"new": "v"})
    assert properties.settings_of(after) == {**properties.settings_of(before), "new": "v"}
    assert after.startswith(before), "what was there stays, to the byte"
    assert properties.edited(after, {"new": "v"}) == after, "a second run changes nothing"


def test_line_breaks_of_another_system_stay():
    assert properties.edited("a=1\r\nb=2\r\n", {"a": "3"}) == "a=3\r\nb=2\r\n"


@pytest.mark.parametrize(
    ("value", "text"), [(True, "true"), (False, "false"), (8081, "8081"), (None, None), (["opus", "vp8"], "opus,vp8")]
)
def test_how_yaml_is_spelled(value, text):
    assert properties.spelled(value) == text


@pytest.mark.parametrize("value", ["two\nlines", {"a": 1}])
def test_what_no_line_can_hold_is_refused(value):
    with pytest.raises(ValueError, match="setting is one"):
        properties.spelled(value)


def test_secrets_are_hidden_also_those_that_only_sound_like_one():
    before = "rest_hook_secret_key=old\nport=1\nplain=canary\n"
    after = properties.edited(before, {"rest_hook_secret_key": "new", "port": "2"})
    keys = properties.changed_keys(before, after)
    shown = properties.masked(after, {"plain"}, keys)
    assert keys == ["port", "rest_hook_secret_key"]
    assert shown == "rest_hook_secret_key=******** (new)\nport=2\nplain=********\n"


@pytest.mark.parametrize(
    "line", ["#password=canary", "# rest_hook_secret_key : canary", "#! plain =canary", "!token=canary"]
)
def test_a_secret_that_was_put_out_of_use_is_hidden_too(line):
    assert "canary" not in properties.masked(f"a=1\n{line}\n", {"plain"})


@pytest.mark.parametrize("line", ["# the password is asked", "#port=1", "# secrets", "##### tokens #####", "#", "!"])
def test_other_remarks_are_shown(line):
    assert properties.masked(f"{line}\na=1\n", ()) == f"{line}\na=1\n"
