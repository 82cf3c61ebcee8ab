# TLS Uplift as a container: the jar is built from this very source, and runs as an unprivileged user.
#
#   podman build --format docker -t tls-uplift .            (the format keeps the health check; docker needs no flag)
#   podman run -d --read-only -v uplift-data:/data -p 3128:3128 -p 8443:8443 -p 587:2587 -p 465:2465 --stop-timeout 40 tls-uplift
#
# Any command:                 podman run --rm -v uplift-data:/data tls-uplift ca show
# A configuration of your own: -v ./tls-uplift.yaml:/etc/tls-uplift/tls-uplift.yaml:ro
# --stop-timeout gives sessions the time to end that limits.drainTimeout allows.
#
# The base images are pinned: two builds of one commit have the same parts. Look for newer digests at each release, and when a
# scanner reports a problem in a base image:
#   skopeo inspect --format '{{.Digest}}' docker://docker.io/library/debian:trixie-slim

# A release passes its version and its commit: --build-arg VERSION=1.2.0 --build-arg REVISION=$(git rev-parse HEAD)
ARG VERSION=0.1.0-SNAPSHOT

# Java with the modules that the program uses.
FROM eclipse-temurin:25-jdk@sha256:8c0a84ea11c8f6ed52600fc19f1040121f2a162998e9f50a5faebbbad9172dcc AS java
RUN jlink --output /java --strip-java-debug-attributes --no-header-files --no-man-pages --compress zip-9 --add-modules \
    java.desktop,java.naming,java.net.http,java.security.jgss,java.sql,jdk.httpserver,jdk.jfr,jdk.management,jdk.unsupported

FROM maven:3.9-eclipse-temurin-17@sha256:a8746f15d5bb26b5b8bacb056cc76211553850f4c71d16aff845cfa004cbc197 AS build
ARG VERSION
# The newer JDK adds the code for newer Javas to the jar, such as RSA by libcrypto.
COPY --from=java /opt/java/openjdk /opt/java/jdk
ENV JAVA_HOME=/opt/java/jdk
WORKDIR /source
COPY . .
# The tests have run before an image is made, with peers that are not here.
RUN --mount=type=cache,target=/root/.m2/repository \
    mvn -B -ntp -q -Pdist -Dquick "-Drevision=$VERSION" package
# What the Debian package installs, without the libraries for other processors. The native libraries are unpacked, so that
# nothing has to be written at a start.
RUN cd proxy-server/target/dist-root/usr/lib/tls-uplift \
    && rm bin/hand-over \
    && find lib/native -mindepth 1 -maxdepth 1 ! -name "Linux-$(uname -m)" -exec rm -r {} +

# Of Debian only what the program needs: no package manager and no Perl. status.d has the records that scanners read.
FROM debian:trixie-slim@sha256:d7e12182ce18b85b93007c1dedf31f2d29e01ccf3182cc4017c709b6259bc132 AS system
RUN packages="base-files libc6 libgcc-s1 zlib1g dash sed coreutils libacl1 libattr1 libcap2 libgmp10 libpcre2-8-0 libselinux1 libssl3t64 libzstd1" \
    && mkdir -p /image/var/lib/dpkg/status.d \
    && dpkg-query --listfiles $packages | sort -u \
       | tar --create --no-recursion --ignore-failed-read --files-from=- 2>/dev/null | tar --extract --directory /image \
    && for package in $packages; do dpkg-query --status "$package" >"/image/var/lib/dpkg/status.d/$package"; done \
    && cp /etc/nsswitch.conf /image/etc/ \
    && echo 'root:x:0:0:root:/root:/usr/sbin/nologin' >/image/etc/passwd \
    && echo 'uplift:x:10001:10001::/data:/usr/sbin/nologin' >>/image/etc/passwd \
    && printf 'root:x:0:\nuplift:x:10001:\n' >/image/etc/group \
    && mkdir -p /image/etc/tls-uplift /image/usr/local/bin \
    && ln -s /usr/lib/tls-uplift/bin/tls-uplift /image/usr/local/bin/tls-uplift

FROM scratch
COPY --from=system /image /
COPY --from=java /java /opt/java
COPY --from=build /source/proxy-server/target/dist-root/usr/lib/tls-uplift /usr/lib/tls-uplift
ENV PATH=/usr/local/bin:/usr/bin:/opt/java/bin
ENV JAVA_HOME=/opt/java
# The user's number stands in the data volume's files: it must not change from image to image.
RUN install -d -m 0700 -o 10001 -g 10001 /data
# With the loaded classes in a cache, a start needs less processor time. Java ignores the cache if the jar has another date
# than here, so it is made in this stage.
RUN tls-uplift class-archive /usr/lib/tls-uplift/lib && rm -rf /tmp/* /root/.cache

# Here the default './data' of the configuration is /data.
WORKDIR /
USER 10001:10001
VOLUME /data
EXPOSE 3128 8443 2587 2465 2993 2995 9464

# Asks /readyz at admin.bind of the same configuration.
HEALTHCHECK --interval=30s --timeout=10s --start-period=20s --retries=3 CMD ["tls-uplift", "health"]

# More options for the JVM, after those of the command. The heap may take half of the container's memory. The report of a
# crash goes where its user alone can read it.
ENV TLS_UPLIFT_OPTS="-XX:MaxRAMPercentage=50 -XX:ErrorFile=/data/hs_err_%p.log"
ENTRYPOINT ["tls-uplift"]
CMD ["run"]

ARG VERSION
ARG REVISION=unknown
LABEL org.opencontainers.image.title="TLS Uplift" \
      org.opencontainers.image.description="A forward proxy that upgrades legacy TLS to verified TLS 1.2 and 1.3" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.base.name="docker.io/library/debian:trixie-slim" \
      org.opencontainers.image.base.digest="sha256:d7e12182ce18b85b93007c1dedf31f2d29e01ccf3182cc4017c709b6259bc132"
