package org.tlsuplift.server.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.tlsuplift.proxy.model.Action;
import org.tlsuplift.proxy.model.Direction;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.model.MessageOutcome;
import org.tlsuplift.proxy.model.RevocationCheck;
import org.tlsuplift.proxy.model.TlsVersion;
import org.tlsuplift.proxy.outcome.HandshakeOutcome;
import org.tlsuplift.proxy.outcome.MessageRefusal;
import org.tlsuplift.proxy.outcome.SignInOutcome;
import org.tlsuplift.proxy.signin.limits.MailboxObserver;
import org.tlsuplift.proxy.testing.OneJdk;
import org.tlsuplift.proxy.tls.rsa.DeviceRsa;
import org.tlsuplift.server.inventory.Verdict;
import org.tlsuplift.server.notify.Delivery.Channel;
import org.tlsuplift.server.notify.NotificationCounts.Outcome;
import org.tlsuplift.server.spool.Delivery;
import org.tlsuplift.server.spool.SpoolMetrics;
import org.tlsuplift.server.testing.GeneratedPage;

/** Writes the manual's page about metrics from what a scrape says of them. */
@OneJdk
class MetricsPageTest {
  private static final Pattern COMMENT = Pattern.compile("# (HELP|TYPE) (\\w+) (.*)");

  private static final String HEAD =
      """
      # Metrics

      This page lists every metric that TLS Uplift serves at `/metrics` on the admin port. [Monitoring](monitoring.md) explains
      how to scrape them, and which alerts and panels exist.

      All values count since the start of the daemon, unless the text says otherwise.

      """;

  /** The values of labels that are neither names from the configuration nor listed elsewhere. */
  private static final Map<String, String> VALUES =
      Map.ofEntries(
          Map.entry("action", values(Action.values(), Action::label)),
          Map.entry("cause", values(MailboxObserver.Cause.values(), MailboxObserver.Cause::label)),
          Map.entry("channel", values(Channel.values(), Channel::label)),
          Map.entry("cipher", "the IANA name of the cipher suite, `other` or `none`"),
          Map.entry("destination", "the first destination of the route"),
          Map.entry("direction", values(Direction.values(), Direction::label)),
          Map.entry(
              "group", "`X25519MLKEM768`, `x25519`, `secp256r1`, `secp384r1`, `secp521r1`, `none`"),
          Map.entry("java", "the version of Java"),
          Map.entry("library", values(DeviceRsa.Library.values(), DeviceRsa.Library::label)),
          Map.entry("line", values(MailboxObserver.Queue.values(), MailboxObserver.Queue::label)),
          Map.entry("listener", "the name of the listener"),
          Map.entry("protocol", values(TlsVersion.values(), TlsVersion::label) + ", `none`"),
          Map.entry(
              "reply",
              "the headings of [Replies of Microsoft](microsoft-replies.md): a code, and a word if"
                  + " it has several causes"),
          Map.entry("result", values(RevocationCheck.values(), RevocationCheck::label)),
          Map.entry("state", "`usable`, `missing`"),
          Map.entry("tenant", "the name of the tenant"),
          Map.entry("token", "the name of the token"),
          Map.entry("verdict", values(Verdict.values(), Verdict::label)),
          Map.entry("version", "the version of TLS Uplift"));

  /** The values of labels that mean different things in different metrics. */
  private static final Map<String, String> VALUES_OF_ONE =
      Map.ofEntries(
          Map.entry(
              "tlsuplift_sessions reason", "the reasons in [Troubleshooting](troubleshooting.md)"),
          Map.entry("tlsuplift_sessions_seconds reason", "the same"),
          Map.entry(
              "tlsuplift_messages outcome",
              values(
                  EnumSet.complementOf(EnumSet.of(MessageOutcome.UNKNOWN))
                      .toArray(MessageOutcome[]::new),
                  MessageOutcome::label)),
          Map.entry(
              "tlsuplift_graph_requests result",
              "`2xx`, the code of another status, such as `429`, or `none` without a response"),
          Map.entry("tlsuplift_spool_messages state", "`waiting`, `held`"),
          Map.entry(
              "tlsuplift_spool_deliveries outcome",
              values(Delivery.Outcome.values(), Delivery.Outcome::label)),
          Map.entry("tlsuplift_notifications outcome", values(Outcome.values(), Outcome::label)),
          Map.entry(
              "tlsuplift_message_refusals reason",
              values(MessageRefusal.values(), MessageRefusal::label)),
          Map.entry(
              "tlsuplift_admin_sign_ins_refused reason",
              values(SignInRefusal.values(), SignInRefusal::label)),
          Map.entry(
              "tlsuplift_downstream_handshakes outcome",
              values(HandshakeOutcome.values(), HandshakeOutcome::label)),
          Map.entry(
              "tlsuplift_downstream_handshakes_seconds outcome",
              values(HandshakeOutcome.values(), HandshakeOutcome::label)),
          Map.entry(
              "tlsuplift_upstream_handshakes outcome",
              values(HandshakeOutcome.values(), HandshakeOutcome::label)),
          Map.entry(
              "tlsuplift_upstream_handshakes_seconds outcome",
              values(HandshakeOutcome.values(), HandshakeOutcome::label)),
          Map.entry(
              "tlsuplift_sign_ins outcome", values(SignInOutcome.values(), SignInOutcome::label)),
          Map.entry("tlsuplift_token_requests outcome", "`issued`, `refused`, `unavailable`"),
          Map.entry(
              "tlsuplift_origin_replies protocol",
              values(MailProtocol.values(), MailProtocol::label)),
          Map.entry(
              "tlsuplift_plaintext_sessions protocol",
              values(MailProtocol.values(), MailProtocol::label)));

  private final ServerMetrics metrics = new ServerMetrics("1.2.3", List.of("web"), null);
  private final EventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());

  @AfterEach
  void close() {
    metrics.close();
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
  }

  @Test
  void thePageOfTheManualMatchesTheScrape() throws Exception {
    EveryMeter.ofSessions(metrics, loops);
    List<MeterName> names = names();
    EveryMeter.theRest(metrics, names);
    String scrape = metrics.scrape("").text();
    Map<String, Family> families = families(scrape);

    assertThat(families.keySet())
        .as("metrics in a scrape, against the tables of names")
        .containsAll(names.stream().map(MetricsPageTest::prometheus).toList());
    StringBuilder page = new StringBuilder(HEAD).append("## Metrics of TLS Uplift\n");
    names.stream()
        .sorted((one, other) -> prometheus(one).compareTo(prometheus(other)))
        .forEach(name -> page.append(described(name, families.get(prometheus(name)), scrape)));
    page.append(runtime(families));
    GeneratedPage.check("metrics", page.toString(), MetricsPageTest.class);
  }

  private record Family(String name, String type, String help) {}

  /** By the name without the suffix of counters, since those and timers share ours. */
  private static Map<String, Family> families(String scrape) {
    Map<String, String> help = new TreeMap<>();
    Map<String, Family> families = new TreeMap<>();
    for (String line : scrape.lines().toList()) {
      Matcher comment = COMMENT.matcher(line);
      if (!comment.matches()) {
        continue;
      }
      String name = comment.group(2);
      if (comment.group(1).equals("HELP")) {
        help.put(name, comment.group(3));
      } else {
        families.put(
            name.replaceFirst("_total$", ""),
            new Family(name, comment.group(3), help.getOrDefault(name, "")));
      }
    }
    return families;
  }

  private static List<MeterName> names() throws IllegalAccessException {
    List<MeterName> names = new ArrayList<>();
    for (Class<?> table : List.of(MetricNames.class, MailMetricNames.class, SpoolMetrics.class)) {
      for (Field field : table.getDeclaredFields()) {
        if (field.getType() == MeterName.class) {
          names.add((MeterName) field.get(null));
        }
      }
    }
    return names;
  }

  private static String prometheus(MeterName name) {
    return name.name().replace('.', '_');
  }

  private static String described(MeterName name, Family family, String scrape) {
    StringBuilder text =
        new StringBuilder("\n### ")
            .append(family.name())
            .append("\n\n")
            .append(GeneratedPage.escaped(name.help()))
            .append("\n\n- Type: ")
            .append(family.type())
            .append('\n');
    if (family.type().equals("histogram")) {
      text.append("- Series: `")
          .append(String.join("`, `", series(family.name())))
          .append("`, and the gauge `")
          .append(family.name())
          .append("_max`\n- Buckets in seconds: ")
          .append(buckets(family.name(), scrape))
          .append('\n');
    }
    for (String label : name.labels()) {
      text.append("- Label `").append(label).append("`: ").append(values(name, label)).append('\n');
    }
    return text.toString();
  }

  private static List<String> series(String name) {
    return Stream.of("_bucket", "_sum", "_count").map(name::concat).toList();
  }

  private static String buckets(String name, String scrape) {
    return Pattern.compile(Pattern.quote(name) + "_bucket\\{[^}]*le=\"([^\"]+)\"")
        .matcher(scrape)
        .results()
        .map(found -> found.group(1))
        .distinct()
        .collect(Collectors.joining(", "));
  }

  private static String values(MeterName name, String label) {
    String values =
        VALUES_OF_ONE.getOrDefault(prometheus(name) + " " + label, VALUES.getOrDefault(label, ""));
    assertThat(values).as("values of the label %s of %s", label, name.name()).isNotEmpty();
    return values;
  }

  private static <T> String values(T[] all, Function<T, String> label) {
    return Arrays.stream(all).map(label).collect(Collectors.joining("`, `", "`", "`"));
  }

  private static String runtime(Map<String, Family> families) {
    String lines =
        families.values().stream()
            .filter(family -> family.name().startsWith("netty_"))
            .map(
                family ->
                    "| `%s` | %s | %s |\n"
                        .formatted(
                            family.name(), family.type(), GeneratedPage.escaped(family.help())))
            .collect(Collectors.joining());
    return """

    ## Metrics of Java and Netty

    Netty allocates the buffers and runs the event loops:

    | metric | type | help |
    |---|---|---|
    %s
    Java and the operating system add `jvm_*`, `process_*` and `system_*`: memory, garbage collection, threads, open files
    and processors, with the names that Micrometer gives them.
    """
        .formatted(lines);
  }
}
