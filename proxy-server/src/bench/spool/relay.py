#!/usr/bin/env python3
"""TLS Uplift with 'when: always' beside Postfix as a relay: messages a second and memory, in one run, in turns."""
import json, os, re, shutil, signal, socket, subprocess, sys, time, glob, statistics
JAR, N, SIZE, ROUNDS = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]); D = os.path.abspath('target/bench/relay')
def port():
    s = socket.socket(); s.bind(('127.0.0.1', 0)); p = s.getsockname()[1]; s.close(); return p
def listening(p, t=60):
    end = time.time() + t
    while time.time() < end:
        try: socket.create_connection(('127.0.0.1', p), 1).close(); return True
        except OSError: time.sleep(0.1)
    raise SystemExit('not listening')
shutil.rmtree(D, ignore_errors=True); os.makedirs(D); os.chmod(D, 0o755); sh = lambda *a: subprocess.run(a, check=True, stderr=subprocess.DEVNULL)
sh('openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '30', '-subj', '/CN=CA', '-keyout', D + '/ca.key', '-out', D + '/ca.pem')
open(D + '/ext', 'w').write('subjectAltName=DNS:localhost\n')
sh('openssl', 'req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj', '/CN=localhost', '-keyout', D + '/o.key', '-out', D + '/o.csr')
sh('openssl', 'x509', '-req', '-in', D + '/o.csr', '-CA', D + '/ca.pem', '-CAkey', D + '/ca.key', '-CAcreateserial', '-days', '30', '-extfile', D + '/ext', '-out', D + '/o.pem')
SVC = '''pickup unix n - n 60 1 pickup
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
smtp unix - - n - - smtp
discard unix - - n - - discard
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
'''
procs = []
def postfix(name, p, more):
    pf = D + '/' + name; os.makedirs(pf + '/data'); os.makedirs(pf + '/queue/pid')
    for n in 'active bounce corrupt defer deferred flush hold incoming private saved trace public maildrop'.split():
        os.makedirs(pf + '/queue/' + n); shutil.chown(pf + '/queue/' + n, 'postfix'); os.chmod(pf + '/queue/' + n, 0o700)
    shutil.chown(pf + '/data', 'postfix')
    open(pf + '/main.cf', 'w').write(f'''compatibility_level = 3.6
queue_directory = {pf}/queue
data_directory = {pf}/data
mail_owner = postfix
setgid_group = postdrop
maillog_file = /dev/stdout
inet_protocols = ipv4
inet_interfaces = 127.0.0.1
myhostname = {name}.example
mydestination =
mynetworks = 127.0.0.0/8
alias_maps =
default_database_type = texthash
smtpd_peername_lookup = no
in_flow_delay = 0
smtpd_client_connection_count_limit = 0
smtpd_tls_cert_file = {D}/o.pem
smtpd_tls_key_file = {D}/o.key
smtpd_tls_security_level = may
''' + more)
    open(pf + '/master.cf', 'w').write(f'127.0.0.1:{p} inet n - n - - smtpd\n' + SVC)
    x = subprocess.Popen(['/usr/lib/postfix/sbin/master', '-c', pf, '-d'], stdout=open(f'{D}/{name}.log', 'w'), stderr=subprocess.STDOUT, start_new_session=True); procs.append(x); listening(p); return x
SINK, REL, TU, ADM = port(), port(), port(), port()
postfix('sink', SINK, 'default_transport = discard\nrelay_transport = discard\nlocal_transport = discard\n')
rel = postfix('relay', REL, f'relayhost = [localhost]:{SINK}\nsmtp_tls_security_level = secure\nsmtp_tls_CAfile = {D}/ca.pem\nsmtp_host_lookup = native\nsmtp_tls_secure_cert_match = nexthop\nlmtp_destination_concurrency_limit = 20\nsmtp_destination_concurrency_limit = 20\n')
open(D + '/u.yaml', 'w').write(f'''dataDirectory: {D}/data
devices: {{allow: [127.0.0.0/8]}}
upstream: {{allowPrivateAddresses: true, trust: {D}/ca.pem}}
admin: {{bind: "127.0.0.1:{ADM}"}}
listeners:
  - name: always
    bind: 127.0.0.1:{TU}
    accept: fixed
    origin: localhost:{SINK}
    protocol: smtp
    downstreamTls: optional
    allowPlaintext: true
    upstreamTls: starttls
    profile: legacy
    mail: {{spool: {{when: always, keep: 6h, maximumSize: 10GB}}}}
routes:
  - {{to: ["localhost:{SINK}"], action: bridge}}
''')
tu = subprocess.Popen(['java', '-Xmx192m', '-XX:+UseSerialGC', '-jar', JAR, 'run', '-c', D + '/u.yaml'], stdin=subprocess.DEVNULL, stdout=open(D + '/tu.log', 'w'), stderr=subprocess.STDOUT, start_new_session=True); procs.append(tu); listening(TU)
def tree(pid):
    out = [pid]
    for c in subprocess.run(['pgrep', '-P', str(pid)], capture_output=True, text=True).stdout.split(): out += tree(int(c))
    return out
def pss(pid): return sum(int(re.search(r'Pss:\s+(\d+)', open(f'/proc/{p}/smaps_rollup').read()).group(1)) for p in tree(pid)) // 1024
def cpu(pid):
    t = 0
    for p in tree(pid):
        f = open(f'/proc/{p}/stat').read().rsplit(')', 1)[1].split(); t += sum(map(int, f[11:15]))
    return t / os.sysconf('SC_CLK_TCK')
def waiting_tu():
    m = subprocess.run(['curl', '-s', f'http://127.0.0.1:{ADM}/metrics'], capture_output=True, text=True).stdout
    return float((re.search(r'^tlsuplift_spool_messages(?:\{[^}]*\})? (\S+)', m, re.M) or ['', '-1'])[1])
def waiting_pf(): return sum(len(glob.glob(f'{D}/relay/queue/{q}/**', recursive=True)) - 1 for q in ('incoming', 'active', 'deferred'))
def sink(): return open(D + '/sink.log').read().count('status=sent')
rows = {'Postfix': [], 'TLS Uplift': []}
for k in range(ROUNDS):
    for name, p, pid in (('Postfix', REL, rel.pid), ('TLS Uplift', TU, tu.pid)):
        before = sink(); c0 = cpu(pid); t = time.time()
        r = subprocess.run(['smtp-source', '-s', '20', '-m', str(N), '-l', str(SIZE), '-f', 'a@scan.example', '-t', 'b@dest.example', f'127.0.0.1:{p}'], stdin=subprocess.DEVNULL, capture_output=True, text=True)
        taken = time.time() - t; mem = pss(pid)
        if r.returncode: print(name, 'smtp-source:', r.stderr[-200:])
        while sink() - before < N and time.time() - t < 600: time.sleep(0.2)
        all_ = time.time() - t; mem = max(mem, pss(pid))
        rows[name].append((N / taken, N / all_, mem, (cpu(pid) - c0) * 1000 / N)); print(name, 'round', k, '%.0f accepted/s, %.0f delivered/s, %d MiB PSS, %.2f ms CPU each' % rows[name][-1], flush=True)
for n, v in rows.items(): print(n, ['%.1f' % statistics.median(c) for c in zip(*v)])
for p in procs: os.killpg(p.pid, signal.SIGTERM)
