#!/usr/bin/env python3
"""An SMTP server with TLS that passes mail to a real one and fails at random. Its settings are in a JSON file."""

import asyncio
import json
import random
import ssl
import sys

with open(sys.argv[1]) as file:
    SETTINGS = json.load(file)

# A reply, or None for a broken connection, at each step of a transaction.
FAULTS = {
    "mail4": "451 4.7.500 Server busy",
    "mailclose": None,
    "rcpt4": "452 4.5.3 Too many recipients",
    "rcptclose": None,
    "data4": "421 4.3.2 Closing",
    "dataclose": None,
    "midclose": None,
    "dot4": "451 4.3.0 Try again",
    "dot421": "421 4.3.2 Shutting down",
    "dotclose_before": None,
    "dotclose_after": None,
}
FOR_GOOD = {"rcpt5": "550 5.1.1 User unknown", "dot5": "554 5.2.0 Refused for the test"}
REPLIES = {**FAULTS, **FOR_GOOD}
CAPABILITIES = ["fault.example", "SIZE 60000000", "8BITMIME", "ENHANCEDSTATUSCODES", "PIPELINING"]

chance = random.Random(SETTINGS["seed"])
events = open(SETTINGS["events"], "a", buffering=1)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.minimum_version = ssl.TLSVersion.TLSv1_2
context.load_cert_chain(SETTINGS["cert"], SETTINGS["key"])


def control():
    """What the campaign wants now."""
    with open(SETTINGS["control"]) as file:
        return json.load(file)


def note(event, **more):
    events.write(json.dumps({"e": event, **more}) + "\n")


class Gone(Exception):
    """The session ends here."""


async def reply_of(reader):
    lines = b""
    while True:
        line = await asyncio.wait_for(reader.readline(), 120)
        if not line:
            raise Gone
        lines += line
        if line[3:4] != b"-":
            return lines


class Session:
    def __init__(self, reader, writer):
        self.reader = reader
        self.writer = writer
        self.rate = control().get("rate", SETTINGS["rate"])
        self.behind = None
        self.fault = ""
        self.tls = False

    def happens(self, share):
        return chance.random() < self.rate * share

    async def say(self, line):
        self.writer.write(line.encode() + b"\r\n")
        await self.writer.drain()

    async def line(self):
        line = await asyncio.wait_for(self.reader.readline(), 300)
        if not line:
            raise Gone
        return line

    async def fail(self, step):
        """Fails if the transaction is to fail at this step. Returns whether it has replied."""
        if not self.fault.startswith(step):
            return False
        reply = REPLIES[self.fault]
        if reply is None:
            raise Gone
        await self.say(reply)
        if reply.startswith("421"):
            raise Gone
        return True

    async def ask(self, command):
        reader, writer = self.behind
        writer.write(command)
        return await reply_of(reader)

    async def pass_on(self, command):
        reply = await self.ask(command)
        self.writer.write(reply)
        await self.writer.drain()
        return reply

    async def connect(self):
        if self.behind is None:
            self.behind = await asyncio.open_connection("127.0.0.1", SETTINGS["postfix"], limit=1 << 20)
            await reply_of(self.behind[0])
            await self.ask(b"EHLO fault.example\r\n")

    async def run(self):
        if control().get("away") or self.happens(0.05):
            raise Gone
        if self.happens(0.1):
            await self.say("421 4.3.2 Service not available")
            raise Gone
        await self.say("220 fault.example ESMTP")
        while True:
            line = await self.line()
            await self.command(line, line.strip().upper())

    async def command(self, line, command):
        verb = command[:4]
        if verb in (b"EHLO", b"HELO"):
            if self.happens(0.03):
                raise Gone
            offers = CAPABILITIES + ["AUTH PLAIN LOGIN" if self.tls else "STARTTLS"]
            await self.say("\r\n".join("250-" + offer for offer in offers[:-1]) + "\r\n250 " + offers[-1])
        elif command == b"STARTTLS":
            await self.say("220 2.0.0 Go")
            await self.writer.start_tls(context)
            self.tls = True
        elif verb == b"AUTH":
            await self.sign_in(command)
        elif verb == b"MAIL":
            self.fault = chance.choice(list(FAULTS)) if self.happens(1) else ""
            if chance.random() < 0.003:
                self.fault = chance.choice(list(FOR_GOOD))
            if not await self.fail("mail"):
                await self.connect()
                await self.ask(b"RSET\r\n")
                await self.pass_on(line)
        elif verb == b"RCPT":
            if not await self.fail("rcpt"):
                await self.pass_on(line)
        elif verb == b"DATA":
            if not await self.fail("data") and (await self.pass_on(b"DATA\r\n")).startswith(b"354"):
                await self.data()
        elif verb == b"QUIT":
            await self.say("221 2.0.0 Bye")
            raise Gone
        else:
            await self.say("250 2.0.0 Ok" if verb in (b"RSET", b"NOOP") else "500 5.5.2 Unknown command")

    async def sign_in(self, command):
        if self.happens(0.1):
            await self.say("432 4.3.2 Concurrent connections limit exceeded")
            return
        if b" " not in command[5:]:
            await self.say("334 ")
            await self.line()
        await self.say("235 2.7.0 Ok")

    async def data(self):
        """Passes the data on, but not the line that ends it if the transaction fails."""
        number, lines = "?", 0
        cut = chance.randrange(1, 40) if self.fault == "midclose" else 0
        while (line := await self.line()) != b".\r\n":
            lines += 1
            if lines < 40 and line.startswith(b"X-Campaign: "):
                number = line.split()[1].decode()
            if lines == cut:
                raise Gone
            self.behind[1].write(line)
            if lines % 500 == 0:
                await self.behind[1].drain()
        if self.fault.startswith("dot") and self.fault != "dotclose_after":
            self.behind[1].close()
            self.behind = None
            if self.fault in FOR_GOOD:
                note(self.fault, id=number)
            await self.fail("dot")
            return
        reply = await self.ask(b".\r\n")
        note("delivered", id=number, fault=self.fault)
        await self.fail("dotclose_after")
        self.writer.write(reply)
        await self.writer.drain()


async def serve(reader, writer):
    session = Session(reader, writer)
    try:
        await session.run()
    except (Gone, OSError, asyncio.TimeoutError, asyncio.IncompleteReadError):
        pass
    except Exception as bug:
        note("bug", why=repr(bug))
    finally:
        if session.behind:
            session.behind[1].close()
        writer.transport.abort()


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", SETTINGS["port"], limit=1 << 20, backlog=200)
    async with server:
        await server.serve_forever()


asyncio.run(main())
