#!/bin/sh
# Compiles the benchmark into target/bench-classes, against the jar (UPLIFT_JAR). bench.sh calls it.
set -eu

bench=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
target=$(dirname -- "$(dirname -- "$bench")")/target
jar=${UPLIFT_JAR:-$target/tls-uplift.jar}
[ -f "$jar" ] || { echo "compile.sh: $jar is not there; build it first: mvn -q -DskipTests package" >&2; exit 2; }

rm -rf "$target/bench-classes"
find "$bench/java" -name '*.java' -exec javac -Xlint:all,-processing,-classfile -Werror --release 17 -encoding UTF-8 \
  -d "$target/bench-classes" -cp "$jar" {} +
