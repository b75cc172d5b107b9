"""``interlock check`` and ``interlock policy``: ``test``, ``lint``, ``eval``; no server, no account.

Rules: exit 0 when every plan passes, 20 when one has a result that stops, 1 when one could not be judged, 2 when one is
no plan; over many plans the worst in this order decides, so neither a pass nor a violation hides a plan that was not
judged; a flag that is wrong ends before any plan is read; the formats are imported when they are asked for.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import click

from interlock.web.command import Noun
from interlock.web.output import Out, output_options

if TYPE_CHECKING:
    from interlock.iac.policy.model import Bundle, Verdict
    from interlock.iac.policy.ports import PolicyEngine
    from interlock.iac.policy.service import Judgement
    from interlock.iac.policy.spec import Exemptions
    from interlock.kernel.clock import Clock

_F = TypeVar("_F", bound=Callable[..., Any])
Engines = Mapping[str, Callable[[], "PolicyEngine"]]
_CHECK_HELP = """Judge plans by policy. A plan is the output of `tofu show -json PLANFILE` or
`terraform show -json PLANFILE`; - reads standard input.

Without --policy the bundled default set judges. Policies are Rego as conftest takes it: deny, violation and warn.

\b
Examples:
  interlock check plan.json
  interlock check plan.json --policy policies/ --data company.yaml
  interlock check plan.json --exemptions exemptions.yaml --fail-on warn
  interlock check network.json app.json -o junit > interlock.xml
  tofu show -json plan.bin | interlock check -

\b
Exit codes, the worst over all plans:
  0   no plan has a result that stops
  20  a violation, or with --fail-on warn a warning
  1   could not judge: a policy is broken, or passed a limit
  2   not a plan, or a wrong argument
"""


_TEST_HELP = """Run the test_ rules of policies (*_test.rego and others).

\b
Example:
  interlock policy test policies/ --data company.yaml

Exit codes: 0 all pass, 1 one fails or cannot be run, 2 there is no test.
"""
_LINT_HELP = """Tell what is wrong with policies before they run: what an engine would get wrong, or is hardly meant.

\b
Example:
  interlock policy lint policies/

Exit codes: 0 nothing, or only what does not stand in the way; 1 a policy that the embedded engine must not run.
"""
_EVAL_HELP = """Print what policies make of an input, with secrets masked. INPUT is a plan, or any JSON object; - reads
standard input. A QUERY is a reference such as data.main.deny; without one, all rules are asked.

\b
Examples:
  interlock policy eval plan.json --policy policies/
  interlock policy eval plan.json data.main.deny data.main.takes_effect -o yaml
"""
_policy_option = click.option(
    "-p",
    "--policy",
    multiple=True,
    metavar="DIR",
    help="Folder or file of policies (repeat for more).  [default: the bundled set]",
)
_data_option = click.option(
    "-d", "--data", multiple=True, metavar="FILE", help="JSON or YAML, or a folder of it, that policies see as `data`."
)
_namespace_option = click.option(
    "-n",
    "--namespace",
    multiple=True,
    metavar="NS",
    help="Packages whose rules are asked, '*' for all.  [default: main]",
)


def _engine_option(engines: Engines) -> Callable[[_F], _F]:
    return click.option(
        "--engine",
        type=click.Choice(list(engines)),
        default=next(iter(engines)),
        show_default=True,
        help="What runs the policies; opa is the program of Open Policy Agent, from PATH.",
    )


def check_command(engines: Engines, clock: "Clock") -> click.Command:
    """``interlock check``."""

    @click.command("check", help=_CHECK_HELP, short_help="Judge plans by policy; 20 on a violation.")
    @click.argument("plans", nargs=-1, required=True, metavar="PLAN.json...")
    @_policy_option
    @_data_option
    @_namespace_option
    @click.option(
        "--exemptions",
        metavar="FILE",
        help="YAML list of {rule, scope, reason, until}: findings that are tolerated; scope is a glob over addresses.",
    )
    @click.option(
        "--fail-on",
        type=click.Choice(["violation", "warn"]),
        default="violation",
        show_default=True,
        help="The least result that ends in exit 20.",
    )
    @_engine_option(engines)
    @output_options("junit", "sarif", "github")
    def command(  # noqa: PLR0913, PLR0917 - each is one flag of the command line
        out: Out,
        plans: tuple[str, ...],
        policy: tuple[str, ...],
        data: tuple[str, ...],
        namespace: tuple[str, ...],
        exemptions: str | None,
        fail_on: str,
        engine: str,
    ) -> None:
        from interlock.iac.policy import conclude, service
        from interlock.iac.policy.model import Verdict
        from interlock.iac.policy.ports import Limits

        _once(plans)
        tolerated = _exemptions(exemptions, clock)
        bundle = service.load(policy, data, namespace)
        _say_default(out, policy)
        least = Verdict.VIOLATION if fail_on == "violation" else Verdict.WARNING
        covering = tolerated.covering if tolerated else lambda _rule, _resource: None
        judgements = list(service.judge(engines[engine](), bundle, plans, covering, Limits()))
        _print(out, judgements, least)
        _notes(out, judgements, tolerated, bundle)
        worst = conclude.worst(judgements, least)
        if worst is not None:
            raise worst

    return command


def _once(plans: Sequence[str]) -> None:
    from interlock.kernel.errors import Invalid

    if plans.count("-") > 1:
        raise Invalid("standard input can be one plan only", hint="name - once")


def _exemptions(file: str | None, clock: "Clock") -> "Exemptions | None":
    if file is None:
        return None
    from interlock.iac.policy import spec

    return spec.Exemptions(spec.read(file, clock), file)


def _say_default(out: Out, policy: Sequence[str]) -> None:
    if not policy:
        out.note("policies: the bundled default set; --policy DIR names others")


def _print(out: Out, judgements: "Sequence[Judgement]", fail_on: "Verdict") -> None:
    if out.format == "junit":
        from interlock.iac.policy import junit

        junit.write(out, judgements, fail_on)
    elif out.format == "sarif":
        from interlock.iac.policy import sarif

        sarif.write(out, judgements, fail_on)
    elif out.format == "github":
        from interlock.iac.policy import github

        github.write(out, judgements, fail_on)
    elif out.table and not out.columns:
        from interlock.iac.policy import tables

        tables.write(out, judgements)
    else:
        from interlock.iac.policy import records

        records.write(out, judgements, fail_on)


def _notes(out: Out, judgements: "Sequence[Judgement]", tolerated: "Exemptions | None", bundle: "Bundle") -> None:
    from interlock.web.output import escape

    for judgement in judgements:
        for line in judgement.prints:
            out.note(f"print: {escape(line)}")
    if tolerated is not None:
        whole = all(judgement.error is None for judgement in judgements)
        for line in tolerated.notes((rule.id for rule in bundle.rules), judged=whole):
            out.note(f"exemptions: {escape(line)}")


def policy_group(engines: Engines) -> click.Group:
    """The noun ``policy`` with the verbs that need no server."""
    group = Noun("policy", help="Test, lint and evaluate policies. Policies are Rego as conftest takes it.")
    for command in (_test(engines), _lint(), _eval(engines)):
        group.add_command(command)
    return group


def _test(engines: Engines) -> click.Command:
    @click.command("test", help=_TEST_HELP)
    @click.argument("folders", nargs=-1, metavar="[DIR]...")
    @_data_option
    @_engine_option(engines)
    @output_options()
    def command(out: Out, folders: tuple[str, ...], data: tuple[str, ...], engine: str) -> None:
        from interlock.iac.policy import service, testing, workshop
        from interlock.iac.policy.ports import Limits

        bundle = service.load(folders, data, with_tests=True)
        _say_default(out, folders)
        workshop.tests(out, testing.run(engines[engine](), bundle, Limits()))

    return command


def _lint() -> click.Command:
    @click.command("lint", help=_LINT_HELP)
    @click.argument("folders", nargs=-1, metavar="[DIR]...")
    @_data_option
    @_namespace_option
    @output_options()
    def command(out: Out, folders: tuple[str, ...], data: tuple[str, ...], namespace: tuple[str, ...]) -> None:
        from interlock.iac.policy import lint, service, workshop

        bundle = service.load(folders, data, namespace, with_tests=True)
        _say_default(out, folders)
        workshop.findings(out, lint.findings(bundle), len(bundle.modules))

    return command


def _eval(engines: Engines) -> click.Command:
    @click.command("eval", help=_EVAL_HELP)
    @click.argument("input_file", metavar="INPUT")
    @click.argument("queries", nargs=-1, metavar="[QUERY]...")
    @_policy_option
    @_data_option
    @_namespace_option
    @_engine_option(engines)
    @output_options()
    def command(  # noqa: PLR0913, PLR0917 - each is one flag of the command line
        out: Out,
        input_file: str,
        queries: tuple[str, ...],
        policy: tuple[str, ...],
        data: tuple[str, ...],
        namespace: tuple[str, ...],
        engine: str,
    ) -> None:
        from interlock.iac.policy import evaluation, service, workshop
        from interlock.iac.policy.ports import Limits

        bundle = service.load(policy, data, namespace)
        _say_default(out, policy)
        answer = evaluation.evaluate(engines[engine](), bundle, input_file, queries, Limits())
        workshop.values(out, answer)

    return command
