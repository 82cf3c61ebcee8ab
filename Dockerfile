# TLS Uplift as a container: the jar is built from this very source, and runs as an unprivileged user.
#
#   podman build --format docker -t tls-uplift .            (the format keeps the health check; docker needs no flag)
#   podman run -d -v uplift-data:/data -p 3128:3128 -p 8443:8443 -p 587:2587 -p 465:2465 --stop-timeout 40 tls-uplift
#
# Any command:                 podman run --rm -v uplift-data:/data tls-uplift ca show
# A configuration of your own: -v ./tls-uplift.yaml:/etc/tls-uplift/tls-uplift.yaml:ro
#                              -e TLS_UPLIFT_CONFIG=/etc/tls-uplift/tls-uplift.yaml
# --stop-timeout gives sessions the time to end that limits.drainTimeout allows.

FROM maven:3.9-eclipse-temurin-17 AS build
WORKDIR /source
COPY . .
# The tests have run before an image is made, with peers that are not here.
RUN --mount=type=cache,target=/root/.m2/repository \
    mvn -B -q -Dquick package

FROM eclipse-temurin:25-jre
# The user's number stands in the data volume's files: it must not change from image to image.
RUN groupadd --gid 10001 uplift \
    && useradd --uid 10001 --gid uplift --no-create-home --home-dir /data --shell /usr/sbin/nologin uplift \
    && install -d -m 0700 -o uplift -g uplift /data
COPY --from=build /source/proxy-server/target/tls-uplift /opt/tls-uplift
RUN ln -s /opt/tls-uplift/bin/tls-uplift /usr/local/bin/tls-uplift

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
