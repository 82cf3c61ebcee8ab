package org.tlsuplift.server.it.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Several curls of TLS 1.0, each of which opens one session after the other until it is ended. */
public final class SessionLoad implements AutoCloseable {
  /** What curl reports of each: the status, its exit code if it were alone, and the seconds. */
  private static final Pattern REPORT = Pattern.compile("(\\d{3}) (\\d+) ([0-9.]+)");

  private final List<Child> devices = new ArrayList<>();

  /**
   * Starts to visit a page.
   *
   * @param from the address of the devices
   */
  public static SessionLoad start(
      Lab lab, int devices, String from, InetSocketAddress proxy, Path trusted, String url) {
    SessionLoad load = lab.add(new SessionLoad());
    for (int i = 0; i < devices; i++) {
      List<String> curl = new ArrayList<>(List.of(Peers.require("curl"), "-sS", "--http1.1"));
      curl.addAll(List.of("-H", "Connection: close", "-o", "/dev/null", "--max-time", "30"));
      // To the standard error: in a pipe the other is full after some hundred reports only.
      curl.addAll(List.of("-w", "%{stderr}%{http_code} %{exitcode} %{time_total}\\n"));
      curl.addAll(List.of("--noproxy", ""));
      curl.addAll(List.of("--proxy", "http://" + Loopback.text(proxy), "--interface", from));
      curl.addAll(List.of("--cacert", trusted.toString(), "--tlsv1.0", "--tls-max", "1.0"));
      curl.addAll(List.of("--ciphers", "ALL:@SECLEVEL=0", url + "?[1-1000000]"));
      load.devices.add(Child.start(new ProcessBuilder(curl)));
    }
    return load;
  }

  public long succeeded() {
    return reports().filter(report -> report.status.equals("200") && report.exit == 0).count();
  }

  public List<Report> failed() {
    return reports().filter(report -> !report.status.equals("200") || report.exit != 0).toList();
  }

  /** How long the slowest took that succeeded. */
  public double slowestSeconds() {
    return reports().mapToDouble(Report::seconds).max().orElse(0);
  }

  private Stream<Report> reports() {
    return devices.stream()
        .flatMap(device -> REPORT.matcher(device.output()).results())
        .map(
            m ->
                new Report(
                    m.group(1), Integer.parseInt(m.group(2)), Double.parseDouble(m.group(3))));
  }

  @Override
  public void close() {
    devices.forEach(device -> assertThat(device.isAlive()).as(device.toString()).isTrue());
    devices.forEach(Child::close);
    devices.clear();
  }

  record Report(String status, int exit, double seconds) {}
}
