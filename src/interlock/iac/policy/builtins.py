"""Which builtin functions the embedded engine runs, and as what: regorus 0.13.0 against OPA 1.22.2.

Rules: a function is in exactly one table; what is in none does not exist for the embedded engine. Each entry was found
by asking both engines; `tests/iac/policy/test_builtins.py` asks them again.
"""

FAITHFUL = frozenset(
    """
    abs array.concat array.reverse array.slice base64.decode base64.encode base64.is_valid base64url.decode
    base64url.encode base64url.encode_no_pad bits.and bits.negate bits.or bits.rsh bits.xor ceil concat contains
    endswith floor format_int glob.match glob.quote_meta graph.reachable hex.decode hex.encode intersection is_array
    is_boolean is_null is_number is_object is_set is_string json.filter json.is_valid json.remove json.unmarshal max min
    net.cidr_contains net.cidr_expand net.cidr_is_valid numbers.range numbers.range_step object.filter object.get
    object.keys object.remove object.subset object.union object.union_n print replace round semver.compare sort split
    startswith strings.any_prefix_match strings.any_suffix_match strings.reverse substring time.add_date time.clock
    time.date time.diff time.parse_duration_ns time.parse_ns time.parse_rfc3339_ns time.weekday trace trim trim_left
    trim_prefix trim_right trim_space trim_suffix type_name union units.parse units.parse_bytes urlquery.decode
    urlquery.decode_object urlquery.encode urlquery.encode_object yaml.is_valid
    """.split()
)
"""Run as they are."""

SHIMS = {
    "count": ("size", 1, False),
    "indexof": ("find", 2, True),
    "indexof_n": ("find_all", 2, True),
    "json.marshal": ("json_text", 1, True),
    "lower": ("low", 1, True),
    "product": ("times_all", 1, True),
    "semver.is_valid": ("version", 1, True),
    "sum": ("total", 1, True),
    "to_number": ("number", 1, True),
    "upper": ("up", 1, True),
}
"""Run through a function of ours, which answers as OPA does: its name, the arguments, whether it is told its place."""

SPECIAL = frozenset(
    "regex.find_all_string_submatch_n regex.find_n regex.match regex.replace regex.split sprintf walk".split()
)
"""Run after their arguments have been looked at."""

CHANGING = frozenset({"rand.intn", "time.now_ns", "uuid.rfc4122"})
"""Run, but give another answer each time, so that a judgement cannot be repeated."""

OUTSIDE = frozenset({"http.send", "net.lookup_ip_addr", "opa.runtime"})
"""Reach beyond the policy set and the plan; refused."""

UNFAITHFUL = {
    "bits.lsh": "large results are rounded",
    "graph.reachable_paths": "paths come out differently",
    "json.marshal_with_options": "the text comes out differently",
    "json.match_schema": "the errors come out differently",
    "json.patch": "moves come out differently",
    "json.verify_schema": "the errors come out differently",
    "regex.is_valid": "other patterns count as valid",
    "regex.template_match": "character classes match other characters",
    "strings.count": "an empty text ends the engine",
    "strings.replace_n": "replacements are made one after the other instead of at once",
    "time.format": "names of time zones come out differently",
    "uuid.parse": "the variant comes out differently",
    "yaml.marshal": "the text comes out differently",
    "yaml.unmarshal": "numbers such as 010 come out differently",
}
"""Known to the engine, but with another answer than OPA's; refused."""

RUNS = FAITHFUL | SHIMS.keys() | SPECIAL | CHANGING
"""All that the embedded engine may be given."""

MISSING = frozenset(
    """
    array.flatten crypto.hmac.equal crypto.hmac.md5 crypto.hmac.sha1 crypto.hmac.sha256 crypto.hmac.sha512 crypto.md5
    crypto.parse_private_keys crypto.sha1 crypto.sha256 crypto.x509.parse_and_verify_certificates
    crypto.x509.parse_and_verify_certificates_with_options crypto.x509.parse_certificate_request
    crypto.x509.parse_certificates crypto.x509.parse_keypair crypto.x509.parse_rsa_private_key graphql.is_valid
    graphql.parse graphql.parse_and_verify graphql.parse_query graphql.parse_schema graphql.schema_is_valid
    io.jwt.decode io.jwt.decode_verify io.jwt.encode_sign io.jwt.encode_sign_raw io.jwt.verify_eddsa io.jwt.verify_es256
    io.jwt.verify_es384 io.jwt.verify_es512 io.jwt.verify_hs256 io.jwt.verify_hs384 io.jwt.verify_hs512
    io.jwt.verify_ps256 io.jwt.verify_ps384 io.jwt.verify_ps512 io.jwt.verify_rs256 io.jwt.verify_rs384
    io.jwt.verify_rs512 net.cidr_contains_matches net.cidr_intersects net.cidr_merge net.cidr_overlap
    providers.aws.sign_req regex.globs_match rego.metadata.chain rego.metadata.rule rego.parse_module
    strings.render_template strings.split_n uri.is_valid uri.parse
    """.split()
)
"""OPA has them, the embedded engine has not."""
