#!/usr/bin/env bash
# Validates the manifests of distributed runs with the schemas of Kubernetes.
# Usage: verify-manifests.sh [HEARBACK]: path of the binary, target/debug/hearback if omitted. The validator is installed
# once, in the build folder.
set -euo pipefail
cd "$(dirname "$0")/.."

build=$(realpath -m "${CARGO_TARGET_DIR:-target}")
hearback=$(realpath "${1:-$build/debug/hearback}")
cache=$build/verify-manifests
validator=kubernetes-validate==1.37.0

mkdir -p "$cache"
if [[ ! -e $cache/installed || $(<"$cache/installed") != "$validator" ]]; then
    python3 -m venv --clear "$cache/python"
    "$cache/python/bin/pip" install --quiet --disable-pip-version-check "$validator"
    echo "$validator" >"$cache/installed"
fi
for name in alice bob carol dave; do
    printf '[[account]]\nusername = "%s@example.com"\npassword = "a: #b"\n' "$name"
done >"$cache/accounts.toml"
"$hearback" --config none load --workers 2 --profile smoke --emit kubernetes \
    --target https://chat.example/api --accounts "$cache/accounts.toml" --allow-load chat.example >"$cache/run.yaml"
"$cache/python/bin/kubernetes-validate" --strict "$cache/run.yaml"
