"""A modern mail program on Python's own libraries: it signs in with XOAUTH2 and does nothing more.

Arguments: smtp|imap|pop3 starttls|implicit port trusted user token-file. Prints "signed in", or what
it was refused with.
"""

import base64
import imaplib
import poplib
import smtplib
import ssl
import sys

(mail, form, port, trusted, user, file) = sys.argv[1:]

context = ssl.create_default_context(cafile=trusted)
with open(file) as content:
    answer = f"user={user}\x01auth=Bearer {content.read()}\x01\x01"


def smtp():
    if form == "implicit":
        program = smtplib.SMTP_SSL("localhost", int(port), context=context)
    else:
        program = smtplib.SMTP("localhost", int(port))
        program.starttls(context=context)
    program.ehlo()
    print("offered", program.esmtp_features["auth"].strip())
    # In two steps, because the answer is longer than a line of SMTP.
    program.auth("XOAUTH2", lambda challenge=None: answer, initial_response_ok=False)
    program.quit()


def imap():
    if form == "implicit":
        program = imaplib.IMAP4_SSL("localhost", int(port), ssl_context=context)
    else:
        program = imaplib.IMAP4("localhost", int(port))
        program.starttls(context)
    print("offered", " ".join(each for each in program.capabilities if each.startswith("AUTH=")))
    program.authenticate("XOAUTH2", lambda challenge: answer.encode())
    program.logout()


def pop3():
    if form == "implicit":
        program = poplib.POP3_SSL("localhost", int(port), context=context)
    else:
        program = poplib.POP3("localhost", int(port))
        program.stls(context)
    print("offered", program.capa()["SASL"])
    program._shortcmd("AUTH XOAUTH2")
    program._shortcmd(base64.b64encode(answer.encode()).decode())
    program.quit()


try:
    {"smtp": smtp, "imap": imap, "pop3": pop3}[mail]()
    print("signed in")
except (smtplib.SMTPException, imaplib.IMAP4.error, poplib.error_proto) as refusal:
    sys.exit(f"refused: {refusal}")
