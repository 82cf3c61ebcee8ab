#!/bin/sh
# The table of the manual's page 'performance': all rows beside HAProxy, one after the other, on this machine.
#
#   mvn -q -DskipTests package && sudo proxy-server/src/bench/table.sh
#
# Build it with JDK 22 or later for the rows with libcrypto. Takes about an hour in which the machine does nothing else. Needs root
# for the network namespaces of the row with a delayed origin; without root, that row is left out. What bench.sh needs, and nginx,
# iptables and Debian's python3-netfilterqueue.
#
#   UPLIFT_JAVA=java            the Java of most rows
#   UPLIFT_JAVA_NEWEST=         a Java 22 or later for the rows with libcrypto; they are left out if it is empty
set -eu

bench=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
target=$(dirname -- "$(dirname -- "$bench")")/target
table=$target/bench-table.md
: >"$table"

part() { # title, then settings and command
  echo "== $1"
  printf '\n### %s\n' "$1" >>"$table"
  shift
  env "$@" 2>&1 | tee "$target/bench-part.log"
  if [ -f "$target/bench/table.md" ]; then
    cat "$target/bench/table.md" >>"$table"
  else
    grep '^|' "$target/bench-part.log" >>"$table"
  fi
}

part 'Beside HAProxy' ROWS=full,ecdsa,resumed-upstream,rsa,ticket,session-id,down,up,latency,peak,memory,start "$bench/bench.sh"
if [ -n "${UPLIFT_JAVA_NEWEST:-}" ]; then
  part 'With libcrypto' ROWS=full,resumed-upstream,rsa,ticket,start "UPLIFT_JAVA=$UPLIFT_JAVA_NEWEST" RSA=libcrypto "$bench/bench.sh"
fi
part 'Post-quantum' ROWS=post-quantum "$bench/bench.sh"
part 'Many sessions' ROWS=scale,scale-full "$bench/bench.sh"
part 'The guard of SMTP sessions' ROWS=guard COST_CPU=0 COST_RUNS=3 ROUNDS=10 ROUND_SECONDS=8 taskset -c 1 "$bench/bench.sh"
if [ "$(id -u)" = 0 ]; then
  part 'The origin 30 ms away' ROWS=delayed "$bench/bench.sh"
  part 'The same, with spare connections' ROWS=delayed SPARE_CONNECTIONS=2 "$bench/bench.sh"
fi
cat "$table"
