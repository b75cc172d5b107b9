"""The command line's root: a table of strings. What a command needs is imported when it is called, not before."""

import sys

import click

from interlock.web.command import Entry, Table, run

CHECKS, CODE, TOOL = "Checks before apply", "Infrastructure as code", "Interlock"
COMMANDS = {
    "check": Entry("interlock.offline:check", "Judge plans by policy; 20 on a violation.", CHECKS),
    "policy": Entry("interlock.offline:policy", "Test, lint and evaluate policies.", CHECKS),
    "plan": Entry("interlock.offline:plan", "Show, compare and name what a plan means.", CODE),
    "completion": Entry("interlock.offline:completion", "Print the completion script of a shell.", TOOL),
    "version": Entry("interlock.offline:version", "Print the version.", TOOL),
}
ROOT = Table(
    COMMANDS,
    name="interlock",
    help="Interlock governs infrastructure change: it tells what a change will do, and whether it may.",
    epilog="Exit codes: 0 ok, 1 failed or could not judge, 2 not understood, 3 not found, 10 differs, 20 violation.",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)
ROOT.params.append(
    click.Option(
        ["--version"],
        is_flag=True,
        expose_value=False,
        is_eager=True,
        callback=lambda ctx, _, asked: _version(ctx) if asked else None,
        help="Print the version and exit.",
    )
)


def _version(ctx: click.Context) -> None:
    from interlock import __version__

    click.echo(f"interlock {__version__}")
    ctx.exit()


def main() -> None:
    """Run the command line and exit with its code."""
    sys.exit(run(ROOT))


if __name__ == "__main__":
    main()
