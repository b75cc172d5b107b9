"""Every way Interlock refuses, as one tree. The command line maps it to an exit code, HTTP to problem+json.

Rules: ``message`` says what, ``why`` why, ``hint`` the next command; none of them ever holds a secret; a
failure of ours is never shown as a traceback; a check that could not judge is `BrokenCheck`, never a pass.

    InterlockError
      Failed            1  ran and failed
        BrokenCheck     1  could not judge: a policy is broken, an engine crashed, a limit was passed
        Internal        1  a bug
      Invalid           2  not understood: wrong flag, field or content
        Malformed       2  not even the format it claims to be
        TooLarge        2  over a documented limit
        Unsupported     2  a format or version that we do not read
        Required        2  something that must be given was not
      NotFound          3  the named thing does not exist, or you may not know that it does
        Gone            3  it existed
      Denied            4  no permission
        Unauthenticated 4  not signed in
        Separation      4  the two-person rule
      Conflict          5  its state forbids this now
        Locked Stale Fenced Precondition Idempotency
      PolicyViolation  20  a rule forbids it
      ApprovalWaiting  21  people must decide first
      Frozen           22  outside its window
      RolledBack       23  ended rolled back
      TimedOut         24  the work goes on
      Unavailable      75  a server did not answer; safe to repeat
        RateLimited    75
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault in a document: where it is (1-based line and column, 0 when unknown) and what it is."""

    message: str
    file: str = ""
    line: int = 0
    column: int = 0
    field: str = ""
    hint: str = ""

    def place(self) -> str:
        """``file:line:column``, as far as it is known."""
        parts = [self.file] + [str(n) for n in (self.line, self.column) if n]
        return ":".join(part for part in parts if part)

    def __str__(self) -> str:
        """``file:line:column: field: message (hint)``, leaving out what is unknown."""
        text = ": ".join(part for part in (self.place(), self.field, self.message) if part)
        return f"{text} ({self.hint})" if self.hint else text

    def as_dict(self) -> dict[str, Any]:
        """The shape of one item of ``errors`` in problem+json."""
        return {
            "file": self.file or None,
            "line": self.line or None,
            "column": self.column or None,
            "field": self.field or None,
            "message": self.message,
            "hint": self.hint or None,
        }


class InterlockError(Exception):
    """Base of every error raised on purpose.

    Args:
        message: what happened, one line, no trailing full stop.
        why: the rule or fact behind it.
        hint: what to do next, best a command.
        problems: the single faults, all at once.
    """

    code: ClassVar[str] = "failed"
    status: ClassVar[int] = 422
    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, *, why: str = "", hint: str = "", problems: Sequence[Problem] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.why = why
        self.hint = hint
        self.problems = tuple(problems)

    def as_dict(self) -> dict[str, Any]:
        """The body of ``{"error": ...}`` that every structured output prints."""
        return {
            "code": self.code,
            "message": self.message,
            "why": self.why or None,
            "hint": self.hint or None,
            "errors": [problem.as_dict() for problem in self.problems],
            "exit_code": self.exit_code,
            "request_id": None,
        }


class Failed(InterlockError):
    """The work ran and failed."""


class BrokenCheck(Failed):
    """A check could not judge; that is never a pass."""

    code = "broken-check"


class Internal(Failed):
    """A bug of ours."""

    code, status = "internal", 500


class Invalid(InterlockError):
    """What was given is not understood."""

    code, status, exit_code = "invalid", 422, 2


class Malformed(Invalid):
    """The content is not even of the format that it claims."""

    code, status = "malformed", 400


class TooLarge(Invalid):
    """A documented limit is passed; the message names limit and setting."""

    code, status = "too-large", 413


class Unsupported(Invalid):
    """A format or version that we do not read."""

    code, status = "unsupported", 415


class Required(Invalid):
    """Something that must be given was not."""

    code, status = "required", 428


class NotFound(InterlockError):
    """The named thing does not exist, or the asker may not know that it does."""

    code, status, exit_code = "not-found", 404, 3


class Gone(NotFound):
    """The named thing existed once."""

    code, status = "gone", 410


class Denied(InterlockError):
    """The asker lacks a permission."""

    code, status, exit_code = "denied", 403, 4


class Unauthenticated(Denied):
    """Nobody is signed in."""

    code, status = "unauthenticated", 401


class Separation(Denied):
    """Author, approver and executor must be different people here."""

    code = "separation"


class Conflict(InterlockError):
    """The thing's state forbids this now."""

    code, status, exit_code = "conflict", 409, 5


class Locked(Conflict):
    """Somebody else holds the lock."""

    code, status = "locked", 423


class Stale(Conflict):
    """The decision was about an older digest, serial or version."""

    code = "stale"


class Fenced(Conflict):
    """A newer lease exists; this one may write no more."""

    code = "fenced"


class Precondition(Conflict):
    """If-Match did not match."""

    code, status = "precondition", 412


class Idempotency(Conflict):
    """The key was used before with another body."""

    code, status = "idempotency", 422


class PolicyViolation(InterlockError):
    """A policy forbids it."""

    code, status, exit_code = "policy", 409, 20


class ApprovalWaiting(InterlockError):
    """People must decide first."""

    code, status, exit_code = "approval", 409, 21


class Frozen(InterlockError):
    """A freeze, or a time outside every window."""

    code, status, exit_code = "frozen", 409, 22


class RolledBack(InterlockError):
    """The work ended with everything back where it was."""

    code, status, exit_code = "rolled-back", 409, 23


class TimedOut(InterlockError):
    """The wait is over, the work goes on."""

    code, status, exit_code = "timeout", 504, 24


class Unavailable(InterlockError):
    """A server did not answer; safe to repeat."""

    code, status, exit_code = "unavailable", 503, 75


class RateLimited(Unavailable):
    """Asked too often."""

    code, status = "rate-limited", 429
