#!/bin/sh
# TLS Uplift beside HAProxy, and beside stunnel for mail: CPU, memory and latency of the same work, as ratios.
#
#   mvn -q -DskipTests package && proxy-server/src/bench/bench.sh
#
# README.md explains the measurements and how to read them. Needs a JDK 17+, haproxy, stunnel4 and openssl, and about 20 minutes in
# which the machine does nothing else. All traffic is on loopback; what is started here is stopped here.
#
#   ROWS=full,down bench.sh     only these rows: full ecdsa resumed-upstream rsa ticket session-id down up latency
#                               peak memory start, beside HAProxy, and beside stunnel: mail-full mail-resumed mail-memory
#                               and, not by default, what watching costs: cost-full cost-down cost-up cost-memory
#                               and cost-session, which tells of sessions only
#                               and what the guard of SMTP sessions costs for each mail of 5 MB: guard guard-rules
#                               and how many new sessions a second beside many idle ones: scale scale-full, beside HAProxy
#                               and origins that accept one key exchange only: post-quantum, beside HAProxy with OpenSSL 3.5
#                               and delayed, alone: the time to the first byte with 30 ms to the origin (delayed.py, as root)
#   ROUNDS=5                    rounds of each row; each measures both proxies, in turns
#   ROUND_SECONDS=4             how long a proxy is loaded in one round
#   WARMUP_SECONDS=40           before the first row, and until
#   WARMUP_HANDSHAKES=50000     have been made (or four times as long): the JIT works for tens of thousands
#   ROW_WARMUP_SECONDS=8        before each further row
#   CONCURRENCY=16              devices at once (bulk rows: 4, latency: 1)
#   TUNNELS=2500                idle tunnels of the memory row; each takes two open files of a proxy, two here
#   MAIL_CONCURRENCY=64         devices at once in mail rows; more, because stunnel makes each wait for 200 ms
#   MAIL_SESSIONS=1000          idle sessions of the mail-memory row; each takes four open files of stunnel
#   COST_RUNS=2                 fresh processes of the cost and guard rows; each has all rounds
#   COST_CONTROL=false          true: neither half is watched, or has the guard, which shows by how much two halves differ all the same
#   COST_CPU=                   the processor that the proxy of these rows is kept on; keep the load off it by 'taskset -c' before
#                               bench.sh. Rounds then differ half as much
#   COST_DEVICES=500            addresses that devices of the cost, guard and scale rows have
#   SEEN_DEVICES=100000         devices of the cost-memory row, each of which comes once
#   IDLE_SESSIONS=9000          idle sessions of the scale rows; each takes two open files of a proxy
#   STEP_SECONDS=5              how long each rate of the scale rows is kept
#   CLASS_ARCHIVE=on            off: without the archive of classes that packages and launcher use
#   TRANSPORT=auto              'transport' of TLS Uplift's configuration
#   RSA=auto                    'rsa' of TLS Uplift's configuration; libcrypto needs UPLIFT_JAVA and a jar of Java 22 or later
#   UPLIFT_JAVA_OPTS=-Xmx256m   after the options of the packages, lib/jvm.options, which they override
#   UPLIFT_JAR, UPLIFT_JAVA, HAPROXY, STUNNEL
set -eu

bench=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
module=$(dirname -- "$(dirname -- "$bench")")
work=$module/target/bench
classes=$module/target/bench-classes

UPLIFT_JAR=${UPLIFT_JAR:-$module/target/tls-uplift.jar}
UPLIFT_JAVA=${UPLIFT_JAVA:-java}
HAPROXY=${HAPROXY:-haproxy}
STUNNEL=${STUNNEL:-stunnel4}
# The heap's bound, and with it (by default) that of the direct memory of buffers. All other options are those of the packages.
UPLIFT_JAVA_OPTS=${UPLIFT_JAVA_OPTS:--Xmx256m}
ROWS=${ROWS:-full,ecdsa,resumed-upstream,rsa,ticket,session-id,down,up,latency,peak,memory,start,mail-full,mail-resumed,mail-memory}
export UPLIFT_JAR UPLIFT_JAVA UPLIFT_JAVA_OPTS HAPROXY STUNNEL ROWS

PATH=$PATH:/usr/sbin
peers=
for row in $(echo "$ROWS" | tr , ' '); do
  case $row in
    mail-*) peers="$peers $STUNNEL" ;;
    cost-* | guard*) ;;
    *) peers="$peers $HAPROXY" ;;
  esac
done
for tool in java javac jar openssl "$UPLIFT_JAVA" $peers; do
  command -v "$tool" >/dev/null || { echo "bench.sh: '$tool' is not there; install a JDK 17 or newer, haproxy, stunnel4 and openssl" >&2; exit 2; }
done
"$bench/compile.sh"
ulimit -n "$(ulimit -Hn)"

rm -rf "$work"
mkdir -p "$work"
cd "$work"

# As the packages install it: with the native libraries unpacked, and with an archive of its classes for this Java.
installed=$work/installed
native=$installed/lib/native
mkdir -p "$installed/bin" "$native"
cp "$module/src/main/distribution/bin/tls-uplift" "$installed/bin/"
cp "$module/src/main/distribution/lib/jvm.options" "$installed/lib/"
cp "$UPLIFT_JAR" "$installed/lib/tls-uplift.jar"
UPLIFT_JAR=$installed/lib/tls-uplift.jar
(cd "$native" && jar xf "$UPLIFT_JAR" META-INF/native "org/sqlite/native/Linux/$(uname -m)")
find "$native" -mindepth 2 -name '*.so' -exec mv {} "$native" \;
UPLIFT_JAVA_OPTS="@$installed/lib/jvm.options $UPLIFT_JAVA_OPTS -Djava.library.path=$native -Dorg.sqlite.lib.path=$native"
if [ "${CLASS_ARCHIVE:-on}" != off ]; then
  java_home=$(dirname "$(dirname "$(readlink -f "$(command -v "$UPLIFT_JAVA")")")")
  JAVA_HOME=$java_home sh "$installed/bin/tls-uplift" class-archive "$installed/lib"
  for archive in "$installed"/lib/tls-uplift-*; do
    case $archive in
      *.jsa) UPLIFT_JAVA_OPTS="$UPLIFT_JAVA_OPTS -XX:SharedArchiveFile=$archive -Xlog:cds*=off" ;;
      *.aot) UPLIFT_JAVA_OPTS="$UPLIFT_JAVA_OPTS -XX:AOTCache=$archive -Xlog:aot*=off,cds*=off" ;;
    esac
  done
fi

if [ "$ROWS" = delayed ]; then
  exec "$bench/delayed.py"
fi

# The origin's side: a P-256 leaf below a root that both proxies trust, and a rogue leaf that they must refuse.
issue() { # name, issuer, key arguments
  name=$1 issuer=$2
  shift 2
  openssl req -new -newkey "$@" -nodes -keyout "$name.key" -out "$name.csr" -subj /CN=localhost 2>>openssl.log
  openssl x509 -req -in "$name.csr" -CA "$issuer.pem" -CAkey "$issuer.key" -days 30 -sha256 -extfile names.cnf -out "$name.pem" 2>>openssl.log
}
printf 'subjectAltName=DNS:localhost\nextendedKeyUsage=serverAuth\nkeyUsage=digitalSignature,keyEncipherment\n' >names.cnf
for root in root rogue-root; do
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj "/CN=bench $root" \
    -addext keyUsage=critical,keyCertSign -keyout $root.key -out $root.pem 2>>openssl.log
done
issue origin root ec -pkeyopt ec_paramgen_curve:P-256
issue rogue rogue-root ec -pkeyopt ec_paramgen_curve:P-256
# The peers' leaves for devices: RSA-2048 and P-256 as TLS Uplift mints them.
openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj "/CN=bench device root" -keyout device-root.key -out device-root.pem 2>>openssl.log
issue device device-root rsa:2048
cat device.pem device-root.pem device.key >peer.pem
issue device-ec device-root ec -pkeyopt ec_paramgen_curve:P-256
cat device-ec.pem device-root.pem device-ec.key >peer-ec.pem

# Without that property, Netty's origins with TLS 1.3 issue tickets, and proxies resume.
exec java -Djdk.tls.server.enableSessionTicketExtension=false -Xms256m -Xmx1g -XX:+UseSerialGC -XX:-UsePerfData -Dio.netty.leakDetection.level=disabled \
  -cp "$classes:$UPLIFT_JAR" org.tlsuplift.bench.Bench
