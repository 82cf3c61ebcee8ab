"""Compares drafts with what Python's email package reads in the same messages.

Prints a line for each message that differs, and then how many there are.
"""
import email
import email.header
import email.policy
import email.utils
import hashlib
import json
import os
import re
import sys
from collections import Counter


def data(path):
    return re.sub(rb"\r\n|\r|\n", b"\r\n", open(path, "rb").read())


def leaves(message):
    """The parts, where a message in a message is one part."""
    if message.get_content_maintype() == "multipart" and isinstance(message.get_payload(), list):
        for part in message.get_payload():
            yield from leaves(part)
    else:
        yield message


def content(part):
    encoding = part.get("content-transfer-encoding")
    if encoding is not None and str(encoding) != str(encoding).strip():
        part.replace_header("content-transfer-encoding", str(encoding).strip())
    if part.get_content_maintype() == "message" and isinstance(part.get_payload(), list):
        return None  # Python does not keep its bytes.
    return part.get_payload(decode=True) or b""


def text(part):
    raw = content(part)
    charset = part.get_content_charset()
    for name in (charset, "utf-8", "windows-1252"):
        if name and name not in ("us-ascii", "ascii"):
            try:
                return raw.decode(name, "replace" if name == charset else "strict")
            except (LookupError, UnicodeDecodeError):
                continue
    return raw.decode("latin-1")


def squeezed(value):
    """Parsers differ in the last line end, and in white space of folded headers."""
    return " ".join(value.split())


def header(message, name):
    value = next((v for k, v in message.raw_items() if k.lower() == name), None)
    if value is None:
        return ""
    raw = str(value).encode("utf-8", "surrogateescape")
    for charset in ("utf-8", "windows-1252"):
        try:
            value = raw.decode(charset, "strict")
            break
        except UnicodeDecodeError:
            continue
    try:
        return squeezed(str(email.header.make_header(email.header.decode_header(str(value)))))
    except Exception:
        return None  # Python refuses it.


def differences(draft, message):
    fields = draft["fields"]
    subject = header(message, "subject")
    # Python adds a space between an encoded word and what follows.
    if subject is not None and "".join(fields.get("subject", "").split()) != "".join(subject.split()):
        yield "subject %r, Python %r" % (fields.get("subject", ""), subject)
    parts = list(leaves(message))
    body = fields["body"]
    texts = [p for p in parts if p.get_content_type() in ("text/plain", "text/html")]
    if body["content"].strip() and not any(squeezed(text(p)) == squeezed(body["content"]) for p in texts):
        yield "body %r, Python %r" % (body["content"][:60], [text(p)[:60] for p in texts])
    arrived = Counter(a["sha256"] for a in draft["attachments"])
    expected = Counter()
    spare = Counter()
    unknown = 0
    used = False
    wanted = "text/html" if body["contentType"] == "html" else "text/plain"
    for part in parts:
        raw = content(part)
        if raw is None:
            unknown += 1
            continue
        digest = hashlib.sha256(raw).hexdigest()
        if not used and part.get_content_type() == wanted and squeezed(text(part)) == squeezed(body["content"]):
            used = True  # The body itself.
        elif part.get_content_type() == "text/plain" and body["contentType"] == "html":
            spare[digest] += 1  # May be the plain text beside the HTML.
        elif raw:
            expected[digest] += 1
    empty = hashlib.sha256(b"").hexdigest()
    missing = expected - arrived
    extra = arrived - expected - spare
    extra.pop(empty, None)
    if sum(missing.values()) or sum(extra.values()) > unknown:
        names = [(a["name"], a["type"]) for a in draft["attachments"]]
        yield "attachments %s, Python %s" % (names, [(p.get_content_type(), p.get_filename()) for p in parts])


def unsupported(part):
    """What the Java platform or the parser does not know; such a part arrives as it was sent."""
    if str(part.get("content-transfer-encoding", "")).lower().strip() in ("x-uuencode", "uuencode", "x-uue"):
        yield "uuencode"
    if str(part.get_content_charset()).startswith("utf-7") or "utf-7" in str(part.get("subject", "")).lower():
        yield "UTF-7"


def other_recipients(path, original):
    """Whether the header has other recipients than one, or anything else has changed."""
    after = data(path + ".addressed")
    message = email.message_from_bytes(after)
    fields = [str(v) for name in ("to", "cc", "bcc") for v in message.get_all(name, [])]
    found = {a for n, a in email.utils.getaddresses(fields) if "@" in a}
    body = re.search(rb"(?m)^\r?$", original)
    return found != {"a@corp.example"} or (body is not None and not after.endswith(original[body.start():]))


def main():
    count = differ = malformed = others = 0
    for line in open(sys.argv[1], encoding="utf-8"):
        draft = json.loads(line)
        message = email.message_from_bytes(data(os.path.join(sys.argv[2], draft["file"])), policy=email.policy.compat32)
        count += 1
        original = data(os.path.join(sys.argv[2], draft["file"]))
        if other_recipients(os.path.join(os.path.dirname(sys.argv[1]), draft["file"]), original):
            others += 1
            print("RECIPIENTS %s: %s" % (draft["file"], [message.get_all(n) for n in ("to", "cc", "bcc")]))
        found = list(differences(draft, message))
        defects = sorted({type(d).__name__ for part in message.walk() for d in part.defects} | {u for part in message.walk() for u in unsupported(part)})
        if found and defects:
            malformed += 1
            print("MALFORMED %s (%s): %s" % (draft["file"], ", ".join(defects), "; ".join(found)))
        elif found:
            differ += 1
            print("DIFFERS %s: %s" % (draft["file"], "; ".join(found)))
    print("%d messages have other recipients" % others)
    print("%d messages with defects, uuencode or UTF-7 differ" % malformed)
    print("%d messages, %d differ" % (count, differ))


main()
