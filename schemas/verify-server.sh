#!/usr/bin/env bash
# Checks the reference server with tools of other projects that know nothing but our exports: Schemathesis, which
# generates requests from FOLDER/openapi.json, and a client that the AsyncAPI generator makes.
# Usage: verify-server.sh FOLDER [HEARBACK]: path of the binary, target/debug/hearback if omitted. The tools are
# installed once, in the build folder.
set -euo pipefail

folder=$(cd "${1:?usage: verify-server.sh FOLDER [HEARBACK]}" && pwd)
target=${CARGO_TARGET_DIR:-target}
hearback=$(realpath "${2:-$target/debug/hearback}")
cache=$target/verify-server
schemathesis=schemathesis==4.32.5
generator=@asyncapi/generator@3.4.1
# The dependencies of generated clients.
websocket="websocket-client==1.8.0 certifi==2025.1.31"

mkdir -p "$cache"
cache=$(cd "$cache" && pwd)

# The file is written last, so that an interrupted installation is repeated.
installed=$cache/installed
wanted="$schemathesis $generator $websocket"
if [[ ! -e $installed || $(<"$installed") != "$wanted" ]]; then
    python3 -m venv --clear "$cache/python"
    # shellcheck disable=SC2086
    "$cache/python/bin/pip" install --quiet --disable-pip-version-check "$schemathesis" $websocket
    npm install --silent --no-audit --no-fund --prefix "$cache/node" "$generator"
    echo "$wanted" >"$installed"
fi

# The server ends with its standard input, and so with this script.
coproc serve { "$hearback" serve --listen 127.0.0.1:0 --while-stdin; }
read -r line <&"${serve[0]}"
url=$(grep -o 'http://[^,]*/api' <<<"$line")

"$hearback" schema export asyncapi-client >"$cache/asyncapi-client.json"
rm -rf "$cache/client"
NODE_PATH="$cache/node/node_modules" node - "$cache" >"$cache/generator.txt" 2>&1 <<'SCRIPT' || { cat "$cache/generator.txt" >&2; exit 1; }
const Generator = require("@asyncapi/generator");

const cache = process.argv[2];
const templateParams = { server: "production" };
const generator = new Generator("core-template-client-websocket-python", `${cache}/client`, { templateParams });
generator.generateFromFile(`${cache}/asyncapi-client.json`).catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
SCRIPT
timeout 120 "$cache/python/bin/python" "$folder/verify-client.py" "$cache/client" "$url" | tail -1

# The account of the specification's example.
token=$("$cache/python/bin/python" - "$url" <<'SCRIPT'
import json, sys, urllib.request

body = json.dumps({"username": "user@example.com", "password": "password123"}).encode()
request = urllib.request.Request(f"{sys.argv[1]}/token/", body, {"Content-Type": "application/json"})
print(json.load(urllib.request.urlopen(request, timeout=20))["access"])
SCRIPT
)

cd "$cache"
report=$cache/report.txt
status=0
python/bin/schemathesis --config-file "$folder/schemathesis.toml" run "$folder/openapi.json" --url "$url" \
    --header "Authorization: Bearer $token" --max-examples 20 --seed 1 --no-color >"$report" 2>&1 || status=$?
if [[ $status != 0 ]]; then
    cat "$report" >&2
    exit "$status"
fi
sed -nE 's/^ +([0-9]+ generated.*)/\1/p' "$report"
counts=$(sed -nE 's/^ +(Selected|Tested): //p' "$report" | paste -sd ' ')
if ! grep -qE '^([0-9]+)/\1 \1$' <<<"$counts"; then
    echo "not every operation was tested: $counts" >&2
    exit 1
fi
