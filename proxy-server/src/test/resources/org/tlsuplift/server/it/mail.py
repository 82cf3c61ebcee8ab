"""A mail program on Python's own libraries, with one TLS version.

Arguments: smtp|imap|pop3 starttls|implicit listener connect server-name trusted version user
password file EHLO|HELO. SMTP sends the file, the others write the only mail there is to it.
"""

import imaplib
import poplib
import smtplib
import socket
import ssl
import sys

(mail, form, listener, connect, name, trusted, version, user, password, file, greeting) = sys.argv[1:]

context = ssl.create_default_context(cafile=trusted)
context.minimum_version = context.maximum_version = ssl.TLSVersion[version]
context.set_ciphers("ALL:@SECLEVEL=0")


def dial(timeout=60):
    """Connects to the listener and, if it is an HTTP proxy, through it."""
    host, port = listener.rsplit(":", 1)
    device = socket.create_connection((host, int(port)), 60)
    # Else each command waits 40 ms: OpenSSL writes a TLS 1.0 record in two, and Nagle holds the second.
    device.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if connect:
        device.sendall(f"CONNECT {connect} HTTP/1.1\r\nHost: {connect}\r\n\r\n".encode())
        answer = b""
        while not answer.endswith(b"\r\n\r\n"):
            byte = device.recv(1)
            if not byte:
                sys.exit(f"proxy ended after {answer}")
            answer += byte
        if b" 200 " not in answer:
            sys.exit(f"proxy answered {answer}")
    if form == "implicit":
        device = context.wrap_socket(device, server_hostname=name)
    return device


class Smtp(smtplib.SMTP):
    def _get_socket(self, host, port, timeout):
        return dial()


class Imap(imaplib.IMAP4):
    def _create_socket(self, timeout):
        return dial()


class Pop3(poplib.POP3):
    def _create_socket(self, timeout):
        return dial()


def smtp():
    device = Smtp(name, 1, local_hostname="device.corp.example")
    device._host = name
    if form == "starttls" and greeting == "HELO":
        # smtplib only asks for what EHLO has listed; old firmware asks all the same.
        device.helo()
        code, text = device.docmd("STARTTLS")
        if code != 220:
            sys.exit(f"STARTTLS was answered with {code} {text}")
        device.sock = context.wrap_socket(device.sock, server_hostname=name)
        device.file = None
        device.helo_resp = None
    elif form == "starttls":
        device.starttls(context=context)
    agreed(device.sock)
    device.login(user, password)
    with open(file, "rb") as letter:
        device.sendmail(user, [user], letter.read())
    device.quit()


def imap():
    device = Imap(name, 1)
    if form == "starttls":
        device.host = name
        device.starttls(context)
    agreed(device.sock)
    device.login(user, password)
    device.select()
    keep(device.fetch("1", "(BODY.PEEK[])")[1][0][1])
    device.logout()


def pop3():
    device = Pop3(name, 1)
    if form == "starttls":
        device.stls(context)
    agreed(device.sock)
    device.user(user)
    device.pass_(password)
    keep(b"\r\n".join(device.retr(1)[1]) + b"\r\n")
    device.quit()


def agreed(device):
    print("agreed", device.version(), device.cipher()[0], flush=True)


def keep(content):
    with open(file, "wb") as received:
        received.write(content)


# A long line of a mail is no reason for poplib to give up.
poplib._MAXLINE = 1 << 20
{"smtp": smtp, "imap": imap, "pop3": pop3}[mail]()
