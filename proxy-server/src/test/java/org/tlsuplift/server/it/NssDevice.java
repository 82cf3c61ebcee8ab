package org.tlsuplift.server.it;

import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/**
 * {@code tstclnt} of NSS, which knows no proxies and leaves after the handshake.
 *
 * @param lab where its certificate store is
 * @param version the only version it offers, such as {@code ssl3}
 * @param suite the number of the only suite it offers, such as {@code 0005}
 */
record NssDevice(Lab lab, String version, String suite) implements Device {
  private static final Pattern VERSION = Pattern.compile("SSL version (\\S+) using");
  private static final Pattern SUITE = Pattern.compile("SSL version \\S+ using (.*) MAC");

  @Override
  public Visit visit(Way way) {
    Run run = attempt(way).succeeded();
    return new Visit(run.find(VERSION), run.find(SUITE), run);
  }

  @Override
  public Run attempt(Way way) {
    return Run.of(
        List.of(
            Peers.require("tstclnt"),
            // Once its peer has said goodbye it would turn in circles until its input ends.
            "-Q",
            "-4",
            "-v",
            "-h",
            way.serverName(),
            "-p",
            Integer.toString(way.listener().getPort()),
            "-V",
            version + ":" + version,
            "-c",
            ":" + suite,
            "-d",
            "sql:" + store(way.trusted())));
  }

  private Path store(Path trusted) {
    Path store = lab.directory("nss");
    String certutil = Peers.require("certutil");
    Run.of(List.of(certutil, "-N", "-d", "sql:" + store, "--empty-password")).succeeded();
    Run.of(
            List.of(
                certutil,
                "-A",
                "-d",
                "sql:" + store,
                "-n",
                "uplift",
                "-t",
                "C,,",
                "-i",
                trusted.toString()))
        .succeeded();
    return store;
  }

  @Override
  public String toString() {
    return "tstclnt " + version + " " + suite;
  }
}
