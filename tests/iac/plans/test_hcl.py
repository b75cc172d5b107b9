"""HCL in a string as a tree; what is no HCL is None."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlock.iac.plans.hcl import looks_like_hcl, parse_hcl

POLICY = """# words
path "secret/*" {
  capabilities = ["read", "list"] // more
  number = 1.50
  flag = true
  nothing = null
  template = "a ${var.x} b"
  object = { a = 1, "b" : foo(1,  2) }
  text = <<EOT
  kept
EOT
}
path "other" {}
name = var.a.b[0]
"""


def test_blocks_attributes_and_expressions() -> None:
    assert looks_like_hcl(POLICY)
    assert parse_hcl(POLICY) == {
        "path": {
            "secret/*": [
                {
                    "capabilities": ["read", "list"],
                    "number": Decimal("1.50"),
                    "flag": True,
                    "nothing": None,
                    "template": '${"a ${var.x} b"}',
                    "object": {"a": Decimal(1), "b": "${foo ( 1 , 2 )}"},
                    "text": "${<<EOT\n  kept\nEOT}",
                }
            ],
            "other": [{}],
        },
        "name": "${var . a . b [ 0 ]}",
    }


@pytest.mark.parametrize(
    "text",
    [
        "server {\n  listen 80;\n}",
        "a = ",
        "a = 1\na = 2",
        "a {\n" * 200 + "}\n" * 200,
        "a = " + "(" * 3000 + ")" * 3000,
    ],
)
def test_what_is_no_plain_hcl(text: str) -> None:
    assert parse_hcl(text) is None


@given(st.text(max_size=100))
def test_no_text_raises(text: str) -> None:
    looks_like_hcl(text)
    parse_hcl(text)
