"""An SMTP origin with TLS that passes mail to a real server and fails at random. Events go to a file."""
import asyncio, random, ssl, sys, json, time, os
cfg = json.load(open(sys.argv[1]))
rnd = random.Random(cfg.get('seed', 1))
log = open(cfg['events'], 'a', buffering=1)
ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER); ctx.minimum_version = ssl.TLSVersion.TLSv1_2
ctx.load_cert_chain(cfg['cert'], cfg['key'])
RATE = cfg['rate']; HARD = cfg.get('hard', 0.003)
def control():
    try: return json.load(open(cfg['control']))
    except Exception: return {}
FAULTS = ['mail4', 'mailclose', 'rcpt4', 'rcptclose', 'data4', 'dataclose', 'midclose', 'dot4', 'dotclose_before', 'dotclose_after', 'dot421']
class Gone(Exception): pass
async def backend():
    r, w = await asyncio.open_connection('127.0.0.1', cfg['postfix'], limit=1 << 20)
    await reply(r); w.write(b'EHLO fault.example\r\n'); await reply(r)
    return r, w
async def reply(r):
    out = b''
    while True:
        l = await asyncio.wait_for(r.readline(), 120)
        if not l: raise Gone('postfix')
        out += l
        if l[3:4] != b'-': return out
async def session(reader, writer):
    back = None
    def say(t): writer.write(t.encode() + b'\r\n')
    try:
        if control().get('away'): raise Gone()
        rate = control().get('rate', RATE)
        x = rnd.random()
        if x < rate * 0.1: say('421 4.3.2 Service not available'); await writer.drain(); raise Gone()
        if x < rate * 0.15: raise Gone()
        say('220 fault.example ESMTP'); fault = None; campaign = '?'
        tls = False
        while True:
            line = await asyncio.wait_for(reader.readline(), 300)
            if not line: raise Gone()
            v = line.strip().upper()
            if v.startswith(b'EHLO') or v.startswith(b'HELO'):
                if rnd.random() < rate * 0.03: raise Gone()
                caps = ['fault.example', 'SIZE 60000000', '8BITMIME', 'ENHANCEDSTATUSCODES', 'PIPELINING']
                caps.append('AUTH PLAIN LOGIN' if tls else 'STARTTLS')
                for i, c in enumerate(caps): say('250' + ('-' if i < len(caps) - 1 else ' ') + c)
            elif v == b'STARTTLS':
                say('220 2.0.0 Go'); await writer.drain(); await writer.start_tls(ctx); tls = True
            elif v.startswith(b'AUTH'):
                if rnd.random() < rate * 0.1: say('432 4.3.2 Concurrent connections limit exceeded')
                elif b' ' in v[5:]: say('235 2.7.0 Ok')
                else:
                    say('334 '); await writer.drain(); await reader.readline(); say('235 2.7.0 Ok')
            elif v.startswith(b'MAIL'):
                fault = rnd.choice(FAULTS) if rnd.random() < rate else None
                if rnd.random() < HARD: fault = rnd.choice(['rcpt5', 'dot5'])
                if fault == 'mail4': say('451 4.7.500 Server busy')
                elif fault == 'mailclose': raise Gone()
                else:
                    if back is None: back = await backend()
                    back[1].write(b'RSET\r\n'); await reply(back[0])
                    back[1].write(line); writer.write(await reply(back[0]))
            elif v.startswith(b'RCPT'):
                if fault == 'rcpt4': say('452 4.5.3 Too many recipients')
                elif fault == 'rcpt5':
                    say('550 5.1.1 User unknown'); log.write(json.dumps({'e': 'rcpt5', 'line': line.decode().strip()}) + '\n')
                elif fault == 'rcptclose': raise Gone()
                else: back[1].write(line); writer.write(await reply(back[0]))
            elif v == b'DATA':
                if fault == 'data4': say('421 4.3.2 Closing'); await writer.drain(); raise Gone()
                if fault == 'dataclose': raise Gone()
                back[1].write(b'DATA\r\n'); a = await reply(back[0])
                writer.write(a)
                if not a.startswith(b'354'): continue
                await writer.drain()
                n = 0; head = []
                cut = rnd.randrange(1, 40) if fault == 'midclose' else 0
                campaign = '?'
                while True:
                    l = await asyncio.wait_for(reader.readline(), 300)
                    if not l: raise Gone()
                    n += 1
                    if n < 40 and l.startswith(b'X-Campaign: '): campaign = l.split()[1].decode()
                    if cut and n >= cut: raise Gone()
                    if l == b'.\r\n': break
                    back[1].write(l)
                    if n % 500 == 0: await back[1].drain()
                if fault in ('dot4', 'dotclose_before', 'dot5', 'dot421'):
                    back[1].close(); back = None
                    if fault == 'dotclose_before': raise Gone()
                    if fault == 'dot421': say('421 4.3.2 Shutting down'); await writer.drain(); raise Gone()
                    if fault == 'dot5': log.write(json.dumps({'e': 'dot5', 'id': campaign}) + '\n'); say('554 5.2.0 Refused for the test')
                    else: say('451 4.3.0 Try again')
                else:
                    back[1].write(b'.\r\n'); a = await reply(back[0])
                    log.write(json.dumps({'e': 'delivered', 'id': campaign, 'fault': fault or ''}) + '\n')
                    if fault == 'dotclose_after': raise Gone()
                    writer.write(a)
            elif v == b'RSET': say('250 2.0.0 Ok')
            elif v == b'NOOP': say('250 2.0.0 Ok')
            elif v == b'QUIT': say('221 2.0.0 Bye'); await writer.drain(); raise Gone()
            else: say('500 5.5.2 ?')
            await writer.drain()
    except (Gone, ConnectionError, asyncio.TimeoutError, ssl.SSLError, OSError, asyncio.IncompleteReadError): pass
    except Exception as e: log.write(json.dumps({'e': 'bug', 'why': repr(e)}) + '\n')
    finally:
        if back: back[1].close()
        try: writer.transport.abort()
        except Exception: pass
async def main():
    s = await asyncio.start_server(session, '127.0.0.1', cfg['port'], limit=1 << 20, backlog=200)
    async with s: await s.serve_forever()
asyncio.run(main())
