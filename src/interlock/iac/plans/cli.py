"""``interlock plan``: ``show``, ``diff`` and ``digest`` of plan files; no server, no account.

Rules: what is printed has been masked by the marks of the plan and by all that is secret anywhere in its file; ``show``
decodes one resource at a time and, as table and ``ndjson``, prints it before the next; ``diff`` looks only, so it
exits 0 unless ``--exit-code`` asks for 10; what is no plan ends in one error and exit 2.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click

from interlock.web.command import Noun
from interlock.web.output import Out, output_options

DIFFERENT = 10
_DIFF_COLUMNS = ("kind", "section", "address", "old_effect", "new_effect", "changes")
_COLUMNS = ("section", "address", "effect", "mark", "reason", "changes")


def plan_group() -> click.Group:
    """The noun ``plan`` with its verbs."""
    group = Noun("plan", help="Show, compare and name what a plan means. A plan is the output of `tofu show -json`.")
    for command in (_show(), _diff(), _digest()):
        group.add_command(command)
    return group


def _show() -> click.Command:
    @click.command(
        "show", help="Show what a plan would do. Example: interlock plan show plan.json --only replace,destroy"
    )
    @click.argument("file")
    @click.option(
        "--group",
        type=click.Choice(["action", "module", "type"]),
        default="action",
        show_default=True,
        help="What resources are listed under.",
    )
    @click.option(
        "--only",
        multiple=True,
        metavar="A,B",
        help="Effects (create,replace,...), sections (drift,outputs,checks,deferred,actions), addresses (module.web).",
    )
    @click.option("--full", is_flag=True, help="Show all: unchanged resources, values of created ones, long values.")
    @output_options()
    def command(out: Out, file: str, group: str, only: tuple[str, ...], *, full: bool) -> None:
        from interlock.iac.plans.view import select

        chosen = select(only, full=full, group=group)
        with _judged(file):
            _print_plan(out, file, chosen)

    return command  # fmt: skip


def _print_plan(out: Out, file: str, chosen: Any) -> None:
    from interlock.iac.plans import records, table
    from interlock.iac.plans.clean import Clean
    from interlock.iac.plans.meaning import digest
    from interlock.iac.plans.secrets import redactor
    from interlock.iac.plans.terraform import open_plan
    from interlock.iac.plans.view import entries, explained
    from interlock.kernel.canonical import short

    opened = open_plan(file)
    plan, clean = opened.plan, Clean(redactor(opened))
    found = entries(plan, clean, chosen)
    if out.format in {"json", "yaml"}:
        record = records.plan_record(plan, digest(plan), clean)
        for entry in found:
            record[records.LISTS[entry.section]].append(records.entry_record(entry))
        out.record(record)
    elif not out.table or out.columns:
        build: Callable[[Any], dict[str, Any]] = records.entry_record if out.format == "ndjson" else records.entry_row
        out.rows(map(build, found), _COLUMNS)
    else:
        for line in table.header(plan, short(digest(plan)), out.style):
            out.line(clean.text(line))
        column = table.detail_column(explained(plan, clean, chosen))
        for line in table.lines(found, column, out.style, full=chosen.full):
            out.line(line)


def _diff() -> click.Command:
    @click.command(
        "diff", help="Compare what two plans mean. Example: interlock plan diff approved.json plan.json --exit-code"
    )
    @click.argument("old")
    @click.argument("new")
    @click.option("--exit-code", is_flag=True, help="Exit 10 when they differ in meaning.")
    @click.option("--full", is_flag=True, help="Elide nothing.")
    @output_options()
    def command(out: Out, old: str, new: str, *, exit_code: bool, full: bool) -> int:
        with _judged(f"{old} or {new}"):
            equal = _print_difference(out, old, new, full=full)
        return DIFFERENT if exit_code and not equal else 0

    return command


def _print_difference(out: Out, old: str, new: str, *, full: bool) -> bool:
    from interlock.iac.plans import records, table
    from interlock.iac.plans.clean import Clean
    from interlock.iac.plans.difference import difference
    from interlock.iac.plans.meaning import digest
    from interlock.iac.plans.secrets import redactor
    from interlock.iac.plans.terraform import open_plan
    from interlock.iac.plans.text import safe
    from interlock.kernel.canonical import short
    from interlock.kernel.errors import Invalid

    if old == new == "-":
        raise Invalid("standard input can be one of the two plans, not both")
    files = open_plan(old), open_plan(new)
    names = [digest(file.plan) for file in files]
    clean = Clean(*map(redactor, files))
    found = difference(files[0].plan, files[1].plan, clean)
    if out.format in {"json", "yaml"}:
        sides = [{"file": file.name, "digest": name} for file, name in zip(files, names, strict=True)]
        differences = [records.differing_record(item) for item in found]
        out.record({"old": sides[0], "new": sides[1], "equal": not found, "differences": differences})
    elif not out.table or out.columns:
        build = records.differing_record if out.format == "ndjson" else records.differing_row
        out.rows(map(build, found), _DIFF_COLUMNS)
    elif not found:
        out.line(f"equal meaning  {names[0]}")
    else:
        out.line(f"{safe(files[0].name)} -> {safe(files[1].name)}          {short(names[0])} -> {short(names[1])}")
        for line in table.difference_lines(found, out.style, full=full):
            out.line(line)
    return not found


def _digest() -> click.Command:
    @click.command("digest", help="Print the digest of what each plan means. Example: interlock plan digest plan.json")
    @click.argument("files", nargs=-1, required=True, metavar="FILE...")
    @output_options()
    def command(out: Out, files: tuple[str, ...]) -> None:
        from interlock.iac.plans.text import safe

        if out.table and not out.columns:
            for record in map(_named_digest, files):
                out.line(f"{record['digest']}  {safe(record['file'])}")
        else:
            out.rows(map(_named_digest, files), ("digest", "file"))

    return command


def _named_digest(file: str) -> dict[str, str]:
    from interlock.iac.plans.meaning import digest
    from interlock.iac.plans.terraform import open_plan

    with _judged(file):
        opened = open_plan(file)
        return {"digest": digest(opened.plan), "file": opened.name}


@contextmanager
def _judged(file: str) -> Iterator[None]:
    """Turn what only a hostile plan can cause into a refusal."""
    from interlock.kernel.errors import Malformed

    try:
        yield
    except RecursionError:
        raise Malformed(f"{file} is nested too deeply", why="no plan is; the file is damaged or hostile") from None
