#!/usr/bin/env bash
# LocalStack as plain processes, without Docker: `start` prints its URL, `stop` ends it, `has-python` says whether it
# can run, `python` prints the venv's python. The venv is made once from localstack.lock and kept below target/; it holds cfn-lint and the AWS CLI, too.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
lock=$here/localstack.lock
home=$(cd "$here/../.." && pwd)/target/localstack
stamp=$(cat "$lock" "$here/localstack.sh" | sha256sum | cut -c1-16)
venv=$home/venv-$stamp

# Its CloudFormation engine does not import on Python 3.11, and on 3.12 only with shim_for_3_12.
# HOME may be a scratch folder; pyenv's versions are then still below the user's own.
find_python() {
  local version candidate own
  own=$(getent passwd "$(id -u)" | cut -d: -f6)
  for version in 3.13 3.12 3; do
    for candidate in "python$version" {"${PYENV_ROOT:-$HOME/.pyenv}","$own/.pyenv"}/versions/"$version".*/bin/python3; do
      if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 12))' >/dev/null 2>&1; then
        printf '%s\n' "$candidate"
        return
      fi
    done
  done
  echo "localstack.sh: Python 3.12 or newer is needed and was not found" >&2
  return 1
}

make_venv() {
  [[ -f $venv/complete ]] && return
  mkdir -p "$home"
  rm -rf "$venv"
  local python
  python=$(find_python)
  "$python" -m venv "$venv" >&2
  # The lock is whole: what pip would resolve anew, and refuse for two of its pins, is settled.
  "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --requirement "$lock" >&2
  shim_for_3_12
  touch "$venv/complete"
}

# Its SQS and other services take `deprecated` from Python's own `warnings`, where it is from 3.13 on only.
shim_for_3_12() {
  local site
  site=$("$venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
  cat >"$site/sitecustomize.py" <<'PYTHON'
import warnings

if not hasattr(warnings, "deprecated"):
    from typing_extensions import deprecated

    warnings.deprecated = deprecated
PYTHON
}

free_port() {
  "$venv/bin/python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

start() {
  make_venv
  local port url
  port=$(free_port)
  url=http://127.0.0.1:$port
  mkdir -p "$home/run"
  (
    cd "$home/run"
    GATEWAY_SERVER=hypercorn GATEWAY_LISTEN=127.0.0.1:$port SKIP_SSL_CERT_DOWNLOAD=1 DISABLE_EVENTS=1 \
      exec "$venv/bin/python" "$here/localstack_main.py"
  ) >"$home/run/log" 2>&1 &
  echo $! >"$home/run/pid"
  for _ in $(seq 120); do
    if "$venv/bin/python" -c "import urllib.request as r; r.urlopen('$url/_localstack/health', timeout=2)" 2>/dev/null; then
      printf '%s\n' "$url"
      return
    fi
    kill -0 "$(cat "$home/run/pid")" 2>/dev/null || break
    sleep 1
  done
  echo "localstack.sh: LocalStack did not start; its log ends with:" >&2
  tail -n 20 "$home/run/log" >&2
  return 1
}

stop() {
  if [[ -f $home/run/pid ]]; then
    local pid
    pid=$(cat "$home/run/pid")
    kill "$pid" 2>/dev/null || true
    # It does not always heed that.
    for _ in $(seq 20); do
      kill -0 "$pid" 2>/dev/null || break
      sleep 0.5
    done
    kill -KILL "$pid" 2>/dev/null || true
    rm -f "$home/run/pid"
  fi
}

case ${1:-} in
  start) start ;;
  stop) stop ;;
  has-python) find_python >/dev/null ;;
  python)
    make_venv
    printf '%s\n' "$venv/bin/python"
    ;;
  *)
    echo "usage: localstack.sh start|stop|has-python|python" >&2
    exit 2
    ;;
esac
