"""Canonical JSON (RFC 8785, JCS) and SHA-256 digests: the same meaning gives the same bytes.

Rules: object members sort by UTF-16 code units; numbers print as ECMAScript prints doubles, and an integer outside
+-(2^53 - 1) is refused rather than rounded; NaN, infinities and lone surrogates are refused.
"""

import hashlib
import json
import math
from typing import Any

from interlock.kernel.errors import Invalid

SAFE_INTEGER = 2**53 - 1
_POINT_LIMIT = 21
_SMALL_LIMIT = -6


def canonical_json(value: Any) -> bytes:
    """Serialise ``None``, bool, int, float, str, list, tuple and dict by RFC 8785, as UTF-8.

    Raises:
        Invalid: a number, string or type that RFC 8785 has no form for.
    """
    parts: list[str] = []
    try:
        _write(value, parts)
        return "".join(parts).encode()
    except RecursionError:
        message = "the value is nested too deeply"
        raise Invalid(message) from None
    except UnicodeEncodeError as error:
        message = "a string holds half of a surrogate pair"
        raise Invalid(message, why="RFC 8785 serialises whole Unicode characters only") from error


def sha256(data: bytes) -> str:
    """Name bytes by digest: ``sha256:`` and 64 hexadecimal digits."""
    return "sha256:" + hashlib.sha256(data).hexdigest()


def short(digest: str) -> str:
    """A digest as people see it: the algorithm and the first twelve digits."""
    return digest[: len("sha256:") + 12]


def _write(value: Any, parts: list[str]) -> None:
    if isinstance(value, str):
        parts.append(json.dumps(value, ensure_ascii=False))
    elif value is None or isinstance(value, bool):
        parts.append({None: "null", True: "true", False: "false"}[value])
    elif isinstance(value, int | float):
        parts.append(_number(value))
    elif isinstance(value, list | tuple):
        parts.append("[")
        for index, item in enumerate(value):
            if index:
                parts.append(",")
            _write(item, parts)
        parts.append("]")
    elif isinstance(value, dict):
        _write_object(value, parts)
    else:
        message = f"{type(value).__name__} has no canonical JSON form"
        raise Invalid(message)


def _write_object(value: dict[Any, Any], parts: list[str]) -> None:
    parts.append("{")
    for index, key in enumerate(sorted(value, key=_utf16)):
        if index:
            parts.append(",")
        parts.append(json.dumps(key, ensure_ascii=False))
        parts.append(":")
        _write(value[key], parts)
    parts.append("}")


def _utf16(key: Any) -> bytes:
    if not isinstance(key, str):
        message = f"an object key is a {type(key).__name__}, not a string"
        raise Invalid(message)
    return key.encode("utf-16-be", "surrogatepass")


def _number(value: float) -> str:
    if isinstance(value, int):
        if abs(value) > SAFE_INTEGER:
            message = f"an integer of {value.bit_length()} bits has no exact double"
            raise Invalid(message, why="RFC 8785 numbers are IEEE 754 doubles", hint="write it as a string")
        return str(value)
    if not math.isfinite(value):
        message = f"{value} is not a JSON number"
        raise Invalid(message)
    if value == 0:
        return "0"
    sign = "-" if value < 0 else ""
    mantissa, _, exponent_text = repr(abs(value)).partition("e")
    whole, _, fraction = mantissa.partition(".")
    fraction = "" if fraction == "0" else fraction
    digits = (whole + fraction).lstrip("0")
    point = len(whole) + int(exponent_text or "0") - (len(whole + fraction) - len(digits))
    return sign + _ecmascript(digits.rstrip("0") or "0", point)


def _ecmascript(digits: str, point: int) -> str:
    """Number::toString of ECMA-262: ``digits`` with the decimal point after the first ``point`` of them."""
    count = len(digits)
    if count <= point <= _POINT_LIMIT:
        return digits + "0" * (point - count)
    if 0 < point <= _POINT_LIMIT:
        return f"{digits[:point]}.{digits[point:]}"
    if _SMALL_LIMIT < point <= 0:
        return "0." + "0" * -point + digits
    exponent = point - 1
    mantissa = digits[0] + ("." + digits[1:] if count > 1 else "")
    return f"{mantissa}e{'+' if exponent > 0 else '-'}{abs(exponent)}"
