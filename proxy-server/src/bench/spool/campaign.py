#!/usr/bin/env python3
"""The fault campaign. usage: campaign.py --jar J --dir D --count N --kills K [--database] [--when always|unavailable|mixed] ..."""
import argparse, concurrent.futures as cf, hashlib, json, os, random, re, shutil, signal, socket, subprocess, sys, threading, time, collections
P = argparse.ArgumentParser()
P.add_argument('--jar', required=True); P.add_argument('--dir', default='target/bench/spool'); P.add_argument('--count', type=int, default=10000)
P.add_argument('--kills', type=int, default=100); P.add_argument('--database', action='store_true'); P.add_argument('--dbkills', type=int, default=20)
P.add_argument('--rate', type=float, default=0.25); P.add_argument('--workers', type=int, default=6); P.add_argument('--seed', type=int, default=7)
P.add_argument('--away', type=int, default=3); P.add_argument('--pause', type=float, default=7.0); P.add_argument('--full', action='store_true', help='the data directory is a tmpfs of 46 MB, of which 14 MB can be filled'); P.add_argument('--debug', action='store_true'); P.add_argument('--big', type=int, default=25000000)
A = P.parse_args(); rnd = random.Random(A.seed); D = os.path.abspath(A.dir); HERE = os.path.dirname(os.path.abspath(__file__))
ENV = dict(os.environ)
def sh(*a, **k): return subprocess.run(a, check=True, **k)
def port():
    s = socket.socket(); s.bind(('127.0.0.1', 0)); p = s.getsockname()[1]; s.close(); return p
def listening(p, t=60):
    end = time.time() + t
    while time.time() < end:
        try: socket.create_connection(('127.0.0.1', p), 1).close(); return True
        except OSError: time.sleep(0.1)
    return False
shutil.rmtree(D, ignore_errors=True); os.makedirs(D + '/msgs'); os.chmod(D, 0o755)
# --- certificate
sh('openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '30', '-subj', '/CN=Campaign CA', '-keyout', D + '/ca.key', '-out', D + '/ca.pem', stderr=subprocess.DEVNULL)
open(D + '/ext', 'w').write('subjectAltName=DNS:localhost\nextendedKeyUsage=serverAuth\nbasicConstraints=CA:FALSE\n')
sh('openssl', 'req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj', '/CN=localhost', '-keyout', D + '/o.key', '-out', D + '/o.csr', stderr=subprocess.DEVNULL)
sh('openssl', 'x509', '-req', '-in', D + '/o.csr', '-CA', D + '/ca.pem', '-CAkey', D + '/ca.key', '-CAcreateserial', '-days', '30', '-extfile', D + '/ext', '-out', D + '/o.pem', stderr=subprocess.DEVNULL)
# --- postfix
PF, FP = port(), port(); pf = D + '/pf'; os.makedirs(pf + '/data'); os.makedirs(pf + '/queue/pid'); os.makedirs(D + '/mail'); os.chown(D + '/mail', 8, 8)
for n in 'active bounce corrupt defer deferred flush hold incoming private saved trace public maildrop'.split():
    os.makedirs(pf + '/queue/' + n); shutil.chown(pf + '/queue/' + n, 'postfix'); os.chmod(pf + '/queue/' + n, 0o710 if n == 'public' else 0o730 if n == 'maildrop' else 0o700)
shutil.chown(pf + '/data', 'postfix')
open(pf + '/main.cf', 'w').write(f'''compatibility_level = 3.6
queue_directory = {pf}/queue
data_directory = {pf}/data
mail_owner = postfix
setgid_group = postdrop
maillog_file = /dev/stdout
inet_protocols = ipv4
inet_interfaces = 127.0.0.1
myhostname = localhost
mydestination =
mynetworks = 127.0.0.0/8
local_header_rewrite_clients =
alias_maps =
default_database_type = texthash
smtpd_peername_lookup = no
smtpd_error_sleep_time = 0
in_flow_delay = 0
message_size_limit = 60000000
smtpd_client_connection_count_limit = 0
default_process_limit = 60
virtual_mailbox_domains = scan.example, dest.example
virtual_mailbox_base = {D}/mail
virtual_mailbox_maps = static:all/
virtual_mailbox_limit = 0
virtual_minimum_uid = 1
virtual_uid_maps = static:8
virtual_gid_maps = static:8
''')
open(pf + '/master.cf', 'w').write(f'127.0.0.1:{PF} inet n - n - - smtpd\n' + '''pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
''')
procs = []
import atexit
def cleanup():
    if A.full: subprocess.run(['umount', '-l', f'{D}/i0'])
    for p in procs + [i.p for i in globals().get('I', []) if i.p]:
        try: os.killpg(p.pid, signal.SIGTERM)
        except OSError: pass
atexit.register(cleanup)
postfix = subprocess.Popen(['/usr/lib/postfix/sbin/master', '-c', pf, '-d'], stdout=open(D + '/postfix.log', 'w'), stderr=subprocess.STDOUT, start_new_session=True); procs.append(postfix)
assert listening(PF)
json.dump({'seed': A.seed, 'events': D + '/events', 'cert': D + '/o.pem', 'key': D + '/o.key', 'rate': A.rate, 'postfix': PF, 'port': FP, 'control': D + '/control'}, open(D + '/fp.json', 'w'))
json.dump({}, open(D + '/control', 'w'))
fp = subprocess.Popen([sys.executable, HERE + '/faultproxy.py', D + '/fp.json'], stderr=open(D + '/fp.err', 'w'), start_new_session=True); procs.append(fp)
assert listening(FP)
def control(**k):
    json.dump(k, open(D + '/control.new', 'w')); os.rename(D + '/control.new', D + '/control')
# --- postgres
DB = None
if A.database:
    DBP = port(); bin_ = sorted(__import__('glob').glob('/usr/lib/postgresql/*/bin'))[-1]; pg = D + '/pg'; os.makedirs(pg); shutil.chown(pg, 'postgres', 'postgres')
    sh('runuser', '-u', 'postgres', '--', bin_ + '/initdb', '-A', 'trust', '-U', 'uplift', '-D', pg, stdout=subprocess.DEVNULL)
    def pgstart():
        return subprocess.Popen(['runuser', '-u', 'postgres', '--', bin_ + '/postgres', '-D', pg, '-p', str(DBP), '-k', '/tmp', '-c', 'listen_addresses=127.0.0.1', '-c', 'max_connections=100'], stdout=open(D + '/pg.log', 'a'), stderr=subprocess.STDOUT, start_new_session=True)
    DB = pgstart(); assert listening(DBP); time.sleep(2)
    sh('openssl', 'rand', '-out', D + '/db.key', '32'); os.chmod(D + '/db.key', 0o600)
# --- instances
sh('sh', '-c', f'printf secret > {D}/origin.pw'); os.chmod(D + '/origin.pw', 0o600)
hashed = subprocess.run(['java', '-jar', A.jar, 'accounts', 'hash'], input='scanpw\n', capture_output=True, text=True).stdout.strip().split('\n')[-1]
class Instance:
    def __init__(self, n):
        self.n = n; self.dir = f'{D}/i{n}'; os.makedirs(self.dir);
        if A.full: sh('mount', '-t', 'tmpfs', '-o', 'size=46m', 'tmpfs', self.dir)
        self.admin = port(); self.p = None; self.starts = 0
        self.always, self.unav, self.acc = port(), port(), port()
        self.gate = threading.Event()
        spool = 'mail: {spool: {when: %s, keep: 6h, maximumSize: 4GB}}'
        def listener(name, p, when, more=''):
            return f'''  - name: {name}
    bind: 127.0.0.1:{p}
    accept: fixed
    origin: localhost:{FP}
    protocol: smtp
    downstreamTls: optional
    allowPlaintext: true
    upstreamTls: starttls
    profile: legacy
    {spool % when}
{more}'''
        y = f'''dataDirectory: {self.dir}/data
devices: {{allow: [127.0.0.0/8]}}
upstream: {{allowPrivateAddresses: true, trust: {D}/ca.pem, connectTimeout: 5s}}
admin: {{bind: "127.0.0.1:{self.admin}"}}
limits: {{devices: {{}}}}
signIn:
  limits: {{messagesPerMinute: 10000, sessions: 100, maximumWait: 10s}}
  accounts:
    - {{login: scan1, passwordHash: '{hashed}', mailbox: scan1@scan.example, upstream: {{origin: "localhost:{FP}", user: scan1, passwordFile: {D}/origin.pw}}}}
    - {{login: scan2, passwordHash: '{hashed}', mailbox: scan2@scan.example, upstream: {{origin: "localhost:{FP}", user: scan2, passwordFile: {D}/origin.pw}}}}
listeners:
''' + listener('always', self.always, 'always') + listener('unavailable', self.unav, 'unavailable') + listener('account', self.acc, 'always', '    signIn: true\n') + f'''routes:
  - {{to: ["localhost:{FP}"], action: bridge}}
'''
        y = y.replace('limits: {devices: {}}\n', '')
        if A.database: y += f'database: {{url: "jdbc:postgresql://127.0.0.1:{DBP}/postgres?sslmode=disable", user: uplift, keyFile: {D}/db.key}}\n'
        self.yaml = f'{D}/i{n}.yaml'; open(self.yaml, 'w').write(y)
    def start(self):
        self.p = subprocess.Popen(['java', '-Xmx400m', '-XX:+UseSerialGC', '-jar', A.jar, 'run', '-c', self.yaml], stdin=subprocess.DEVNULL, stdout=open(f'{D}/i{self.n}.log', 'a'), stderr=subprocess.STDOUT, start_new_session=True)
        self.starts += 1
        if not listening(self.always, 90): raise SystemExit('daemon does not start: see ' + f'{D}/i{self.n}.log')
        self.gate.set()
    def kill(self): self.gate.clear(); os.kill(self.p.pid, signal.SIGKILL); self.p.wait()
    def cmd(self, *a): return subprocess.run(['java', '-jar', A.jar, *a, '-c', self.yaml], stdin=subprocess.DEVNULL, capture_output=True, text=True)
I = [Instance(0)] + ([Instance(1)] if A.database else [])
for i in I: i.start()
# --- messages
def size():
    x = rnd.random()
    if x < 0.004: return rnd.randrange(1000000, A.big)
    if x < 0.03: return rnd.randrange(50000, 1000000)
    return int(1000 * 50 ** rnd.random())
sums, lock = {}, threading.Lock()
B64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
def make(n):
    r = random.Random(A.seed * 1000003 + n); s = SIZES[n]
    head = [f'X-Campaign: {n}', f'From: scan{n % 7}@scan.example', f'To: user{n % 11}@dest.example', f'Subject: Scan {n}', 'Date: Tue, 01 Dec 2026 01:00:00 +0000']
    if n % 10: head.append(f'Message-ID: <campaign-{n}@scan.example>')
    head += ['MIME-Version: 1.0', 'Content-Type: text/plain', '']
    lines = []; got = 0
    block = [''.join(r.choices(B64, k=r.choice((1, 40, 76, 76, 76)))) for _ in range(200)]
    while got < s:
        l = r.choice(block)
        if r.random() < 0.02: l = '.' * r.choice((1, 2, 3)) + l[:20]
        lines.append(l); got += len(l) + 2
    t = '\n'.join(head + lines) + '\n'
    b = t.encode(); f = f'{D}/msgs/{n}'; open(f, 'wb').write(b); sums[n] = (hashlib.sha256(b).hexdigest(), hashlib.sha256(b + b'\n').hexdigest()); return f
SIZES = [size() for _ in range(A.count)]
oks = collections.defaultdict(int); refused = collections.defaultdict(list); attempts = collections.Counter(); replies = collections.Counter(); ambiguous = collections.Counter()
ids = collections.defaultdict(list); how = {}
DEV = {**ENV, 'OPENSSL_CONF': '/dev/null'}
def attempt(n, f, r):
    i = r.choice(I); i.gate.wait(60)
    frm, to = f'scan{n % 7}@scan.example', f'user{n % 11}@dest.example'
    tool = r.choices(['swaks', 'source', 'node'], [2, 5, 3])[0]; where = r.choice(['always', 'always', 'unav', 'acc'])
    if where == 'acc' and tool == 'source': where = 'always'
    p = {'always': i.always, 'unav': i.unav, 'acc': i.acc}[where]; user = f'scan{1 + n % 2}'
    if where == 'acc': frm = user + '@scan.example'
    if tool == 'swaks':
        c = ['swaks', '--server', '127.0.0.1', '--port', str(p), '--tls', '--from', frm, '--to', to, '--data', '@' + f, '--timeout', '100', '--suppress-data']
        if r.random() < 0.7: c += ['--tls-protocol', 'tlsv1', '--tls-cipher', 'ALL:@SECLEVEL=0']
        if where == 'acc': c += ['--auth', 'LOGIN', '--auth-user', user, '--auth-password', 'scanpw']
    elif tool == 'source':
        c = ['smtp-source', '-v', '-m', '1', '-s', '1', '-F', f, '-f', frm, '-t', to, f'127.0.0.1:{p}']
    else:
        c = [ENV['UPLIFT_NODE0_10'] + '/bin/node', HERE + '/send.js', str(p), f, frm, to] + ([user, 'scanpw'] if where == 'acc' else [])
    try: o = subprocess.run(c, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=180, env=DEV); out = o.stdout.decode('latin1')
    except subprocess.TimeoutExpired as e: out = (e.stdout or b'').decode('latin1'); o = None
    how[n] = tool + ' ' + where
    if tool == 'swaks': said = re.findall(r'^<[~*-]*\s+(\d\d\d .*)', out, re.M); ok = bool(re.search(r'lines sent\s*\n<[~*-]*\s+250 ', out)); last = said[-1] if said else out[-200:]
    elif tool == 'source': said = re.findall(r'(?:<<<|:) (\d\d\d[ -].*)', out); m = re.search(r'250 2\.0\.0 (?:TLS Uplift|Ok: queued).*', out); ok = bool(m); last = m.group(0) if m else (said[-1] if said else out[-200:])
    else: ok = out.startswith('OK '); last = out.strip()
    m = re.search(r'delivers the message as (\S+)', out)
    if m: ids[n].append(m.group(1).rstrip('.'))
    if A.debug and not ok: open(D + '/debug', 'a').write(f'--- {n} {tool} {where} ok={ok} {last}\n{out[-1500:]}\n')
    return ok, last, where
def deliver(n):
    r = random.Random(A.seed * 31 + n); f = make(n); tries = 0
    while tries < 400:
        tries += 1
        ok, last, where = attempt(n, f, r)
        attempts[where] += 1
        if ok: oks[n] += 1; replies['250'] += 1; os.unlink(f); return
        code = re.search(r'\b([45]\d\d) ', last); replies[code.group(1) if code else 'connection'] += 1
        if code and code.group(1)[0] == '5': refused[n].append(last[:150]); 
        if code and code.group(1) in ('550', '554') and where == 'unav': os.unlink(f); return   # the origin's own refusal
        time.sleep(0.3)
    refused[n].append('gave up: ' + last[-150:])
stop = threading.Event(); kills = [0, 0]
def killer():
    r = random.Random(5)
    while not stop.is_set() and kills[0] < A.kills:
        stop.wait(A.pause * (0.4 + 1.2 * r.random()))
        if stop.is_set(): break
        i = r.choice(I); i.kill(); kills[0] += 1; i.start()
def dbkiller():
    global DB
    r = random.Random(6)
    while not stop.is_set() and kills[1] < A.dbkills:
        stop.wait(5 + 8 * r.random())
        if stop.is_set(): break
        pid = int(open(D + '/pg/postmaster.pid').readline()); subprocess.run(['pkill', '-KILL', '-P', str(pid)]); os.kill(pid, signal.SIGKILL); kills[1] += 1
        time.sleep(0.5 + 4 * r.random())
        try: os.unlink(D + '/pg/postmaster.pid')
        except OSError: pass
        DB = pgstart(); listening(DBP)
def weather():
    for k in range(A.away):
        stop.wait(5 if A.full else 60)
        if stop.is_set(): break
        control(away=True); stop.wait(90); control()
T0 = time.time(); threads = [threading.Thread(target=killer), threading.Thread(target=weather)] + ([threading.Thread(target=dbkiller)] if A.database else [])
for t in threads: t.start()
with cf.ThreadPoolExecutor(A.workers) as ex:
    fs = [ex.submit(deliver, n) for n in range(A.count)]; done = 0
    for f in cf.as_completed(fs):
        f.result(); done += 1
        if done % 250 == 0: print(f'{time.time() - T0:6.0f} s  {done} messages, {kills} kills, replies {dict(replies)}', flush=True)
while kills[0] < A.kills and not stop.is_set() and A.kills and time.time() - T0 < 3600: time.sleep(1)
stop.set(); [t.join() for t in threads]
control(rate=0.05)
print(f'sent after {time.time() - T0:.0f} s; kills {kills}', flush=True)
if A.database and not listening(DBP, 1): DB = pgstart()
end = time.time() + 1500; left = None
while time.time() < end:
    for i in I[:1]:
        w = i.cmd('spool', 'list', '--json')
        try: j = json.loads(w.stdout); rows = j['waiting']; left = j['messages']
        except Exception: print('spool list:', w.returncode, w.stdout[-300:], w.stderr[-300:], flush=True); rows = [1]
    left = len(rows); print(f'{time.time() - T0:6.0f} s  {left} wait', flush=True)
    if not left: break
    idl = [x['id'] for x in rows if isinstance(x, dict)]
    if idl: I[0].cmd('spool', 'retry', *idl[:150])
    time.sleep(8)
time.sleep(5)
# --- verify
arrived = collections.Counter(); wrong = []; dsn = collections.Counter(); strange = []
box = D + '/mail/all/new'
for name in os.listdir(box):
    b = open(box + '/' + name, 'rb').read()
    at = re.search(rb'^X-Campaign: (\d+)', b, re.M)
    if b'multipart/report' in b[:4000]:
        if at: dsn[int(at.group(1))] += 1
        else: strange.append(name)
        continue
    if not at: strange.append(name); continue
    n = int(at.group(1)); h = hashlib.sha256(b[at.start():]).hexdigest()
    arrived[n] += 1
    if h not in sums[n]: wrong.append((n, name))
ev = [json.loads(l) for l in open(D + '/events')]
passed = collections.Counter(int(e['id']) for e in ev if e['e'] == 'delivered' and e['id'] != '?'); after = collections.Counter(int(e['id']) for e in ev if e['e'] == 'delivered' and e['fault'] == 'dotclose_after' and e['id'] != '?')
lost = [n for n in range(A.count) if oks[n] and not arrived[n] and not dsn[n]]
dup = {n: c - 1 for n, c in arrived.items() if c > 1}
expl = {n: ('origin took it and closed before its reply' if after[n] else 'sent again by the device' if len(ids[n]) > 1 or how.get(n, '').endswith('unav') else 'killed') for n in dup}
neither = [n for n in range(A.count) if not oks[n] and not refused[n]]
res = dict(messages=A.count, bytes=sum(SIZES), got250=sum(1 for n in oks if oks[n]), arrived=len(arrived), mails=sum(arrived.values()), wrong=len(wrong), lost=len(lost), notifications=len(dsn), both=len([n for n in dsn if arrived[n]]), duplicates=sum(dup.values()), explained=dict(collections.Counter(expl.values())), refusedOnly=len([n for n in refused if not oks[n]]), strange=len(strange), kills=kills, left=left, replies=dict(replies), neither=len(neither), attempts=dict(attempts), seconds=round(time.time() - T0), bugs=[e for e in ev if e['e'] == 'bug'][:3])
print(json.dumps(res, indent=1)); json.dump({**res, 'lostIds': lost, 'wrongIds': wrong, 'dup': dup, 'expl': expl, 'refused': refused, 'strange': strange}, open(D + '/result.json', 'w'), indent=1)
for i in I: i.p.terminate()
for i in I:
    try: i.p.wait(30)
    except Exception: i.p.kill()
for p in procs: os.killpg(p.pid, signal.SIGTERM)
if DB: subprocess.run(['pkill', '-TERM', '-P', open(D + '/pg/postmaster.pid').readline().strip()]); os.killpg(DB.pid, signal.SIGTERM)
