package org.tlsuplift.server.it.device;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.tlsuplift.server.it.lab.Child;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.Peers;
import org.tlsuplift.server.it.lab.Run;

/**
 * {@code tstclnt} of NSS, which knows no proxies.
 *
 * @param lab where its certificate store is
 * @param version the only version it offers, such as {@code ssl3}
 * @param suite the number of the only suite it offers, such as {@code 0005}
 * @param options more options
 */
public record NssDevice(Lab lab, String version, String suite, List<String> options)
    implements Device {
  private static final Pattern VERSION = Pattern.compile("SSL version (\\S+) using");
  private static final Pattern SUITE = Pattern.compile("SSL version \\S+ using (.*) MAC");

  private static final Pattern BETWEEN_RECORDS =
      Pattern.compile(
          "\\n\\ntstclnt: about to call PR_Poll !\\n(?:tstclnt: PR_Poll returned.*\\n)+"
              + "tstclnt: Read from server [1-9][0-9]* bytes\\n");
  private static final Pattern GOODBYE = Pattern.compile("Read from server 0 bytes");

  NssDevice(Lab lab, String version, String suite) {
    this(lab, version, suite, List.of());
  }

  @Override
  public Visit agreed(Run run) {
    return new Visit(run.find(VERSION), run.find(SUITE), run);
  }

  @Override
  public Run attempt(Way way) {
    List<String> command = new ArrayList<>(List.of(Peers.require("tstclnt"), "-4", "-v"));
    command.addAll(List.of("-h", way.serverName()));
    command.addAll(List.of("-p", Integer.toString(way.listener().getPort())));
    command.addAll(List.of("-V", version + ":" + version, "-c", ":" + suite));
    command.addAll(List.of("-d", "sql:" + store(way.trusted())));
    command.addAll(options);
    try (Child child = Child.start(new ProcessBuilder(command))) {
      child.type("GET / HTTP/1.0\r\n\r\n");
      boolean goodbye = child.awaitOutputOrEnd(GOODBYE);
      // It would turn in circles now that its peer has said goodbye.
      child.terminate();
      int exit = child.awaitExit();
      return new Run(String.join(" ", command), goodbye ? 0 : exit, joined(child.output()));
    }
  }

  /** An answer that came in more than one record is torn apart by what it says in between. */
  private static String joined(String output) {
    return BETWEEN_RECORDS.matcher(output).replaceAll("");
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
