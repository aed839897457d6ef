#!/usr/bin/env bash
# What running a script through provision costs: time against the same script run bare, and memory over a long stream.
#
#     cargo build --release -p provision && bash tests/bench/overhead.sh [RUNS] [LINES]
#
# PROVISION names another binary. RUNS (default 15) timed pairs; LINES (default 360000, an hour at 100 lines a second) in the memory run, printed
# as fast as they are read. Exits 1 when the difference is above 100 ms + 1 %, or memory above 40 MiB or not flat.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
provision=${PROVISION:-$PWD/target/release/provision}
runs=${1:-15} lines=${2:-360000}
[[ -x $provision ]] || { echo "overhead.sh: build it first: cargo build --release -p provision" >&2; exit 2; }

work=$(mktemp -d)
trap 'rm -rf "$work"; kill "$server" 2>/dev/null || true' EXIT
mkdir -p "$work"/{home/.config/provision,targets,checkout/deploy/bin,checkout/deploy/bench/bin}

python3 - "$work/port" <<'PY' &
import http.server, sys
class Up(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.send_header("Content-Length", "2"); self.end_headers(); self.wfile.write(b"ok")
    def log_message(self, *_): pass
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Up)
open(sys.argv[1], "w").write(str(server.server_address[1]))
server.serve_forever()
PY
server=$!
until [[ -s $work/port ]]; do sleep 0.05; done

cat > "$work/targets/bench.toml" <<TOML
id = "bench"
title = "Bench"
summary = "A script that is timed"
deploys = ["nothing"]
folder = "deploy/bench"
url = "http://127.0.0.1:$(cat "$work/port")"
covers = ["deploy/bench/bin"]
passes = ["BENCH_*"]
[deploy]
argv = ["bash", "bin/setup.sh"]
effect = "local-write"
[teardown]
effect = "local-write"
irreversible = false
removes = ["nothing"]
keeps = ["everything"]
commands = [{ argv = ["true"], in = "folder" }]
[health]
health = "/health"
ready = "/ready"
timeout_seconds = 10
poll_seconds = 1
ready_grace_seconds = 5
TOML
echo "catalog = \"$work/targets\"" > "$work/home/.config/provision/config.toml"

python3 - "$provision" "$work" "$runs" "$lines" <<'PY'
import os, pathlib, statistics, subprocess, sys, threading, time

provision, work, runs, lines = sys.argv[1], pathlib.Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
checkout = work / "checkout"
script = checkout / "deploy/bench/bin/setup.sh"
env = {"PATH": os.environ["PATH"], "HOME": str(work / "home"), "LANG": "C.UTF-8"}
bare, through = ["bash", "bin/setup.sh"], [provision, "--target", "bench", "--yes"]

def timed(argv, folder):
    begin = time.monotonic()
    subprocess.run(argv, cwd=folder, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    return time.monotonic() - begin

script.write_text("for i in $(seq 200); do echo \"line $i of some length, as scripts print them\"; done\nsleep 1\n")
timed(through, checkout)
pairs = [(timed(bare, script.parent.parent), timed(through, checkout)) for _ in range(runs)]
plain, provisioned = (statistics.median(times) for times in zip(*pairs))
extra, allowed = provisioned - plain, 0.1 + 0.01 * plain
print(f"bare {plain * 1000:.0f} ms, through provision {provisioned * 1000:.0f} ms: {extra * 1000:.0f} ms more "
      f"(allowed {allowed * 1000:.0f}; median of {runs}, plan and health check included)")

script.write_text("python3 - <<'X'\nimport sys\nfor i in range(%d):\n"
                  "    sys.stdout.write('step %%d: applying resource number %%d of the release, still in progress\\n' %% (i, i))\nX\n" % lines)
child = subprocess.Popen(through, cwd=checkout, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
samples = []
while child.poll() is None:
    try:
        status = pathlib.Path(f"/proc/{child.pid}/status").read_text()
    except OSError:
        break
    rss = [line for line in status.splitlines() if line.startswith("VmRSS:")]
    if rss:
        samples.append(int(rss[0].split()[1]) / 1024)
    time.sleep(0.02)
if child.wait() != 0:
    sys.exit("the long stream failed")
half, whole = max(samples[: len(samples) // 2]), max(samples)
print(f"memory over {lines} lines: at most {half:.1f} MiB in the first half, {whole:.1f} MiB in all (allowed 40)")
sys.exit(1 if extra > allowed or whole > 40 or whole > half * 1.1 + 1 else 0)
PY
