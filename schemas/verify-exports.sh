#!/usr/bin/env bash
# Checks FOLDER/openapi.json and FOLDER/asyncapi.json with the validators of their specifications.
# Usage: verify-exports.sh FOLDER. The validators are installed once, in the build folder.
set -euo pipefail

folder=$(cd "${1:?usage: verify-exports.sh FOLDER}" && pwd)
cache=${CARGO_TARGET_DIR:-target}/verify-exports
openapi_validator=openapi-spec-validator==0.9.0
asyncapi_parser=@asyncapi/parser@3.6.3

mkdir -p "$cache"
cache=$(cd "$cache" && pwd)

# The file is written last, so that an interrupted installation is repeated.
installed=$cache/installed
wanted="$openapi_validator $asyncapi_parser"
if [[ ! -e $installed || $(<"$installed") != "$wanted" ]]; then
    python3 -m venv --clear "$cache/python"
    "$cache/python/bin/pip" install --quiet --disable-pip-version-check "$openapi_validator"
    npm install --silent --no-audit --no-fund --prefix "$cache/node" "$asyncapi_parser"
    echo "$wanted" >"$installed"
fi

status=0
"$cache/python/bin/openapi-spec-validator" --schema 3.1 "$folder/openapi.json" || status=1

NODE_PATH="$cache/node/node_modules" node - "$folder/asyncapi.json" <<'SCRIPT' || status=1
const { readFileSync } = require("node:fs");
const { Parser } = require("@asyncapi/parser");

const path = process.argv[2];
new Parser().parse(readFileSync(path, "utf8")).then(({ document, diagnostics }) => {
  const errors = diagnostics.filter(({ severity }) => severity === 0);
  for (const { path, message } of errors) console.error(`${path.join("/")}: ${message}`);
  const valid = document !== undefined && errors.length === 0;
  console.log(`${path}: ${valid ? "OK" : "FAILED"}`);
  process.exitCode = valid ? 0 : 1;
});
SCRIPT
exit "$status"
