#!/usr/bin/env bash
# Ends the stand-ins of one STANDIN_DIR that still run (port-forwards, gateways, hanging calls).
#
#   stop-standins.sh STANDIN_DIR
#
# Only processes that this folder's records name, and only while they still are stand-ins:
# pids are reused.
set -euo pipefail

if (($# != 1)) || [[ ! -d $1 ]]; then
  echo "usage: ${0##*/} STANDIN_DIR" >&2
  exit 2
fi

# Every pid once, from the record of calls and from the gateway that `aws` left behind.
recorded() {
  grep -ho '"pid": [0-9]*' "$1/calls.log" 2>/dev/null | grep -o '[0-9]*$' || true
  cat "$1/gateway.pid" 2>/dev/null || true
}

stopped=0
for pid in $(recorded "$1" | sort -un); do
  command=$(ps -o args= -p "$pid" 2>/dev/null || true)
  case $command in
    *python*/aws* | *python*/kubectl* | *python*/eksctl* | *python*/minikube*)
      kill -TERM "$pid" 2>/dev/null && stopped=$((stopped + 1))
      ;;
  esac
done
rm -f "$1/gateway.pid"
echo "stopped $stopped stand-ins"
