#!/usr/bin/env python3
"""How quickly a session answers keys: the first prompt, and Tab with many events loaded.

    cargo build --release -p provision
    python3 tests/bench/session.py [RUNS]

Drives the binary on a pseudo-terminal as a person would and prints medians and the worst of RUNS (30). PROVISION
names another binary. Ends with 1 when a median is above its aim: 30 ms to the first prompt, 10 ms for a completion
with 50,000 events loaded.
"""

import fcntl
import json
import os
import pty
import select
import signal
import statistics
import struct
import sys
import tempfile
import termios
import time

BINARY = os.path.abspath(os.environ.get("PROVISION", "target/release/provision"))
RUNS = int(sys.argv[1]) if len(sys.argv) > 1 else 30
EVENTS = 50_000
PROMPT = b")> "
KEY_AIM, START_AIM = 10.0, 30.0


class Session:
    """The binary on a terminal of its own."""

    def __init__(self, home):
        env = {"HOME": home, "TERM": "xterm-256color", "NO_COLOR": "1", "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}
        self.began = time.perf_counter()
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 100, 0, 0))
            os.chdir(home)
            os.execve(BINARY, [BINARY, "repl"], env)

    def until(self, wanted, patience=120.0):
        """Reads up to a text; returns the milliseconds since `began` or the last `send`."""
        seen = b""
        while wanted not in seen:
            ready, _, _ = select.select([self.terminal], [], [], patience)
            if not ready:
                sys.exit(f"{wanted!r} does not come; there is only {seen[-300:]!r}")
            seen += os.read(self.terminal, 65536)
        return (time.perf_counter() - self.began) * 1000

    def send(self, keys):
        self.began = time.perf_counter()
        os.write(self.terminal, keys)

    def end(self):
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self.terminal)


def many_events(path):
    """A failed create of many resources, newest first."""
    stack = "arn:aws:cloudformation:us-east-1:000000000000:stack/warehouse/0a1b"
    def event(at, logical, kind, status, reason=None):
        time_ = f"2026-03-01T{at // 3600:02}:{at // 60 % 60:02}:{at % 60:02}Z"
        found = {"StackId": stack, "EventId": f"e{at}", "StackName": "warehouse", "LogicalResourceId": logical,
                 "ResourceType": kind, "Timestamp": time_, "ResourceStatus": status}  # fmt: skip
        return found | ({"ResourceStatusReason": reason} if reason else {})

    events = [event(0, "warehouse", "AWS::CloudFormation::Stack", "CREATE_IN_PROGRESS", "User Initiated")]
    for number in range(EVENTS - 2):
        events.append(event(1 + number % 80_000, f"Resource{number:05}", "AWS::SQS::Queue", "CREATE_COMPLETE"))
    events.append(event(85_000, "LogBucket", "AWS::S3::Bucket", "CREATE_FAILED", "warehouse-logs already exists"))
    with open(path, "w") as file:
        json.dump({"StackEvents": events[::-1]}, file)


def row(name, times, aim):
    median = statistics.median(times)
    print(f"{name:<52}{median:8.1f} ms{max(times):8.1f} ms{aim:8.0f} ms")
    return median <= aim


def first_prompts(home):
    times = []
    for _ in range(RUNS):
        session = Session(home)
        times.append(session.until(PROMPT))
        session.end()
    return times


def completions(home):
    """The time from Tab to the list of ten candidates."""
    many_events(os.path.join(home, "events.json"))
    session = Session(home)
    session.until(PROMPT)
    session.send(b"/diagnose events.json | head 1\r")
    loaded = session.until("1 cause · model off)> ".encode())
    times = []
    for number in range(RUNS):
        start = f"Resource{1000 + number:04}".encode()
        session.send(b"/why " + start)
        session.until(start[-1:])
        time.sleep(0.05)
        session.send(b"\t")
        times.append(session.until(start + b"9"))
        time.sleep(0.05)
        session.send(b"\x15")
        time.sleep(0.05)
        os.read(session.terminal, 65536)
    session.end()
    return loaded, times


def main():
    with tempfile.TemporaryDirectory() as home:
        first_prompts(home)  # the files are in the machine's memory from now on
        print(f"{'':<52}{'median':>11}{'worst':>11}{'aim':>11}")
        good = row("cold start to the first prompt", first_prompts(home), START_AIM)
        loaded, times = completions(home)
        good &= row(f"Tab with {EVENTS:,} events loaded", times, KEY_AIM)
        print(f"loading and diagnosing those events once: {loaded:.0f} ms")
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
