package org.tlsuplift.bench;

import io.netty.channel.EventLoopGroup;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.SSLException;
import org.tlsuplift.bench.load.DeviceTls;
import org.tlsuplift.bench.load.DeviceTls.Resumption;
import org.tlsuplift.bench.load.Load;
import org.tlsuplift.bench.load.Load.Then;
import org.tlsuplift.bench.load.MailVisit;
import org.tlsuplift.bench.load.Origin;

/** What the guard of SMTP sessions costs for each mail of 5 MB. */
final class GuardRows {
  private static final String SESSIONS = "sessions without mail";
  private static final int MAILS_AT_ONCE = 4;
  private static final Duration PROOF = Duration.ofSeconds(20);

  /** Rules that change nothing of the message, so that the device can compare it. */
  private static final String RULES =
      """
          mail:
            allowedSenders: ["@device.example"]
            allowedRecipients: ["@device.example"]
            maximumRecipients: 20
            maximumSize: 35MB
            messagesPerHour: 1000000
            recipientsPerDay: 1000000
            repairLineEnds: true
      """;

  private final Settings settings;
  private final EventLoopGroup loops;
  private final Contestants contestants;
  private final DeviceTls tls;

  GuardRows(Settings settings, EventLoopGroup loops, Origins origins) throws SSLException {
    this.settings = settings;
    this.loops = loops;
    this.contestants = new Contestants(settings, Origin.Speaks.SMTP, origins.ports());
    this.tls = DeviceTls.of("TLSv1", "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", Resumption.NONE);
  }

  void measure(List<Row> rows) throws Exception {
    for (String id : settings.guardRows()) {
      boolean rules = id.equals("guard-rules");
      Row row =
          rules
              ? new Row(id, "no guard", "5 MB mail, with rules", "CPU ms", Double.NaN)
              : new Row(id, "no guard", "5 MB mail, guarded", "CPU ms", 1.05);
      rows.add(row);
      new CostRuns(settings, loops, thread -> false)
          .measure(List.of(row), () -> start(rules ? RULES : ""), SESSIONS, this::plan);
    }
  }

  /** Starts the proxy, and proves that only one half has the guard. */
  private Contestants.Halves start(String rules) throws Exception {
    Contestants.Halves halves = contestants.halfGuarded(rules);
    boolean guarded = !settings.costControl();
    if (sendsAmbiguous(halves.extra()) == guarded || !sendsAmbiguous(halves.plain())) {
      halves.close();
      throw new IllegalStateException("the halves are not one with the guard and one without");
    }
    return halves;
  }

  /** Whether such a message arrives unchanged. A guard refuses it, or repairs its line ends. */
  private boolean sendsAmbiguous(Contestant.Ports ports) throws Exception {
    return Load.run(
                loops,
                new Load.Plan(ports.full(), tls, MailVisit.SEND_AMBIGUOUS, Then.CLOSE, 1, PROOF, 1))
            .connections()
        == 1;
  }

  private Load.Plan plan(String id, Contestant.Ports ports, Duration time) {
    boolean mail = !id.equals(SESSIONS);
    return new Load.Plan(
        ports.full(),
        tls,
        mail ? MailVisit.SEND : MailVisit.LEAVE,
        Then.CLOSE,
        mail ? MAILS_AT_ONCE : settings.concurrency(),
        time,
        Integer.MAX_VALUE,
        settings.costDevices(),
        Duration.ZERO);
  }
}
