"""What the scripts here have in common: ports, certificates, Postfix and daemons, which end with the script."""

import atexit
import os
import shutil
import signal
import socket
import subprocess
import time

processes = []


def port():
    """A port that is free now."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def listening(at, seconds=60):
    """Waits until a port accepts connections; returns whether it does."""
    end = time.time() + seconds
    while time.time() < end:
        try:
            socket.create_connection(("127.0.0.1", at), 1).close()
            return True
        except OSError:
            time.sleep(0.1)
    return False


def directory(path):
    """An empty directory that Postfix can enter."""
    path = os.path.abspath(path)
    shutil.rmtree(path, ignore_errors=True)
    os.makedirs(path)
    os.chmod(path, 0o755)
    return path


def start(command, log):
    """Starts a program in a process group of its own, with its output in a file."""
    with open(log, "a") as output:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
        )
    processes.append(process)
    return process


@atexit.register
def end():
    for process in processes:
        if process.poll() is None:
            try:
                os.killpg(process.pid, signal.SIGTERM)
            except OSError:
                pass


def run(*command):
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def certificates(path):
    """Creates an authority in ca.pem, and in o.pem and o.key a certificate of it for localhost."""
    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
    run(
        "openssl",
        "req",
        "-x509",
        *key,
        "-days",
        "30",
        "-subj",
        "/CN=CA",
        "-keyout",
        path + "/ca.key",
        "-out",
        path + "/ca.pem",
    )
    with open(path + "/ext", "w") as ext:
        ext.write("subjectAltName=DNS:localhost\nextendedKeyUsage=serverAuth\nbasicConstraints=CA:FALSE\n")
    run("openssl", "req", *key, "-subj", "/CN=localhost", "-keyout", path + "/o.key", "-out", path + "/o.csr")
    by = ("-CA", path + "/ca.pem", "-CAkey", path + "/ca.key", "-CAcreateserial")
    run(
        "openssl",
        "x509",
        "-req",
        "-in",
        path + "/o.csr",
        *by,
        "-days",
        "30",
        "-extfile",
        path + "/ext",
        "-out",
        path + "/o.pem",
    )


SERVICES = """pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
smtp unix - - n - - smtp
discard unix - - n - - discard
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""


def postfix(path, name, at, settings):
    """Starts a Postfix whose files are in a directory of that name, and its log beside it."""
    home = path + "/" + name
    os.makedirs(home + "/data")
    shutil.chown(home + "/data", "postfix")
    os.makedirs(home + "/queue/pid")
    modes = {"public": 0o710, "maildrop": 0o730}
    for queue in "active bounce corrupt defer deferred flush hold incoming private saved trace public maildrop".split():
        os.makedirs(f"{home}/queue/{queue}")
        shutil.chown(f"{home}/queue/{queue}", "postfix")
        os.chmod(f"{home}/queue/{queue}", modes.get(queue, 0o700))
    with open(home + "/main.cf", "w") as main:
        main.write(
            f"""compatibility_level = 3.6
queue_directory = {home}/queue
data_directory = {home}/data
mail_owner = postfix
setgid_group = postdrop
maillog_file = /dev/stdout
inet_protocols = ipv4
inet_interfaces = 127.0.0.1
mydestination =
mynetworks = 127.0.0.0/8
alias_maps =
default_database_type = texthash
smtpd_peername_lookup = no
in_flow_delay = 0
smtpd_client_connection_count_limit = 0
{settings}"""
        )
    with open(home + "/master.cf", "w") as master:
        master.write(f"127.0.0.1:{at} inet n - n - - smtpd\n{SERVICES}")
    process = start(["/usr/lib/postfix/sbin/master", "-c", home, "-d"], f"{path}/{name}.log")
    assert listening(at), f"Postfix does not start: {path}/{name}.log"
    return process


def listener(name, at, origin, spool, more=""):
    """A listener of a configuration, which devices may also use without TLS."""
    return f"""  - name: {name}
    bind: 127.0.0.1:{at}
    accept: fixed
    origin: localhost:{origin}
    protocol: smtp
    downstreamTls: optional
    allowPlaintext: true
    upstreamTls: starttls
    profile: legacy
    mail: {{spool: {{{spool}}}}}
{more}"""


def configuration(data, origin, admin, listeners, upstream="", more=""):
    """A configuration whose origin is on loopback."""
    return f"""dataDirectory: {data}
devices: {{allow: [127.0.0.0/8]}}
upstream: {{allowPrivateAddresses: true{upstream}}}
admin: {{bind: "127.0.0.1:{admin}"}}
listeners:
{listeners}routes:
  - {{to: ["localhost:{origin}"], action: bridge}}
{more}"""


def daemon(jar, yaml, *options, before=()):
    """The command of a daemon."""
    return [*before, "java", *options, "-XX:+UseSerialGC", "-jar", jar, "run", "-c", yaml]
