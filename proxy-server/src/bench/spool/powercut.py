#!/usr/bin/env python3
"""Runs a daemon under strace, sends messages, and rebuilds the disk at many moments from what was flushed. powercut.py JAR N"""
import os, re, subprocess, sys, time, socket, shutil, sqlite3, random, signal, json
JAR, N = sys.argv[1], int(sys.argv[2]); D = os.path.abspath('target/bench/powercut'); shutil.rmtree(D, ignore_errors=True); os.makedirs(D)
def port():
    s = socket.socket(); s.bind(('127.0.0.1', 0)); p = s.getsockname()[1]; s.close(); return p
P, O, A = port(), port(), port()
open(D + '/u.yaml', 'w').write(f'''dataDirectory: {D}/data
transport: nio
devices: {{allow: [127.0.0.0/8]}}
upstream: {{allowPrivateAddresses: true}}
admin: {{bind: "127.0.0.1:{A}"}}
listeners:
  - name: always
    bind: 127.0.0.1:{P}
    accept: fixed
    origin: localhost:{O}
    protocol: smtp
    downstreamTls: optional
    allowPlaintext: true
    upstreamTls: starttls
    profile: legacy
    mail: {{spool: {{when: always, keep: 6h, maximumSize: 1GB}}}}
routes:
  - {{to: ["localhost:{O}"], action: bridge}}
''')
p = subprocess.Popen(['strace', '-f', '-q', '-y', '-xx', '-s', '400000', '-o', D + '/trace', '-e', 'trace=write,writev,pwrite64,fsync,fdatasync,ftruncate,openat,unlink,rename', 'java', '-Xmx300m', '-XX:+UseSerialGC', '-jar', JAR, 'run', '-c', D + '/u.yaml'], stdin=subprocess.DEVNULL, stdout=open(D + '/log', 'w'), stderr=subprocess.STDOUT, start_new_session=True)
for _ in range(600):
    try: socket.create_connection(('127.0.0.1', P), 1).close(); break
    except OSError: time.sleep(0.2)
rnd = random.Random(3)
import smtplib, concurrent.futures as cf
def send(k):
    r = random.Random(k); size = r.choice([300, 3000, 20000, 300000, 700000]); m = 'Subject: %d\r\n\r\n' % k + '\r\n'.join('%076x' % r.getrandbits(300) for _ in range(size // 78)) + '\r\n'
    s = smtplib.SMTP('127.0.0.1', P, timeout=100); s.ehlo(); s.mail('a@b.example'); s.rcpt('c@d.example'); c, t = s.data(m); s.quit(); return t.decode()
with cf.ThreadPoolExecutor(4) as ex: said = list(ex.map(send, range(N)))
ids = [re.search(r'as (\w+)', t).group(1) for t in said if t.startswith('2.0.0 TLS Uplift keeps')]
print(len(ids), 'messages kept of', N)
time.sleep(1); os.killpg(p.pid, signal.SIGKILL); time.sleep(1)
un = lambda h: bytes.fromhex(h.replace('\\x', ''))
files = {}   # path -> dict(durable=bytearray, pending=[ops])
pend = {}; replied = []; events = []; dirsync = []
class F:
    def __init__(s): s.d = bytearray(); s.p = []
def apply(d, op):
    if op[0] == 'w':
        o, b = op[1], op[2]
        if len(d) < o + len(b): d.extend(b'\0' * (o + len(b) - len(d)))
        d[o:o + len(b)] = b
    else:
        n = op[1]
        if n < len(d): del d[n:]
        else: d.extend(b'\0' * (n - len(d)))
def name(s): return os.path.basename(s)
lines = open(D + '/trace', errors='replace').read().split('\n'); unfinished = {}; merged = []
for l in lines:
    m = re.match(r'(\d+)\s+(.*)', l)
    if not m: continue
    pid, rest = m.groups()
    if rest.endswith('<unfinished ...>'): unfinished[pid] = rest[:-len('<unfinished ...>')]; continue
    r = re.match(r'<\.\.\. \w+ resumed>(.*)', rest)
    if r: rest = unfinished.pop(pid, '') + r.group(1)
    merged.append(rest)
checks = 0; bad = []; moments = 0; first = None
def image(kind):
    shutil.rmtree(D + '/img', ignore_errors=True); os.makedirs(D + '/img')
    for n, f in files.items():
        if n not in ('spool.db', 'spool.db-wal'): continue
        d = bytearray(f.d)
        ops = f.p if kind == 'all' else [] if kind == 'none' else [o for o in f.p if rnd.random() < 0.5]
        for o in ops: apply(d, o)
        open(D + '/img/' + n, 'wb').write(d)
def check(kind):
    global checks
    image(kind); checks += 1
    try:
        c = sqlite3.connect(D + '/img/spool.db'); have = {r[0] for r in c.execute('select id from spool_message')}
        parts = dict(c.execute('select id, count(*) from spool_part group by id')); ok = c.execute('pragma integrity_check').fetchone()[0]; c.close()
    except sqlite3.Error as e: have, ok, parts = set(), repr(e), {}
    missing = [i for i in replied if i not in have or not parts.get(i)]
    if missing or (ok != 'ok' and replied): bad.append((len(replied), kind, missing[:3], ok))
for l in merged:
    m = re.match(r'(\w+)\((.*)', l)
    if not m: continue
    call, rest = m.groups(); fd = re.match(r'\d+<([^>]*)>', rest)
    n = un(fd.group(1)).decode('latin1') if fd and fd.group(1).startswith('\\x') else fd.group(1) if fd else ''
    b = name(n)
    if call in ('write', 'writev') and 'socket' in n.lower() or (call in ('write', 'writev') and ('TCP' in n)):
        h = re.search(r'"((?:\\x[0-9a-f]{2})*)"', rest)
        t = un(h.group(1)).decode('latin1') if h else ''
        r = re.search(r'delivers the message as (\w+)', t)
        if r:
            first = first or len(events); replied.append(r.group(1)); moments += 1
            for k in ('none', 'some', 'some', 'all'): check(k)
    elif b in ('spool.db', 'spool.db-wal'):
        f = files.setdefault(b, F())
        if call == 'pwrite64':
            h = re.search(r'"((?:\\x[0-9a-f]{2})*)"(\.\.\.)?, (\d+), (\d+)\s*\)\s*= (\d+)', rest)
            if not h: print('no match', rest[-80:]); continue
            assert not h.group(2)
            f.p.append(('w', int(h.group(4)), un(h.group(1))))
            if rnd.random() < 0.02 and replied: moments += 1; check('some')
        elif call == 'ftruncate': f.p.append(('t', int(re.search(r', (\d+)\s*\)', rest).group(1))))
        elif call in ('fsync', 'fdatasync') and rest.rstrip().endswith('= 0'):
            for o in f.p: apply(f.d, o)
            f.p = []
            events.append('sync ' + b)
    elif call in ('fsync', 'fdatasync') and n.startswith(D): events.append('sync ' + n[len(D):])
dirs = [e for e in events[:first or 0] if not e.startswith('sync spool.db')]
print('before the first reply:', dirs, '| flushes of database and log in all:', sum(e.startswith('sync spool.db') for e in events))
print(len(replied), 'replies seen,', moments, 'moments,', checks, 'disks rebuilt,', len(bad), 'with a fault', bad[:3])
