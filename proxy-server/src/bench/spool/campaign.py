#!/usr/bin/env python3
"""Sends messages to listeners with a spool while everything around them fails, and looks for each of them at the end.

Each message that got 250 must have arrived at Postfix with the same SHA-256, or its sender has a notification.
"""

import argparse
import collections
import concurrent.futures
import glob
import hashlib
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import threading
import time

import stage

arguments = argparse.ArgumentParser(description=__doc__)
arguments.add_argument("--jar", required=True)
arguments.add_argument("--dir", default="target/bench/spool", help="the directory of all files")
arguments.add_argument("--count", type=int, default=10000, help="the number of messages")
arguments.add_argument("--big", type=int, default=25000000, help="the largest message, in bytes")
arguments.add_argument("--kills", type=int, default=100, help="how often a daemon is killed")
arguments.add_argument("--pause", type=float, default=7.0, help="between two of these, in seconds")
arguments.add_argument("--database", action="store_true", help="two daemons that share PostgreSQL, which is killed too")
arguments.add_argument("--dbkills", type=int, default=20, help="how often PostgreSQL is killed")
arguments.add_argument("--full", action="store_true", help="a disk of 46 MB that is full again and again")
arguments.add_argument("--rate", type=float, default=0.25, help="the share of transactions that the origin fails")
arguments.add_argument("--away", type=int, default=3, help="how often the origin is unreachable for 90 s")
arguments.add_argument("--workers", type=int, default=6, help="the number of devices")
arguments.add_argument("--seed", type=int, default=7)
ARGS = arguments.parse_args()

HERE = stage.directory(ARGS.dir)
SCRIPTS = os.path.dirname(os.path.abspath(__file__))
BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
os.makedirs(HERE + "/messages")
stage.certificates(HERE)


# The origin: a Postfix with one mailbox, behind a server that fails.
ORIGIN, POSTFIX = stage.port(), stage.port()
os.makedirs(HERE + "/mail")
os.chown(HERE + "/mail", 8, 8)
stage.postfix(
    HERE,
    "postfix",
    POSTFIX,
    f"""myhostname = localhost
local_header_rewrite_clients =
smtpd_error_sleep_time = 0
message_size_limit = 60000000
default_process_limit = 60
virtual_mailbox_domains = scan.example, dest.example
virtual_mailbox_base = {HERE}/mail
virtual_mailbox_maps = static:all/
virtual_mailbox_limit = 0
virtual_minimum_uid = 1
virtual_uid_maps = static:8
virtual_gid_maps = static:8
""",
)


def control(**settings):
    """Tells the failing server what to do from now on."""
    with open(HERE + "/control.new", "w") as file:
        json.dump(settings, file)
    os.rename(HERE + "/control.new", HERE + "/control")


control()
with open(HERE + "/faultproxy.json", "w") as file:
    json.dump(
        {
            "seed": ARGS.seed,
            "events": HERE + "/events",
            "cert": HERE + "/o.pem",
            "key": HERE + "/o.key",
            "rate": ARGS.rate,
            "postfix": POSTFIX,
            "port": ORIGIN,
            "control": HERE + "/control",
        },
        file,
    )
stage.start([sys.executable, SCRIPTS + "/faultproxy.py", HERE + "/faultproxy.json"], HERE + "/faultproxy.log")
assert stage.listening(ORIGIN)


class Database:
    """A PostgreSQL that can be killed."""

    def __init__(self):
        self.port = stage.port()
        self.programs = sorted(glob.glob("/usr/lib/postgresql/*/bin"))[-1]
        self.data = HERE + "/postgresql"
        self.kills = 0
        os.makedirs(self.data)
        shutil.chown(self.data, "postgres", "postgres")
        self.postgres(stage.run, "initdb", "-A", "trust", "-U", "uplift", "-D", self.data)
        stage.run("openssl", "rand", "-out", HERE + "/database.key", "32")
        os.chmod(HERE + "/database.key", 0o600)
        self.start()

    def postgres(self, by, program, *options):
        by("runuser", "-u", "postgres", "--", f"{self.programs}/{program}", *options)

    def start(self):
        settings = ("-c", "listen_addresses=127.0.0.1", "-c", "max_connections=100")
        options = ("-D", self.data, "-p", str(self.port), "-k", "/tmp", *settings)
        self.postgres(lambda *command: stage.start(command, HERE + "/postgresql.log"), "postgres", *options)
        assert stage.listening(self.port), "PostgreSQL does not start"

    def kill(self):
        with open(self.data + "/postmaster.pid") as file:
            pid = int(file.readline())
        subprocess.run(["pkill", "-KILL", "-P", str(pid)])
        os.kill(pid, signal.SIGKILL)
        self.kills += 1
        time.sleep(0.5 + 4 * random.random())
        os.unlink(self.data + "/postmaster.pid")
        self.start()


database = Database() if ARGS.database else None

# The daemons.
with open(HERE + "/origin.password", "w") as file:
    file.write("secret")
os.chmod(HERE + "/origin.password", 0o600)
hashed = subprocess.run(
    ["java", "-jar", ARGS.jar, "accounts", "hash"], input="scanpw\n", capture_output=True, text=True, check=True
).stdout.split()[-1]


class Daemon:
    def __init__(self, number):
        self.name = f"{HERE}/daemon{number}"
        self.yaml = self.name + ".yaml"
        self.running = threading.Event()
        self.kills = 0
        self.ports = {name: stage.port() for name in ("always", "unavailable", "account")}
        os.makedirs(self.name)
        if ARGS.full:
            stage.run("mount", "-t", "tmpfs", "-o", "size=46m", "disk", self.name)
        spool = "when: {}, keep: 6h, maximumSize: 4GB"
        listeners = (
            stage.listener("always", self.ports["always"], ORIGIN, spool.format("always"))
            + stage.listener("unavailable", self.ports["unavailable"], ORIGIN, spool.format("unavailable"))
            + stage.listener("account", self.ports["account"], ORIGIN, spool.format("always"), "    signIn: true\n")
        )
        accounts = "".join(
            f"""    - login: {login}
      passwordHash: '{hashed}'
      mailbox: {login}@scan.example
      upstream: {{origin: "localhost:{ORIGIN}", user: {login}, passwordFile: {HERE}/origin.password}}
"""
            for login in ("scan1", "scan2")
        )
        more = f"""signIn:
  limits: {{messagesPerMinute: 10000, sessions: 100, maximumWait: 10s}}
  accounts:
{accounts}"""
        if database:
            url = f"jdbc:postgresql://127.0.0.1:{database.port}/postgres?sslmode=disable"
            more += f'database: {{url: "{url}", user: uplift, keyFile: {HERE}/database.key}}\n'
        upstream = f", trust: {HERE}/ca.pem, connectTimeout: 5s"
        with open(self.yaml, "w") as yaml:
            yaml.write(stage.configuration(self.name + "/data", ORIGIN, stage.port(), listeners, upstream, more))

    def start(self):
        self.process = stage.start(stage.daemon(ARGS.jar, self.yaml, "-Xmx400m"), self.name + ".log")
        if not stage.listening(self.ports["always"], 90):
            raise SystemExit(f"a daemon does not start: see {self.name}.log")
        self.running.set()

    def kill(self):
        self.running.clear()
        self.process.kill()
        self.process.wait()
        self.kills += 1
        self.start()

    def command(self, *words):
        return subprocess.run(
            ["java", "-jar", ARGS.jar, *words, "-c", self.yaml],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )


daemons = [Daemon(number) for number in range(2 if database else 1)]
for daemon in daemons:
    daemon.start()


# The messages.
def size(chance):
    kind = chance.random()
    if ARGS.full:
        return chance.randrange(1000, ARGS.big)
    if kind < 0.004:
        return chance.randrange(1000000, ARGS.big)
    if kind < 0.03:
        return chance.randrange(50000, min(1000000, ARGS.big))
    return int(1000 * 50 ** chance.random())


chances = random.Random(ARGS.seed)
SIZES = [size(chances) for _ in range(ARGS.count)]
sums = {}


def message(number):
    """Writes a message to a file, and notes its sums: some programs end it with an empty line."""
    chance = random.Random(ARGS.seed * 1000003 + number)
    lines = [
        f"X-Campaign: {number}",
        f"From: scan{number % 7}@scan.example",
        f"To: user{number % 11}@dest.example",
        f"Subject: Scan {number}",
        "Date: Tue, 01 Dec 2026 01:00:00 +0000",
    ]
    if number % 10:
        lines.append(f"Message-ID: <campaign-{number}@scan.example>")
    lines += ["MIME-Version: 1.0", "Content-Type: text/plain", ""]
    block = ["".join(chance.choices(BASE64, k=chance.choice((1, 40, 76, 76, 76)))) for _ in range(200)]
    written = 0
    while written < SIZES[number]:
        line = chance.choice(block)
        if chance.random() < 0.02:
            line = "." * chance.choice((1, 2, 3)) + line[:20]
        lines.append(line)
        written += len(line) + 2
    content = "\n".join(lines + [""]).encode()
    sums[number] = {hashlib.sha256(content).hexdigest(), hashlib.sha256(content + b"\n").hexdigest()}
    with open(f"{HERE}/messages/{number}", "wb") as file:
        file.write(content)
    return file.name


# The devices.
kept = set()
refused = collections.defaultdict(list)
replies = collections.Counter()
ids = collections.defaultdict(list)
last_listener = {}
DEVICE = {**os.environ, "OPENSSL_CONF": "/dev/null"}


def attempt(number, file, chance):
    """Sends a message once. Returns whether it got 250, the last reply, and the listener."""
    daemon = chance.choice(daemons)
    daemon.running.wait(60)
    sender, recipient = f"scan{number % 7}@scan.example", f"user{number % 11}@dest.example"
    program = chance.choices(["swaks", "source", "node"], [2, 5, 3])[0]
    listener = chance.choice(["always", "always", "unavailable", "account"])
    if listener == "account" and program == "source":
        listener = "always"
    port, login = str(daemon.ports[listener]), f"scan{1 + number % 2}"
    if listener == "account":
        sender = login + "@scan.example"
    if program == "swaks":
        command = ["swaks", "--server", "127.0.0.1", "--port", port, "--tls", "--from", sender, "--to", recipient]
        command += ["--data", "@" + file, "--timeout", "100", "--suppress-data"]
        if chance.random() < 0.7:
            command += ["--tls-protocol", "tlsv1", "--tls-cipher", "ALL:@SECLEVEL=0"]
        if listener == "account":
            command += ["--auth", "LOGIN", "--auth-user", login, "--auth-password", "scanpw"]
    elif program == "source":
        command = [
            "smtp-source",
            "-v",
            "-m",
            "1",
            "-s",
            "1",
            "-F",
            file,
            "-f",
            sender,
            "-t",
            recipient,
            "127.0.0.1:" + port,
        ]
    else:
        command = [DEVICE["UPLIFT_NODE0_10"] + "/bin/node", SCRIPTS + "/send.js", port, file, sender, recipient]
        command += [login, "scanpw"] if listener == "account" else []
    try:
        said = subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=180, env=DEVICE
        ).stdout
    except subprocess.TimeoutExpired as late:
        said = late.stdout or b""
    text = said.decode("latin1")
    last_listener[number] = listener
    id = re.search(r"delivers the message as (\w+)", text)
    if id:
        ids[number].append(id.group(1))
    if program == "swaks":
        heard = re.findall(r"^<[~*-]*\s+(\d\d\d .*)", text, re.M)
        accepted = re.search(r"lines sent\s*\n<[~*-]*\s+250 ", text)
        return bool(accepted), heard[-1] if heard else text[-200:], listener
    if program == "source":
        heard = re.findall(r"(?:<<<|:) (\d\d\d[ -].*)", text)
        accepted = re.search(r"250 2\.0\.0 (?:TLS Uplift|Ok: queued).*", text)
        return bool(accepted), heard[-1] if heard else text[-200:], listener
    return text.startswith("OK "), text.strip(), listener


def deliver(number):
    """Sends a message until it gets 250, as a device that forgets nothing."""
    chance = random.Random(ARGS.seed * 31 + number)
    file = message(number)
    for _ in range(400):
        accepted, last, listener = attempt(number, file, chance)
        code = re.search(r"\b([45]\d\d) ", last)
        replies["250" if accepted else code.group(1) if code else "connection"] += 1
        if accepted:
            kept.add(number)
            break
        if code and code.group(1)[0] == "5":
            refused[number].append(last[:150])
            if listener == "unavailable" and code.group(1) in ("550", "554"):
                break  # The origin's own reply.
        time.sleep(0.3)
    else:
        refused[number].append("gave up: " + last[-150:])
    os.unlink(file)


# What fails.
stop = threading.Event()


def kill_daemons():
    chance = random.Random(5)
    while sum(daemon.kills for daemon in daemons) < ARGS.kills:
        if stop.wait(ARGS.pause * (0.4 + 1.2 * chance.random())):
            break
        chance.choice(daemons).kill()


def kill_database():
    while database.kills < ARGS.dbkills and not stop.wait(5 + 8 * random.random()):
        database.kill()


def hide_origin():
    for _ in range(ARGS.away):
        if stop.wait(5 if ARGS.full else 60):
            break
        control(away=True)
        stop.wait(90)
        control()


fills = []


def fill_disk():
    """Takes all space of the disk, to the last byte, for some seconds."""
    filler = daemons[0].name + "/filler"
    while not stop.wait(3 + 6 * random.random()):
        try:
            with open(filler, "wb", buffering=0) as file:
                while True:
                    file.write(bytes(4096))
        except OSError as full:
            fills.append(full.errno)
        stop.wait(1 + 3 * random.random())
        os.unlink(filler)


tasks = [kill_daemons, hide_origin] + [kill_database] * bool(database) + [fill_disk] * ARGS.full
threads = [threading.Thread(target=task) for task in tasks]
began = time.time()
for thread in threads:
    thread.start()


def kills():
    return [sum(daemon.kills for daemon in daemons), database.kills if database else 0]


with concurrent.futures.ThreadPoolExecutor(ARGS.workers) as devices:
    sent = [devices.submit(deliver, number) for number in range(ARGS.count)]
    for done, each in enumerate(concurrent.futures.as_completed(sent), 1):
        each.result()
        if done % 250 == 0:
            print(f"{time.time() - began:6.0f} s  {done} messages, kills {kills()}, {dict(replies)}", flush=True)
while kills()[0] < ARGS.kills and time.time() - began < 3600:
    time.sleep(1)
stop.set()
for thread in threads:
    thread.join()
control(rate=0.05)
print(f"sent after {time.time() - began:.0f} s; kills {kills()}", flush=True)

# Until nothing waits.
left = -1
deadline = time.time() + 1500
while left and time.time() < deadline:
    time.sleep(5)
    listed = daemons[0].command("spool", "list", "--json")
    if listed.returncode:
        print("spool list:", listed.stdout[-300:], listed.stderr[-300:], flush=True)
        continue
    waiting = json.loads(listed.stdout)
    left = waiting["messages"]
    print(f"{time.time() - began:6.0f} s  {left} wait", flush=True)
    if left:
        daemons[0].command("spool", "retry", *(each["id"] for each in waiting["waiting"][:150]))
time.sleep(5)

# What arrived.
arrived, notified, changed, strange = collections.Counter(), collections.Counter(), [], []
box = HERE + "/mail/all/new"
for name in os.listdir(box):
    with open(f"{box}/{name}", "rb") as file:
        content = file.read()
    found = re.search(rb"^X-Campaign: (\d+)", content, re.M)
    if not found:
        strange.append(name)
    elif b"multipart/report" in content[:4000]:
        notified[int(found.group(1))] += 1
    else:
        number = int(found.group(1))
        arrived[number] += 1
        if hashlib.sha256(content[found.start() :]).hexdigest() not in sums[number]:
            changed.append((number, name))
with open(HERE + "/events") as file:
    events = [json.loads(line) for line in file]
closed = {int(each["id"]) for each in events if each.get("fault") == "dotclose_after" and each["id"] != "?"}
lost = [number for number in kept if not arrived[number] and not notified[number]]
duplicates = {number: count - 1 for number, count in arrived.items() if count > 1}
causes = {
    number: (
        "the origin took it and closed before its reply"
        if number in closed
        else "sent again by the device" if len(ids[number]) > 1 or last_listener[number] == "unavailable" else "killed"
    )
    for number in duplicates
}
result = {
    "messages": ARGS.count,
    "bytes": sum(SIZES),
    "got 250": len(kept),
    "arrived": len(arrived),
    "mails": sum(arrived.values()),
    "changed": len(changed),
    "lost": len(lost),
    "notifications": len(notified),
    "duplicates": sum(duplicates.values()),
    "causes": dict(collections.Counter(causes.values())),
    "refused for good": len([number for number in refused if number not in kept]),
    "strange": len(strange),
    "kills": kills(),
    "times without space": len(fills),
    "left": left,
    "replies": dict(replies),
    "seconds": round(time.time() - began),
    "faults of the failing server": [each for each in events if each["e"] == "bug"][:3],
}
print(json.dumps(result, indent=1))
with open(HERE + "/result.json", "w") as file:
    more = {"lost": lost, "changed": changed, "causes": causes, "refused": refused, "strange": strange}
    json.dump({"result": result, **more}, file, indent=1)
stage.end()
if ARGS.full:
    daemons[0].process.wait()
    stage.run("umount", daemons[0].name)
