package org.tlsuplift.server.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** A real nginx that answers every request with what it agreed to. */
final class Nginx {
  private Nginx() {}

  /** Starts one nginx for all these origins, which ends with the lab. */
  static void start(Lab lab, Site... sites) {
    start(lab, Machine.HERE, sites);
  }

  /** The same on another machine. */
  static void start(Lab lab, Machine machine, Site... sites) {
    Path folder = lab.directory("nginx");
    Path config = Lab.write(folder.resolve("nginx.conf"), config(sites));
    Child nginx =
        lab.add(
            Child.start(
                new ProcessBuilder(
                    machine.command(
                        List.of(
                            Peers.require("nginx"),
                            "-e",
                            "stderr",
                            "-p",
                            folder.toString(),
                            "-c",
                            config.toString())))));
    await(nginx + " listens")
        .atMost(Duration.ofSeconds(15))
        .failFast(() -> assertThat(nginx.isAlive()).as(nginx.toString()).isTrue())
        .until(() -> Arrays.stream(sites).allMatch(site -> machine.accepts(site.address())));
  }

  private static String config(Site... sites) {
    return """
        daemon off;
        worker_processes 1;
        pid nginx.pid;
        error_log stderr;
        events {}
        http {
          access_log off;
          client_body_temp_path body;
          proxy_temp_path proxy;
          fastcgi_temp_path fastcgi;
          uwsgi_temp_path uwsgi;
          scgi_temp_path scgi;
        """
        + Arrays.stream(sites).map(Nginx::server).collect(Collectors.joining())
        + "}\n";
  }

  private static String server(Site site) {
    return """
          server {
            listen %s ssl;
            ssl_certificate %s;
            ssl_certificate_key %s;
            ssl_protocols %s;
            %s
            location / { return 200 "origin: $ssl_protocol $ssl_cipher $ssl_server_name.\\n"; }
          }
        """
        .formatted(
            Loopback.text(site.address()),
            site.identity().certificateFile(),
            site.identity().keyFile(),
            site.protocols(),
            site.ciphers());
  }
}
