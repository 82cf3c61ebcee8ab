#!/usr/bin/python3
"""The row 'delayed' of bench.sh: the device's time to its first byte when the origin is 30 ms away.

Two network namespaces of its own; Debian's python3-netfilterqueue holds each packet for 15 ms in each direction. The device is
on the proxy's side: TLS 1.0, nothing resumed. The origin is nginx: once with TLS 1.2 only, once with TLS 1.3. Direct connections,
HAProxy and TLS Uplift take turns. Needs root, ip, iptables, nginx, haproxy, openssl and python3-netfilterqueue.

  ROUNDS=40     connections of each contestant for each origin, one at a time
  WARMUP=600    connections of each contestant before them, 16 at a time
  DELAY_MS=15   in each direction
  SPARE_CONNECTIONS=0   'upstream.spareConnections' of TLS Uplift
"""

import collections
import concurrent.futures
import os
import select
import shutil
import signal
import socket
import ssl
import statistics
import subprocess
import sys
import time

NEAR, FAR = "uplift-near", "uplift-far"
ORIGIN = "10.89.77.2"
NAME = "origin.bench"
HOSTS = f"/etc/netns/{NEAR}"
ROUNDS = int(os.environ.get("ROUNDS", "40"))
WARMUP = int(os.environ.get("WARMUP", "600"))
DELAY = float(os.environ.get("DELAY_MS", "15")) / 1000
# The port of the origin, its version, and the ports of the proxies.
ORIGINS = [(443, "TLSv1.2", 7443, 8443), (444, "TLSv1.3", 7444, 8444)]


def hold(queue):
    """Passes each packet on after the delay."""
    from netfilterqueue import NetfilterQueue

    waiting = collections.deque()
    packets = NetfilterQueue()
    packets.bind(queue, lambda packet: waiting.append((time.monotonic() + DELAY, packet)))
    print("holding", flush=True)
    while True:
        timeout = max(0, waiting[0][0] - time.monotonic()) if waiting else None
        if select.select([packets.get_fd()], [], [], timeout)[0]:
            packets.run(block=False)
        while waiting and waiting[0][0] <= time.monotonic():
            waiting.popleft()[1].accept()


def context(version):
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.check_hostname = False
    made.verify_mode = ssl.CERT_NONE
    if version:
        made.minimum_version = made.maximum_version = version
        made.set_ciphers("ALL:@SECLEVEL=0")
    return made


def first_byte(address, tls):
    start = time.perf_counter()
    with socket.create_connection(address, 10) as plain:
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with tls.wrap_socket(plain) as device:
            device.sendall(b"GET / HTTP/1.0\r\n\r\n")
            assert device.recv(1) == b"H"
            return (time.perf_counter() - start) * 1000


def measure():
    device, modern = context(ssl.TLSVersion.TLSv1), context(None)
    print("| origin | direct, ms | HAProxy, ms | TLS Uplift, ms | ratio to HAProxy |\n|---|---|---|---|---|", flush=True)
    for port, version, haproxy, uplift in ORIGINS:
        ways = [((ORIGIN, port), modern), (("127.0.0.1", haproxy), device), (("127.0.0.1", uplift), device)]
        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            for way in ways:
                for done in [pool.submit(first_byte, *way) for _ in range(WARMUP)]:
                    done.result()
        times = [[], [], []]
        for _ in range(ROUNDS):
            for way, of_way in zip(ways, times):
                of_way.append(first_byte(*way))
        medians = [statistics.median(of_way) for of_way in times]
        ratio = statistics.median(ours / theirs for theirs, ours in zip(times[1], times[2]))
        print("| %s | %.1f | %.1f | %.1f | **%.2f** |" % (version, *medians, ratio), flush=True)


def run(*command):
    subprocess.run(command, check=True)


def inside(namespace, *command, **more):
    return subprocess.Popen(["ip", "netns", "exec", namespace, *command], **more)


def write(name, text):
    with open(name, "w") as file:
        file.write(text)


def certificates():
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30"]
    quiet = {"stderr": subprocess.DEVNULL, "check": True}
    subprocess.run(
        ["openssl", "req", "-x509", *key, "-subj", "/CN=bench root", "-addext", "keyUsage=critical,keyCertSign"]
        + ["-keyout", "root.key", "-out", "root.pem"],
        **quiet,
    )
    write("names.cnf", f"subjectAltName=DNS:{NAME}\nextendedKeyUsage=serverAuth\n")
    subprocess.run(["openssl", "req", "-new", *key[:-2], "-subj", "/CN=origin", "-keyout", "origin.key", "-out", "origin.csr"], **quiet)
    subprocess.run(
        ["openssl", "x509", "-req", "-in", "origin.csr", "-CA", "root.pem", "-CAkey", "root.key", "-days", "30"]
        + ["-extfile", "names.cnf", "-out", "origin.pem"],
        **quiet,
    )
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", "/CN=device side"]
        + ["-keyout", "device.key", "-out", "device.pem"],
        **quiet,
    )
    write("peer.pem", open("device.pem").read() + open("device.key").read())


def configure():
    servers, listens, listeners, targets = "", "", "", []
    for port, version, haproxy, uplift in ORIGINS:
        servers += f"""
          server {{
            listen {ORIGIN}:{port} ssl; ssl_protocols {version};
            ssl_certificate origin.pem; ssl_certificate_key origin.key; ssl_session_tickets off; ssl_session_cache off;
            location / {{ return 200 "ok"; }}
          }}"""
        listens += f"""
listen port{haproxy}
  bind 127.0.0.1:{haproxy} ssl crt peer.pem
  server origin {ORIGIN}:{port} ssl verify required ca-file root.pem verifyhost {NAME} sni str({NAME}) no-ssl-reuse
"""
        listeners += f"  - {{name: to-{port}, bind: '127.0.0.1:{uplift}', accept: fixed, origin: '{NAME}:{port}', profile: legacy}}\n"
        targets.append(f"'{NAME}:{port}'")
    os.makedirs("tmp", exist_ok=True)
    paths = " ".join(f"{kind}_temp_path tmp/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    write("nginx.conf", f"daemon off; pid nginx.pid; error_log stderr; events {{}}\nhttp {{ access_log off; {paths} {servers}\n}}\n")
    write(
        "haproxy.cfg",
        "global\n  ssl-default-bind-options ssl-min-ver TLSv1.0\n  ssl-default-bind-ciphers ALL:@SECLEVEL=0\n"
        "  ssl-default-server-options ssl-min-ver TLSv1.2\n"
        "defaults\n  mode tcp\n  timeout connect 5s\n  timeout client 1m\n  timeout server 1m\n" + listens,
    )
    write(
        "uplift.yaml",
        f"dataDirectory: data\nlisteners:\n{listeners}routes:\n  - {{to: [{', '.join(targets)}], action: bridge}}\n"
        f"upstream: {{trust: root.pem, spareConnections: {os.environ.get('SPARE_CONNECTIONS', '0')}}}\n"
        "admin: {bind: '127.0.0.1:9464'}\n"
        "limits: {handshakesPerSecond: 1000000, handshakeBurst: 1000000}\n"
        f"transport: {os.environ.get('TRANSPORT', 'auto')}\n",
    )


def network():
    os.makedirs(HOSTS)
    write(HOSTS + "/hosts", f"127.0.0.1 localhost\n{ORIGIN} {NAME}\n")
    for namespace in (NEAR, FAR):
        run("ip", "netns", "add", namespace)
        run("ip", "-n", namespace, "link", "set", "lo", "up")
    run("ip", "link", "add", "near0", "netns", NEAR, "type", "veth", "peer", "name", "far0", "netns", FAR)
    for namespace, device, address in ((NEAR, "near0", "10.89.77.1/24"), (FAR, "far0", ORIGIN + "/24")):
        run("ip", "-n", namespace, "addr", "add", address, "dev", device)
        run("ip", "-n", namespace, "link", "set", device, "up")
        run("ip", "netns", "exec", namespace, "iptables", "-A", "INPUT", "-i", device, "-j", "NFQUEUE", "--queue-num", "5")


def await_port(namespace, address, port):
    probe = f"import socket; socket.create_connection(('{address}', {port}), 1)"
    for _ in range(300):
        done = subprocess.run(["ip", "netns", "exec", namespace, sys.executable, "-c", probe], stderr=subprocess.DEVNULL)
        if done.returncode == 0:
            return
        time.sleep(0.1)
    raise SystemExit(f"delayed.py: nothing listens on {address}:{port}")


def stop(*_):
    raise SystemExit(1)


def main():
    signal.signal(signal.SIGTERM, stop)
    processes = []
    try:
        network()
        certificates()
        configure()
        for namespace in (NEAR, FAR):
            holder = inside(namespace, sys.executable, os.path.abspath(__file__), "hold", stdout=subprocess.PIPE)
            processes.append(holder)
            if not holder.stdout.readline():
                raise SystemExit("delayed.py: install python3-netfilterqueue, and run this as root with Debian's python3")
        processes.append(inside(FAR, "nginx", "-p", os.getcwd(), "-c", "nginx.conf", stderr=subprocess.DEVNULL))
        processes.append(inside(NEAR, os.environ["HAPROXY"], "-db", "-f", "haproxy.cfg", stderr=open("haproxy.log", "w")))
        java = [os.environ["UPLIFT_JAVA"], *os.environ["UPLIFT_JAVA_OPTS"].split()]
        log = open("uplift.log", "w")
        processes.append(
            inside(NEAR, *java, "-jar", os.environ["UPLIFT_JAR"], "run", "--config", "uplift.yaml", stdout=log, stderr=log)
        )
        for port, _, haproxy, uplift in ORIGINS:
            await_port(NEAR, ORIGIN, port)
            await_port(NEAR, "127.0.0.1", haproxy)
            await_port(NEAR, "127.0.0.1", uplift)
        inside(NEAR, sys.executable, "-W", "ignore", os.path.abspath(__file__), "measure").wait()
    finally:
        for process in reversed(processes):
            process.send_signal(signal.SIGTERM)
            process.wait()
        for namespace in (NEAR, FAR):
            subprocess.run(["ip", "netns", "del", namespace])
        shutil.rmtree(HOSTS, ignore_errors=True)


if sys.argv[1:] == ["hold"]:
    hold(5)
elif sys.argv[1:] == ["measure"]:
    measure()
else:
    main()
