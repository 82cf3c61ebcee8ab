package org.tlsuplift.server.it.mail;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tlsuplift.proxy.mail.MessageEnvelope;
import org.tlsuplift.proxy.negotiate.AcceptMode;
import org.tlsuplift.proxy.signin.AccountResult;
import org.tlsuplift.proxy.signin.LearntCapabilities;
import org.tlsuplift.proxy.signin.MailAccount;
import org.tlsuplift.proxy.signin.MailboxPermits;
import org.tlsuplift.proxy.signin.OriginAccess;
import org.tlsuplift.proxy.signin.OriginPassword;
import org.tlsuplift.server.config.ConfigLoader;
import org.tlsuplift.server.https.OwnConnections;
import org.tlsuplift.server.inventory.OriginOutages;
import org.tlsuplift.server.it.lab.Account;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.TestCa;
import org.tlsuplift.server.it.peer.Letter;
import org.tlsuplift.server.it.peer.Mail;
import org.tlsuplift.server.it.peer.OriginVersions;
import org.tlsuplift.server.it.peer.PostOffice;
import org.tlsuplift.server.it.peer.TlsForm;
import org.tlsuplift.server.mail.OutgoingMessage;
import org.tlsuplift.server.mail.Transport;
import org.tlsuplift.server.mapping.ConfigMapper;
import org.tlsuplift.server.mapping.ResolvedConfig;
import org.tlsuplift.server.spool.SmtpTransport;
import org.tlsuplift.server.testing.Upstreams;

/** Postfix gets waiting mail byte for byte, and refuses recipients that it does not have. */
class SpooledDeliveryIT {
  @RegisterExtension static final Lab lab = new Lab();

  private static final int SCAN = 25 * 1024 * 1024;

  private static TestCa ca;
  private static PostOffice office;

  @BeforeAll
  static void start() {
    ca = new TestCa(lab);
    office = PostOffice.start(lab, ca.issue("localhost"), OriginVersions.MODERN);
  }

  private static Transport.Result send(
      ResolvedConfig resolved, Account account, List<String> recipients, String data)
      throws Exception {
    OriginPassword password =
        () -> CompletableFuture.completedStage(new OriginPassword.Result.Known(account.password()));
    OriginAccess access =
        new OriginAccess.ByPassword(
            ((AcceptMode.Fixed) resolved.listeners().get(0).accept()).origin(),
            account.address(),
            password,
            MailboxPermits.UNLIMITED);
    OutgoingMessage message =
        new OutgoingMessage(
            "id1",
            new MessageEnvelope(
                resolved.listeners().get(0).name(),
                InetAddress.getByName("192.0.2.7"),
                account.address(),
                account.address(),
                recipients,
                false),
            recipients,
            data.length(),
            Instant.now(),
            Instant.MAX,
            0,
            Instant.now(),
            "",
            false);
    try (OwnConnections own = new OwnConnections(Upstreams.outgoing(resolved.trust()))) {
      return new SmtpTransport(
              any ->
                  new SmtpTransport.Way(
                      own.connector(),
                      own.loop(),
                      resolved.routes(),
                      resolved.listeners().get(0),
                      new OriginOutages(Clock.systemUTC()),
                      new LearntCapabilities(),
                      Optional.of(
                          new AccountResult.Known(
                              new MailAccount(account.address(), List.of()),
                              access,
                              AccountResult.Standing.PERMANENT))),
              Duration.ofSeconds(1))
          .send(
              message,
              "X-Added: here\r\n",
              () -> new ByteArrayInputStream(data.getBytes(StandardCharsets.UTF_8)));
    }
  }

  @ParameterizedTest
  @EnumSource
  void deliversToTheMailbox(TlsForm form) throws Exception {
    ResolvedConfig resolved =
        ConfigMapper.map(
            ConfigLoader.parse(
                MailListener.yaml(
                    ca, MailListener.to(office.origin(Mail.SMTP, form), "optional", "")),
                "test"));
    for (int size : new int[] {0, SCAN}) {
      Account account = office.newAccount();
      Letter letter = size == 0 ? Letter.small(account) : Letter.scan(account, size);
      Transport.Result result =
          send(
              resolved,
              account,
              List.of(account.address(), "nobody@" + Account.DOMAIN),
              letter.onTheWire());
      assertThat(result.accepted()).containsExactly(account.address());
      assertThat(result.by()).contains("250 2.0.0 Ok: queued as ");
      assertThat(result.refused().get("nobody@" + Account.DOMAIN)).startsWith("550 5.1.1 ");
      String stored = Letter.read(office.awaitMail(account));
      assertThat(letter.ends(stored, "\n")).as("ends with the whole letter").isTrue();
      assertThat(stored).contains("X-Added: here\n");
    }
  }
}
