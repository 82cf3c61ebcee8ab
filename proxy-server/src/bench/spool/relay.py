#!/usr/bin/env python3
"""TLS Uplift with 'when: always' beside Postfix as a relay, in turns: messages a second, memory and CPU.

relay.py JAR [MESSAGES] [BYTES] [ROUNDS]
"""

import os
import re
import statistics
import subprocess
import sys
import time

import stage

JAR = sys.argv[1]
MESSAGES, BYTES, ROUNDS = (int(sys.argv[i]) if len(sys.argv) > i else n for i, n in ((2, 2000), (3, 10000), (4, 3)))
AT_ONCE = 20

HERE = stage.directory("target/bench/relay")
SINK, RELAY, UPLIFT, ADMIN = (stage.port() for _ in range(4))
stage.certificates(HERE)
SERVER = f"smtpd_tls_cert_file = {HERE}/o.pem\nsmtpd_tls_key_file = {HERE}/o.key\nsmtpd_tls_security_level = may\n"
stage.postfix(
    HERE,
    "sink",
    SINK,
    SERVER
    + """myhostname = sink.example
default_transport = discard
relay_transport = discard
local_transport = discard
""",
)
relay = stage.postfix(
    HERE,
    "relay",
    RELAY,
    SERVER
    + f"""myhostname = relay.example
relayhost = [localhost]:{SINK}
smtp_tls_security_level = secure
smtp_tls_CAfile = {HERE}/ca.pem
smtp_tls_secure_cert_match = nexthop
smtp_host_lookup = native
""",
)
with open(HERE + "/uplift.yaml", "w") as yaml:
    yaml.write(
        stage.configuration(
            HERE + "/data",
            SINK,
            ADMIN,
            stage.listener("always", UPLIFT, SINK, "when: always, keep: 6h, maximumSize: 10GB"),
            f", trust: {HERE}/ca.pem",
        )
    )
uplift = stage.start(stage.daemon(JAR, HERE + "/uplift.yaml", "-Xmx192m"), HERE + "/uplift.log")
assert stage.listening(UPLIFT), "the daemon does not start"


def tree(pid):
    children = subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True).stdout.split()
    return [pid] + [each for child in children for each in tree(int(child))]


def pss(pid):
    """The memory of a process tree in MiB."""
    total = 0
    for each in tree(pid):
        try:
            total += int(re.search(r"Pss:\s+(\d+)", open(f"/proc/{each}/smaps_rollup").read()).group(1))
        except OSError:
            pass
    return total / 1024


def cpu(pid):
    """The CPU time of a process tree and its ended children, in seconds."""
    ticks = 0
    for each in tree(pid):
        try:
            ticks += sum(map(int, open(f"/proc/{each}/stat").read().rsplit(")", 1)[1].split()[11:15]))
        except OSError:
            pass
    return ticks / os.sysconf("SC_CLK_TCK")


def arrived():
    return open(HERE + "/sink.log").read().count("status=sent")


def measure(port, pid):
    """Sends all messages; returns accepted and delivered messages a second, memory, and CPU ms of a message."""
    before, used, began = arrived(), cpu(pid), time.time()
    # In sessions that stay: TLS Uplift greets half a second late where devices may use implicit TLS, STARTTLS or none.
    source = ["smtp-source", "-d", "-s", str(AT_ONCE), "-m", str(MESSAGES), "-l", str(BYTES)]
    stage.run(*source, "-f", "a@scan.example", "-t", "b@dest.example", f"127.0.0.1:{port}")
    accepted, memory = time.time() - began, pss(pid)
    while arrived() - before < MESSAGES:
        assert time.time() - began < 900, "messages are missing"
        memory = max(memory, pss(pid))
        time.sleep(0.5)
    delivered = time.time() - began
    return MESSAGES / accepted, MESSAGES / delivered, memory, (cpu(pid) - used) * 1000 / MESSAGES


rows = {"Postfix": [], "TLS Uplift": []}
for round in range(ROUNDS):
    for name, at, process in (("Postfix", RELAY, relay), ("TLS Uplift", UPLIFT, uplift)):
        rows[name].append(measure(at, process.pid))
        print(name, round, " ".join("%.2f" % each for each in rows[name][-1]), flush=True)
print(f"\n{MESSAGES} messages of {BYTES} bytes, {AT_ONCE} sessions, medians of {ROUNDS} rounds\n")
print("| | accepted a second | delivered a second | PSS, MiB | CPU ms of a message |\n|---|---|---|---|---|")
for name, values in rows.items():
    print("| %s | %.0f | %.0f | %.0f | %.2f |" % (name, *(statistics.median(each) for each in zip(*values))))
