#!/usr/bin/env python3
"""Changes shared accounts at three instances while these and their database fail, and checks each answer at the end.

One run has all faults. A change that was answered with "done" is in the accounts of all instances, one that was refused
is not, and for one whose outcome is unknown the audit log says later which of both it is. Each answer is compared with
the records of the audit log.
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

    def kill_session(self, _):
        """Kills the process of one session: the server ends all others and recovers."""
        found = self.ask("SELECT pid FROM pg_stat_activity WHERE application_name = 'tls-uplift' LIMIT 1")
        self.signal(signal.SIGKILL, map(int, found.split()))

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
    """The network between an instance and the database: open, silent, losing connections at random, or cut at a COMMIT.

    A cut closes the connection of the program, which gets no other one for some seconds. The COMMIT itself is lost, its
    answer is lost, or the server reads it late.
    """

    def __init__(self, to):
        self.to = to
        self.cut = None
        self.cut_done = threading.Event()
        self.programs = set()
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
        if self.state == "closed":
            program.close()
            return
        try:
            server = socket.create_connection(("127.0.0.1", self.to), 5)
            server.settimeout(None)
        except OSError:
            program.close()
            return
        threading.Thread(target=self.carry, args=(server, program, False), daemon=True).start()
        self.programs.add(program)
        self.carry(program, server, True)
        self.programs.discard(program)

    def carry(self, source, target, to_server):
        changes = False
        try:
            while True:
                content = source.recv(65536)
                if not content:
                    break
                changes = to_server and (changes or b"UPDATE uplift_accounts" in content)
                if changes and b"COMMIT" in content:
                    changes = False
                    cut, self.cut = self.cut, None
                    if cut:
                        self.cut_commit(cut, source, target, content)
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

    def cut_commit(self, how, program, server, commit):
        self.state = "closed"
        for each in [program, *list(self.programs)]:
            try:
                each.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        if how == "late":
            time.sleep(2)
        if how != "lost":
            server.sendall(commit)
            time.sleep(1)
        self.cut_done.set()

    def cut_at_commit(self, how, seconds):
        """Cuts the next change of accounts; returns whether there was one."""
        self.cut_done.clear()
        self.cut = how
        done = self.cut_done.wait(20)
        self.cut = None
        if done:
            time.sleep(seconds)
        self.state = "open"
        return done

    def lose_commit(self, seconds):
        return self.cut_at_commit("lost", seconds)

    def lose_answer(self, seconds):
        return self.cut_at_commit("unanswered", seconds)

    def delay_commit(self, seconds):
        return self.cut_at_commit("late", seconds)

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
        url = f"jdbc:postgresql://127.0.0.1:{self.network.port}/postgres?sslmode=disable&prepareThreshold=0"
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
  allowedMailboxes: ['@corp.example']
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
        if os.path.exists(self.accounts + ".unsettled"):
            with open(self.accounts + ".unsettled") as file:
                lost_notes.add(file.read().split()[1])
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


lost_notes = set()
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


def after(before, login, action, value, result, answer, problems):
    """What the account may be after an answer."""
    reached = {wanted(action, state, value) for state in before} - {False}
    if result == "done":
        if not reached:
            problems.append(f"{login}: {action} was done, and was impossible after {before}")
        return reached or {wanted(action, None, value) or None}
    if result == "refused":
        # An account exists for some and not for others only if an outcome is unknown.
        if "there is no account" in answer or "has the login" in answer and action != "add":
            if None not in before:
                problems.append(f"{login}: {action} was refused, {answer[:120]}, but it is {before}")
            return {None}
        if not answer_is_outage(answer) and not (action == "add" and before != {None}):
            problems.append(f"{login}: {action} was refused without a reason: {answer[:160]}, it is {before}")
        return before
    return before | reached


def note_answer(person, where, login, action, value, result, answer, began):
    """Notes an answer, and what the account may be from now on."""
    with lock:
        counts[result] += 1
        history.append((began, time.time(), person, where, login, action, value, result, answer[:600]))
        possible[login] = after(possible[login], login, action, value, result, answer, wrong)


def answer_is_outage(answer):
    return "nothing was changed" in answer or "at the same time" in answer or "is writing" in answer


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
    except ConnectionRefusedError:
        return "not sent", ""
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
        if result not in ("too many", "not sent"):
            note_answer(number, where, login, action, value, result, answer, began)
        stop.wait(pause * chance.random())


faults = collections.Counter()


def fail(number, kinds):
    """Has all faults of a list in turn, in another order each time."""
    chance = random.Random(ARGS.seed + number)
    while True:
        chance.shuffle(kinds)
        for name, fault in kinds:
            if stop.wait(ARGS.pause * (0.3 + 1.4 * chance.random())):
                return
            if fault(chance.choice(daemons), 0.5 + 13.5 * chance.random() ** 2) is not False:
                faults[name] += 1


OF_DATABASE = [
    ("database paused", lambda _, seconds: database.pause(seconds)),
    ("database sessions ended", lambda _, seconds: database.end_sessions(seconds)),
    ("database session killed", lambda _, seconds: database.kill_session(seconds)),
    ("database killed", lambda _, seconds: database.kill(seconds)),
    ("database disk full", lambda _, seconds: database.fill(seconds)),
    ("daemon killed", Daemon.kill),
    ("daemon replaced", Daemon.replace),
]
OF_NETWORK = [
    ("cut off", lambda daemon, seconds: daemon.network.silence(seconds)),
    ("connections lost", lambda daemon, seconds: daemon.network.lose(seconds)),
    ("commit lost", lambda daemon, seconds: daemon.network.lose_commit(seconds + 7)),
    ("answer to commit lost", lambda daemon, seconds: daemon.network.lose_answer(seconds + 7)),
    ("commit late", lambda daemon, seconds: daemon.network.delay_commit(seconds + 7)),
]
EVERY = ["add", "mailbox", "mailbox", "disable", "enable", "password", "remove"]
threads = [threading.Thread(target=fail, args=each) for each in ((0, OF_DATABASE), (1, OF_NETWORK))]
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

# All have the same accounts soon.
deadline = time.time() + 90
lists = []
while time.time() < deadline:
    time.sleep(2)
    try:
        lists = [daemon.list() for daemon in daemons]
    except OSError:
        continue
    if lists[0] == lists[1] == lists[2] and not any(os.path.exists(each.accounts + ".unsettled") for each in daemons):
        # No later change is on its way.
        time.sleep(3)
        if [daemon.list() for daemon in daemons] == lists:
            break
same = bool(lists) and lists[0] == lists[1] == lists[2]
if not same:
    wrong.append("the instances do not have the same accounts")

FIELDS = ("id", "at", "who", "role", "origin", "via", "action", "object", "before", "after", "result")


def records():
    """The audit log: what the database has, and what waits in the journals, also of replaced daemons."""
    found = {}
    sql = "SELECT row_to_json(a) FROM audit a WHERE action LIKE 'accounts.%'"
    for line in database.ask(sql).splitlines():
        found[json.loads(line)["id"]] = json.loads(line)
    for journal in glob.glob(HERE + "/daemon*/data/audit.journal"):
        with open(journal, errors="replace") as file:
            for line in file:
                texts = [urllib.parse.unquote_plus(each) for each in line.rstrip("\n").split("\t")]
                if len(texts) >= len(FIELDS) and texts[6].startswith("accounts."):
                    found.setdefault(texts[0], dict(zip(FIELDS, texts)))
    return sorted(found.values(), key=lambda each: each["id"])


# The daemons move records to the database within seconds.
time.sleep(5)
log = records()

# Unknown outcomes are known now: the answers alone say what the accounts are.
settled = {each["object"].split()[-1]: each for each in log if each["action"] == "accounts.settled"}
exact = collections.defaultdict(lambda: {None})
ids = collections.Counter()
for began, _, _, _, login, action, value, outcome, answer in sorted(history, key=lambda each: each[1]):
    if outcome == "unknown":
        change = re.search(r"change ([0-9a-f]{16})", answer).group(1)
        record = settled.get(change)
        ids["settled as " + record["result"] if record else "lost with its daemon" if change in lost_notes else "not settled"] += 1
        if record is None and change not in lost_notes:
            wrong.append(f"{login}: the outcome of change {change} is not in the audit log")
        elif record and login not in record["before"]:
            wrong.append(f"{login}: the record of change {change} does not name the account: {record}")
        outcome = {"done": "done", "refused": "not made"}.get(record and record["result"], "unknown")
    if outcome != "not made":
        exact[login] = after(exact[login], login, action, value, outcome, answer, [])
for login, states in sorted(exact.items()):
    for daemon, accounts in zip(daemons, lists):
        if accounts.get(login) not in states:
            wrong.append(f"{login} at {daemon.name}: it is {accounts.get(login)}, and its answers allow {states}")

# Each answer has its record, and each record its answer.
NAMES = {"mailbox": "change", "disable": "change", "enable": "change"}
left = [each for each in log if each["action"] != "accounts.settled"]
compared = collections.Counter()
uncertain = []
for began, ended, person_number, where, login, action, _, outcome, answer in sorted(history):
    command = person_number >= ARGS.people
    name = "accounts." + ("change" if command and action in ("disable", "enable") else NAMES.get(action, action))
    who = None if command else f"person{person_number}"

    def fits(record, results):
        return (
            record["action"] == name
            and record["result"] in results
            and (record["via"] == "command" if command else record["who"] == who)
            and (record["object"] == login or record["result"] in ("refused", "failed") and not command)
            and began - 1 <= int(record["at"]) / 1000 <= ended + 1
        )

    if outcome not in ("done", "refused", "unknown"):
        uncertain.append((began, ended, who, name, login))
        continue
    if outcome == "refused" and (command or "the audit log cannot be written" in answer or "no response" in answer):
        continue
    if command and "nothing has changed" in answer:
        continue
    match = next((each for each in left if fits(each, (outcome,))), None)
    if match is None:
        wrong.append(f"{login}: {action} at {where} was {outcome}, and the audit log has no record: {answer[:160]}")
        compared["missing"] += 1
    else:
        left.remove(match)
        compared[outcome] += 1
for record in left:
    for each in uncertain:
        if record["action"] == each[3] and each[0] - 1 <= int(record["at"]) / 1000 <= each[1] + 60:
            uncertain.remove(each)
            compared["of requests without an answer"] += 1
            break
    else:
        compared["too many"] += 1
        wrong.append(f"no answer fits this record: {record}")
result = {
    "answers": dict(counts),
    "accounts": len(lists[0]) if lists else 0,
    "version": database.ask("SELECT version FROM uplift_accounts").strip(),
    "faults": dict(faults),
    "unknown": dict(ids),
    "records": dict(collections.Counter(each["result"] for each in log)),
    "records that fit an answer": dict(compared),
    "slowest answer, s": round(max((each[1] - each[0] for each in history), default=0), 1),
    "replaced files": len(glob.glob(HERE + "/daemon*/accounts.yaml.replaced*")),
    "same at all": same,
    "wrong": len(wrong),
    "seconds": round(time.time() - BEGAN),
}
print(json.dumps(result, indent=1))
for each in wrong:
    print("WRONG:", each)
with open(HERE + "/result.json", "w") as file:
    json.dump({"result": result, "wrong": wrong, "history": history, "records": log}, file, indent=1)
stage.end()
for daemon in daemons:
    daemon.process.wait()
database.signal(signal.SIGINT, database.processes()[:1])
for _ in range(50):
    if subprocess.run(["umount", database.disk], capture_output=True).returncode == 0:
        break
    time.sleep(0.2)
sys.exit(1 if wrong else 0)
