"""What stands in, inside the embedded engine, for functions that it answers differently than OPA.

Rules: each function here answers as OPA does, or raises an error whose text holds the place in the policy and what
could not be done (`explain` finds both); none answers undefined where OPA does not. They are Rego, a module of their
own. Numbers: the embedded engine counts in doubles, OPA in decimals of 64 bits or more; sums of whole numbers below
2^53 and of small multiples of 1/1024 are the same in both, and only those pass.
"""

import re

from interlock.iac.policy.model import Module
from interlock.kernel.errors import Problem

PACKAGE = "_interlock"
CALL = f"data.{PACKAGE}."
FILE = "(built in)"
HINT = "--engine opa runs it"
_MARK = re.compile("«interlock:(.*?):([0-9]+):([0-9]+):([^»]*)»", re.DOTALL)

# Characters whose upper case is longer: OPA goes character by character, the embedded engine by the special rules.
_GROWING = "".join(
    chr(code)
    for code in (*range(0x80, 0x600), *range(0x1E00, 0x2000), *range(0xFB00, 0xFB20))
    if len(chr(code).upper()) > 1
)

_ESCAPE = r"\\[^0-9A-Za-z<>\x{80}-\x{10ffff}]"
_READABLE = (
    rf"^(?:(?:{_ESCAPE}|\\[dDwWsSb]|\((?:\?:|\?P<[A-Za-z_]+>|\?i\))?|\)|[|^$.]"
    rf"|\[\^?\]?(?:\[:\^?[a-z]+:\]|{_ESCAPE}|\\[dDwWsS]|[^\\\]\[])*\]"
    r"|[^\\()\[\]{}*+?|^$.])(?:[*+?]\??|\{[0-9]{1,2}(?:,[0-9]{0,2})?\}\??)?)*$"
)

_REGO = r"""package _interlock

fail(at, what) := net.cidr_contains(concat("", ["«", "interlock:", at, ":", what, "»"]), "")

small(x) if {
	x < 9007199254740992
	x > -9007199254740992
}

whole(x) if {
	is_number(x)
	floor(x) == x
	small(x)
}

binary(x) if {
	is_number(x)
	x < 1048576
	x > -1048576
	scaled := x * 1024
	floor(scaled) == scaled
}

exact(a, b) if {
	whole(a)
	whole(b)
} else if {
	binary(a)
	binary(b)
}

add(a, b, at) := r if {
	exact(a, b)
	r := a + b
	small(r)
} else := fail(at, "the sum is not exact in doubles")

sub(a, b, at) := r if {
	is_set(a)
	r := a - b
} else := r if {
	exact(a, b)
	r := a - b
	small(r)
} else := fail(at, "the difference is not exact in doubles")

times(a, b, at) := r if {
	exact(a, b)
	r := a * b
	small(r)
} else := fail(at, "the product is not exact in doubles")

quot(a, b, at) := r if {
	exact(a, b)
	b != 0
	r := a / b
	binary(r)
} else := r if {
	whole(a)
	whole(b)
	b != 0
	r := a / b
	whole(r)
} else := fail(at, "the quotient is not exact in doubles: compare it with a whole number, or round it, at once")

ratio(a, b, at) := r if {
	whole(a)
	whole(b)
	b != 0
	r := a / b
} else := fail(at, "the quotient is not exact in doubles")

mod(a, b, at) := r if {
	whole(a)
	whole(b)
	b != 0
	r := a % b
} else := fail(at, "the remainder is not of whole numbers")

size(x) := count(x) if not is_string(x)

else := 0 if x == ""

else := count(split(x, ""))

find(x, y, at) := indexof(x, y) if y != ""

else := fail(at, "the text to be found is empty")

find_all(x, y, at) := indexof_n(x, y) if y != ""

else := fail(at, "the text to be found is empty")

low(x, at) := fail(at, "the lower case of a letter is disputed") if contains(x, "\u0130")

else := fail(at, "the lower case of a letter is disputed") if contains(x, "\u03a3")

else := lower(x)

up(x, at) := fail(at, "the upper case of a letter is disputed") if regex.match("[GROWING]", x)

else := upper(x)

number(x, at) := r if {
	not is_string(x)
	r := to_number(x)
} else := r if {
	regex.match(`^-?(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{1,15})?$`, x)
	r := to_number(x)
} else := fail(at, "the text is no plain number of at most 15 digits")

version(x, at) := fail(at, "whether a version may begin with v is disputed") if startswith(x, "v")

else := semver.is_valid(x)

inexact(xs) if {
	some x in xs
	not whole(x)
}

total(xs, at) := fail(at, "the sum is not exact in doubles") if inexact(xs)

else := r if {
	r := sum(xs)
	small(r)
} else := fail(at, "the sum is not exact in doubles")

times_all(xs, at) := fail(at, "the product is not exact in doubles") if inexact(xs)

else := r if {
	r := product(xs)
	small(r)
} else := fail(at, "the product is not exact in doubles")

json_text(x, at) := fail(at, "numbers with a fraction are written in different forms") if {
	regex.match(`[0-9][.eE]|[0-9]{16}`, regex.replace(json.marshal(x), `"(?:[^"\\]|\\.)*"`, ""))
} else := r if {
	angled := replace(replace(replace(json.marshal(x), "<", `\u003c`), ">", `\u003e`), "&", `\u0026`)
	r := replace(replace(angled, "\u2028", `\u2028`), "\u2029", `\u2029`)
}

as_d(x, at) := x if whole(x)

else := concat("", ["%!d(string=", x, ")"]) if is_string(x)

else := fail(at, "%d is for whole numbers")

as_s(x, at) := x if is_string(x)

else := sprintf("%%!s(int64=%v)", [x]) if whole(x)

else := fail(at, "%s is for texts") if is_number(x)

else := as_v(x, at)

as_v(x, at) := x if is_string(x)

else := x if whole(x)

else := x if {
	is_number(x)
	small(x)
	abs(x) > 0.001
} else := fail(at, "numbers of this size are written in different forms") if is_number(x)

else := "set()" if x == set()

else := x if not odd(x)

else := fail(at, "what is in the value is written in different forms")

odd(x) if {
	walk(x, [_, v])
	is_number(v)
	not whole(v)
}

odd(x) if {
	walk(x, [_, v])
	v == set()
}

odd(x) if regex.match(`[^ -~\p{L}\p{M}\p{N}\p{P}\p{S}]|\\u`, sprintf("%v", [x]))

as_f(x, double, at) := x if {
	is_number(x)
	floor(x) != x
	scaled := x * double
	floor(scaled) != scaled
	small(scaled)
} else := fail(at, "%f of a whole number, or of one halfway between two")

pattern(p, at) := p if {
	not contains(p, `\`)
	readable(p)
} else := r if {
	readable(p)
	not regex.match(`\\\\[dDwWsSb]`, p)
	digits := replace(replace(p, `\d`, `[0-9]`), `\D`, `[^0-9]`)
	letters := replace(replace(digits, `\w`, `[0-9A-Za-z_]`), `\W`, `[^0-9A-Za-z_]`)
	blanks := replace(replace(letters, `\s`, `[\t\n\f\r ]`), `\S`, `[^\t\n\f\r ]`)
	r := replace(blanks, `\b`, `(?-u:\b)`)
} else := fail(at, "the regular expression is read in different ways")

readable(p) if {
	regex.match(`READABLE`, p)
	not contains(p, "&&")
	not contains(p, "~~")
	not contains(p, "--")
}
"""

MODULE = Module(FILE, _REGO.replace("GROWING", _GROWING).replace("READABLE", _READABLE))
"""The module that goes to the embedded engine beside the policies."""


def explain(error: str) -> Problem | None:
    """What a stand-in could not do, and where in the policy, from the text of an engine's error; None if it is no such."""
    match = _MARK.search(error)
    if match is None:
        return None
    message = f"the embedded engine cannot run this as OPA would: {match[4]}"
    return Problem(message, match[1], int(match[2]), int(match[3]), hint=HINT)
