#!/usr/bin/env python3
"""Rebuilds the disk of a daemon as power cuts would leave it. Each message with 250 must be on each of these disks.

powercut.py JAR [MESSAGES]

The daemon runs under strace while it gets messages. Afterwards, at each reply and at random moments, the files of the
spool are written anew from all writes that were flushed by then and none, some or all of the others.
"""

import concurrent.futures
import os
import random
import re
import shutil
import smtplib
import sqlite3
import sys
import time

import stage

JAR = sys.argv[1]
MESSAGES = int(sys.argv[2]) if len(sys.argv) > 2 else 40
FILES = ("spool.db", "spool.db-wal")

HERE = stage.directory("target/bench/powercut")
PORT, ORIGIN = stage.port(), stage.port()
with open(HERE + "/uplift.yaml", "w") as yaml:
    spool = stage.listener("always", PORT, ORIGIN, "when: always, keep: 6h, maximumSize: 1GB")
    yaml.write(stage.configuration(HERE + "/data", ORIGIN, stage.port(), spool, more="transport: nio\n"))
calls = "trace=write,writev,pwrite64,fsync,fdatasync,ftruncate"
strace = ["strace", "-f", "-q", "-y", "-xx", "-s", "400000", "-o", HERE + "/trace", "-e", calls]
daemon = stage.start(stage.daemon(JAR, HERE + "/uplift.yaml", "-Xmx300m", before=strace), HERE + "/uplift.log")
assert stage.listening(PORT, 120), "the daemon does not start"


def send(number):
    chance = random.Random(number)
    lines = chance.choice([300, 3000, 20000, 300000, 700000]) // 78
    body = "".join("%076x\r\n" % chance.getrandbits(300) for _ in range(lines))
    device = smtplib.SMTP("127.0.0.1", PORT, timeout=100)
    device.sendmail("a@b.example", "c@d.example", f"Subject: {number}\r\n\r\n{body}")
    device.quit()


with concurrent.futures.ThreadPoolExecutor(4) as devices:
    list(devices.map(send, range(MESSAGES)))
time.sleep(1)
stage.end()
daemon.wait()


def calls_in_order():
    """The calls of the trace as text, at the time when they ended."""
    unfinished = {}
    with open(HERE + "/trace", errors="replace") as trace:
        for line in trace:
            pid, call = line.rstrip("\n").split(None, 1)
            if call.endswith("<unfinished ...>"):
                unfinished[pid] = call[: -len("<unfinished ...>")]
                continue
            resumed = re.match(r"<\.\.\. \w+ resumed>(.*)", call)
            yield unfinished.pop(pid, "") + resumed.group(1) if resumed else call


def plain(hexadecimal):
    return bytes.fromhex(hexadecimal.replace("\\x", ""))


class File:
    """What is certainly on the disk, and the changes that may be."""

    def __init__(self):
        self.content = bytearray()
        self.changes = []

    def with_changes(self, kind):
        content = bytearray(self.content)
        for offset, data in self.changes:
            if kind == "all" or (kind == "some" and chance.random() < 0.5):
                change(content, offset, data)
        return content

    def flush(self):
        self.content = self.with_changes("all")
        self.changes = []


def change(content, offset, data):
    """Writes data, or without data cuts or extends the file."""
    if data is None:
        del content[offset:]
        content.extend(bytes(offset - len(content)))
    else:
        content.extend(bytes(max(0, offset - len(content))))
        content[offset : offset + len(data)] = data


chance = random.Random(3)
files = {name: File() for name in FILES}
replied, faults, parts_seen, directories = [], [], {}, []
disks = moments = flushes = 0


def check(kind):
    """Opens a disk as the daemon would after the power cut."""
    global disks
    disks += 1
    image = HERE + "/image"
    shutil.rmtree(image, ignore_errors=True)
    os.makedirs(image)
    for name, file in files.items():
        with open(f"{image}/{name}", "wb") as out:
            out.write(file.with_changes(kind))
    try:
        database = sqlite3.connect(image + "/spool.db")
        messages = {row[0] for row in database.execute("SELECT id FROM spool_message")}
        parts = dict(database.execute("SELECT id, count(*) FROM spool_part GROUP BY id"))
        state = database.execute("PRAGMA integrity_check").fetchone()[0]
        database.close()
    except sqlite3.Error as broken:
        messages, parts, state = set(), {}, repr(broken)
    missing = [id for id in replied if id not in messages]
    if missing or (replied and state != "ok"):
        faults.append((len(replied), kind, missing[:3], state))
    for id in messages:
        parts_seen.setdefault(id, set()).add(parts.get(id, 0))


for call in calls_in_order():
    parsed = re.match(r"(\w+)\(\d+<([^>]*)>(.*)", call)
    if not parsed:
        continue
    function, path, rest = parsed.groups()
    path = plain(path).decode("latin1") if path.startswith("\\x") else path
    name = os.path.basename(path)
    if function in ("write", "writev") and ("socket" in path.lower() or "TCP" in path):
        data = re.search(r'"((?:\\x[0-9a-f]{2})*)"', rest)
        reply = re.search(rb"delivers the message as (\w+)", plain(data.group(1)) if data else b"")
        if reply:
            replied.append(reply.group(1).decode())
            moments += 1
            for kind in ("none", "some", "some", "all"):
                check(kind)
    elif name in FILES and path.startswith(HERE):
        file = files[name]
        if function == "pwrite64":
            data, offset = re.search(r'"((?:\\x[0-9a-f]{2})*)", \d+, (\d+)\s*\)\s*= \d+', rest).groups()
            file.changes.append((int(offset), plain(data)))
            if replied and chance.random() < 0.02:
                moments += 1
                check("some")
        elif function == "ftruncate":
            file.changes.append((int(re.search(r", (\d+)\s*\)", rest).group(1)), None))
        elif function in ("fsync", "fdatasync") and rest.rstrip().endswith("= 0"):
            file.flush()
            flushes += 1
    elif function in ("fsync", "fdatasync") and path.startswith(HERE) and not replied:
        directories.append(path[len(HERE) :])
incomplete = [id for id, counts in parts_seen.items() if len(counts) > 1 or 0 in counts]
print("flushed before the first reply, besides the database:", ", ".join(directories))
print(
    f"{len(replied)} of {MESSAGES} messages had 250; {moments} moments, {disks} disks, {flushes} flushes;"
    f" {len(faults)} disks with a fault, {len(incomplete)} messages with missing parts"
)
if faults or incomplete or len(replied) < MESSAGES:
    raise SystemExit(f"failed: {faults[:3]} {incomplete[:3]}")
