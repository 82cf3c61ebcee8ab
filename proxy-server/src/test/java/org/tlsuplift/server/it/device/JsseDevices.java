package org.tlsuplift.server.it.device;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.tlsuplift.proxy.tls.hello.CipherSuites;
import org.tlsuplift.server.it.lab.Child;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.Resources;
import org.tlsuplift.server.it.lab.Run;

/** Devices with Java's own TLS: one Java program, told to be old, plays them one after another. */
public final class JsseDevices {
  private static final Pattern VERSION = Pattern.compile("agreed (\\S+) \\S+");
  private static final Pattern SUITE = Pattern.compile("agreed \\S+ (\\S+)");

  private final Child program;
  private final List<String> suites;
  private final Set<String> versions;
  private int visits;

  private JsseDevices(Child program) {
    this.program = program;
    this.suites =
        List.of(program.awaitOutput(Pattern.compile("suites (\\S+)")).group(1).split(","));
    this.versions =
        Set.of(program.awaitOutput(Pattern.compile("versions (\\S+)")).group(1).split(","));
  }

  /** Starts the program, which ends with the lab. */
  public static JsseDevices start(Lab lab) {
    return new JsseDevices(
        lab.add(
            Child.start(
                new ProcessBuilder(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-Xmx64m",
                    "-XX:TieredStopAtLevel=1",
                    "-XX:+UseSerialGC",
                    "-Djava.security.properties=" + lab.file("java.security", JavaDevice.OPEN_ALL),
                    "-cp",
                    Resources.classes().toString(),
                    JsseProgram.class.getName()))));
  }

  /** Whether Java's own TLS has that. */
  public boolean have(Offer offer) {
    return versions.contains(offer.version().label())
        && offer.suites().stream()
            .allMatch(
                suite ->
                    suites.stream().map(CipherSuites::canonical).anyMatch(suite.iana()::equals));
  }

  public Device device(Offer offer) {
    return new JsseDevice(offer);
  }

  private synchronized Run play(String line) {
    visits++;
    int mark = program.output().length();
    program.type(line + " " + visits + "\n");
    Matcher end = program.awaitOutput(Pattern.compile("(?m)^exit (\\d) of " + visits + "$"));
    return new Run(line, Integer.parseInt(end.group(1)), program.output().substring(mark));
  }

  private final class JsseDevice implements Device {
    private final Offer offer;

    private JsseDevice(Offer offer) {
      this.offer = offer;
    }

    @Override
    public Run attempt(Way way) {
      List<String> names = new ArrayList<>();
      if (offer.has(Trait.SSL2_HELLO)) {
        names.add("SSLv2Hello");
      }
      names.add(offer.version().label());
      return play(
          String.join(
              " ",
              Integer.toString(way.listener().getPort()),
              way.serverName(),
              way.sni() ? way.serverName() : "-",
              way.trusted().toString(),
              String.join(",", names),
              offer.suites().stream().map(this::name).collect(Collectors.joining(",")),
              Integer.toString(piece())));
    }

    /** How many bytes of its request it writes at once; it does not split its first record. */
    private int piece() {
      return offer.has(Trait.BYTE_RECORDS) ? 1 : offer.has(Trait.SPLITS_RECORDS) ? 16 : 1024;
    }

    /** The older ones begin with SSL here. */
    private String name(Suite suite) {
      return suites.stream()
          .filter(each -> CipherSuites.canonical(each).equals(suite.iana()))
          .findFirst()
          .orElse(suite.iana());
    }

    @Override
    public Visit agreed(Run run) {
      return new Visit(run.find(VERSION), run.find(SUITE), run);
    }

    @Override
    public String toString() {
      return "Java " + offer;
    }
  }
}
