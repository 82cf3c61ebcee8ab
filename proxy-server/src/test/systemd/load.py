"""Connects again and again, asks for what no route allows, and counts the answers by the port that gave them.

load.py PORT SECONDS FILE: writes 'answered N failed N' and the first failures. Ends early when FILE.stop exists.
"""
import os
import socket
import sys
import time

port, seconds, file = int(sys.argv[1]), float(sys.argv[2]), sys.argv[3]
answered, failures = 0, []
end = time.time() + seconds
while time.time() < end and not os.path.exists(file + ".stop"):
    try:
        with socket.create_connection(("127.0.0.1", port), 10) as device:
            device.settimeout(10)
            device.sendall(b"CONNECT refused.example:443 HTTP/1.1\r\nHost: refused.example:443\r\n\r\n")
            head = device.recv(12)
            if head == b"HTTP/1.1 403":
                answered += 1
            else:
                failures.append(repr(head))
    except OSError as failure:
        failures.append(str(failure))
    time.sleep(0.01)
with open(file, "w") as output:
    output.write(f"answered {answered} failed {len(failures)} {failures[:3]}\n")
