"""Many scanners that wake at once: TLS 1.0, a password, one mail each; what is busy they try again.

Arguments: ports trusted first count password patience [linger]. Device N of count, from the first on, comes
from an address of its own in 127.0.1.0/24, signs in as deviceN@corp.example and sends one mail to itself, in
which is the word markN. After a reply of 4xx or a lost connection it tries again, until so many seconds are
over. Of several ports, with commas between, each device begins with another one, and takes the next after a
lost connection, as behind a load balancer. At its first mail it lingers for so many seconds. Prints how often
there was which answer, which devices were served, and which lost the connection when their mail may have
arrived already.
"""

import collections
import contextlib
import select
import smtplib
import socket
import ssl
import sys
import threading
import time

(ports, trusted, first, count, password, patience) = sys.argv[1:7]
linger = float(sys.argv[7]) if len(sys.argv) > 7 else 0

context = ssl.create_default_context(cafile=trusted)
context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1
context.set_ciphers("ALL:@SECLEVEL=0")
start = threading.Barrier(int(count))
end = time.monotonic() + float(patience)
replies = collections.Counter()
failed = []
served = set()
doubtful = set()


class Device(smtplib.SMTP):
    sending = False
    linger = 0

    def data(self, message):
        # Until then, or until the connection is lost.
        select.select([self.sock], [], [], self.linger)
        reply = super().data(message)
        self.sending = False
        return reply

    def send(self, text):
        # Commands are strings; only the content of a mail is not.
        self.sending = isinstance(text, bytes)
        super().send(text)


def attempt(number, port, linger):
    address = f"device{number}@corp.example"
    device = Device(timeout=90, source_address=(f"127.0.1.{number - int(first) + 1}", 0))
    device.linger = linger
    try:
        device._host = "localhost"
        device.connect("127.0.0.1", int(port))
        # Else each command waits 40 ms: OpenSSL writes a TLS 1.0 record in two, and Nagle holds the second.
        device.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        device.starttls(context=context)
        assert device.sock.version() == "TLSv1"
        device.login(address, password)
        device.sendmail(address, [address], f"Subject: scan\r\n\r\nmark{number}.\r\n")
    except smtplib.SMTPResponseException:
        raise
    except (smtplib.SMTPException, OSError):
        if device.sending:
            doubtful.add(number)
        raise
    finally:
        # Whatever comes of this, a mail that was taken is not sent again.
        with contextlib.suppress(smtplib.SMTPException, OSError):
            device.quit()
        device.close()


def device(number):
    ways = collections.deque(ports.split(","))
    ways.rotate(number)
    start.wait()
    pause = 0.5
    longer = linger
    while True:
        try:
            attempt(number, ways[0], longer)
            replies["sent"] += 1
            served.add(number)
            return
        except smtplib.SMTPResponseException as refusal:
            replies[f"{refusal.smtp_code} {refusal.smtp_error.decode()[:60]}"] += 1
            lasting = refusal.smtp_code >= 500
        except (smtplib.SMTPException, OSError) as lost:
            replies[repr(lost)] += 1
            lasting = False
            ways.rotate()
        longer = 0
        if lasting or time.monotonic() > end:
            failed.append(number)
            return
        # As scanners do: after a while, and not all at the same moment.
        time.sleep(pause + number % 10 / 10)
        pause = min(pause * 1.5, 4)


threads = [threading.Thread(target=device, args=(number,)) for number in range(int(first), int(first) + int(count))]
for each in threads:
    each.start()
for each in threads:
    each.join()
for reply, times in replies.items():
    print(times, reply)
print("served:", *sorted(served))
if doubtful:
    print("doubtful:", *sorted(doubtful))
if failed:
    sys.exit(f"failed: {sorted(failed)}")
