#!/usr/bin/env bash
# Uses HTML reports in Chromium as a person does: clicks, typing, the keyboard alone, print, no JavaScript.
# Usage: verify-page.sh. Chromium is installed with apt-get if it is missing, and the package that controls it once, in
# the build folder. Tested are the samples, a report of 10,000 findings, and the live page of a load run.
set -euo pipefail
cd "$(dirname "$0")/.."

cache=${CARGO_TARGET_DIR:-target}/verify-page
playwright=playwright-core@1.65.1

if ! command -v chromium >/dev/null; then
    apt-get -qq update
    DEBIAN_FRONTEND=noninteractive apt-get -qq install --no-install-recommends chromium >/dev/null
fi

mkdir -p "$cache"
cache=$(cd "$cache" && pwd)

# The file is written last, so that an interrupted installation is repeated.
installed=$cache/installed
if [[ ! -e $installed || $(<"$installed") != "$playwright" ]]; then
    npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$cache/node" "$playwright"
    echo "$playwright" >"$installed"
fi

reports=$cache/reports
rm -rf "$reports" && mkdir "$reports"
export REPORTS_FOLDER=$reports
cargo test --quiet --locked -p hearback-reports --lib many_findings >/dev/null
cargo build --quiet --locked -p hearback
HEARBACK=$(realpath "${CARGO_TARGET_DIR:-target}/debug/hearback")
export HEARBACK

# One file after the other, because the time of one is measured.
CHROMIUM=$(command -v chromium) NODE_PATH=$cache/node/node_modules \
    node --test --test-concurrency=1 --test-reporter=spec reports/page-tests/*.test.mjs
