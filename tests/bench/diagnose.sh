#!/usr/bin/env bash
# Measures `provision --diagnose` against ripgrep on the same files, and prints one table.
#
#   cargo build --release && bash tests/bench/diagnose.sh [target/release/provision]
#
# Needs ripgrep, GNU time and some 2 GB in $TMPDIR. sam-doctor is measured too where it is installed.
set -euo pipefail

provision=$(realpath "${1:-target/release/provision}")
runs=${RUNS:-5}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

# A log of so many MiB with one failed stack in it.
make_log() {
  awk -v size="$(($1 << 20))" 'BEGIN {
    for (n = 0; n < 20000; n++)
      block = block sprintf("2026-11-22T10:%02d:%02d.%03dZ INFO [worker-%d] step %d: compiled the default module in %d ms\n",
        n / 60 % 60, n % 60, n % 1000, n % 8, n, n % 97)
    failed = "shop | 3/7 | 10:00:20 AM | CREATE_FAILED | AWS::S3::Bucket | Uploads (Uploads) shop-media already exists\n" \
      "shop | 3/7 | 10:00:21 AM | ROLLBACK_IN_PROGRESS | AWS::CloudFormation::Stack | shop The following resource(s) failed to create: [Uploads]. Rollback requested by user.\n"
    for (done = 0; done < size; done += length(block)) {
      if (!told && done > size * 0.7) { printf "%s", failed; told = 1 }
      printf "%s", block
    }
  }'
}

# Events in JSON, so many, the tenth failed.
make_events() {
  awk -v events="$1" 'BEGIN {
    printf "{\"StackEvents\": ["
    for (n = 0; n < events; n++) {
      status = n == 9 ? "CREATE_FAILED" : "CREATE_COMPLETE"; reason = n == 9 ? "shop-media already exists" : ""
      printf "%s\n  {\"StackId\": \"arn:aws:cloudformation:eu-west-1:111122223333:stack/shop/0a1b2c3d\", \"EventId\": \"e%d\", \"StackName\": \"shop\", \"LogicalResourceId\": \"Resource%d\", \"ResourceType\": \"AWS::S3::Bucket\", \"Timestamp\": \"2026-03-%02dT10:%02d:00.000Z\", \"ResourceStatus\": \"%s\", \"ResourceStatusReason\": \"%s\"}",
        n ? "," : "", n, n, 28 - n / 1440 % 28, 59 - n % 60, status, reason
    }
    print "\n]}"
  }'
}

# The best wall time of some runs in milliseconds and the largest peak of memory in MiB. The exit code is a verdict.
measure() {
  for _ in $(seq "$runs"); do
    start=${EPOCHREALTIME//[!0-9]/}
    LC_ALL=C /usr/bin/time -q -o "$folder/peak" -f '%M' "$@" >/dev/null 2>&1 || true
    echo $((${EPOCHREALTIME//[!0-9]/} - start)) "$(cat "$folder/peak")"
  done | awk 'NR == 1 || $1 < best { best = $1 } $2 > peak { peak = $2 } END { printf "%.0f %.0f", best / 1000, peak / 1024 }'
}

# The best time of a quick command in milliseconds, from a hundred starts at a time.
measure_quick() {
  for _ in $(seq "$runs"); do
    start=$(date +%s%N)
    for _ in $(seq 20); do "$@" >/dev/null 2>&1 || true; done
    echo $((($(date +%s%N) - start) / 20000))
  done | sort -n | awk 'NR == 1 { printf "%.1f", $1 / 1000 }'
}

row() { printf '| %-44s | %9s | %9s | %6s | %8s |\n' "$@"; }
ratio() { awk -v a="$1" -v b="$2" 'BEGIN { if (b > 0) printf "%.2f", a / b; else print "-" }'; }

row "input" "ms" "other ms" "ratio" "peak MiB"
row "---" "--:" "--:" "--:" "--:"
for size in 256 1024; do
  make_log "$size" >large.log
  cat large.log >/dev/null
  read -r other _ <<<"$(measure rg -c 'FAILED|rror|denied|exceeded' large.log)"
  read -r own peak <<<"$(measure "$provision" --diagnose large.log)"
  row "$size MiB log, against rg" "$own" "$other" "$(ratio "$own" "$other")" "$peak"
done
if command -v sam-doctor >/dev/null; then
  make_log 64 >large.log
  read -r other _ <<<"$(measure sam-doctor large.log)"
  read -r own peak <<<"$(measure "$provision" --diagnose large.log)"
  row "64 MiB log, against sam-doctor" "$own" "$other" "$(ratio "$own" "$other")" "$peak"
fi
rm large.log
make_events 200000 >large.json
read -r own peak <<<"$(measure "$provision" --diagnose large.json)"
row "$(($(stat -c %s large.json) >> 20)) MiB of events in one document" "$own" "-" "-" "$peak"
rm large.json
make_events 72 >events.json
other=$(measure_quick "$provision" --version)
own=$(measure_quick "$provision" --diagnose events.json)
row "$(($(stat -c %s events.json) >> 10)) KB of events, against --version" "$own" "$other" "$(ratio "$own" "$other")" "-"
mkdir many
for n in $(seq 10000); do
  printf 'step %d\nshop | 10:00:20 AM | CREATE_FAILED | AWS::S3::Bucket | Uploads (Uploads) shop-%d already exists\n' "$n" "$n" >"many/$n.log"
done
read -r own peak <<<"$(measure "$provision" --diagnose many)"
row "10,000 small files" "$own" "-" "-" "$peak"
