"""Many scanners that wake at once: TLS 1.0, a password, one mail each; what is busy they try again.

Arguments: port trusted first count password patience. Device N of count, from the first on, comes from
an address of its own in 127.0.1.0/24, signs in as deviceN@corp.example and sends one mail to itself, in
which is the word markN. After a reply of 4xx or a lost connection it tries again, until so many seconds
are over. Prints how often there was which answer.
"""

import collections
import smtplib
import socket
import ssl
import sys
import threading
import time

(port, trusted, first, count, password, patience) = sys.argv[1:]

context = ssl.create_default_context(cafile=trusted)
context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1
context.set_ciphers("ALL:@SECLEVEL=0")
start = threading.Barrier(int(count))
end = time.monotonic() + float(patience)
replies = collections.Counter()
failed = []


def attempt(number):
    address = f"device{number}@corp.example"
    with smtplib.SMTP(timeout=90, source_address=(f"127.0.1.{number - int(first) + 1}", 0)) as device:
        device._host = "localhost"
        device.connect("127.0.0.1", int(port))
        # Else each command waits 40 ms: OpenSSL writes a TLS 1.0 record in two, and Nagle holds the second.
        device.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        device.starttls(context=context)
        assert device.sock.version() == "TLSv1"
        device.login(address, password)
        device.sendmail(address, [address], f"Subject: scan\r\n\r\nmark{number}.\r\n")


def device(number):
    start.wait()
    pause = 0.5
    while True:
        try:
            attempt(number)
            replies["sent"] += 1
            return
        except smtplib.SMTPResponseException as refusal:
            replies[f"{refusal.smtp_code} {refusal.smtp_error.decode()[:60]}"] += 1
            lasting = refusal.smtp_code >= 500
        except (smtplib.SMTPException, OSError) as lost:
            replies[repr(lost)] += 1
            lasting = False
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
if failed:
    sys.exit(f"failed: {sorted(failed)}")
