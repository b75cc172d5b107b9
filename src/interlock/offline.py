"""The root of the commands that need no server: it gives each the engines, clock and files that it works with.

Rules: imports happen when a command is built, so one command pays for nothing of another; nothing reached from here
knows a server, a database or an account.
"""

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from interlock.iac.policy.ports import PolicyEngine


def check() -> click.Command:
    """``interlock check``."""
    from interlock.iac.policy.cli import check_command
    from interlock.kernel.clock import SystemClock

    return check_command(engines(), SystemClock())


def policy() -> click.Command:
    """``interlock policy``."""
    from interlock.iac.policy.cli import policy_group

    return policy_group(engines())


def plan() -> click.Command:
    """``interlock plan``."""
    from interlock.iac.plans.cli import plan_group

    return plan_group()


def engines() -> "Mapping[str, Callable[[], PolicyEngine]]":
    """Every policy engine by the name that ``--engine`` takes; a new one is a folder and a line here."""
    return {"embedded": _embedded, "opa": _opa}


def _embedded() -> "PolicyEngine":
    from interlock.adapters.regorus.engine import EmbeddedEngine

    return EmbeddedEngine()


def _opa() -> "PolicyEngine":
    from interlock.adapters.opa.engine import OpaEngine

    return OpaEngine()


def version() -> click.Command:
    """``interlock version``."""
    from interlock.web.output import Out, output_options

    @click.command(help="Print the version of Interlock and of the embedded policy engine.")
    @output_options()
    def command(out: Out) -> None:
        from importlib import metadata

        from interlock import __version__

        try:
            engine = metadata.version("gordon-to-regorus")
        except metadata.PackageNotFoundError:
            engine = None
        record = {"interlock": __version__, "embedded_engine": engine}
        if out.table:
            out.line(f"interlock {__version__}")
        else:
            out.record(record)

    return command


def completion() -> click.Command:
    """``interlock completion SHELL``."""

    @click.command(help='Print the completion script of a shell. Example: eval "$(interlock completion bash)"')
    @click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
    @click.pass_context
    def command(ctx: click.Context, shell: str) -> None:
        from click.shell_completion import get_completion_class

        script = get_completion_class(shell)
        if script is not None:
            click.echo(script(ctx.find_root().command, {}, "interlock", "_INTERLOCK_COMPLETE").source())

    return command
