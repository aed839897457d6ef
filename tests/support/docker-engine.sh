#!/usr/bin/env bash
#
# Makes a Docker engine reachable for the tests, and takes it away again.
#
#   docker-engine.sh start    use the engine that answers, else start dockerd (needs root)
#   docker-engine.sh stop     stop the dockerd that `start` started, and only that one
#   docker-engine.sh status   say whether an engine answers and whose it is
#   docker-engine.sh clean PROJECT   remove the containers, networks and volumes of one compose project
#
# Each call prints one line that says what happened.
# Exit codes: 0 an engine answers (start, status) or ours is gone (stop); 1 the engine
# did not come up, the log's end is shown; 3 there is none and none can be started here.
#
# ENGINE_HOME      where data, log and pid file live (default: provision-tests under the user's cache)
# ENGINE_WAIT      seconds to wait for the engine (default 60)
# ENGINE_INSTALL   `no` forbids installing packages through apt-get (default yes)
set -euo pipefail

home=${ENGINE_HOME:-${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/provision-tests/docker-engine}
wait_seconds=${ENGINE_WAIT:-60}
pid_file=$home/dockerd.pid
log=$home/dockerd.log
# What the fixture's compose stack is built from and with.
packages=(docker.io docker-compose busybox-static socat iptables)

say() { printf 'docker-engine: %s\n' "$*"; }

reachable() { timeout 10 docker info >/dev/null 2>&1; }

server_version() { timeout 10 docker version --format '{{.Server.Version}}' 2>/dev/null || echo unknown; }

have() { command -v "$1" >/dev/null 2>&1; }

have_compose() { docker compose version >/dev/null 2>&1 || have docker-compose; }

# Ours is a pid from our own file whose process really is a dockerd: pids are reused.
our_pid() {
  local pid
  [[ -s $pid_file ]] || return 1
  pid=$(<"$pid_file")
  [[ $(cat "/proc/$pid/comm" 2>/dev/null) == dockerd ]] || return 1
  echo "$pid"
}

install_missing() {
  if have dockerd && have docker && have_compose && have busybox && have socat; then return 0; fi
  if [[ ${ENGINE_INSTALL:-yes} == no ]] || ! have apt-get || [[ $(id -u) != 0 ]]; then return 1; fi
  mkdir -p "$home"
  {
    # A package that starts its own daemon would take the socket before we do.
    export DEBIAN_FRONTEND=noninteractive RUNLEVEL=1
    apt-get update -qq && apt-get install -y --no-install-recommends "${packages[@]}"
  } >"$home/apt.log" 2>&1
}

# Tries one set of options; leaves the daemon running only when it answers.
try_engine() {
  local pid waited=0
  : >"$log"
  rm -f "$pid_file"
  setsid dockerd --data-root "$home/data" --exec-root "$home/exec" --pidfile "$pid_file" "$@" \
    </dev/null >>"$log" 2>&1 &
  pid=$!
  while ((waited < wait_seconds * 2)); do
    if reachable; then return 0; fi
    kill -0 "$pid" 2>/dev/null || return 1
    sleep 0.5
    waited=$((waited + 1))
  done
  kill -TERM "$pid" 2>/dev/null || true
  wait "$pid" 2>/dev/null || true
  return 1
}

# From the usual options to what works in a bare container or an odd kernel.
# Without iptables, published ports go through dockerd's own proxy process.
start_any() {
  try_engine && { echo "default options"; return 0; }
  try_engine --storage-driver vfs && { echo "vfs storage"; return 0; }
  try_engine --iptables=false --ip6tables=false --ip-masq=false && { echo "no iptables"; return 0; }
  try_engine --iptables=false --ip6tables=false --ip-masq=false --storage-driver vfs &&
    { echo "vfs storage, no iptables"; return 0; }
  return 1
}

start() {
  local options
  if have docker && reachable; then
    if our_pid >/dev/null; then say "already started by us, version $(server_version), pid $(our_pid)"
    else say "using the engine that is running already, version $(server_version)"; fi
    return 0
  fi
  if [[ $(id -u) != 0 ]]; then
    say "not available: no engine answers, and starting one needs root"
    return 3
  fi
  if ! install_missing; then
    say "not available: dockerd, compose, busybox or socat is missing and could not be installed"
    return 3
  fi
  if reachable; then
    say "using the engine that its package started, version $(server_version)"
    return 0
  fi
  mkdir -p "$home"
  if options=$(start_any); then
    say "started dockerd $(server_version), pid $(our_pid), $options, data in $home"
    return 0
  fi
  say "dockerd did not come up within ${wait_seconds} s; the end of $log:"
  tail -n 15 "$log"
  return 1
}

stop() {
  local pid waited=0
  if ! pid=$(our_pid); then
    say "nothing to stop: no dockerd was started by us"
    return 0
  fi
  kill -TERM "$pid"
  while [[ -d /proc/$pid ]] && ((waited < 60)); do
    sleep 0.5
    waited=$((waited + 1))
  done
  if [[ -d /proc/$pid ]]; then
    kill -KILL "$pid"
    say "killed dockerd, pid $pid: it did not stop within 30 s"
  else
    say "stopped dockerd, pid $pid"
  fi
  rm -f "$pid_file"
}

status() {
  local pid
  if ! { have docker && reachable; }; then say "no engine answers"; return 3; fi
  if pid=$(our_pid); then say "ours answers, version $(server_version), pid $pid"
  else say "an engine answers that is not ours, version $(server_version)"; fi
}

clean() { # project
  local kind id ids label=label=com.docker.compose.project=$1 removed=0
  for kind in container network volume; do
    if [[ $kind == container ]]; then ids=$(docker ps -aq -f "$label"); else ids=$(docker "$kind" ls -q -f "$label"); fi
    for id in $ids; do
      if [[ $kind == container ]]; then docker rm -f "$id" >/dev/null; else docker "$kind" rm "$id" >/dev/null; fi
      removed=$((removed + 1))
    done
  done
  say "removed $removed containers, networks and volumes of project $1"
}

case ${1:-} in
  clean)
    [[ -n ${2:-} ]] || { echo "usage: ${0##*/} clean PROJECT" >&2; exit 2; }
    clean "$2"
    ;;
  start | stop | status) "$1" ;;
  *)
    echo "usage: ${0##*/} start|stop|status|clean PROJECT" >&2
    exit 2
    ;;
esac
