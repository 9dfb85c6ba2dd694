"""wcs-core.properties: heap and collector fit memory and Java, the vendor's markers stay."""

from __future__ import annotations

import pytest

from plugins.module_utils._host import jvm

STOCK = """\
# Java options, one a line
### SERVER OPTIONS ###
-DsessionDebugEnabled=false
### JVM OPTIONS ###
-Xmx1024M
# the collector
-XX:+UseConcMarkSweepGC
-XX:+UseCMSInitiatingOccupancyOnly
-XX:CMSInitiatingOccupancyFraction=70
-XX:+ExplicitGCInvokesConcurrent
-Djava.net.preferIPv4Stack=true
-XX:+PrintGCDateStamps
-XX:+PrintGCDetails
-Xloggc:/usr/local/FlashphonerWebCallServer/logs/gc-core-
#-Dhttps.proxyHost=192.168.1.1
"""


def fitted(java, heap="auto", gc="auto", memory=8000, add=(), remove=(), text=STOCK):
    host = jvm.JavaHost(memory, java)
    options = jvm.heap_options(heap, host)
    collector = jvm.collector(gc, jvm.heap_of(reversed([*jvm.options_of(text), *options, *add]), host), java)
    return jvm.fitted(
        text, [*options, *jvm.collector_options(collector, java), *add], [*remove, *(jvm.HEAP if options else ())], java
    )


def test_java_8_keeps_what_the_vendor_ships_but_the_heap():
    assert fitted(8) == STOCK.replace("-Xmx1024M\n", "-Xmx3968m\n").replace(
        "logs/gc-core-\n", "logs/gc-core-\n-Xms3968m\n"
    )


def test_java_17_starts():
    options = jvm.options_of(fitted(17))
    assert options == [
        "-Xmx3968m",
        "-XX:+ExplicitGCInvokesConcurrent",
        "-Djava.net.preferIPv4Stack=true",
        "-Xlog:gc*:/usr/local/FlashphonerWebCallServer/logs/gc-core-",
        "-Xms3968m",
        "-XX:+UseG1GC",
    ]


def test_the_markers_the_comments_and_the_options_of_the_server_stay():
    text = fitted(17)
    assert text.startswith("# Java options, one a line\n### SERVER OPTIONS ###\n-DsessionDebugEnabled=false\n### JVM")
    assert "#-Dhttps.proxyHost=192.168.1.1\n" in text


@pytest.mark.parametrize(
    ("java", "heap", "collector"),
    [
        (8, 16000, "cms"),
        (11, 16000, "g1"),
        (17, 2000, "g1"),
        (17, 8192, "zgc"),
        (21, 8192, "zgc"),
        (None, 8192, "keep"),
    ],
)
def test_the_collector_fits_heap_and_java(java, heap, collector):
    assert jvm.collector("auto", heap, java) == collector


@pytest.mark.parametrize("java", [8, 11, 17, 21, None])
@pytest.mark.parametrize("heap", ["auto", "4g", "50%", "keep"])
def test_once_is_enough(java, heap):
    once = fitted(java, heap)
    assert fitted(java, heap, text=once) == once


def test_a_share_takes_the_place_of_a_size_and_back():
    share = fitted(17, "50%")
    assert "-Xm" not in share
    assert "-XX:MaxRAMPercentage=50\n" in share
    back = fitted(17, "4g", text=share)
    assert "RAMPercentage" not in back
    assert "-Xmx4g\n" in back


def test_without_java_nothing_but_the_heap_changes():
    assert fitted(None, "2g") == STOCK.replace("1024M", "2g").replace("logs/gc-core-\n", "logs/gc-core-\n-Xms2g\n")


def test_an_option_takes_the_place_of_its_namesakes():
    text = fitted(8, "keep", "keep", add=["-XX:CMSInitiatingOccupancyFraction=50"], text=STOCK + STOCK)
    assert text.count("-XX:CMSInitiatingOccupancyFraction=") == 1
    assert "-XX:CMSInitiatingOccupancyFraction=50\n" in text


def test_an_option_can_be_taken_out_by_name():
    assert "preferIPv4Stack" not in fitted(8, remove=["-Djava.net.preferIPv4Stack"])


def test_a_file_without_markers_gets_new_options_after_the_old_ones():
    assert jvm.fitted("-Xmx1g\n# end\n", ["-Xms1g"], [], 17) == "-Xmx1g\n-Xms1g\n# end\n"
    assert jvm.fitted("", ["-Xms1g"], [], 17) == "-Xms1g\n"


def test_options_for_the_machine_do_not_land_among_those_of_the_server():
    server = "### SERVER OPTIONS ###\n-Da=b\n"
    assert jvm.fitted(server, ["-Xmx1g"], [], 17) == f"-Xmx1g\n{server}"


def test_the_log_of_the_collector_goes_back_to_java_8():
    new = "-Xlog:gc*:file=/logs/gc-core-:time\n"
    assert jvm.options_of(jvm.fitted(new, [], [], 8)) == ["-Xloggc:/logs/gc-core-", "-XX:+PrintGCDetails"]


@pytest.mark.parametrize(("gc", "java"), [("cms", 17), ("zgc", 8)])
def test_a_collector_that_this_java_lacks_is_named(gc, java):
    assert f"Java {java} has no" in (jvm.collector_problem(gc, java) or "")


@pytest.mark.parametrize("java", [8, 17, None])
@pytest.mark.parametrize(
    ("option", "heap"),
    [
        ("-Xmx1073741824", 1024),
        ("-Xmx512M", 512),
        ("-Xmx4G", 4096),
        ("-Xmx1t", 1 << 20),
        ("-Xmx524288k", 512),
        ("-XX:MaxHeapSize=2g", 2048),
        ("-XX:MaxRAMPercentage=25.0", 2000),
        ("-Xmx", 4000),
        ("-Xmx1gb", 4000),
        ("-XX:MaxRAMPercentage=half", 4000),
    ],
)
def test_a_heap_is_read_as_java_writes_it_and_what_is_none_is_passed_over(option, heap, java):
    assert jvm.heap_of([option], jvm.JavaHost(8000, java)) == heap
    assert option in jvm.options_of(fitted(java, "keep", text=f"{option}\n"))


SEVERAL = [
    ("--add-opens=java.base/java.lang=ALL-UNNAMED", "--add-opens=java.base/java.net=ALL-UNNAMED"),
    ("--add-exports java.base/a=ALL-UNNAMED", "--add-exports java.base/b=ALL-UNNAMED"),
    ("--add-modules=java.a", "--add-modules=java.b"),
    ("-javaagent:/opt/a.jar=port=1", "-javaagent:/opt/b.jar"),
    ("-agentlib:jdwp=transport=dt_socket", "-agentlib:hprof"),
    ("-XX:CompileCommand=exclude,a", "-XX:CompileCommand=exclude,b"),
    ("-Dcom.a=1", "-Dcom.b=1"),
]
"""Two options of which both count, given side by side."""


@pytest.mark.parametrize(("one", "other"), SEVERAL)
def test_an_option_of_which_each_counts_takes_the_place_of_no_other(one, other):
    assert jvm.options_of(jvm.fitted("", [one, other], [], 17)) == [one, other]
    assert jvm.options_of(jvm.fitted(f"{one}\n", [other], [], 17)) == [one, other]
    both = f"{one}\n{other}\n"
    assert jvm.fitted(both, [other], [], 17) == both
    assert jvm.options_of(jvm.fitted(both, [], [one], 17)) == [other]


@pytest.mark.parametrize("name", ["--add-opens", "-javaagent", "-XX:CompileCommand"])
def test_all_of_them_are_taken_out_by_their_name(name):
    text = "".join(f"{option}\n" for pair in SEVERAL for option in pair)
    left = jvm.options_of(jvm.fitted(text, [], [name], 17))
    assert left == [option for pair in SEVERAL for option in pair if not option.startswith(name)]


def test_the_same_under_another_name_is_the_same():
    assert jvm.options_of(jvm.fitted("-XX:MaxHeapSize=1g\n", ["-Xmx2g"], [], 17)) == ["-Xmx2g"]
    assert "-Xmx" not in fitted(17, add=["-XX:MaxHeapSize=3g"], text="")


LINES = [
    "# remark",
    "# a\u2028-Xmx1g",
    "# b\x0c-Xmx1g",
    "",
    "text",
    "-Da=b",
    "-Xss1m",
    "### JVM OPTIONS ###",
    "### SERVER OPTIONS ###",
]


@pytest.mark.parametrize("ending", ["", "\n"])
@pytest.mark.parametrize("line", LINES)
def test_a_line_that_is_not_asked_for_stays_to_the_byte(line, ending):
    text = f"{line}\n-Dc=d\n{line}{ending}"
    assert jvm.fitted(text, [], [], 17) == text
    after = jvm.fitted(text, ["-Dnew=1"], [], 17)
    left = after.split("\n")
    left.remove("-Dnew=1")
    assert "\n".join(left).rstrip("\n") == text.rstrip("\n")


def test_an_option_is_written_where_wcs_reads_it():
    assert jvm.fitted("  -Xmx1g\n", ["-Xmx1g"], [], 17) == "-Xmx1g\n", "WCS passes over what is indented"
    assert jvm.fitted("# a\r\n-Xmx1g\r\n-Da=b\r\n", ["-Xmx1g"], [], 17) == "# a\r\n-Xmx1g\n-Da=b\n"
