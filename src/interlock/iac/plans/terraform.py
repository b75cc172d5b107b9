"""Reads `terraform show -json` and `tofu show -json`, any format_version from 0.1 up to, not including, 2.

Rules: unknown keys are ignored, unknown actions refused; a missing section is an empty one; what is not a plan is
named for what it is (binary plan, state, `plan -json` stream, UTF-16) with the command that makes a plan; the file is
mapped, not copied, and resource values are decoded one at a time. Errors never quote content.
Source: https://opentofu.org/docs/internals/json-format/ and the same page of Terraform.
"""

import mmap
import os
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from functools import cache, cached_property
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from interlock.iac.plans import model
from interlock.iac.plans.values import Leaf, lay
from interlock.kernel.errors import Invalid, Malformed, NotFound, TooLarge, Unsupported

SIZE_LIMIT = 1 << 30
"""Largest plan file in bytes; INTERLOCK_IAC__PLAN_BYTES sets another."""
_VERSION = re.compile(r"(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)(?:\.[0-9]+)?")
_T = TypeVar("_T")
_NULL = msgspec.Raw(b"null")
_HINT = "write one with: tofu show -json PLANFILE > plan.json (or terraform show -json)"
_LONGEST_NAME = 200
_json = msgspec.json.Decoder(float_hook=Decimal)


@cache
def _decoder(kind: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(kind, float_hook=Decimal)


class _Change(msgspec.Struct):
    actions: list[str]
    before: msgspec.Raw = _NULL
    after: msgspec.Raw = _NULL
    after_unknown: msgspec.Raw = _NULL
    before_sensitive: msgspec.Raw = _NULL
    after_sensitive: msgspec.Raw = _NULL
    replace_paths: list[list[str | int]] | None = None
    importing: dict[str, Any] | None = None


class _Resource(msgspec.Struct):
    address: str
    change: _Change
    deposed: str = ""
    previous_address: str = ""
    module_address: str = ""
    mode: str = "managed"
    type: str = ""
    name: str = ""
    index: str | int | None = None
    provider_name: str = ""
    action_reason: str = ""


class _Address(msgspec.Struct):
    to_display: str = ""
    kind: str = ""


class _Problem(msgspec.Struct):
    message: str = ""


class _Instance(msgspec.Struct):
    address: _Address = msgspec.field(default_factory=_Address)
    status: str = "unknown"
    problems: list[_Problem] | None = None


class _Check(msgspec.Struct):
    address: _Address
    status: str = "unknown"
    instances: list[_Instance] | None = None


class _Deferred(msgspec.Struct):
    resource_change: _Resource
    reason: str = "unknown"


class _Loader:
    """Decodes the two sides of one change; knows without decoding whether they may hide a secret."""

    __slots__ = ("_change", "_name", "_where")

    def __init__(self, name: str, where: str, change: _Change) -> None:
        self._name, self._where, self._change = name, where, change

    def __call__(self) -> model.Values:
        return _decode(self._name, self._where, self._load)

    def _load(self) -> model.Values:
        change = self._change
        return model.Values(
            before=_json.decode(change.before),
            after=_json.decode(change.after),
            unknown=_json.decode(change.after_unknown),
            before_sensitive=_json.decode(change.before_sensitive),
            after_sensitive=_json.decode(change.after_sensitive),
        )

    def may_hide(self) -> bool:
        change = self._change
        if b"true" in bytes(change.after_sensitive) or b"true" in bytes(change.before_sensitive):
            return True
        sides = bytes(change.before).lower() + bytes(change.after).lower()
        return any(hint in sides for hint in _HINTS_OF_SECRETS)


_HINTS_OF_SECRETS = (
    b"passw",
    b"passphrase",
    b"secret",
    b"token",
    b'key"',
    b"credential",
    b"connection",
    b"private key",
)


def may_hide(values: Callable[[], model.Values]) -> bool:
    """Whether the two sides may hold a secret, judged without decoding them; no means no."""
    return values.may_hide() if isinstance(values, _Loader) else True


class PlanFile:
    """One plan on disk (or from standard input), opened.

    Attributes:
        name: as the user named it.
        sections: every top-level key with its JSON text, not copied; of a repeated key the last one, as in Go.
    """

    def __init__(self, name: str, content: "bytes | mmap.mmap") -> None:
        self.name = name
        self.size = len(content)
        self._content = content
        self.sections = _sections(name, content)
        self.format_version = _format_version(name, self.sections)

    def section(self, key: str, kind: type[_T], default: _T) -> _T:
        """Decode one section, or answer the default where the file has none.

        Raises:
            Malformed: the section has another shape; the message names where.
        """
        raw = self.sections.get(key)
        if raw is None or bytes(memoryview(raw)[:4]) == b"null":
            return default
        decoded: _T = _decode(self.name, key, lambda: _decoder(kind).decode(raw))
        return decoded

    @cached_property
    def plan(self) -> model.Plan:
        """The plan in the shape that all drivers share."""
        resources = self._resources("resource_changes")
        return model.Plan(
            name=self.name,
            tool=self._tool(resources),
            tool_version=self.section("terraform_version", str, "of unknown version"),
            format_version=self.format_version,
            complete=self.section("complete", bool, default=True) if "complete" in self.sections else None,
            errored=self.section("errored", bool, default=False),
            refresh_only="resource_changes" not in self.sections,
            resources=resources,
            drift=self._resources("resource_drift"),
            outputs=self._outputs(),
            checks=tuple(self._checks()),
            deferred=self._deferred(),
            invocations=tuple(self._invocations()),
        )

    def _resources(self, key: str) -> tuple[model.ResourceChange, ...]:
        found = tuple(self._resource(item, key) for item in self.section(key, list[_Resource], []))
        seen: set[tuple[str, str]] = set()
        for resource in found:
            if resource.key in seen and key == "resource_changes":
                raise Malformed(
                    f"{self.name}: {key} names {_quoted(resource.address)} twice",
                    why="a resource is known by its address and deposed key, and a plan names each once",
                )
            seen.add(resource.key)
        return found

    def _resource(self, item: _Resource, section: str) -> model.ResourceChange:
        change = item.change
        actions = tuple(change.actions)
        if actions not in model.KNOWN_ACTIONS:
            raise Unsupported(
                f"{self.name}: {_quoted(item.address)} has unknown actions {_quoted(','.join(actions))}",
                why="a plan with an action that nobody understands cannot be judged",
                hint="a newer Interlock may read it",
            )
        return model.ResourceChange(
            address=item.address,
            deposed=item.deposed,
            previous_address=item.previous_address,
            module=item.module_address,
            mode=item.mode,
            type=item.type,
            name=item.name,
            index=item.index,
            provider=item.provider_name,
            actions=actions,
            reason=item.action_reason,
            replace_paths=tuple(map(tuple, change.replace_paths or ())),
            importing=change.importing,
            values=_Loader(self.name, f"{section} {_quoted(item.address)}", change),
        )

    def _outputs(self) -> tuple[model.OutputChange, ...]:
        changes = self.section("output_changes", dict[str, _Change], {})
        return tuple(
            model.OutputChange(name, tuple(change.actions), _Loader(self.name, f"output {_quoted(name)}", change))
            for name, change in changes.items()
        )

    def _checks(self) -> Iterator[model.Check]:
        for check in self.section("checks", list[_Check], []):
            instances = check.instances or []
            problems = tuple(p.message for i in instances for p in i.problems or ())
            yield model.Check(check.address.to_display, check.address.kind, check.status, problems)

    def _deferred(self) -> tuple[model.Deferred, ...]:
        items = self.section("deferred_changes", list[_Deferred], [])
        return tuple(
            model.Deferred(item.reason, self._resource(item.resource_change, "deferred_changes")) for item in items
        )

    def _invocations(self) -> Iterator[model.Invocation]:
        for key in ("action_invocations", "deferred_action_invocations"):
            deferred = key.startswith("deferred")
            for entry in self.section(key, list[dict[str, Any]], []):
                item = entry.get("action_invocation", entry)
                yield model.Invocation(str(item.get("address", "")), _masked_invocation(item), deferred)

    def _tool(self, resources: Sequence[model.ResourceChange]) -> str:
        """OpenTofu writes its version under Terraform's key: the provider registry and later keys tell them apart."""
        configs = self.section("configuration", _Configuration, _Configuration()).provider_config or {}
        providers = [resource.provider for resource in resources[:100]]
        providers += [str(config.get("full_name", "")) for config in configs.values()]
        if any(name.startswith("registry.opentofu.org/") for name in providers):
            return "OpenTofu"
        if "applyable" in self.sections or any(name.startswith("registry.terraform.io/") for name in providers):
            return "Terraform"
        minor = re.match(r"1\.([0-9]+)\.", self.section("terraform_version", str, ""))
        if minor is None or int(minor[1]) < _FIRST_OPENTOFU_MINOR:
            return "Terraform"
        return "OpenTofu" if int(minor[1]) >= _FIRST_APPLYABLE_MINOR else "Terraform or OpenTofu"


_FIRST_OPENTOFU_MINOR = 6
_FIRST_APPLYABLE_MINOR = 8


class _Configuration(msgspec.Struct):
    provider_config: dict[str, dict[str, Any]] | None = None


def open_plan(path: str, *, stdin: Callable[[], bytes] = sys.stdin.buffer.read) -> PlanFile:
    """Open a plan file; ``-`` reads standard input.

    Raises:
        NotFound: no such file.
        Invalid: not a plan, or one that we do not read: `Malformed`, `Unsupported`, `TooLarge`.
    """
    limit = int(os.environ.get("INTERLOCK_IAC__PLAN_BYTES", SIZE_LIMIT))
    if path == "-":
        content = stdin()
        _within(path, len(content), limit)
        return PlanFile("standard input", content)
    try:
        with Path(path).open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            _within(path, size, limit)
            # A map costs no memory of ours; an empty file cannot be mapped, a pipe has no size.
            mapped = size and file.seekable()
            return PlanFile(
                path, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) if mapped else file.read(limit + 1)
            )
    except FileNotFoundError:
        raise NotFound(f"{path} does not exist", hint="name the JSON of a plan; - reads standard input") from None
    except OSError as error:
        raise Invalid(f"{path} cannot be read", why=error.strerror or "") from error


def _within(path: str, size: int, limit: int) -> None:
    if size > limit:
        raise TooLarge(
            f"{path} has {size:,} bytes, the limit is {limit:,}",
            why="a plan is held to a limit so that one file cannot take the machine",
            hint="INTERLOCK_IAC__PLAN_BYTES sets another limit",
        )


def _sections(name: str, content: "bytes | mmap.mmap") -> dict[str, msgspec.Raw]:
    start = bytes(content[:4096])
    _recognise(name, start)
    offset = 3 if start.startswith(b"\xef\xbb\xbf") else 0
    view = memoryview(content)[offset:] if offset else content
    try:
        sections = msgspec.json.decode(view, type=dict[str, msgspec.Raw])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError) as error:
        if b'"@level"' in start.partition(b"\n")[0]:
            raise _stream(name) from None
        raise _malformed(name, error, start) from None
    if "@level" in sections:
        raise _stream(name)
    return sections


def _recognise(name: str, start: bytes) -> None:
    if not start.strip():
        raise Malformed(f"{name} is empty", hint=_HINT)
    if start.startswith(b"PK\x03\x04"):
        raise Unsupported(
            f"{name} is a binary plan file",
            why="only the tool that wrote it can read it",
            hint=f"tofu show -json {name} > plan.json (or terraform show -json {name} > plan.json)",
        )
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Malformed(
            f"{name} is UTF-16, JSON is UTF-8",
            why="PowerShell writes > as UTF-16",
            hint="tofu show -json PLANFILE | Out-File -Encoding utf8 plan.json",
        )


def _stream(name: str) -> Unsupported:
    return Unsupported(
        f"{name} is the event stream of `plan -json`, not a plan",
        why="the stream holds no values, so it cannot be judged",
        hint="plan -out=PLANFILE, then: tofu show -json PLANFILE > plan.json (or terraform show -json)",
    )


def _malformed(name: str, error: Exception, start: bytes) -> Malformed:
    if isinstance(error, RecursionError):
        return Malformed(f"{name} is nested too deeply", why="no plan is; the file is damaged or hostile", hint=_HINT)
    if isinstance(error, msgspec.ValidationError):
        return Malformed(f"{name} is JSON, but not an object", hint=_HINT)
    if isinstance(error, UnicodeDecodeError):
        return Malformed(f"{name} is not UTF-8", hint=_HINT)
    if "truncated" in str(error):
        return Malformed(f"{name} is cut short", why="the JSON ends in the middle", hint=_HINT)
    why = re.sub(r"invalid character|invalid escape character in string", "unexpected character", str(error))
    return Malformed(f"{name} is not JSON", why=why if start.lstrip()[:1] in {b"{", b"["} else "", hint=_HINT)


def _format_version(name: str, sections: dict[str, msgspec.Raw]) -> str:
    raw = sections.get("format_version")
    if raw is None:
        if "lineage" in sections and "serial" in sections:
            raise Unsupported(f"{name} is a state, not a plan", hint=_HINT)
        raise Malformed(f"{name} is not a plan", why="it has no format_version", hint=_HINT)
    if "resource_changes" not in sections and "planned_values" not in sections and "values" in sections:
        raise Unsupported(f"{name} is the JSON of a state, not of a plan", hint=_HINT)
    version = _decode(name, "format_version", lambda: msgspec.json.decode(raw, type=str))
    match = _VERSION.fullmatch(version)
    if match is None or (match[1], match[2]) == ("0", "0") or int(match[1]) > 1:
        raise Unsupported(
            f"{name} has format_version {_quoted(version)}",
            why="this Interlock reads 0.1 up to, not including, 2",
            hint="a newer Interlock may read it",
        )
    return version


def _decode(name: str, where: str, decode: Callable[[], _T]) -> _T:
    try:
        return decode()
    except msgspec.ValidationError as error:
        # The text tells the expected shape and the path, never a value.
        raise Malformed(f"{name}: {where}: {error}", why="the JSON has another shape than a plan", hint=_HINT) from None
    except RecursionError:
        raise Malformed(f"{name}: {where} is nested too deeply", hint=_HINT) from None
    except (msgspec.DecodeError, ValueError):
        raise Malformed(f"{name}: {where} is damaged", hint=_HINT) from None


def _masked_invocation(item: dict[str, Any]) -> dict[str, Any]:
    secret = item.get("config_sensitive")
    config = lay(lay(item.get("config_values"), item.get("config_unknown"), Leaf.UNKNOWN), secret, Leaf.SENSITIVE)
    hidden = {"config_values", "config_sensitive", "config_unknown"}
    return {key: value for key, value in item.items() if key not in hidden} | {"config": config}


def _quoted(text: str) -> str:
    """A name from the file, made safe for one line of an error."""
    text = text[:_LONGEST_NAME]
    return text if text.isprintable() else text.encode("unicode_escape").decode()
