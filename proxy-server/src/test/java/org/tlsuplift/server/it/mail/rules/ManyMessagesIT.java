package org.tlsuplift.server.it.mail.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.tlsuplift.server.it.lab.Account;
import org.tlsuplift.server.it.lab.Daemon;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.Loopback;
import org.tlsuplift.server.it.lab.Machine;
import org.tlsuplift.server.it.lab.Peers;
import org.tlsuplift.server.it.lab.Run;
import org.tlsuplift.server.it.lab.TestCa;
import org.tlsuplift.server.it.mail.MailListener;
import org.tlsuplift.server.it.peer.Mail;
import org.tlsuplift.server.it.peer.PostfixSink;
import org.tlsuplift.server.it.peer.TlsForm;

/** 10,000 messages of {@code smtp-source} pass the rules of a listener, and each arrives once. */
class ManyMessagesIT {
  @RegisterExtension static final Lab lab = new Lab();

  private static final int MESSAGES = 10_000;
  private static final int SESSIONS = 20;

  /** smtp-source adds a number to the recipient of each message. */
  private static final Pattern SENT =
      Pattern.compile("to=<archive(\\d+)@" + Account.DOMAIN + ">.*status=sent");

  private static Daemon daemon;
  private static PostfixSink sink;

  @BeforeAll
  static void start() {
    TestCa ca = new TestCa(lab);
    var address = new InetSocketAddress(Loopback.V4, Loopback.freePort(Loopback.V4));
    sink = PostfixSink.start(lab, Machine.HERE, Map.of(address, ca.issue("localhost")));
    String rules =
        """
        , allowPlaintext: true, mail: {allowedSenders: ["@corp.example"], \
        allowedRecipients: ["@corp.example"], maximumRecipients: 5, maximumSize: 1MB, \
        messagesPerHour: 10000, recipientsPerDay: 10000, repairLineEnds: true, \
        rewriteFrom: {address: scanner@corp.example}}""";
    daemon =
        Daemon.start(
            lab,
            MailListener.yaml(
                ca,
                new MailListener(
                    "ruled",
                    Mail.SMTP,
                    "optional",
                    TlsForm.STARTTLS,
                    "localhost:" + address.getPort(),
                    rules)));
  }

  @Test
  void noMessageIsLost() {
    source("-m" + MESSAGES, "-s" + SESSIONS, "-l2000", "-d", "-N").succeeded();

    await("all messages")
        .pollInterval(Duration.ofSeconds(1))
        .untilAsserted(() -> assertThat(arrived()).hasSize(MESSAGES));
    assertThat(Set.copyOf(arrived())).hasSize(MESSAGES);
    assertThat(sink.log()).doesNotContain("from=<device@");
    assertThat(sink.log().split("from=<scanner@corp\\.example>", -1)).hasSize(MESSAGES + 1);
    assertThat(daemon.metrics().sum("tlsuplift_message_refusals_total")).isZero();

    // The counts are exact: this device has sent its messages of the hour.
    assertThat(source("-m1").exit()).isNotZero();
    assertThat(
            daemon.metrics().sum("tlsuplift_message_refusals_total", "reason", "messages_per_hour"))
        .isOne();
  }

  /** The number of each message that was delivered. */
  private static List<String> arrived() {
    return SENT.matcher(sink.log()).results().map(line -> line.group(1)).toList();
  }

  private static Run source(String... options) {
    List<String> command = new ArrayList<>(List.of(Peers.require("smtp-source")));
    command.addAll(List.of(options));
    command.addAll(List.of("-f", "device@corp.example", "-t", "archive@" + Account.DOMAIN));
    command.add(Loopback.text(daemon.listener("ruled")));
    return Run.of(command);
  }
}
