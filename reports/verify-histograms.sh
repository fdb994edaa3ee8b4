#!/usr/bin/env bash
# Opens the hlog and hgrm reports of a load run with HdrHistogram's tools and compares their figures with those of the JSON
# report: with the Python package, and with the Java library if there is a Java runtime.
# Usage: verify-histograms.sh [HEARBACK]: path of the binary, target/debug/hearback if omitted.
set -euo pipefail
cd "$(dirname "$0")/.."

build=$(realpath -m "${CARGO_TARGET_DIR:-target}")
hearback=$(realpath "${1:-$build/debug/hearback}")
cache=$build/verify-histograms
python_tool=hdrhistogram==0.10.8

mkdir -p "$cache"
if [[ ! -e $cache/installed || $(<"$cache/installed") != "$python_tool" ]]; then
    python3 -m venv --clear "$cache/python"
    "$cache/python/bin/pip" install --quiet --disable-pip-version-check "$python_tool"
    echo "$python_tool" >"$cache/installed"
fi

# Validity does not matter here: the figures agree in any case.
reports=(json hlog hgrm hgrm-last)
options=()
for format in "${reports[@]}"; do options+=(--report "$format=$cache/report.$format"); done
(cd "$cache" && "$hearback" --config none load --quiet --duration-scale 0.4 --record record.json "${options[@]}") >/dev/null || true

rm -f "$cache"/*.java
if command -v java >/dev/null; then
    jar=/usr/share/java/hdrhistogram.jar
    if [[ ! -e $jar ]]; then
        apt-get -qq update && apt-get -qq install libhdrhistogram-java >/dev/null
    fi
    for tag in delivery last; do
        java -cp "$jar" org.HdrHistogram.HistogramLogProcessor -i "$cache/report.hlog" -tag "$tag" \
            -outputValueUnitRatio 1000 >"$cache/$tag.java"
    done
else
    echo 'skipped HdrHistogram for Java: there is no Java runtime' >&2
fi

"$cache/python/bin/python" - "$cache" <<'SCRIPT'
import json
import pathlib
import re
import sys

from hdrh.histogram import HdrHistogram
from hdrh.log import HistogramLogReader

folder = pathlib.Path(sys.argv[1])
latencies = json.loads((folder / "report.json").read_text())["latencies"]


def whole(tag):
    """The histogram of all intervals with a tag, in microseconds."""
    reader = HistogramLogReader(str(folder / "report.hlog"), HdrHistogram(1, 600_000_000, 3))
    histogram = HdrHistogram(1, 600_000_000, 3)
    while (interval := reader.get_next_interval_histogram()) is not None:
        if interval.get_tag() == tag:
            histogram.add(interval)
    return histogram


def same(figure, of, expected, precision=0.002):
    if abs(figure - expected) > max(0.001, precision * expected):
        sys.exit(f"{of}: {figure} instead of {expected}")


for tag, name in ("delivery", "delivery"), ("last", "last"):
    logged, reported = whole(tag), latencies[name]
    # The log has the warm-up, too, which the latencies leave out.
    if logged.get_total_count() < reported["samples"] or not reported["samples"]:
        sys.exit(f"{tag}: {logged.get_total_count()} samples in the log, {reported['samples']} reported")
    decoded = HdrHistogram.decode(reported["histogram"])
    # Tools round the rank of a percentile differently, by one sample.
    rank = 100 / decoded.get_total_count()
    low, high = (decoded.get_value_at_percentile(99 + by) / 1000 for by in (-rank, min(rank, 1)))
    if not low * 0.998 <= reported["p99_ms"] <= high * 1.002:
        sys.exit(f"{name}: p99 of the decoded histogram is from {low} to {high}, not {reported['p99_ms']}")
    same(decoded.get_max_value() / 1000, f"{name} longest, decoded", reported["longest_ms"])
    spectrum = (folder / ("report.hgrm" if name == "delivery" else "report.hgrm-last")).read_text()
    rows = [line.split() for line in spectrum.splitlines() if line[:1] not in ("#", "") and line.split()[:1] != ["Value"]]
    values = [[float(cell) for cell in row] for row in rows if row]
    p99 = next(row[0] for row in values if row[1] >= 0.99)
    if p99 < reported["p99_ms"] * 0.998:
        sys.exit(f"{name}: p99 of the spectrum is {p99}, that of the report {reported['p99_ms']}")
    same(values[-1][0], f"{name}: end of the spectrum", reported["longest_ms"])
    if values[-1][2] != reported["samples"]:
        sys.exit(f"{name}: {values[-1][2]} samples in the spectrum, {reported['samples']} reported")
    printed = folder / f"{tag}.java"
    if printed.exists():
        found = re.search(r"#\[Max     = +([\d.]+), Total count    = +(\d+)\]", printed.read_text())
        if not found:
            sys.exit(f"{tag}: Java printed no percentiles")
        longest, count = float(found[1]) * 1000, int(found[2])
        if count != logged.get_total_count() or abs(longest - logged.get_max_value()) > 0.002 * longest + 1:
            sys.exit(f"{tag}: Java reads {count} samples up to {longest} us, Python {logged.get_total_count()}")
tools = "Python and Java" if printed.exists() else "Python"
print(f"HdrHistogram for {tools} reads the log, the spectra and the histograms of the report")
SCRIPT
