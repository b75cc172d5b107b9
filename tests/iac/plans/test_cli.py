"""`interlock plan` as a user meets it: in the process through the real command table, and as a program."""

import csv
import io
import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import yaml

from iac.plans.builders import mixed, plan, resource, written
from interlock.__main__ import ROOT
from interlock.web.command import run

LISTS = ["resources", "drift", "outputs", "checks", "deferred", "action_invocations"]
FIELDS = ["file", "digest", "tool", "tool_version", "format_version", "complete", "errored", "refresh_only", "counts"]
FIELDS += LISTS
SUMMARY = (
    "2 to create, 3 to update, 2 to replace, 2 to destroy, 1 to read, 1 to move, 1 to import, 1 to forget;"
    " 1 drifted; 1 check fails; 1 put off; 1 action runs; 1 unchanged (--full shows them)"
)


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str]) -> Any:
    def call(*words: str) -> tuple[int, str, str]:
        code = run(ROOT, words)
        out, err = capsys.readouterr()
        return code, out, err

    return call


@pytest.fixture
def mixed_plan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    written(tmp_path, mixed())
    return "plan.json"


def test_show(cli: Any, mixed_plan: str) -> None:
    code, out, err = cli("plan", "show", mixed_plan, "--no-color")
    assert (code, err) == (0, "")
    assert re.sub(r"sha256:[0-9a-f]{12}", "sha256:0", out).splitlines() == [
        "plan.json  OpenTofu 1.12.6, format 1.2, incomplete          sha256:0",
        "incomplete: it leaves out something (targets or deferred changes)",
        SUMMARY,
        "create    +  aws_s3_bucket.assets",
        "          +  module.cdn.aws_cloudfront_distribution.main",
        "update    ~  aws_iam_policy.read",
        '               policy (JSON) Statement[0].Effect   "Allow" -> "Deny"',
        "          ~  aws_lb_listener.https",
        '               certificate_arn            "arn:aws:acm:eu-west-2:1:certificate/1f" -> ? known after apply',
        "               default_action[0].weight   100 -> 90",
        "          ~  aws_sqs_queue.jobs",
        "               policy                     same JSON, only formatting differs",
        "replace -/+  aws_db_subnet_group.orders   cannot be updated in place",
        '               name                       "orders-a" -> "orders-b"   forces replacement',
        "               ? known after apply: id",
        "        +/-  aws_lb.web",
        '               name                       "a" -> "b"   forces replacement',
        "destroy   -  aws_iam_user.legacy          no longer in the configuration",
        "          -  aws_instance.web (deposed 1a2b3c4d)",
        "read     <=  data.aws_ami.base            its arguments are known after apply",
        "move      >  aws_vpc.main                 was aws_vpc.old",
        'import    <  aws_eip.nat                  imports "eipalloc-1"',
        "forget    .  aws_kms_key.kept             stays as it is, no longer managed",
        "drift     !  aws_security_group.web       changed outside",
        "               ports[0]                   not set -> 22   item added",
        "outputs   ~  db_password                  (sensitive) -> (sensitive)",
        '          +  endpoint                     "https://example.org"',
        "checks       check.health                 fail: the endpoint answered 500",
        "deferred  +  aws_instance.later           put off: instance count unknown",
        "actions      action.aws_lambda_invoke.warm   after create aws_s3_bucket.assets",
    ]


def test_show_by_module_puts_headings(cli: Any, mixed_plan: str) -> None:
    _, out, _ = cli("plan", "show", mixed_plan, "--group", "module", "--only", "create")
    assert out.splitlines()[3:] == [
        "root module",
        "create    +  aws_s3_bucket.assets",
        "module.cdn",
        "create    +  module.cdn.aws_cloudfront_distribution.main",
    ]


def test_formats_carry_the_same_entries(cli: Any, mixed_plan: str) -> None:
    document = json.loads(cli("plan", "show", mixed_plan, "-o", "json")[1])
    assert list(document) == FIELDS
    listed = [entry for name in LISTS for entry in document[name]]
    assert yaml.safe_load(cli("plan", "show", mixed_plan, "-o", "yaml")[1]) == document
    lines = cli("plan", "show", mixed_plan, "-o", "ndjson")[1].splitlines()
    assert [json.loads(line) for line in lines] == listed
    rows = list(csv.DictReader(io.StringIO(cli("plan", "show", mixed_plan, "-o", "csv")[1])))
    assert [row["address"] for row in rows] == [entry["address"] for entry in listed]
    table = cli("plan", "show", mixed_plan, "--columns", "mark,address")[1].splitlines()
    assert table[0].split() == ["MARK", "ADDRESS"]
    assert len(table) == len(listed) + 1


def test_fields(cli: Any, mixed_plan: str) -> None:
    assert cli("plan", "show", mixed_plan, "--json")[1].split() == FIELDS
    chosen = json.loads(cli("plan", "show", mixed_plan, "--json=digest,counts")[1])
    assert list(chosen) == ["digest", "counts"]
    assert cli("plan", "show", mixed_plan, "--json=colour")[0] == 2


def test_a_value_keeps_its_kind_in_json(cli: Any, tmp_path: Path) -> None:
    document = plan(resource("a.b", "update", {"n": 1, "f": 1.5}, {"n": 2, "f": 2.5}, after_unknown={"u": True}))
    changes = json.loads(cli("plan", "show", written(tmp_path, document), "-o", "json")[1])["resources"][0]["changes"]
    assert [(c["path"], c["before"], c["after"], c["known_after_apply"]) for c in changes] == [
        ("f", 1.5, 2.5, False),
        ("n", 1, 2, False),
        ("u", None, None, True),
    ]


def test_digest(cli: Any, tmp_path: Path) -> None:
    one, two = written(tmp_path, plan(), "1.json"), written(tmp_path, mixed(), "2.json")
    code, out, _ = cli("plan", "digest", one, two)
    assert code == 0
    assert [line.split("  ")[1] for line in out.splitlines()] == [one, two]
    assert all(re.fullmatch(r"sha256:[0-9a-f]{64}  .*", line) for line in out.splitlines())
    listed = json.loads(cli("plan", "digest", one, two, "-o", "json")[1])
    assert [f"{item['digest']}  {item['file']}" for item in listed] == out.splitlines()
    assert cli("plan", "digest")[0] == 2


def test_diff(cli: Any, tmp_path: Path) -> None:
    old, other = mixed(), mixed()
    other["resource_changes"][2]["change"]["after"]["default_action"][0]["weight"] = 80
    one, two = written(tmp_path, old, "1.json"), written(tmp_path, other, "2.json")
    code, out, _ = cli("plan", "diff", one, two)
    assert code == 0
    assert out.splitlines()[1:] == [
        "1 changed in meaning",
        "changed   ~  aws_lb_listener.https",
        "               default_action[0].weight   90 -> 80",
    ]
    assert cli("plan", "diff", one, two, "--exit-code")[0] == 10
    document = json.loads(cli("plan", "diff", one, two, "-o", "json")[1])
    assert document["equal"] is False
    assert document["differences"][0]["changes"][0]["new"] == 80
    for form in ("ndjson", "yaml", "csv"):
        assert "aws_lb_listener.https" in cli("plan", "diff", one, two, "-o", form)[1]


def test_equal_meaning(cli: Any, tmp_path: Path) -> None:
    one = written(tmp_path, mixed(), "1.json")
    two = written(tmp_path, mixed() | {"timestamp": "2027-01-01T00:00:00Z", "terraform_version": "1.12.7"}, "2.json")
    digest = cli("plan", "digest", one)[1].split()[0]
    assert cli("plan", "diff", one, two, "--exit-code") == (0, f"equal meaning  {digest}\n", "")
    assert json.loads(cli("plan", "diff", one, two, "-o", "json")[1])["differences"] == []


@pytest.mark.parametrize("verb", ["show", "digest", "diff"])
@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"PK\x03\x04", b"\xff\xfe{\x00", b'{"format_version":"2.0"}', b'{"a":' * 5000, b"\x80\x81"],
)
def test_what_is_no_plan_is_one_error(cli: Any, tmp_path: Path, verb: str, content: bytes) -> None:
    (tmp_path / "bad.json").write_bytes(content)
    good = written(tmp_path, plan())
    code, out, err = cli("plan", verb, *([good] if verb == "diff" else []), str(tmp_path / "bad.json"))
    assert (code, out) == (2, "")
    assert err.count("error:") == 1
    assert "Traceback" not in err


@pytest.mark.parametrize("place", ["after", "before_sensitive", "after_unknown", "importing"])
def test_a_value_nested_without_end_is_one_error(cli: Any, tmp_path: Path, place: str) -> None:
    deep: Any = True
    for _ in range(800):
        deep = {"a": deep}
    document = plan(resource("a.b", "update", {"a": 1}, {"a": 2}, **({} if place == "after" else {place: deep})))
    if place == "after":
        document["resource_changes"][0]["change"]["after"] = deep
    code, _, err = cli("plan", "show", written(tmp_path, document))
    assert code == 2
    assert err.count("error:") == 1


def test_both_plans_from_standard_input_is_refused(cli: Any) -> None:
    code, _, err = cli("plan", "diff", "-", "-")
    assert code == 2
    assert "not both" in err


def test_wrong_words_are_explained(cli: Any, mixed_plan: str) -> None:
    assert "Did you mean 'show'?" in cli("plan", "view", mixed_plan)[2]
    assert "one of: create" in cli("plan", "show", mixed_plan, "--only", "delete")[2]


def test_hostile_texts_reach_no_terminal(cli: Any, tmp_path: Path) -> None:
    nasty = "a\u202eb\x1b[31m\u200bc\ufffd\n\ufeff"
    document = plan(
        resource(f'a.b["{nasty}"]', "update", {nasty: nasty, "l": "x\ny"}, {nasty: "x", "l": f"x\n{nasty}"}),
        terraform_version=nasty,
        output_changes={nasty: {"actions": ["create"], "after": nasty, "before": None}},
    )
    for words in ([], ["--full"], ["--group", "type"], ["-o", "csv"], ["--columns", "address,changes"]):
        _, out, _ = cli("plan", "show", written(tmp_path, document), *words)
        assert out
        assert not set("\u202e\x1b\u200b\ufeff") & set(out)
        assert "\ufffd" not in out or words[:1] in (["-o"], ["--columns"])


def test_as_a_program(tmp_path: Path) -> None:
    path = written(tmp_path, mixed())

    def program(*words: str | Path, stdin: Any = subprocess.DEVNULL) -> tuple[int, bytes, bytes]:
        command = [Path(sys.executable).with_name("interlock"), "plan", *words]
        environment = {"PATH": os.environ["PATH"], "NO_COLOR": "1", "PYTHONUTF8": "1"}
        done = subprocess.run(command, stdin=stdin, capture_output=True, env=environment, check=False)
        return done.returncode, done.stdout, done.stderr

    with Path(path).open("rb") as file:
        code, out, _ = program("show", "-", stdin=file)
    assert code == 0
    assert out.startswith(b"standard input  OpenTofu")
    assert program("diff", path, path, "--exit-code")[1].startswith(b"equal meaning  sha256:")
    code, _, err = program("show", tmp_path)
    assert code == 2
    assert err.startswith(b"error: ")


def test_colour_only_repeats(cli: Any, mixed_plan: str, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = cli("plan", "show", mixed_plan)[1]
    monkeypatch.setenv("FORCE_COLOR", "1")
    drawn = cli("plan", "show", mixed_plan)[1]
    assert "\x1b[" in drawn
    assert re.sub(r"\x1b\[[0-9]*m", "", drawn) == plain


def test_a_thousand_resources_take_less_than_a_second(cli: Any, tmp_path: Path) -> None:
    policy = {"Statement": [{"Effect": "Allow", "Action": f"s3:{i}", "Resource": "*"} for i in range(5)]}
    body = {f"attribute_{i}": f"value {i}" for i in range(40)}
    resources = [
        resource(f"aws_x.r[{i}]", "update", {**body, "policy": json.dumps(policy)}, {**body, "policy": "{}", "n": i})
        for i in range(1000)
    ]
    path = written(tmp_path, plan(*resources))
    cli("plan", "show", path)
    start = time.process_time()
    assert cli("plan", "show", path)[0] == 0
    assert time.process_time() - start < 2  # twice what is promised: this machine may be busy
