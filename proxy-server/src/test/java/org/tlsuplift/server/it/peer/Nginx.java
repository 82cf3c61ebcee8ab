package org.tlsuplift.server.it.peer;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.tlsuplift.server.it.lab.Child;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.Loopback;
import org.tlsuplift.server.it.lab.Machine;
import org.tlsuplift.server.it.lab.Peers;

/** A real nginx that answers every request with what it agreed to, or serves files. */
public final class Nginx {
  /** What a block 'http' begins with, so that any user can run it: its directories are its own. */
  public static final String HTTP =
      """
        access_log off;
        client_body_temp_path body;
        proxy_temp_path proxy;
        fastcgi_temp_path fastcgi;
        uwsgi_temp_path uwsgi;
        scgi_temp_path scgi;
      """;

  private Nginx() {}

  /** Starts one nginx for all these origins, which ends with the lab. */
  public static void start(Lab lab, Site... sites) {
    start(lab, Machine.HERE, sites);
  }

  public static void start(Lab lab, Machine machine, Site... sites) {
    start(
        lab,
        machine,
        Arrays.stream(sites).map(Nginx::server).collect(Collectors.joining()),
        Arrays.stream(sites).map(Site::address).toList());
  }

  /** Starts one without TLS that serves the files of a folder, and ends with the lab. */
  public static InetSocketAddress plain(Lab lab, Path root, Path accessLog) {
    InetSocketAddress address = new InetSocketAddress(Loopback.V4, Loopback.freePort(Loopback.V4));
    String server =
        """
          server {
            listen %s;
            root %s;
            access_log %s;
            location = /request { return 200 "$request|$http_host|$http_via|$http_connection\\n"; }
          }
        """
            .formatted(Loopback.text(address), root, accessLog);
    start(lab, Machine.HERE, server, List.of(address));
    return address;
  }

  private static void start(
      Lab lab, Machine machine, String servers, List<InetSocketAddress> addresses) {
    start(lab, machine, config(servers), Map.of(), addresses);
  }

  /**
   * Starts one that ends with the lab.
   *
   * @param config what follows what is the same for all
   * @param listens where it must listen to be ready
   */
  public static void start(
      Lab lab,
      Machine machine,
      String config,
      Map<String, String> environment,
      List<InetSocketAddress> listens) {
    Peers.requireOtherUsers("nginx");
    Path folder = lab.directory("nginx");
    Path file =
        Lab.write(
            folder.resolve("nginx.conf"),
            """
            daemon off;
            worker_processes 1;
            pid nginx.pid;
            error_log stderr;
            """
                + config);
    ProcessBuilder program =
        new ProcessBuilder(
            machine.command(
                List.of(
                    Peers.require("nginx"),
                    "-e",
                    "stderr",
                    "-p",
                    folder.toString(),
                    "-c",
                    file.toString())));
    program.environment().putAll(environment);
    lab.add(Child.start(program)).awaitListening(machine, listens);
  }

  private static String config(String servers) {
    return "events {}\nhttp {\n" + HTTP + servers + "}\n";
  }

  private static String server(Site site) {
    return """
          server {
            listen %s ssl;
            %s
            ssl_certificate %s;
            ssl_certificate_key %s;
            ssl_protocols %s;
            %s
            location / { return 200 "origin: $ssl_protocol $ssl_cipher $ssl_server_name.\\n"; }
          }
        """
        .formatted(
            Loopback.text(site.address()),
            site.plain().map(plain -> "listen " + Loopback.text(plain) + ";").orElse(""),
            site.identity().certificateFile(),
            site.identity().keyFile(),
            site.protocols(),
            site.ciphers());
  }
}
