#!/usr/bin/env python3
"""Sends hostile input of two sizes to each path of the admin port, and compares the CPU time of the daemon.

Usage: proxy-server/src/fuzz/growth.py [--command 'java -jar proxy-server/target/tls-uplift.jar'] [PATH...]

Starts a daemon of its own in a temporary directory, on loopback. A PATH is /sign-in, /sign-out, or a path of
/api/openapi.yaml, such as /api/accounts/import. Without one, the script tries them all: the actions, the queries and the
forms of the sign-in. An action that needs an entered password is sent as its page sends it. Each field gets each shape
once with half of its greatest length, and once with all of it; the other fields get a short value. So do whole bodies. A
size counts with the best of five rounds. Twice the bytes may take 2.5 times the CPU time; 5 ms or less are noise, and end the rounds.
What grows is measured up to three times, and must grow each time: other work on the machine takes the caches.

A path counts as tried only if the daemon read the fields and the action itself decided at least once. The script fails if
a POST of openapi.yaml, or a form on a page, was not tried.

Exit status: 0 if all paths were tried and none grows faster, 1 if not.
"""
import argparse, hashlib, html, http.client, itertools, os, re, shlex, subprocess, sys, tempfile, time, urllib.parse

ROUNDS, MOST, NOISE, REPEATS = 5, 2.5, 5_000_000, 3
# Of the Java runtime: they work when they like. All others count.
RUNTIME = re.compile(r"(C[12] Compiler|VM |GC |G1 |Sweeper|Service Thread|Monitor|Signal|Finalizer|Reference|Notification|Common-Clean)")
KEYS = 50
# Each token, user and address may send 60 forms in a minute.
PER_MINUTE = KEYS * 55
# A password counts as entered for five minutes.
FRESH = 200
BOUNDARY = "-" * 69 + "x"
MAX_TARGET, MAX_FORM, MAX_IMPORT = 4000, 1 << 16, 1 << 18
FORM, MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data; boundary=" + BOUNDARY
PASSWORD = "correct horse"
# What the action itself decided, and not the check of its fields.
UNREAD = re.compile(r"unknown field|: missing|characters; |sent more than once|encoding of the form")
SHORT = {"mailbox": "a@contoso.example", "address": "127.0.0.1", "tenant": "main", "listener": "mail",
         "to": "a@contoso.example", "from": "1d", "account": "scanner", "networks": "10.1.2.3", "kind": "expiry", "item": "the CA", "note": "known", "state": "none", "id": "1",
         "seen": "0" * 64, "ids": "99999999-8888-7777-6666-555555555555"}
# What else the first request of a path needs. The cases have no password, because its hash takes as long as all else.
FIRST = {
    "/api/accounts/import": {"csv": "login,mailbox\nnew,a@contoso.example\n"},
    "/api/accounts/password": {"password": "a-long-password-1"},
    "/api/devices/import": {"csv": "address,owner\n10.1.2.3,somebody\n"},
}
OTHER = {"/api/accounts/add": {"networks": "10.1.2.4"}, "/api/accounts/remove": {"account": "other"}}
SIGN_IN = {"next": MAX_FORM, "name": MAX_FORM, "password": 1024}
SIGN_OUT = {"form-token": MAX_FORM}
# Pages have these forms only after another form was sent.
BEFORE = {"/ca/activate": "/ca/stage", "/ca/undo": "/ca/stage", "/ca/retire": "/ca/activate"}


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


def multipart(fields):
    return "".join(f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n' for k, v in fields.items()) + f"--{BOUNDARY}--\r\n"


class Daemon:
    def __init__(self, command, folder):
        tokens = [f"tlsuplift_{i:040d}" for i in range(KEYS)]
        digests = [hashlib.sha256(token.encode()).hexdigest() for token in tokens]
        self.tokens = itertools.cycle([{"Authorization": "Bearer " + token} for token in tokens])
        self.addresses = itertools.cycle([f"127.0.1.{i + 1}" for i in range(KEYS)])
        self.strangers = itertools.count()
        self.users = itertools.cycle(range(KEYS))
        self.sessions = {}
        self.sent = []
        accounts, config, password = (os.path.join(folder, name) for name in ("accounts.yaml", "tls-uplift.yaml", "password"))
        made = subprocess.run([*shlex.split(command), "admin", "hash"], input=PASSWORD + "\n", capture_output=True, text=True)
        hashed = re.search(r"\$argon2id\$\S+", made.stdout)
        if not hashed:
            sys.exit("no hash of the password: " + made.stdout + made.stderr)
        with open(config, "w") as file:
            file.write(f"""
dataDirectory: {folder}/data
listeners:
  - {{name: mail, bind: "127.0.0.1:0", accept: fixed, protocol: smtp, profile: legacy, origin: "smtp.office365.com:587", signIn: true, mail: {{spool: {{when: unavailable}}}}}}
routes: [{{to: [microsoft365], action: bridge}}]
signIn:
  tenants: [{{name: main, tenant: contoso.example, applicationId: 99999999-8888-7777-6666-555555555555, flow: device-code}}]
  accountsFile: {accounts}
microsoft365: {{refresh: never}}
admin:
  bind: "127.0.0.1:0"
  tokens: [{", ".join(f"{{name: t{i}, sha256: {d}, role: administrator}}" for i, d in enumerate(digests))}]
  users: [{", ".join(f'{{name: user{i}, role: administrator, passwordHash: "{hashed[0]}"}}' for i in range(KEYS))}]
""")
        with open(accounts, "w") as file:
            for login in "scanner", "other":
                file.write(("" if file.tell() else "accounts:\n") + f'  - {{login: {login}, mailbox: a@contoso.example, passwordHash: "{hashed[0]}"}}\n')
        os.chmod(accounts, 0o600)
        os.mkdir(os.path.join(folder, "data"), 0o700)
        log = os.path.join(folder, "log")
        with open(log, "w") as out:
            self.process = subprocess.Popen([*shlex.split(command), "run", "--config", config], stdout=out, stderr=out)
        for _ in range(3000):
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
        """Nanoseconds of each thread but those of the Java runtime."""
        times = {}
        tasks = f"/proc/{self.process.pid}/task/"
        for task in os.listdir(tasks):
            try:
                with open(tasks + task + "/comm") as name, open(tasks + task + "/schedstat") as stat:
                    if not RUNTIME.match(name.read()):
                        times[task] = int(stat.read().split()[0])
            except (FileNotFoundError, ProcessLookupError):
                pass
        return times

    def since(self, before):
        """Nanoseconds of all threads; idle ones may have ended meanwhile."""
        return sum(spent - before.get(task, 0) for task, spent in self.cpu().items())

    def exchange(self, method, path, body=None, headers=None, source=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120, source_address=(source or next(self.addresses), 0))
        try:
            connection.request(method, path, body if body is None else body.encode(), headers or {})
            response = connection.getresponse()
            return response.status, response.read().decode(errors="replace"), response.headers
        finally:
            connection.close()

    def post(self, path, body, headers, source=None):
        """As often as the limits of senders allow."""
        self.sent = [at for at in self.sent if at > time.monotonic() - 61]
        if len(self.sent) >= PER_MINUTE:
            time.sleep(max(0, self.sent[0] + 61 - time.monotonic()))
        self.sent.append(time.monotonic())
        return self.exchange("POST", path, body, {"Origin": f"http://127.0.0.1:{self.port}", **headers}, source)

    def stranger(self):
        """An address that has not failed to sign in."""
        i = next(self.strangers)
        return f"127.{10 + i // 62500}.{i // 250 % 250}.{1 + i % 250}"

    def session(self):
        """The headers of a person who entered the password within minutes."""
        user = next(self.users)
        headers, at = self.sessions.get(user, ({}, -FRESH))
        if at < time.monotonic() - FRESH:
            status, text, answered = self.post(
                "/sign-in", urllib.parse.urlencode({"name": f"user{user}", "password": PASSWORD, "next": "/"}), {"Content-Type": FORM}, self.stranger())
            if not answered["Set-Cookie"]:
                sys.exit(f"user{user} cannot sign in: {status} {answered['Location']} {text}")
            headers = {"Cookie": answered["Set-Cookie"].split(";")[0]}
            self.sessions[user] = (headers, time.monotonic())
        return user, headers

    def forms(self, page, headers):
        """The hidden fields of each form of a page, by path."""
        found = re.findall(r'<form method="post" action="([^"]*)"[^>]*>(.*?)</form>', self.exchange("GET", page, None, headers)[1], re.S)
        hidden = r'<input type="hidden" name="([^"]*)" value="([^"]*)"'
        return {path: {html.unescape(k): html.unescape(v) for k, v in re.findall(hidden, content)} for path, content in found}

    def pages(self):
        """The forms of each page that the overview leads to."""
        headers = self.session()[1]
        links = re.findall(r'href="(/[a-z/-]*)"', self.exchange("GET", "/", None, headers)[1])
        return {page: self.forms(page, headers) for page in {"/sign-in", *links} if not page.startswith("/manual")}

    def prepare(self, path):
        """Takes the daemon to where a page has the form; returns that page."""
        for attempt in "first", "second":
            for page, forms in self.pages().items():
                if path in forms:
                    return page
            if path not in BEFORE or attempt == "second":
                sys.exit(f"no page has the form of {path}; add what comes before it to BEFORE")
            before = Person(self, BEFORE[path], {})
            headers, hidden = before.ready()
            status, text, _ = self.post(BEFORE[path], urllib.parse.urlencode(hidden), {**headers, "Content-Type": FORM})
            if status != 303:
                sys.exit(f"{BEFORE[path]}: {status} {text}")


class Query:
    """A path that reads; the fields are in its query, or a variable of the path."""

    multipart = False

    def __init__(self, daemon, path, fields):
        self.daemon, self.path, self.fields, self.most = daemon, path, {k: min(v, MAX_TARGET) for k, v in fields.items()}, MAX_TARGET

    def ready(self):
        return next(self.daemon.tokens)

    def plain(self, values):
        query = urllib.parse.urlencode({k: v for k, v in values.items() if "{" + k + "}" not in self.path})
        return re.sub(r"\{(.*?)\}", lambda name: urllib.parse.quote(values[name[1]], safe=""), self.path) + ("?" + query if query else "")

    def whole(self, text):
        return self.plain({k: SHORT.get(k, "a") for k in self.fields if "{" + k + "}" in self.path}) + "?" + re.sub(r"[^!-~]", "", text)

    def values(self, name=None, text=""):
        needed = {k: SHORT.get(k, "a") for k in self.fields if "{" + k + "}" in self.path}
        return {**needed, **({name: text} if name else {})}

    def send(self, headers, target, kind=None):
        return self.daemon.exchange("GET", target, None, headers)[:2]

    def decided(self, status, text):
        return status in (200, 404) if "{" in self.path else status == 200


class Program:
    """An action, sent by a program with a token."""

    def __init__(self, daemon, path, fields):
        self.daemon, self.path, self.fields = daemon, path, fields
        self.multipart = "file" in fields
        self.most = (MAX_IMPORT if self.multipart else MAX_FORM) - 2000

    def ready(self):
        return next(self.daemon.tokens)

    def values(self, name=None, text=""):
        short = {k: SHORT[k] for k in self.fields if k in SHORT}
        if self.path.startswith("/api/connect/"):
            short["tenant"] = "contoso.example"
        return {k: v for k, v in {**short, **OTHER.get(self.path, {}), **({name: text} if name else FIRST.get(self.path, {}))}.items() if k in self.fields}

    def plain(self, values):
        return urllib.parse.urlencode(values)

    def whole(self, text):
        return text

    def send(self, headers, body, kind=FORM):
        return self.daemon.post(self.path, body, {**headers, "Content-Type": kind})[:2]

    def decided(self, status, text):
        return status in (200, 303, 404, 409) or (status == 400 and not UNREAD.search(text))


class Person(Program):
    """An action that only people may send, who entered their password: each form has a token that its page made."""

    page = None

    def ready(self):
        self.page = self.page or self.daemon.prepare(self.path)
        headers = self.daemon.session()[1]
        return headers, self.daemon.forms(self.page, headers)[self.path]

    def send(self, ready, body, kind=FORM):
        headers, hidden = ready
        token = {"form-token": hidden["form-token"]}
        body = multipart(token)[: -len(f"--{BOUNDARY}--\r\n")] + body if kind == MULTIPART else urllib.parse.urlencode(token) + "&" + body
        return self.daemon.post(self.path, body, {**headers, "Content-Type": kind})[:2]


class SignIn(Program):
    """The form of somebody who is nobody yet, at an address that is new."""

    def ready(self):
        return self.daemon.stranger()

    def values(self, name=None, text=""):
        return {name: text} if name else {"name": "user0", "password": "wrong"}

    def send(self, source, body, kind=FORM):
        status, text, headers = self.daemon.post(self.path, body, {"Content-Type": kind}, source)
        return status, text + " " + str(headers["Location"])

    def decided(self, status, text):
        return status == 303 and "problem=wrong" in text


class SignOut(Program):
    """The session ends if the form has the token of its page, so the token is in one body only."""

    def ready(self):
        return self.daemon.session()[1]

    def send(self, headers, body, kind=FORM):
        return self.daemon.post(self.path, body, {**headers, "Content-Type": kind})[:2]

    def decided(self, status, text):
        user, headers = self.daemon.session()
        del self.daemon.sessions[user]
        body = self.plain(self.daemon.forms("/sign-in", headers)["/sign-out"])
        return self.daemon.post(self.path, body, {**headers, "Content-Type": FORM})[0] == 303


def described(openapi):
    """The fields of each operation of openapi.yaml with their greatest lengths: {(method, path): (only people, fields)}."""
    found, path, fields = {}, None, {}
    for line in openapi.split("\npaths:", 1)[1].splitlines():
        if line.startswith("components:"):
            break
        if start := re.match(r"  (/\S+):$", line):
            path = start[1]
        elif method := re.match(r"    (get|post|put|patch|delete|head):$", line):
            found[method[1].upper(), path] = [False, {}]
            fields = found[method[1].upper(), path][1]
        elif "Only for people" in line:
            found["POST", path][0] = True
        elif parameter := re.match(r" +- \{name: ([a-z-]+), in: (?:query|path)", line):
            longest = re.search(r"maxLength: (\d+)", line)
            fields[parameter[1]] = int(longest[1]) if longest else MAX_TARGET
        elif field := re.match(r" +([a-z-]+): \{type: string, maxLength: (\d+)", line):
            fields[field[1]] = int(field[2])
    return found


def cases(target):
    for name, longest in target.fields.items():
        for shape, text in {**SHAPES, **(TABLES if name in ("csv", "file") else {})}.items():
            length = longest
            while len(target.plain(target.values(name, text(length)))) > target.most:
                length = length * 9 // 10
            yield f"{name}: {shape}", FORM, *(target.plain(target.values(name, text(size))) for size in (length // 2, length))
            if target.multipart:
                length = longest
                while len(multipart(target.values(name, text(length))).encode()) > target.most:
                    length = length * 9 // 10
                yield f"{name} as a part: {shape}", MULTIPART, *(multipart(target.values(name, text(size))) for size in (length // 2, length))
    for shape, text in BODIES.items():
        yield "all: " + shape, FORM, *(target.whole(text(size)) for size in (target.most // 2 - 100, target.most - 100))
    if not isinstance(target, Query):
        for shape, text in PARTS.items():
            yield "multipart: " + shape, MULTIPART, *(multipart({"csv": text(size)}) for size in (target.most // 2, target.most))


def cost(daemon, target, body, kind, enough=0):
    best, status = None, 0
    for _ in range(ROUNDS):
        ready = target.ready()
        before = daemon.cpu()
        status, text = target.send(ready, body, kind)
        if status == 429:
            sys.exit("too many forms: " + text)
        spent = daemon.since(before)
        best = spent if best is None else min(best, spent)
        if best <= enough:
            break
    return best, status


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--command", default="java -jar " + os.path.join(os.path.dirname(__file__), "../../target/tls-uplift.jar"))
    parser.add_argument("paths", nargs="*", metavar="PATH")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="growth-") as folder:
        daemon = Daemon(options.command, folder)
        try:
            return run(daemon, options.paths)
        finally:
            daemon.process.terminate()
            daemon.process.wait(30)


def run(daemon, wanted):
    operations = described(daemon.exchange("GET", "/api/openapi.yaml", None, next(daemon.tokens))[1])
    targets = [SignIn(daemon, "/sign-in", SIGN_IN), SignOut(daemon, "/sign-out", SIGN_OUT)]
    kinds = {("GET", False): Query, ("POST", False): Program, ("POST", True): Person}
    for (method, path), (people, fields) in operations.items():
        if (method, people) not in kinds:
            sys.exit(f"{method} {path}: add a class of targets for it")
        targets.append(kinds[method, people](daemon, path.removeprefix("/api") if people else path, fields))
    # Before a CA is replaced, which the forms do one after the other.
    targets.sort(key=lambda target: ["/ca/stage", "/ca/undo", "/ca/activate", "/ca/retire"].index(target.path) if target.path in BEFORE or target.path == "/ca/stage" else -1)
    known, tried, failed, count = {target.path.removeprefix("/api") for target in targets}, set(), 0, 0
    for target in targets:
        if wanted and target.path not in wanted and "/api" + target.path not in wanted:
            continue
        worst, statuses = (0, "", 0, 0), set()
        status, text = target.send(target.ready(), target.plain(target.values()))
        if target.decided(status, text):
            tried.add(target.path)
        else:
            print(f"NOT TRIED {target.path}: {status} {text[:200]}", flush=True)
        for case, kind, half, whole in cases(target):
            for _ in range(REPEATS):
                second, status = cost(daemon, target, whole, kind, NOISE)
                # Half of it need not be known if all of it is noise.
                first = cost(daemon, target, half, kind)[0] if second > NOISE else 0
                grows = second > NOISE and second > MOST * first
                if not grows:
                    break
            count += 1
            statuses.add(status)
            if grows:
                failed += 1
                print(f"GROWS {target.path} {case}: {first / 1e6:.1f} ms, with twice the bytes {second / 1e6:.1f} ms ({status})", flush=True)
            worst = max(worst, (second, case, first, status))
        second, case, first, status = worst
        times = f"most {second / 1e6:.1f} ms" + (f", half {first / 1e6:.1f} ms" if first else "")
        print(f"{target.path}: {times}: {case} ({status}); all: {sorted(statuses)}", flush=True)
    unknown = sorted({path for forms in daemon.pages().values() for path in forms} - known)
    missed = unknown + sorted(target.path for target in targets if not wanted and target.path not in tried)
    print(f"{count} cases of {len(tried)} paths, {failed} grow faster than their size; not tried: {', '.join(missed) or 'none'}")
    return 1 if failed or missed else 0


sys.exit(main())
