"""Exemptions: read strictly, held to their date, matched by address."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlock.iac.policy.model import Exemption
from interlock.iac.policy.spec import Exemptions, parse, read
from interlock.kernel.clock import FixedClock
from interlock.kernel.errors import Invalid, Malformed, TooLarge

CLOCK = FixedClock(datetime(2026, 10, 1, 12, tzinfo=UTC))
WHOLE = "- rule: s3.versioning\n  scope: aws_s3_bucket.logs\n  reason: write-once store\n  until: 2026-12-31\n"


def entry(rule: str = "a.b", scope: str = "*", until: str = "2026-12-31", *, expired: bool = False) -> Exemption:
    return Exemption(rule, scope, "because", until, expired, "", 1)


def text(**fields: str) -> bytes:
    known = {"rule": "a.b", "scope": "'*'", "reason": "why not", "until": "2026-12-31"} | fields
    return ("- " + "\n  ".join(f"{key}: {value}" for key, value in known.items() if value != "-")).encode()


def test_an_entry_is_read_with_its_line() -> None:
    (found,) = parse("e.yaml", b"# why\n" + WHOLE.encode() + b"  id: EXM-9\n", CLOCK)
    assert found == Exemption(
        "s3.versioning", "aws_s3_bucket.logs", "write-once store", "2026-12-31", expired=False, id="EXM-9", line=2
    )


@pytest.mark.parametrize(
    ("until", "expired"),
    [
        ("2026-09-30", True),
        ("2026-10-01", False),
        ("2026-10-02", False),
        ("2026-10-01T11:59:59Z", True),
        ("2026-10-01T12:00:00Z", True),
        ("'2026-10-01T13:00:00+02:00'", True),
        ("2026-10-01T12:00:01Z", False),
    ],
)
def test_an_entry_ends_with_its_day_or_at_its_instant(until: str, expired: bool) -> None:  # noqa: FBT001 - a parameter
    assert parse("e.yaml", text(until=until), CLOCK)[0].expired is expired


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (text(rule="-"), "e.yaml:1:3: rule: is missing"),
        (text(until="-"), "e.yaml:1:3: until: is missing"),
        (text(until="soon"), "e.yaml:4:10: until: is neither a date nor an instant (2027-06-30)"),
        (text(until="2026-13-01"), "e.yaml:4:10: until: is neither a date nor an instant (2027-06-30)"),
        (text(until="99999999999"), "e.yaml:4:10: until: is no text (put it in quotes)"),
        (text(reason="''"), "e.yaml:3:11: reason: is empty"),
        (text(reason="yes"), "e.yaml:3:11: reason: is no text (put it in quotes)"),
        (text(rule="[a, b]"), "e.yaml:1:9: rule: is one text"),
        (text(scopes="x"), "e.yaml:5:3: scopes: is no field of an exemption (did you mean scope?)"),
        (text() + b"\n  rule: c", "e.yaml:5:3: rule: is given twice"),
        (b"- just text", "e.yaml:1:3: an entry is a mapping of rule, scope, reason and until"),
    ],
)
def test_what_is_not_understood_is_named_with_line_and_field(content: bytes, said: str) -> None:
    with pytest.raises(Invalid) as caught:
        parse("e.yaml", content, CLOCK)
    assert [str(problem) for problem in caught.value.problems] == [said]
    assert caught.value.exit_code == 2


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(Invalid) as caught:
        parse("e.yaml", b"- {rule: a}\n- {rule: b, scope: c, reason: d, until: never}\n", CLOCK)
    assert [(p.line, p.field) for p in caught.value.problems] == [
        (1, "scope"),
        (1, "reason"),
        (1, "until"),
        (2, "until"),
    ]


@pytest.mark.parametrize("content", [b"", b"rule: a", b"text", b"null"])
def test_what_is_no_list_is_refused(content: bytes) -> None:
    with pytest.raises(Invalid, match="no list of exemptions"):
        parse("e.yaml", content, CLOCK)
    assert parse("e.yaml", b"[]", CLOCK) == ()


@pytest.mark.parametrize(
    "content",
    [b"- [", b"\xff\xfe", b"a: b: c", b"--- []\n--- []", b"- *nothing", b"[" * 100_000],
    ids=["cut", "utf-16", "colons", "two", "alias", "deep"],
)
def test_what_is_no_yaml_is_refused(content: bytes) -> None:
    with pytest.raises(Malformed):
        parse("e.yaml", content, CLOCK)


def test_a_file_that_is_not_there_or_too_large_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="cannot be read"):
        read(str(tmp_path / "none.yaml"), CLOCK)
    large = tmp_path / "large.yaml"
    large.write_bytes(b"#" * ((4 << 20) + 1))
    with pytest.raises(TooLarge):
        read(str(large), CLOCK)


@pytest.mark.parametrize(
    ("scope", "address", "covered"),
    [
        ("*", "", True),
        ("*", "aws_s3_bucket.a", True),
        ("aws_s3_bucket.logs", "aws_s3_bucket.logs", True),
        ("aws_s3_bucket.logs", "aws_s3_bucket.logs2", False),
        ("aws_s3_bucket.logs", "aws_s3_bucketxlogs", False),
        ("aws_s3_bucket.logs", "", False),
        ("aws_s3_bucket.*", "aws_s3_bucket.a[0]", True),
        ("aws_s3_bucket.*", "module.m.aws_s3_bucket.a", False),
        ("module.m.*", 'module.m.x.y["a\nb"]', True),
        ("a.b[0]", "a.b[0]", True),
        ("a.b[0]", "a.b0", False),
        ('a.b["x*"]', 'a.b["xyz"]', True),
        ("a.b?", "a.bc", False),
    ],
)
def test_a_scope_is_a_glob_in_which_only_the_star_is_special(scope: str, address: str, covered: bool) -> None:  # noqa: FBT001 - a parameter
    found = Exemptions([entry(scope=scope)]).covering("a.b", address)
    assert (found is not None) is covered


@given(st.text(), st.text())
def test_an_address_is_covered_by_itself_and_by_what_it_begins_with(address: str, rest: str) -> None:
    plain = address.replace("*", "")
    held = Exemptions([entry(scope=plain)]).covering("a.b", plain)
    assert held is not None or plain == ""
    if plain:
        assert Exemptions([entry(scope=plain + "*")]).covering("a.b", plain + rest)


def test_an_expired_entry_tolerates_nothing_and_is_named() -> None:
    held = Exemptions([entry(until="2026-01-01", expired=True)], "e.yaml")
    assert held.covering("a.b", "x.y") is None
    assert list(held.notes(["a.b"])) == [
        "e.yaml:1: the exemption of a.b for * ended with 2026-01-01 and counts as absent"
    ]


def test_entries_that_did_nothing_are_named() -> None:
    held = Exemptions([entry(), entry("a.c"), entry("x.y"), entry(scope="q.r")], "e.yaml")
    assert held.covering("a.b", "x.y") is held.entries[0]
    assert list(held.notes(["a.b", "a.c"])) == [
        "e.yaml:1: the exemption of a.c for * was not needed",
        "e.yaml:1: the exemption of x.y for * names no rule of these policies",
        "e.yaml:1: the exemption of a.b for q.r was not needed",
    ]
    assert list(held.notes(["a.b", "a.c"], judged=False)) == [
        "e.yaml:1: the exemption of x.y for * names no rule of these policies"
    ]
