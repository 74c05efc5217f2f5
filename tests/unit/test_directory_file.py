"""directory.yaml is validated with line-accurate messages: every problem at once, each with what to do."""

from datetime import date
from pathlib import Path

import pytest

from producers.directory import DirectoryFileError, parse_directory, read_directory_file
from producers.simulator.city import Plan, build, directory_text
from streams.contracts.directory import Entities

EXAMPLE = Path("deploy/directory.example.yaml")
START = date(2026, 3, 1)
GOOD = """\
organisations:
  - id: orbita
    name: Orbita
    time_zone: Europe/Moscow
    region: RU
    services:
      - {id: city, name: City, aliases: [town]}
      - {id: ural, name: Ural}
servers:
  - {id: pbx-1, time_zone: Europe/Moscow}
gateways:
  - server: pbx-1
    account: GSM1
    lines:
      - {service: city, numbers: ["+74951110001"], until: 2026-06-01}
      - {service: ural, numbers: ["+74951110001"], from: 2026-06-01}
campaigns:
  - {id: spring, service: city, name: Spring, gateways: [pbx-1/GSM1], from: 2026-03-01, until: 2026-04-01}
"""


def _problems(text: str | bytes) -> list[str]:
    with pytest.raises(DirectoryFileError) as error:
        parse_directory(text.encode() if isinstance(text, str) else text, "d.yaml")
    return error.value.lines


def _changed(old: str, new: str) -> list[str]:
    assert GOOD.count(old) == 1
    return _problems(GOOD.replace(old, new))


def test_the_example_is_good_and_keeps_what_is_written() -> None:
    entities = read_directory_file(EXAMPLE)
    assert [service.organisation for service in entities.services] == ["orbita", "orbita"]
    assert entities.organisations[0].staff_numbers == ("+79160000001", "101")
    assert entities.gateways[0].lines[1].numbers == ("+73431110001", "+73431110002")


def test_a_good_file_gives_its_entities() -> None:
    entities = parse_directory(GOOD.encode())
    assert [key for key, _ in entities.keyed()] == [
        "organisation/orbita",
        "service/city",
        "service/ural",
        "server/pbx-1",
        "gateway/pbx-1/GSM1",
        "campaign/spring",
    ]


def test_the_simulated_city_writes_the_directory_that_it_is() -> None:
    for organisations in (1, 2, 12):
        city = build(Plan(7, START, 14, organisations, half_hour_zone=organisations == 2))
        assert parse_directory(directory_text(city).encode()) == city.entities


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ("name: Orbita", "name: 5", 3, "name: must be text, found 5; put it in quotes"),
        ("name: Orbita", "name:", 3, "name: must be text, found None"),
        ("name: Orbita", 'name: ""', 3, "must not be empty"),
        ("    name: Orbita\n", "", 2, "name: is missing"),
        ("Europe/Moscow\n    region", "Mars/Crater\n    region", 4, "no such time zone"),
        ("region: RU", "region: RUS", 5, "no such region"),
        ("region: RU", "region: NO", 5, "must be text, found False; put it in quotes"),
        ("region: RU", "region: RU\n    area_code: 495", 6, "area_code: must be text, found 495; put it in quotes"),
        ("region: RU", "region: RU\n    staff_number: []", 6, "unknown field; is it misspelt?"),
        ("region: RU", "region: RU\n    settings: {short_call_ms: 1.5}", 6, "settings.short_call_ms: must be a whole"),
        ("region: RU", "region: RU\n    settings: {short: 1}", 6, "settings.short: unknown field"),
        ("region: RU", "region: RU\n    staff_numbers: 101", 6, "must be a list like [a, b], found 101"),
        ("region: RU", "region: RU\n    order_states: {new: made}", 6, "'made' is none of the fixed words: 'created'"),
        ("region: RU", "region: RU\n    history_from: 2026-02-30", 6, "must be a day like 2026-03-01"),
        ("region: RU", "region: RU\n    region: RU", 6, "'region' is given twice; it stands on line 5 already"),
        ("id: ural", "id: city", 8, "service 'city' is given twice; it stands on line 7 already"),
        ("name: Ural}", "name: Ural, aliases: [town]}", 8, "alias 'town' already means service 'city'"),
        ("name: Ural}", "name: Ural, aliases: [city]}", 8, "alias 'city' already means service 'city'"),
        ("name: Ural}", "name: Ural, organisation: x}", 8, "a service belongs to the one it stands in"),
        ("server: pbx-1\n", "server: pbx-9\n", 12, "unknown server 'pbx-9'"),
        ("id: pbx-1,", "id: pbx/1,", 10, "should match"),
        ("service: ural, n", "service: rural, n", 16, "unknown service 'rural'"),
        ('["+74951110001"], from', "[], from", 16, "needs at least one entry"),
        ("from: 2026-06-01", "from: 2026-05-31", 16, "this line overlaps the one of 'city'"),
        ("until: 2026-06-01", "from: 2026-06-01, until: 2026-06-01", 15, "until 2026-06-01 is not after from"),
        ("[pbx-1/GSM1]", "[GSM1]", 18, "unknown gateway 'GSM1'; write server/account"),
        ("until: 2026-04-01", "until: 2026-02-01", 18, "until 2026-02-01 is not after from 2026-03-01"),
        ("campaigns:", "campaign:", 17, "unknown field 'campaign'"),
        ("servers:\n  - {", "servers:\n  {", 9, "servers must be a list"),
        ("- {id: ural, name: Ural}", "- ural", 8, "an entry of services must be a mapping"),
        ("id: spring", "<<: *spring", 18, "not YAML"),
        ("campaigns:", "  campaigns:", 17, "not YAML"),
    ],
)  # fmt: skip
def test_a_problem_is_named_at_its_line(old: str, new: str, line: int, says: str) -> None:
    found = _changed(old, new)
    assert any(each.startswith(f"d.yaml:{line}: ") and says in each for each in found), found


def test_a_gateway_listed_twice_is_named_with_its_first_place() -> None:
    found = _problems(GOOD + "gateways: []\n")
    assert found == ["d.yaml:19: 'gateways' is given twice; it stands on line 11 already"]
    twice = _changed("campaigns:", "  - {server: pbx-1, account: GSM1}\ncampaigns:")
    assert twice == ["d.yaml:17: gateway 'pbx-1/GSM1' is given twice; it stands on line 12 already"]


def test_one_account_name_on_two_servers_is_two_gateways() -> None:
    more = GOOD.replace("servers:\n", "servers:\n  - {id: pbx-2, time_zone: Asia/Yekaterinburg}\n")
    assert (
        len(
            parse_directory(
                more.replace("campaigns:", "  - {server: pbx-2, account: GSM1}\ncampaigns:").encode()
            ).gateways
        )
        == 2
    )


def test_all_problems_are_told_at_once_in_the_order_of_the_lines() -> None:
    found = _problems(
        GOOD.replace("Europe/Moscow", "Mars").replace("[pbx-1/GSM1]", "[GSM1]").replace("id: ural", "id: 1")
    )
    assert [line.split(":")[1] for line in found] == ["4", "8", "10", "16", "18"]


def test_a_service_that_cannot_be_read_is_not_unknown_as_well() -> None:
    assert _changed("name: City,", "name: 5,") == ["d.yaml:7: name: must be text, found 5; put it in quotes"]


@pytest.mark.parametrize(
    ("raw", "line", "says"),
    [
        (b"", 1, "the file is empty"),
        (b"# nothing yet\n", 1, "the file is empty"),
        (b"organisations: []\n", 1, "at least one organisation"),
        (b"- 1\n", 1, "must be a mapping"),
        (b"a: \x00\x01", 1, "a control character; is this a text file?"),
        (bytes(range(256)), 2, "not UTF-8"),
        ("# ok\nname: Орбита".encode("cp1251"), 2, "not UTF-8"),
        (GOOD.encode("utf-16"), 1, "not UTF-8"),
        (b"a: [1, 2\nb: 3", 2, "not YAML"),
        (b"[" * 5_000, 1, "nested too deep"),
        (b"a: &x [1]\nb: *x\n", 1, "an alias (*name); write the value out"),
        (b"a: &x [*x]\n", 1, "an alias"),
        (b"a: !!python/name:os.system x\n", 1, "unknown field 'a'"),
        (b'a: "\\ud800"\n', 1, "half a surrogate pair"),
        (b"1: 2\n", 1, "a name before ':' must be text"),
        (b"? [a]\n: 2\n", 1, "a name before ':' must be text"),
    ],
)
def test_what_is_no_directory_at_all_is_said_and_nothing_hangs(raw: bytes, line: int, says: str) -> None:
    found = _problems(raw)
    assert any(each.startswith(f"d.yaml:{line}: ") and says in each for each in found), found


def test_a_byte_order_mark_is_no_problem() -> None:
    assert isinstance(parse_directory(b"\xef\xbb\xbf" + GOOD.encode()), Entities)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(DirectoryFileError, match="No such file"):
        read_directory_file(tmp_path / "none.yaml")
