#!/usr/bin/env python3
"""Changes shared accounts at three instances while these and their database fail, and checks each answer at the end.

A change that was answered with "done" is in the accounts of all instances, one that was refused is not, and one whose
outcome is unknown said so.
"""

import argparse
import collections
import glob
import hashlib
import http.client
import json
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.parse

SCRIPTS = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, SCRIPTS + "/../spool")
import stage  # noqa: E402

arguments = argparse.ArgumentParser(description=__doc__)
arguments.add_argument("--jar", required=True)
arguments.add_argument("--dir", default="target/bench/accounts", help="the directory of all files")
arguments.add_argument("--seconds", type=int, default=240, help="how long people change accounts")
arguments.add_argument("--people", type=int, default=6, help="who change accounts by the API")
arguments.add_argument("--commands", type=int, default=1, help="who change accounts by commands")
arguments.add_argument("--pause", type=float, default=3.0, help="between two faults, in seconds")
arguments.add_argument("--seed", type=int, default=7)
ARGS = arguments.parse_args()

HERE = stage.directory(ARGS.dir)
PEOPLE = ARGS.people + ARGS.commands
BEGAN = time.time()
stop = threading.Event()


def token(person):
    return f"tlsuplift_person{person}"


def note(text):
    print(f"{time.time() - BEGAN:6.1f} s  {text}", flush=True)


class Database:
    """A PostgreSQL on a small disk."""

    def __init__(self):
        self.port = stage.port()
        self.programs = sorted(glob.glob("/usr/lib/postgresql/*/bin"))[-1]
        self.disk = HERE + "/disk"
        self.data = self.disk + "/data"
        os.makedirs(self.disk)
        stage.run("mount", "-t", "tmpfs", "-o", "size=128m", "disk", self.disk)
        os.makedirs(self.data)
        shutil.chown(self.data, "postgres", "postgres")
        self.postgres(stage.run, "initdb", "-A", "trust", "-U", "uplift", "--wal-segsize=1", "-D", self.data)
        self.start()

    def postgres(self, by, program, *options):
        # It becomes the program, so that a paused one has no parent that stops too.
        user = ("setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups")
        return by(*user, f"{self.programs}/{program}", *options)

    def start(self):
        settings = ("-c", "listen_addresses=127.0.0.1", "-c", "max_connections=100", "-c", "max_wal_size=8MB")
        settings += ("-c", "min_wal_size=2MB")
        options = ("-D", self.data, "-p", str(self.port), "-k", "", *settings)
        self.server = self.postgres(lambda *command: stage.start(command, HERE + "/postgresql.log"), "postgres", *options)
        assert stage.listening(self.port), "PostgreSQL does not start"

    def processes(self):
        """The server, and its children."""
        try:
            with open(self.data + "/postmaster.pid") as file:
                server = int(file.readline())
        except (OSError, ValueError):
            return []
        children = subprocess.run(["ps", "-o", "pid=", "--ppid", str(server)], capture_output=True, text=True).stdout
        return [server, *map(int, children.split())]

    def signal(self, name, processes):
        for process in processes:
            try:
                os.kill(process, name)
            except ProcessLookupError:
                pass

    def pause(self, seconds):
        paused = self.processes()
        self.signal(signal.SIGSTOP, paused)
        time.sleep(seconds)
        self.signal(signal.SIGCONT, paused)

    def end_sessions(self, _):
        self.ask("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'tls-uplift'")

    def kill(self, seconds):
        self.signal(signal.SIGKILL, self.processes())
        time.sleep(seconds)
        self.restart()

    def restart(self):
        self.server.wait(30)
        try:
            os.unlink(self.data + "/postmaster.pid")
        except FileNotFoundError:
            pass
        self.start()

    def fill(self, seconds):
        """Takes all space of its disk, to the last byte."""
        filler = self.disk + "/filler"
        try:
            with open(filler, "wb", buffering=0) as file:
                while True:
                    file.write(bytes(4096))
        except OSError:
            pass
        time.sleep(seconds)
        os.unlink(filler)
        if not stage.listening(self.port, 5):
            self.restart()

    def ask(self, sql):
        command = [self.programs + "/psql", "-qAtX", "-h", "127.0.0.1", "-p", str(self.port), "-U", "uplift"]
        environment = {**os.environ, "PGCONNECT_TIMEOUT": "5"}
        command += ["-d", "postgres", "-c", sql]
        return subprocess.run(command, capture_output=True, text=True, timeout=30, env=environment).stdout


class Network:
    """The network between an instance and the database: open, silent, or losing connections at random."""

    def __init__(self, to):
        self.to = to
        self.state = "open"
        self.chance = random.Random(ARGS.seed)
        self.door = socket.create_server(("127.0.0.1", 0), backlog=50)
        self.port = self.door.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            program = self.door.accept()[0]
            threading.Thread(target=self.join, args=(program,), daemon=True).start()

    def join(self, program):
        try:
            server = socket.create_connection(("127.0.0.1", self.to), 5)
            server.settimeout(None)
        except OSError:
            program.close()
            return
        threading.Thread(target=self.carry, args=(server, program), daemon=True).start()
        self.carry(program, server)

    def carry(self, source, target):
        try:
            while True:
                content = source.recv(65536)
                if not content:
                    break
                if self.state == "silent":
                    continue  # As packets that are dropped: nobody learns of it.
                if self.state == "losing" and self.chance.random() < 0.04:
                    break
                target.sendall(content)
        except OSError:
            pass
        for end in (source, target):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def silence(self, seconds):
        self.state = "silent"
        time.sleep(seconds)
        self.state = "open"

    def lose(self, seconds):
        self.state = "losing"
        time.sleep(seconds + 3)
        self.state = "open"


database = Database()
stage.run("openssl", "rand", "-out", HERE + "/database.key", "32")
os.chmod(HERE + "/database.key", 0o600)
hashed = subprocess.run(
    ["java", "-jar", ARGS.jar, "accounts", "hash"], input="operator\n", capture_output=True, text=True, check=True
).stdout.split()[-1]


class Daemon:
    def __init__(self, number):
        self.number = number
        self.network = Network(database.port)
        self.port, self.admin = stage.port(), stage.port()
        self.replacements = 0
        self.make()

    def make(self):
        """A new machine, without any file of the one before."""
        self.name = f"{HERE}/daemon{self.number}-{self.replacements}"
        self.yaml = self.name + ".yaml"
        self.accounts = self.name + "/accounts.yaml"
        os.makedirs(self.name)
        url = f"jdbc:postgresql://127.0.0.1:{self.network.port}/postgres?sslmode=disable"
        tokens = "".join(
            f"    - {{name: person{n}, role: operator, sha256: {hashlib.sha256(token(n).encode()).hexdigest()}}}\n"
            for n in range(PEOPLE)
        )
        with open(self.yaml, "w") as yaml:
            yaml.write(
                f"""dataDirectory: {self.name}/data
certificateAuthority: {{keyAlgorithm: EC-P256, nameConstraints: false}}
devices: {{reverseDns: false}}
inventory: {{flushInterval: 1s}}
routes: [{{to: ["localhost:*"], action: bridge}}]
listeners:
  - name: mail
    bind: 127.0.0.1:{self.port}
    accept: fixed
    origin: localhost:2525
    protocol: smtp
    profile: legacy
    signIn: true
database: {{url: "{url}", user: uplift, keyFile: {HERE}/database.key}}
signIn:
  tenant: corp.example
  applicationId: 11111111-2222-3333-4444-555555555555
  flow: device-code
  origins: [localhost]
  accountsFile: {self.accounts}
  shareAccounts: true
admin:
  bind: 127.0.0.1:{self.admin}
  users: [{{name: ops, role: operator, passwordHash: '{hashed}'}}]
  tokens:
{tokens}"""
            )

    def begin(self):
        self.process = stage.start(stage.daemon(ARGS.jar, self.yaml, "-Xmx160m"), self.name + ".log")

    def start(self):
        self.begin()
        self.listen()

    def listen(self):
        assert stage.listening(self.admin, 120), f"a daemon does not start: see {self.name}.log"

    def kill(self, seconds):
        self.process.kill()
        self.process.wait()
        time.sleep(seconds / 4)
        self.start()

    def replace(self, _):
        self.process.kill()
        self.process.wait()
        self.replacements += 1
        self.make()
        self.start()

    def list(self):
        """The accounts in its file: their mailboxes, and whether they are disabled."""
        with open(self.accounts) as file:
            text = file.read()
        found = {}
        for item in re.split(r"(?m)^ *- ", text)[1:]:
            login = re.search(r"login: '?([\w-]+)", item).group(1)
            found[login] = (re.search(r"mailbox: '?([\w@.-]+)", item).group(1), "disabled: true" in item)
        return found


daemons = [Daemon(number) for number in range(3)]
for each in daemons:
    each.begin()
for each in daemons:
    each.listen()
note("three instances run")

# People. Each has logins of their own, so that the answers alone say what may be in the accounts.
possible = collections.defaultdict(lambda: {None})
history = []
counts = collections.Counter()
wrong = []
last_unknown = {}
lock = threading.Lock()


def wanted(action, state, value):
    """The account after a change; False if the change is impossible."""
    if action == "add":
        return False if state else (value, False)
    if not state:
        return False
    return {
        "mailbox": (value, state[1]),
        "disable": (state[0], True),
        "enable": (state[0], False),
        "password": state,
        "remove": None,
    }[action]


def settle(person, where, login, action, value, result, answer, seconds):
    """Notes an answer, and what the account may be from now on."""
    before = possible[login]
    reached = {wanted(action, state, value) for state in before} - {False}
    with lock:
        counts[result] += 1
        at = round(time.time() - BEGAN, 2)
        history.append((at, person, where, login, action, value, result, answer[:200], seconds))
        if result == "done":
            if not reached:
                wrong.append(f"{login}: {action} was done, and was impossible after {before}")
            possible[login] = reached or {wanted(action, None, value) or None}
        elif result == "refused":
            # An account exists for some and not for others only if an outcome is unknown.
            if "there is no account" in answer or "has the login" in answer and action != "add":
                if None not in before:
                    wrong.append(f"{login}: {action} was refused, {answer[:120]}, but it is {before}")
                possible[login] = {None}
            elif not answer_is_outage(answer) and not (action == "add" and before != {None}):
                wrong.append(f"{login}: {action} was refused without a reason: {answer[:160]}, it is {before}")
        else:
            possible[login] = before | reached
            found = re.search(r"change ([0-9a-f]{16})", answer)
            if found:
                last_unknown[login] = (found.group(1), set(before), set(reached))
                return
        last_unknown.pop(login, None)


def answer_is_outage(answer):
    return "nothing was changed" in answer or "at the same time" in answer or "too many" in answer


def by_api(person, daemon, login, action, value):
    form = {
        "add": ("add", {"login": login, "mailbox": value, "password": "short"}),
        "mailbox": ("change", {"account": login, "mailbox": value}),
        "disable": ("change", {"account": login, "disabled": "true"}),
        "enable": ("change", {"account": login, "disabled": "false"}),
        "password": ("password", {"account": login, "password": value}),
        "remove": ("remove", {"account": login}),
    }[action]
    connection = http.client.HTTPConnection(
        "127.0.0.1", daemon.admin, timeout=75, source_address=(f"127.0.0.{10 + person}", 0)
    )
    try:
        headers = {"Authorization": "Bearer " + token(person), "Content-Type": "application/x-www-form-urlencoded"}
        connection.request("POST", "/api/accounts/" + form[0], urllib.parse.urlencode(form[1]), headers)
        response = connection.getresponse()
        text = response.read().decode()
    except (OSError, http.client.HTTPException) as broken:
        return "no answer", str(broken)
    finally:
        connection.close()
    if response.status == 200:
        return "done", text if action != "add" else ""
    if "may have happened" in text:
        return "unknown", text
    if response.status == 429:
        return "too many", text
    return ("failed" if response.status == 500 else "refused"), f"{response.status} {text}"


def by_command(_, daemon, login, action, value):
    words = {
        "add": ["add", login, "--mailbox", value],
        "disable": ["disable", login],
        "enable": ["enable", login],
        "remove": ["remove", login],
    }[action]
    run = subprocess.run(
        ["java", "-XX:TieredStopAtLevel=1", "-jar", ARGS.jar, "accounts", *words, "--config", daemon.yaml],
        input="short\n",
        capture_output=True,
        text=True,
    )
    if run.returncode == 0:
        return "done", run.stdout
    return ("unknown" if "may have happened" in run.stderr else "refused"), run.stderr


def person(number, way, actions, pause):
    chance = random.Random(ARGS.seed * 1000 + number)
    count = 0
    while not stop.is_set():
        count += 1
        login = f"p{number}-{chance.randrange(8)}"
        states = possible[login]
        action = "add" if states == {None} and chance.random() < 0.9 else chance.choice(actions)
        daemon = chance.choice(daemons)
        value = f"m{number}-{count}@corp.example"
        where, began = daemon.name, time.time()
        result, answer = way(number, daemon, login, action, value)
        if result != "too many":
            settle(number, where, login, action, value, result, answer, round(time.time() - began, 2))
        stop.wait(pause * chance.random())


faults = collections.Counter()


def fail():
    chance = random.Random(ARGS.seed)
    while not stop.wait(ARGS.pause * (0.3 + 1.4 * chance.random())):
        daemon = chance.choice(daemons)
        name, fault = chance.choice(
            [
                ("paused", database.pause),
                ("paused", database.pause),
                ("sessions ended", database.end_sessions),
                ("killed", database.kill),
                ("full", database.fill),
                ("cut off", daemon.network.silence),
                ("connections lost", daemon.network.lose),
                ("connections lost", daemon.network.lose),
                ("daemon killed", daemon.kill),
                ("daemon replaced", daemon.replace),
            ]
        )
        fault(0.5 + 13.5 * chance.random() ** 2)
        faults[name] += 1


EVERY = ["add", "mailbox", "mailbox", "disable", "enable", "password", "remove"]
threads = [threading.Thread(target=fail)]
threads += [threading.Thread(target=person, args=(n, by_api, EVERY, 1.0)) for n in range(ARGS.people)]
COMMANDS = ["add", "disable", "enable", "remove"]
for n in range(ARGS.people, ARGS.people + ARGS.commands):
    threads.append(threading.Thread(target=person, args=(n, by_command, COMMANDS, 4.0)))
for thread in threads:
    thread.start()
end = time.time() + ARGS.seconds
while time.time() < end:
    time.sleep(min(20, max(0.1, end - time.time())))
    note(f"{dict(counts)}, faults {dict(faults)}, wrong {len(wrong)}")
stop.set()
for thread in threads:
    thread.join()

# All have the same accounts soon, and these are possible.
deadline = time.time() + 60
lists = []
while time.time() < deadline:
    time.sleep(2)
    try:
        lists = [daemon.list() for daemon in daemons]
    except OSError:
        continue
    if lists[0] == lists[1] == lists[2] and not glob.glob(HERE + "/daemon*/accounts.yaml.unsettled"):
        # No later change is on its way.
        time.sleep(3)
        if [daemon.list() for daemon in daemons] == lists:
            break
same = bool(lists) and lists[0] == lists[1] == lists[2]
if not same:
    wrong.append("the instances do not have the same accounts")
for login, states in sorted(possible.items()):
    for daemon, accounts in zip(daemons, lists):
        if accounts.get(login) not in states:
            wrong.append(f"{login} at {daemon.name}: it is {accounts.get(login)}, and its answers allow {states}")
time.sleep(3)
SQL = "SELECT object, result FROM audit WHERE action = 'accounts.settled'"
settled = dict(line.split("|") for line in database.ask(SQL).splitlines() if "|" in line)
told = {"the last of its account": len(last_unknown), "settled in the audit log": len(settled)}
for login, (number, before, reached) in last_unknown.items():
    outcome = settled.get("change " + number)
    now = lists[0].get(login) if lists else None
    if outcome == "done" and now not in reached or outcome == "refused" and now not in before:
        wrong.append(f"{login}: change {number} was settled as {outcome}, and it is {now}")
SQL = "SELECT result, count(*) FROM audit WHERE action LIKE 'accounts.%' GROUP BY result ORDER BY result"


def audit():
    """The records of the audit log by their results."""
    return {each: int(count) for each, count in (line.split("|") for line in database.ask(SQL).splitlines())}


# Records reach the database some time after it has returned; those of a replaced daemon may not.
deadline = time.time() + 60
while audit().get("done", 0) < counts["done"] and time.time() < deadline and not faults["daemon replaced"]:
    time.sleep(2)
if audit().get("done", 0) < counts["done"] and not faults["daemon replaced"]:
    wrong.append("the audit log does not have all changes that were done")
result = {
    "answers": dict(counts),
    "accounts": len(lists[0]) if lists else 0,
    "version": database.ask("SELECT version FROM uplift_accounts").strip(),
    "faults": dict(faults),
    "unknown": told,
    "audit log": audit(),
    "slowest answer, s": max((each[-1] for each in history), default=0),
    "replaced files": len(glob.glob(HERE + "/daemon*/accounts.yaml.replaced*")),
    "same at all": same,
    "wrong": len(wrong),
    "seconds": round(time.time() - BEGAN),
}
print(json.dumps(result, indent=1))
for each in wrong:
    print("WRONG:", each)
with open(HERE + "/result.json", "w") as file:
    json.dump({"result": result, "wrong": wrong, "history": history}, file, indent=1)
stage.end()
for daemon in daemons:
    daemon.process.wait()
database.signal(signal.SIGINT, database.processes()[:1])
for _ in range(50):
    if subprocess.run(["umount", database.disk], capture_output=True).returncode == 0:
        break
    time.sleep(0.2)
sys.exit(1 if wrong else 0)
