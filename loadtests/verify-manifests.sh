#!/usr/bin/env bash
# Validates the manifests of distributed runs with the schemas of Kubernetes.
# Usage: verify-manifests.sh. The validator is installed once, in the build folder.
set -euo pipefail
cd "$(dirname "$0")/.."

cache=$(realpath -m "${CARGO_TARGET_DIR:-target}")/verify-manifests
validator=kubernetes-validate==1.37.0

mkdir -p "$cache"
if [[ ! -e $cache/installed || $(<"$cache/installed") != "$validator" ]]; then
    python3 -m venv --clear "$cache/python"
    "$cache/python/bin/pip" install --quiet --disable-pip-version-check "$validator"
    echo "$validator" >"$cache/installed"
fi
manifests=$cache/manifests
rm -rf "$manifests" && mkdir "$manifests"
MANIFESTS_FOLDER=$manifests cargo test --quiet --locked -p hearback-workers --lib manifests >/dev/null
[[ -s $manifests/kubernetes.yaml ]] || { echo 'no manifests were written' >&2; exit 1; }
"$cache/python/bin/kubernetes-validate" --strict "$manifests/kubernetes.yaml"
