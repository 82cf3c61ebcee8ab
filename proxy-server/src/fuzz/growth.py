#!/usr/bin/env python3
"""Sends hostile forms of two sizes to each action of the admin port, and compares the CPU time of its threads.

Usage: proxy-server/src/fuzz/growth.py [--command 'java -jar proxy-server/target/tls-uplift.jar'] [ACTION...]

Starts a daemon of its own in a temporary directory, on loopback. An ACTION is a path such as /accounts/import; without
one, all actions of /api/openapi.yaml are tried. Each field gets each shape once with half of its greatest length, and once
with all of it; the other fields get a short value. So do whole bodies. A size counts with the best of five rounds. Twice
the bytes may take 2.5 times the CPU time; times below 5 ms are noise. Exit status: 0 if all do, 1 if not.
"""
import argparse, glob, hashlib, http.client, itertools, os, re, shlex, subprocess, sys, tempfile, time, urllib.parse

ROUNDS, MOST, NOISE = 5, 2.5, 5_000_000
THREADS = ("admin", "admin-form", "admin-action")
KEYS = 50
BOUNDARY = "-" * 69 + "x"
SHORT = {"mailbox": "a@contoso.example", "address": "127.0.0.1", "tenant": "contoso.example", "listener": "mail",
         "to": "a@contoso.example", "login": "scanner", "account": "scanner", "networks": "10.1.2.3"}


def rows(head, row):
    """Of a table, as many as there is room for."""
    return lambda size: (head + "".join(row(i) for i in range(size // len(row(10_000)))))[:size]


def filled(text):
    return lambda size: (text * (size // len(text) + 1))[:size]


SHAPES = {
    "a": filled("a"), "space": filled(" "), "comma": filled(","), "quote": filled('"'), "line": filled("\n"),
    "cr": filled("\r"), "percent": filled("%"), "at": filled("a@"), "dots": filled("a."), "colon": filled(":"),
    "umlaut": filled("\u00fc"), "open": filled("<("), "blank end": lambda size: " " * (size - 1) + "a",
    "addresses": filled("10.1.2.3 "), "mailboxes": filled("a@contoso.example,"),
}
# Long enough that no table has more lines than an import accepts.
LONG, NAME = "u" * 230, "n" * 40
SENDERS = " ".join(f"@domain-{i}.example" for i in range(12))


def address(i):
    return f"10.{i >> 16}.{i >> 8 & 255}.{i & 255}"


TABLES = {
    "logins": rows("login,mailbox\n", lambda i: f"user-{i}-{LONG},user-{i}@contoso.example\n"),
    "one login": rows("login,mailbox\n", lambda i: f"same-{LONG},a@contoso.example\n"),
    "networks": rows("networks,mailbox,allowed-senders\n", lambda i: f"{address(i)},a@contoso.example,{SENDERS}\n"),
    "one network": rows("networks,mailbox,allowed-senders\n", lambda i: f"10.0.0.0/8,a@contoso.example,{SENDERS}\n"),
    "devices": rows("address,owner\n", lambda i: f"{address(i)},{NAME}\n"),
    "columns": rows("", lambda i: f"c{i},"), "short lines": rows("address,owner\n", lambda i: ",\n"),
    "quoted lines": rows("address,owner\n", lambda i: '"\n",""""\n'),
}
BODIES = {
    "fields": rows("", lambda i: f"f{i}=&"), "ampersands": filled("&"), "equals": filled("="),
    "escapes": filled("%C3%BC"), "plus": filled("a=+"),
}
PARTS = {
    "near matches": filled("-"), "lines of near matches": filled("\r\n--" + BOUNDARY[:-1]),
    "line ends": filled("\r\n"), "empty parts": filled(f"\r\n--{BOUNDARY}\r\n\r\n"),
    "named parts": filled(f'\r\n--{BOUNDARY}\r\nContent-Disposition: form-data; name="csv"\r\n\r\n'),
}


class Daemon:
    def __init__(self, command, folder):
        tokens = [f"tlsuplift_{i:040d}" for i in range(KEYS)]
        digests = [hashlib.sha256(token.encode()).hexdigest() for token in tokens]
        # Each token and each address may send 60 forms in a minute.
        self.senders = itertools.cycle([(token, f"127.0.1.{i + 1}") for i, token in enumerate(tokens)])
        self.sent = []
        accounts = os.path.join(folder, "accounts.yaml")
        config = os.path.join(folder, "tls-uplift.yaml")
        with open(config, "w") as file:
            file.write(f"""
dataDirectory: {folder}/data
listeners:
  - {{name: mail, bind: "127.0.0.1:0", accept: fixed, protocol: smtp, profile: legacy, origin: "smtp.office365.com:587", signIn: true}}
routes: [{{to: [microsoft365], action: bridge}}]
signIn:
  tenants: [{{name: main, tenant: contoso.example, applicationId: 00000003-0000-0ff1-ce00-000000000000, flow: device-code}}]
  accountsFile: {accounts}
microsoft365: {{refresh: never}}
admin:
  bind: "127.0.0.1:0"
  tokens: [{", ".join(f"{{name: t{i}, sha256: {d}, role: administrator}}" for i, d in enumerate(digests))}]
  users: [{{name: boss, role: administrator, passwordHash: "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$zCQeQW1Q+3iHUn0vN2b4YmHmv3sVGTn4ZnGmN1WCpyY"}}]
""")
        open(accounts, "w").write("accounts: []\n")
        os.chmod(accounts, 0o600)
        os.mkdir(os.path.join(folder, "data"), 0o700)
        log = os.path.join(folder, "log")
        with open(log, "w") as out:
            self.process = subprocess.Popen([*shlex.split(command), "run", "--config", config], stdout=out, stderr=out)
        for _ in range(600):
            with open(log) as lines:
                text = lines.read()
            found = re.search(r"admin: http://127\.0\.0\.1:(\d+)/", text)
            if found and re.search(r"\bready *$", text, re.M):
                self.port = int(found[1])
                return
            if self.process.poll() is not None:
                break
            time.sleep(0.1)
        sys.exit("the daemon did not start:\n" + text)

    def cpu(self):
        """Nanoseconds by thread."""
        times = {}
        for task in glob.glob(f"/proc/{self.process.pid}/task/*"):
            try:
                with open(task + "/comm") as name, open(task + "/schedstat") as stat:
                    times[task] = int(stat.read().split()[0]) if re.sub(r"-\d+-\d+$", "", name.read().strip()) in THREADS else 0
            except FileNotFoundError:
                pass
        return sum(times.values())

    def send(self, method, path, body=None, kind="application/x-www-form-urlencoded"):
        token, address = next(self.senders)
        self.sent = [at for at in self.sent if at > time.monotonic() - 61]
        if len(self.sent) >= KEYS * 55:
            time.sleep(max(0, self.sent[0] + 61 - time.monotonic()))
        self.sent.append(time.monotonic())
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120, source_address=(address, 0))
        try:
            connection.request(method, path, body, {"Authorization": "Bearer " + token, "Content-Type": kind})
            response = connection.getresponse()
            return response.status, response.read().decode(errors="replace")
        finally:
            connection.close()

    def cost(self, path, body, kind):
        best = None
        for _ in range(ROUNDS):
            before = self.cpu()
            status, text = self.send("POST", "/api" + path, body, kind)
            if status == 429:
                sys.exit("too many forms: " + text)
            cost = self.cpu() - before
            best = cost if best is None else min(best, cost)
        return best, status


def actions(openapi):
    """The fields of each action with their greatest lengths."""
    found, path = {}, None
    for line in openapi.split("# The actions", 1)[1].splitlines():
        if start := re.match(r"  /api(/\S+):", line):
            path = found.setdefault(start[1], {})
        elif field := re.match(r" +([a-z-]+): \{type: string, maxLength: (\d+)", line):
            path[field[1]] = int(field[2])
        elif line.startswith("components:"):
            break
    return found


def cases(path, fields):
    imports = "file" in fields
    most = (1 << 18 if imports else 1 << 16) - 2000
    form, multipart = "application/x-www-form-urlencoded", "multipart/form-data; boundary=" + BOUNDARY
    for name, longest in fields.items():
        for shape, text in {**SHAPES, **(TABLES if name == "csv" else {})}.items():
            def body(size, name=name, text=text):
                return urllib.parse.urlencode({**{k: SHORT.get(k, "") for k in fields if k not in ("csv", "file", "apply")}, name: text(size)})
            length = longest
            while len(body(length)) > most:
                length = length * 9 // 10
            yield f"{name}: {shape}", form, body(length // 2), body(length)
    for shape, text in BODIES.items():
        yield "body: " + shape, form, text(most // 2), text(most)
    for shape, text in PARTS.items():
        def parts(size, text=text):
            return f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="csv"\r\n\r\n{text(size)}\r\n--{BOUNDARY}--\r\n'
        yield "multipart: " + shape, multipart, parts(most // 2), parts(most)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--command", default="java -jar " + os.path.join(os.path.dirname(__file__), "../../target/tls-uplift.jar"))
    parser.add_argument("actions", nargs="*")
    options = parser.parse_args()
    failed = tried = 0
    with tempfile.TemporaryDirectory(prefix="growth-") as folder:
        daemon = Daemon(options.command, folder)
        try:
            for path, fields in actions(daemon.send("GET", "/api/openapi.yaml")[1]).items():
                if options.actions and path not in options.actions:
                    continue
                worst = (0, "", 0, 0)
                for case, kind, half, whole in cases(path, fields):
                    (first, _), (second, status) = daemon.cost(path, half, kind), daemon.cost(path, whole, kind)
                    tried += 1
                    if second > NOISE and second > MOST * first:
                        failed += 1
                        print(f"GROWS {path} {case}: {first / 1e6:.1f} ms, with twice the bytes {second / 1e6:.1f} ms ({status})", flush=True)
                    worst = max(worst, (second, case, first, status))
                second, case, first, status = worst
                print(f"{path}: most {second / 1e6:.1f} ms, half {first / 1e6:.1f} ms: {case} ({status})", flush=True)
        finally:
            daemon.process.terminate()
            daemon.process.wait(30)
    print(f"{tried} cases, {failed} grow faster than their size")
    return 1 if failed else 0


sys.exit(main())
