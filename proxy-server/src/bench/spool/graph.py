"""A stand-in for Microsoft Graph and the identity platform, which fails in a chosen way for each message."""

import base64
import collections
import email
import email.utils
import hashlib
import http.server
import json
import re
import ssl
import threading
import time
import urllib.parse

MISSING = {
    "404 mailbox": (404, "MailboxNotEnabledForRESTAPI"),
    "404 user": (404, "ErrorInvalidUser"),
    "404 resource": (404, "ResourceNotFound"),
    "404 without a code": (404, ""),
    "403": (403, "ErrorAccessDenied"),
}


class Draft:
    def __init__(self, mailbox, kind, body):
        self.mailbox, self.files = mailbox, {}
        if kind == "text/plain":
            mime = base64.b64decode(body)
            head, _, content = mime.partition(b"\r\n\r\n")
            header = email.message_from_bytes(head + b"\r\n\r\n")
            fields = [value for name in ("To", "Cc", "Bcc") for value in header.get_all(name, [])]
            self.recipients = sorted(address for _, address in email.utils.getaddresses(fields))
            self.subject, self.digest = header["Subject"] or "", hashlib.sha256(content).hexdigest()
        else:
            fields = json.loads(body)
            people = [each for name in ("to", "cc", "bcc") for each in fields.get(name + "Recipients", [])]
            self.recipients = sorted(each["emailAddress"]["address"] for each in people)
            self.subject, self.digest = fields.get("subject", ""), ""
        number = re.match(r"Campaign (\d+)", self.subject)
        self.number = int(number[1]) if number else None

    def content(self):
        return self.digest or hashlib.sha256(b"".join(self.files[name] for name in sorted(self.files))).hexdigest()


class Graph:
    """Keeps what was sent. Thread-safe."""

    def __init__(self, port, certificate, key):
        self.url = f"https://localhost:{port}"
        self.lock = threading.Lock()
        self.drafts, self.uploads, self.sent, self.ids = {}, {}, [], 0
        self.faults, self.denied, self.inject = {}, {}, False
        self.away = False
        self.delay = 0
        self.met = collections.Counter()
        self.puts = collections.Counter()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        graph = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                answer = graph.answer(self.command, self.path, self.headers, body)
                if answer is None:
                    self.close_connection = True
                    self.connection.close()
                    return
                status, fields, *more = answer
                content = b"" if fields is None else json.dumps(fields).encode()
                self.send_response(status)
                for name, value in more:
                    self.send_header(name, value)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 200

            def finish_request(self, request, address):
                request.settimeout(60)
                super().finish_request(context.wrap_socket(request, server_side=True), address)

            def handle_error(self, *_):
                pass

        self.server = Server(("127.0.0.1", port), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def meets(self, number, *kinds):
        """Whether a message has one of these faults, once for each step."""
        fault = self.faults.get(number)
        if fault in kinds:
            self.met[fault] += 1
            return True
        return False

    def answer(self, method, path, headers, body):
        if "/oauth2/" in path or "/discovery" in path or "openid" in path:
            return self.identity(path)
        time.sleep(self.delay)
        with self.lock:
            return self.mail(method, path, headers, body)

    def identity(self, path):
        if path.split("?")[0].endswith("/token"):
            return 200, {"token_type": "Bearer", "expires_in": 3599, "ext_expires_in": 3599, "access_token": "a.b.c"}
        base = f"{self.url}/{path.split('/')[1]}"
        return 200, {
            "tenant_discovery_endpoint": self.url + "/common/.well-known/openid-configuration",
            "api-version": "1.1",
            "metadata": [],
            "issuer": base + "/v2.0",
            "authorization_endpoint": base + "/oauth2/v2.0/authorize",
            "token_endpoint": base + "/oauth2/v2.0/token",
            "device_authorization_endpoint": base + "/oauth2/v2.0/devicecode",
            "jwks_uri": base + "/discovery/v2.0/keys",
        }

    def error(self, status, code, *more):
        return status, {"error": {"code": code, "message": "What Graph says."}}, *more

    def mail(self, method, path, headers, body):
        if self.away:
            return self.error(503, "ServiceUnavailable")
        if path.startswith("/upload/"):
            return self.upload(method, path, headers, body)
        segments = path.split("/")
        mailbox, kind = urllib.parse.unquote(segments[3]), headers.get("Content-Type", "")
        self.ids += 1
        if len(segments) == 5:
            draft = Draft(mailbox, kind, body)
            if self.meets(draft.number, "503 at the draft"):
                del self.faults[draft.number]
                return self.error(503, "ServiceUnavailable")
            if self.meets(draft.number, "429"):
                del self.faults[draft.number]
                return self.error(429, "TooManyRequests", ("Retry-After", "2"))
            self.drafts[f"AAMk{self.ids}"] = draft
            return 201, {"id": f"AAMk{self.ids}"}
        draft = self.drafts.get(segments[5])
        last = segments[-1]
        if method == "DELETE":
            return self.delete(segments[5])
        if draft is None:
            return self.error(404, "ErrorItemNotFound")
        if last == "send":
            return self.send(segments[5], draft)
        if last == "createUploadSession":
            if draft.number in [each[0].number for each in self.uploads.values()]:
                self.faults.pop(draft.number, None)
            if self.meets(draft.number, "no address"):
                del self.faults[draft.number]
                return 201, {"uploadUrl": "nonsense %"}
            self.uploads[str(self.ids)] = [draft, json.loads(body)["AttachmentItem"], bytearray()]
            return 201, {"uploadUrl": f"{self.url}/upload/{self.ids}?authtoken=secret"}
        if last == "attachments":
            fields = json.loads(body)
            draft.files[fields["name"]] = base64.b64decode(fields["contentBytes"])
        return 201 if method == "POST" else 200, {"id": segments[5]}

    def send(self, id, draft):
        fault = self.faults.get(draft.number)
        if fault in MISSING:
            self.denied[id] = fault
            del self.faults[draft.number]
            return None
        del self.drafts[id]
        self.sent.append(draft)
        if fault in ("done and reset", "done and 503", "done and 504", "done, reset, then 404 mailbox"):
            self.met[fault] += 1
            del self.faults[draft.number]
            if fault.endswith("mailbox"):
                self.denied[id] = "404 mailbox"
            return self.error(int(fault[-3:]), "ServiceUnavailable") if fault[-1].isdigit() else None
        return 202, None

    def delete(self, id):
        fault = self.denied.pop(id, None)
        if fault:
            self.met[fault] += 1
            return self.error(*MISSING[fault])
        return (204, None) if self.drafts.pop(id, None) else self.error(404, "ErrorItemNotFound")

    def upload(self, method, path, headers, body):
        id = re.match(r"/upload/(\d+)", path)[1]
        if id not in self.uploads:
            return self.error(404, "ErrorItemNotFound")
        draft, item, content = self.uploads[id]
        if self.meets(draft.number, "no progress"):
            self.puts[id] += 1
            return 200, {"nextExpectedRanges": ["0-"]}
        if self.meets(draft.number, "upload gone"):
            del self.faults[draft.number]
            return self.error(404, "ErrorItemNotFound")
        if method == "PUT":
            if content and self.meets(draft.number, "upload reset"):
                del self.faults[draft.number]
                return None
            start = int(re.match(r"bytes (\d+)-", headers["Content-Range"])[1])
            if start != len(content):
                return self.error(416, "InvalidRange")
            content += body
        if len(content) == item["size"]:
            draft.files[item["name"]] = bytes(content)
            return 201, None
        return 200, {"nextExpectedRanges": [f"{len(content)}-"]}
