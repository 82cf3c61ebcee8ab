#!/usr/bin/env python3
"""Sends messages by a stand-in for Microsoft Graph while it, the disk, the clock and the daemon fail, in rows of their own.

Each message that got 250 must have arrived once, for its recipients and unchanged, or its sender has a notification. A
message arrives twice at most if Graph lost its reply and gave no proof, and the daemon counts it then.
"""

import argparse
import base64
import collections
import hashlib
import json
import os
import random
import re
import shutil
import signal
import smtplib
import sqlite3
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import graph  # noqa: E402
import stage  # noqa: E402

arguments = argparse.ArgumentParser(description=__doc__)
arguments.add_argument("--jar", required=True)
arguments.add_argument("--dir", default="target/bench/faults", help="the directory of all files")
arguments.add_argument("--messages", type=int, default=6, help="of each account")
arguments.add_argument("rows", nargs="*", help="some of: graph poison stop handover clock sigbus")
ARGS = arguments.parse_args()
HERE = stage.directory(ARGS.dir)
stage.certificates(HERE)
GRAPH_PORT, SMTP, ORIGIN = stage.port(), stage.port(), stage.port()
GRAPH = graph.Graph(GRAPH_PORT, HERE + "/o.pem", HERE + "/o.key")
FAULTS = [*graph.MISSING, "done and reset", "done and 503", "done and 504", "done, reset, then 404 mailbox", "429"]
FAULTS += ["503 at the draft", "no progress", "no address", "upload gone", "upload reset"]
LARGE = FAULTS[-4:]
ACCOUNTS = [f"scan{i}@scan.example" for i in range(len(FAULTS) + 1)]
MAY_REPEAT = {*graph.MISSING, "done, reset, then 404 mailbox"}
kept, faulty, failed, refused = {}, {}, [], []
BEGAN = time.time()


def note(text):
    print(f"{time.time() - BEGAN:6.1f} s  {text}", flush=True)


def address(account):
    return f"127.0.0.{20 + account}"


def configuration(name, data):
    with open(HERE + "/secret", "w") as file:
        file.write("secret\n")
    os.chmod(HERE + "/secret", 0o600)
    listener = stage.listener("mail", SMTP, ORIGIN, "when: always, keep: 2h, maximumSize: 1GB", "    signIn: true\n    reusePort: true\n")
    accounts = "".join(f"    - {{devices: [{address(i)}/32], mailbox: {each}, sendBy: graph}}\n" for i, each in enumerate(ACCOUNTS))
    tenant = "11111111-2222-3333-4444-555555555555"
    more = f"""microsoft365: {{refresh: never}}
signIn:
  tenant: {tenant}
  applicationId: {tenant}
  clientSecretFile: {HERE}/secret
  authority: {GRAPH.url}
  graph: {GRAPH.url}
  limits: {{messagesPerMinute: 10000, sessions: 100, maximumWait: 10s}}
  accounts:
{accounts}"""
    file = f"{HERE}/{name}.yaml"
    with open(file, "w") as yaml:
        yaml.write(stage.configuration(data, ORIGIN, stage.port(), listener, f", trust: {HERE}/ca.pem", more))
    return file


class Daemon:
    def __init__(self, name, data):
        self.name, self.data, self.yaml = name, data, configuration(name, data)
        self.admin = int(re.search(r'admin: {bind: "127.0.0.1:(\d+)"', open(self.yaml).read())[1])

    def start(self):
        self.process = stage.start(stage.daemon(ARGS.jar, self.yaml, "-Xmx400m"), f"{HERE}/{self.name}.log")
        end = time.time() + 120
        while self.get("/readyz")[0] not in (200, 503) and time.time() < end and self.process.poll() is None:
            time.sleep(0.2)
        assert stage.listening(SMTP, 60), f"a daemon does not start: see {HERE}/{self.name}.log"
        return self

    def get(self, path):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.admin}{path}", timeout=5) as response:
                return response.status, response.read().decode()
        except urllib.error.HTTPError as refusal:
            return refusal.code, refusal.read().decode()
        except OSError as away:
            return 0, str(away)

    def stop(self):
        began = time.time()
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(120)
        return round(time.time() - began, 1), status

    def command(self, *words):
        return subprocess.run(
            ["java", "-XX:TieredStopAtLevel=1", "-jar", ARGS.jar, *words, "-c", self.yaml],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )

    def metric(self, name):
        found = re.findall(rf"^{name}(?:{{[^}}]*}})? ([0-9.]+)", self.get("/metrics")[1], re.M)
        return sum(float(each) for each in found)

    def empty(self, seconds):
        """Waits until nothing waits that is not held; returns what is left."""
        end = time.time() + seconds
        waiting = {"messages": -1}
        while time.time() < end:
            listed = self.command("spool", "list", "--json")
            if listed.returncode == 0:
                waiting = json.loads(listed.stdout)
                if waiting["messages"] == waiting["held"]:
                    return waiting
                self.command("spool", "retry", "--all")
            time.sleep(3)
        return waiting


counter = iter(range(1, 1000000))


def message(size, large=False):
    """A message with a number, and the digest of what must arrive."""
    number = next(counter)
    chance = random.Random(number)
    head = f"Subject: Campaign {number}\r\nFrom: {{}}\r\nTo: a{number}@dest.example\r\nCc: c@other.example\r\nMIME-Version: 1.0\r\n"
    if large:
        content = chance.randbytes(size)
        lines = re.findall(".{1,76}", base64.b64encode(content).decode())
        head += 'Content-Type: multipart/mixed; boundary="b"\r\n'
        body = "--b\r\nContent-Type: text/plain\r\n\r\nscan\r\n--b\r\nContent-Type: application/pdf; name=\"a.pdf\"\r\n"
        body += "Content-Disposition: attachment\r\nContent-Transfer-Encoding: base64\r\n\r\n" + "\r\n".join(lines) + "\r\n--b--\r\n"
        return number, (head + "\r\n" + body).encode(), hashlib.sha256(content).hexdigest()
    lines = [chance.choice((".", "..", "", "x" * 76)) + str(chance.random()) for _ in range(size // 60)]
    body = ("\r\n".join(lines) + "\r\n").encode()
    return number, (head + "\r\n").encode() + body, hashlib.sha256(body).hexdigest()


def send(account, number, data, digest, patience=60):
    """Sends the bytes as they are, until the daemon accepts or refuses them for good. Returns the last reply."""
    reply = ""
    end = time.time() + patience
    while time.time() < end:
        try:
            with smtplib.SMTP("127.0.0.1", SMTP, "device.example", 60, (address(account), 0)) as device:
                device.ehlo()
                people = sorted({f"a{number}@dest.example", f"b{number}@dest.example"})
                for line in (f"MAIL FROM:<{ACCOUNTS[account]}>", *(f"RCPT TO:<{each}>" for each in people), "DATA"):
                    code, reply = device.docmd(line)
                    if code >= 400:
                        break
                else:
                    wire = re.sub(rb"(?m)^\.", b"..", data.replace(b"{}", ACCOUNTS[account].encode(), 1))
                    device.sock.sendall(wire + b".\r\n")
                    code, reply = device.getreply()
                    if code == 250:
                        kept[number] = (account, people, digest)
                        return code
                if code >= 500:
                    refused.append((number, f"{code} {reply.decode()}"))
                    return code
                reply = f"{code} {reply.decode()}"
        except (OSError, smtplib.SMTPException) as broken:
            reply = str(broken)
        time.sleep(0.5)
    refused.append((number, reply))
    return 0


def in_parallel(*tasks):
    threads = [threading.Thread(target=task) for task in tasks]
    for each in threads:
        each.start()
    for each in threads:
        each.join()


def send_all(large=()):
    """Sends messages of each account, and with its account's fault the third."""

    def device(account):
        for i in range(ARGS.messages):
            fault = FAULTS[account] if i == 2 and account < len(FAULTS) and GRAPH.inject else None
            is_large = fault in LARGE or fault == "no progress"
            number, data, digest = message(7_000_000 if is_large else random.Random(account * 100 + i).randrange(500, 60000), is_large)
            if fault:
                GRAPH.faults[number] = fault
                faulty[number] = fault
            send(account, number, data, digest)

    in_parallel(*(lambda account=account: device(account) for account in range(len(ACCOUNTS))))


def check(row, daemon, left, duplicates):
    """Compares all that was kept with what Graph has."""
    copies, wrong, notified = collections.Counter(), [], collections.Counter()
    for each in GRAPH.sent:
        if each.number is None:
            about = re.search(r"Undelivered mail", each.subject)
            notified[each.mailbox] += bool(about)
            continue
        copies[each.number] += 1
        account, people, digest = kept.get(each.number, (0, [], ""))
        if each.number not in kept or each.mailbox != ACCOUNTS[account] or each.recipients != people:
            wrong.append((each.number, "misdirected", each.mailbox, each.recipients))
        elif digest and each.content() != digest:
            wrong.append((each.number, "altered"))
    poison = [number for number, (_, _, digest) in kept.items() if not digest]
    lost = [number for number, (_, _, digest) in kept.items() if digest and not copies[number]]
    unanswered = [number for number in poison if not copies[number]]
    twice = {number: (count, faulty.get(number, "no fault")) for number, count in copies.items() if count > 1}
    against = [number for number in twice if faulty.get(number) not in MAY_REPEAT]
    result = {
        "row": row,
        "got 250": len(kept),
        "arrived": len([number for number in kept if copies[number]]),
        "poison that came back to its sender": f"{sum(notified.values())} of {len(unanswered)}",
        "held": left.get("held"),
        "waiting": left.get("messages"),
        "lost": lost,
        "altered or misdirected": wrong,
        "twice": twice,
        "twice against the promise": against,
        "counted as possible duplicates": duplicates,
        "faults met": dict(GRAPH.met),
        "refused": dict(collections.Counter(re.sub(r"\d{3,}", "n", reply)[:60] for _, reply in refused)),
        "drafts left": len(GRAPH.drafts),
    }
    if lost or wrong or against or left.get("messages") or sum(notified.values()) != len(unanswered):
        failed.append(row)
    print(json.dumps(result, indent=1), flush=True)
    kept.clear(), refused.clear(), GRAPH.sent.clear(), GRAPH.met.clear(), faulty.clear(), GRAPH.drafts.clear()


def row_graph(daemon):
    GRAPH.inject = True
    send_all()
    GRAPH.inject = False
    left = daemon.empty(600)
    check("graph", daemon, left, daemon.metric("tlsuplift_graph_duplicates_total"))
    note(f"PUT requests of uploads without progress: {dict(GRAPH.puts)}")


def nested(levels):
    parts = "".join(f'Content-Type: multipart/mixed; boundary="b{i}"\r\n\r\n--b{i}\r\n' for i in range(levels))
    return parts + "Content-Type: text/plain\r\n\r\n" + ("x" * 76 + "\r\n") * 45_000


def poisons():
    head = "Subject: Campaign {}\r\nFrom: {{}}\r\nMIME-Version: 1.0\r\n"
    yield "To: " + "\r" * 200_000 + "a@dest.example\r\n" + head + "\r\nscan\r\n"
    yield "To: " + "\r" * 2_000_000 + "\r\n" + head + "\r\nscan\r\n"
    yield "To: " + "=?" * 100_000 + "\r\n" + head + "\r\nscan\r\n"
    yield "To: " + "=?utf-8?q?a?= " * 2_000 + "<a@dest.example>\r\n" + head + "\r\nscan\r\n"
    yield "Subject: " + "=?" * 100_000 + "\r\n" + head + "\r\n" + ("x" * 76 + "\r\n") * 45_000
    yield "X: " + "a" * 300_000 + "\r\n" + head + "\r\nscan\r\n"
    for levels in (20, 1_000, 3_000):
        yield head + nested(levels)
    yield head + 'Content-Type: multipart/mixed; boundary="b"\r\n\r\n' + "--b\r\n\r\n\r\n" * 1_000_000 + "--b--\r\n"


def send_poison(account):
    for text in poisons():
        number = next(counter)
        data = re.sub(r"Campaign \{\}", f"Campaign {number}", text, count=1).replace("{{}}", "{}", 1).encode()
        send(account, number, data, "", 20)


def row_poison(daemon):
    last = len(ACCOUNTS) - 1
    send_poison(last)
    number, data, digest = message(5000)
    send(last, number, data, digest)
    began = time.time()
    while not any(each.number == number for each in GRAPH.sent) and time.time() < began + 120:
        time.sleep(0.1)
    note(f"the message after the poison arrived after {time.time() - began:.1f} s")
    check("poison", daemon, daemon.empty(120), 0)


def row_stop(daemon):
    for account in range(4):
        send_poison(account)
    seconds, status = daemon.stop()
    note(f"SIGTERM with poison: the daemon ended after {seconds} s with {status}")
    if seconds > 31:
        failed.append("stop")
    daemon.start()
    check("stop", daemon, daemon.empty(200), 0)


def row_handover(daemon):
    GRAPH.delay = 1
    send_all()
    other = Daemon("other", daemon.data)
    other.start()
    while other.get("/readyz")[0] != 200:
        time.sleep(0.1)
    send_all()
    seconds, status = daemon.stop()
    note(f"the old process ended after {seconds} s with {status}")
    send_all()
    GRAPH.delay = 0
    check("handover", other, other.empty(300), other.metric("tlsuplift_graph_duplicates_total"))
    daemon.process, daemon.admin, daemon.yaml = other.process, other.admin, other.yaml


def row_clock(daemon):
    GRAPH.away = True
    send_all()
    daemon.stop()
    with sqlite3.connect(daemon.data + "/spool.db") as database:
        by = 700 * 24 * 3600 * 1000
        moved = database.execute(
            "UPDATE spool_message SET accepted = accepted + ?, expires = expires + ?, next_attempt = next_attempt + ?,"
            " lease_until = next_attempt + ?",
            (by, by, by, by),
        ).rowcount
    database.close()
    note(f"{moved} messages come from a clock that was ahead by 700 days")
    GRAPH.away = False
    daemon.start()
    left = daemon.empty(300)
    note(f"oldest, in seconds: {daemon.metric('tlsuplift_spool_oldest_seconds')}")
    check("clock", daemon, left, 0)


def row_sigbus(daemon):
    GRAPH.away = True
    send_all()
    daemon.stop()
    disk = HERE + "/disk"
    os.makedirs(disk)
    with open(HERE + "/image", "wb") as image:
        image.truncate(64 << 20)
    stage.run("mkfs.ext4", "-q", "-b", "1024", HERE + "/image")
    stage.run("mount", "-o", "loop", HERE + "/image", disk)
    try:
        shutil.copytree(daemon.data, disk + "/data")
        os.chmod(disk + "/data", 0o700)
        small = Daemon("small", disk + "/data")
        checked = small.command("check")
        note(f"check: {checked.returncode} {(checked.stdout + checked.stderr)[:200].strip()}")
        codes = collections.Counter()
        for round in range(6):
            small.start()
            try:
                with open(disk + "/filler", "ab", buffering=0) as filler:
                    while True:
                        filler.write(bytes(1024))
            except OSError:
                pass
            if round == 5:
                GRAPH.away = False
            for account in range(len(ACCOUNTS)):
                number, data, digest = message(20_000)
                codes[send(account, number, data, digest, 0.2)] += 1
            time.sleep(10)
            alive = small.process.poll() is None
            ready = small.get("/readyz")
            note(f"full disk, round {round + 1}: alive {alive}, readyz {ready[0]} {ready[1][:150]}")
            if not alive:
                failed.append("sigbus")
            if round < 5:
                small.process.kill()
                small.process.wait()
            os.unlink(disk + "/filler")
        note(f"codes for new messages: {dict(codes)}")
        refused.clear()
        check("sigbus", small, small.empty(300), 0)
        small.stop()
    finally:
        stage.run("umount", disk)


DAEMON = Daemon("daemon", HERE + "/data").start()
note("the daemon is ready")
for each in ARGS.rows or ["graph", "poison", "stop", "handover", "clock", "sigbus"]:
    note("row " + each)
    globals()["row_" + each](DAEMON)
stage.end()
print("failed rows:", failed or "none")
sys.exit(1 if failed else 0)
