#!/usr/bin/env python3
"""Connects many devices at the same moment to a fresh daemon, and counts at which try each of them is served.

Each device has an address of its own in 127.0.0.0/8. A try is a full handshake (TLS 1.0, nothing resumed), a request and the
first byte of the response. A device waits for --wait seconds, and after a pause tries again. The origin is nginx with
TLS 1.2 and 1.3, which the daemon verifies. Devices, daemon and origin share the processors. Needs nginx, OpenSSL, a JDK, and
twice as many open files as sessions (ulimit -n).
"""

import argparse
import asyncio
import collections
import multiprocessing
import os
import resource
import ssl
import subprocess
import sys
import time
import urllib.request
import warnings

BENCH = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, BENCH + "/spool")
import stage  # noqa: E402

# The module ssl warns of TLS 1.0, which is what devices speak.
warnings.filterwarnings("ignore", category=DeprecationWarning)

OF_EACH_PROCESS = 5000
WARM_ADDRESSES = 200_000


def address(device):
    return f"127.{10 + device // 62500}.{device // 250 % 250}.{1 + device % 250}"


async def device(number, port, tls, options, counts):
    for attempt in range(1, options.tries + 1):
        try:
            connecting = asyncio.open_connection(
                "127.0.0.1",
                port,
                local_addr=(address(number), 0),
                ssl=tls,
                server_hostname="localhost",
                ssl_handshake_timeout=options.wait,
            )
            reader, writer = await asyncio.wait_for(connecting, options.wait)
            writer.write(b"GET / HTTP/1.0\r\n\r\n")
            first = await asyncio.wait_for(reader.read(1), options.wait)
            writer.transport.abort()
            if first:
                counts["served", attempt] += 1
                return
            counts["failed", "end without a response"] += 1
        except (asyncio.TimeoutError, TimeoutError):
            counts["failed", "timeout"] += 1
        except OSError as failed:
            counts["failed", type(failed).__name__] += 1
        await asyncio.sleep(options.pause)
    counts["never", 0] += 1


async def devices(first, count, port, options):
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    tls.check_hostname = False
    tls.verify_mode = ssl.CERT_NONE
    tls.minimum_version = tls.maximum_version = ssl.TLSVersion.TLSv1
    tls.set_ciphers("ALL:@SECLEVEL=0")
    counts = collections.Counter()
    await asyncio.gather(*(device(first + i, port, tls, options, counts) for i in range(count)))
    return counts


def group(arguments):
    return asyncio.run(devices(*arguments))


def storm(count, first, port, options):
    """All of them at once, in some processes."""
    groups = [(first + at, min(OF_EACH_PROCESS, count - at), port, options) for at in range(0, count, OF_EACH_PROCESS)]
    counts = collections.Counter()
    with multiprocessing.Pool(len(groups)) as pool:
        for each in pool.map(group, groups, chunksize=1):
            counts.update(each)
    return counts


def start_origin(here, port):
    stage.certificates(here)
    with open(here + "/nginx.conf", "w") as file:
        file.write(f"""worker_processes 2; daemon off; pid {here}/nginx.pid; error_log {here}/nginx.log;
worker_rlimit_nofile 20000;
events {{ worker_connections 19000; }}
http {{
  access_log off;
  server {{
    listen 127.0.0.1:{port} ssl backlog=8192;
    ssl_certificate {here}/o.pem; ssl_certificate_key {here}/o.key; ssl_protocols TLSv1.2 TLSv1.3;
    location / {{ return 200 "ok"; }}
  }}
}}
""")
    stage.start(["nginx", "-c", here + "/nginx.conf"], here + "/nginx.log")
    if not stage.listening(port):
        sys.exit("nginx does not start; see " + here + "/nginx.log")


def start_daemon(here, jar, port, origin, admin):
    with open(here + "/tls-uplift.yaml", "w") as file:
        file.write(f"""dataDirectory: {here}/data
listeners:
  - {{name: outlook, bind: "127.0.0.1:{port}", accept: fixed, origin: "localhost:{origin}", profile: legacy}}
routes:
  - {{to: ["localhost:{origin}"], action: bridge}}
upstream: {{trust: {here}/ca.pem}}
admin: {{bind: "127.0.0.1:{admin}"}}
""")
    options = "@" + os.path.join(BENCH, "../main/distribution/lib/jvm.options")
    stage.start(["java", options, "-jar", jar, "run", "--config", here + "/tls-uplift.yaml"], here + "/tls-uplift.log")
    if not stage.listening(port):
        sys.exit("the daemon does not start; see " + here + "/tls-uplift.log")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jar", default=os.path.join(BENCH, "../../target/tls-uplift.jar"))
    parser.add_argument("--dir", default="target/bench/storm", help="the directory of all files")
    parser.add_argument("--devices", type=int, default=20_000, help="that connect at once")
    parser.add_argument("--tries", type=int, default=10, help="of each device")
    parser.add_argument("--wait", type=float, default=10, help="for the connection, and for the response, in seconds")
    parser.add_argument("--pause", type=float, default=5, help="before the next try, in seconds")
    parser.add_argument("--warm", type=int, default=3000, help="sessions of other devices before them")
    options = parser.parse_args()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    here = stage.directory(options.dir)
    port, origin, admin = stage.port(), stage.port(), stage.port()
    start_origin(here, origin)
    start_daemon(here, options.jar, port, origin, admin)
    for at in range(0, options.warm, 500):
        storm(min(500, options.warm - at), WARM_ADDRESSES + at, port, options)
    began = time.monotonic()
    counts = storm(options.devices, 0, port, options)
    print(f"{options.devices} devices at once, {time.monotonic() - began:.0f} s, ulimit -n {hard}")
    for attempt in range(1, options.tries + 1):
        if served := counts["served", attempt]:
            print(f"served at try {attempt}: {served}")
    print(f"never served: {counts['never', 0]}")
    for (kind, why), count in sorted(counts.items(), key=str):
        if kind == "failed":
            print(f"tries that failed, {why}: {count}")
    with urllib.request.urlopen(f"http://127.0.0.1:{admin}/metrics") as metrics:
        for line in metrics.read().decode().splitlines():
            if line.startswith(("tlsuplift_accept_queue_overflows_total", "tlsuplift_handshakes_waiting")):
                print(line)
    return 1 if counts["never", 0] else 0


if __name__ == "__main__":
    sys.exit(main())
