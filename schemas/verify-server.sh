#!/usr/bin/env bash
# Checks the reference server against FOLDER/openapi.json with Schemathesis, another project's generator of requests.
# Usage: verify-server.sh FOLDER [HEARBACK]: path of the binary, target/debug/hearback if omitted. Schemathesis is
# installed once, in the build folder.
set -euo pipefail

folder=$(cd "${1:?usage: verify-server.sh FOLDER [HEARBACK]}" && pwd)
target=${CARGO_TARGET_DIR:-target}
hearback=$(realpath "${2:-$target/debug/hearback}")
cache=$target/verify-server
schemathesis=schemathesis==4.32.5

mkdir -p "$cache"
cache=$(cd "$cache" && pwd)

# The file is written last, so that an interrupted installation is repeated.
installed=$cache/installed
if [[ ! -e $installed || $(<"$installed") != "$schemathesis" ]]; then
    python3 -m venv --clear "$cache/python"
    "$cache/python/bin/pip" install --quiet --disable-pip-version-check "$schemathesis"
    echo "$schemathesis" >"$installed"
fi

# The server ends with its standard input, and so with this script.
coproc serve { "$hearback" serve --listen 127.0.0.1:0 --while-stdin; }
read -r line <&"${serve[0]}"
url=$(grep -o 'http://[^,]*/api' <<<"$line")

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
