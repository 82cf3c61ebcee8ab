package org.tlsuplift.server.spool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlsuplift.proxy.mail.MessageEnvelope;
import org.tlsuplift.proxy.model.PermitResult;
import org.tlsuplift.proxy.route.RouteTable;
import org.tlsuplift.proxy.signin.AccountResult;
import org.tlsuplift.proxy.signin.LearntCapabilities;
import org.tlsuplift.proxy.signin.MailAccount;
import org.tlsuplift.proxy.signin.OriginAccess;
import org.tlsuplift.proxy.signin.TokenResult;
import org.tlsuplift.proxy.testing.MailOriginServer;
import org.tlsuplift.proxy.testing.MailTalk;
import org.tlsuplift.proxy.testing.SignInDesk;
import org.tlsuplift.proxy.testing.TestAuthority;
import org.tlsuplift.server.authority.CaExport;
import org.tlsuplift.server.config.ConfigLoader;
import org.tlsuplift.server.https.OwnConnections;
import org.tlsuplift.server.inventory.OriginOutages;
import org.tlsuplift.server.mail.OutgoingMessage;
import org.tlsuplift.server.mail.Transport;
import org.tlsuplift.server.mapping.ConfigMapper;
import org.tlsuplift.server.mapping.ResolvedConfig;
import org.tlsuplift.server.testing.Upstreams;

/** Delivery to an origin that follows a script, over real TLS. */
class SmtpTransportTest {
  private static final TestAuthority ORIGINS = TestAuthority.create();
  private static final String BOB = "bob@contoso.example";
  private static final String EVE = "eve@contoso.example";
  private static final String CLOSE = "close";

  /** Longer than a test takes. */
  private static final Duration LONG = Duration.ofMinutes(5);

  /** The replies that differ, by the beginning of the command; {@code .} is the end of the data. */
  private final Map<String, String> replies = new ConcurrentHashMap<>();

  /** The commands, and the data without their end. */
  private final List<String> heard = new CopyOnWriteArrayList<>();

  private final SignInDesk desk = new SignInDesk();
  private final MailOriginServer origin = new MailOriginServer(this::serve);
  private List<String> capabilities = List.of("SIZE 30000000", "8BITMIME", "SMTPUTF8");

  @TempDir private Path directory;
  private ResolvedConfig resolved;
  private OwnConnections connections;
  private AccountResult.@Nullable Known account;

  @BeforeEach
  void configure() throws Exception {
    Files.write(
        directory.resolve("roots.pem"),
        CaExport.encode(ORIGINS.certificate(), CaExport.Format.PEM));
    resolved = config();
    connections = new OwnConnections(Upstreams.outgoing(resolved.trust()));
    account =
        new AccountResult.Known(
            new MailAccount(SignInDesk.MAILBOX, List.of()),
            new OriginAccess.ByToken(SignInDesk.ANY_ORIGIN, desk, desk),
            AccountResult.Standing.PERMANENT);
  }

  @AfterEach
  void close() {
    connections.close();
    origin.close();
    assertThat(desk.permits).hasValue(0);
  }

  private ResolvedConfig config() throws Exception {
    return ConfigMapper.map(
        ConfigLoader.parse(
            """
            dataDirectory: '%1$s/data'
            admin: {bind: "127.0.0.1:0"}
            upstream: {trust: '%1$s/roots.pem'}
            routes: [{to: ["localhost:*"], action: bridge}]
            listeners:
              - {name: scan, bind: '127.0.0.1:0', accept: fixed, origin: '%2$s', protocol: smtp, upstreamTls: starttls, profile: legacy}
              - {name: web, bind: '127.0.0.1:0', accept: http-connect, profile: legacy, mail: {allowedSenders: [a@x.example]}}
            """
                .formatted(directory, origin.as("localhost")),
            "test"));
  }

  private String reply(String command, String usual) {
    return replies.entrySet().stream()
        .filter(each -> command.startsWith(each.getKey()))
        .map(Map.Entry::getValue)
        .findFirst()
        .orElse(usual);
  }

  private void serve(MailTalk talk) throws IOException {
    talk.say("220 origin");
    talk.hear();
    talk.send("250-origin\r\n250 STARTTLS\r\n");
    talk.hear();
    talk.say("220 go");
    talk.acceptTls(ORIGINS.serving("localhost"), "TLSv1.2");
    boolean open = true;
    for (String line = talk.hear(); open && !line.isEmpty(); line = open ? talk.hear() : "") {
      heard.add(line);
      if (line.startsWith("EHLO")) {
        talk.send("250-origin\r\n250-AUTH XOAUTH2\r\n");
        for (String each : capabilities) {
          talk.say("250-" + each);
        }
        talk.say("250 HELP");
      } else if (line.startsWith("AUTH")) {
        String token =
            new String(
                Base64.getDecoder().decode(line.split(" ", -1)[2]), StandardCharsets.US_ASCII);
        open = say(talk, reply("AUTH", token.contains("good-token") ? "235 ok" : "535 5.7.3 bad"));
      } else if (line.equals("DATA")) {
        String go = reply("DATA", "354 go");
        open = say(talk, go);
        if (open && go.startsWith("3")) {
          StringBuilder data = new StringBuilder();
          for (String each = talk.hearWithEnd();
              !each.equals(".\r\n") && !each.isEmpty();
              each = talk.hearWithEnd()) {
            data.append(each);
          }
          heard.add(data.toString());
          open = say(talk, reply(".", "250-2.0.0 OK\r\n250 2.0.0 <id@origin> [Hostname=x] queued"));
        }
      } else {
        open = say(talk, reply(line, "250 ok"));
      }
    }
  }

  private static boolean say(MailTalk talk, String reply) throws IOException {
    if (reply.equals(CLOSE)) {
      return false;
    }
    talk.say(reply);
    return !reply.startsWith("421");
  }

  private final OriginOutages outages = new OriginOutages(Clock.systemUTC());
  private final LearntCapabilities learnt = new LearntCapabilities();

  private SmtpTransport.Way way(OutgoingMessage message) {
    return new SmtpTransport.Way(
        connections.connector(),
        connections.loop(),
        resolved.routes(),
        resolved.listeners().stream()
            .filter(each -> each.name().equals(message.envelope().listener()))
            .findFirst()
            .orElse(null),
        outages,
        learnt,
        Optional.ofNullable(message.envelope().account().isEmpty() ? null : account));
  }

  private static OutgoingMessage message(
      String listener, String account, boolean utf8, long size, String... recipients)
      throws Exception {
    return new OutgoingMessage(
        "id1",
        new MessageEnvelope(
            listener,
            InetAddress.getByName("192.0.2.7"),
            account,
            "scanner@contoso.example",
            List.of(recipients),
            utf8),
        List.of(recipients),
        size,
        Instant.EPOCH,
        Instant.MAX,
        0,
        Instant.EPOCH,
        "",
        false);
  }

  private Transport.Result send(OutgoingMessage message, String data) throws Exception {
    try (SmtpTransport transport = new SmtpTransport(this::way, LONG)) {
      return send(transport, message, data);
    }
  }

  private static Transport.Result send(
      SmtpTransport transport, OutgoingMessage message, String data) throws Exception {
    return transport.send(
        message,
        "Received: here\r\n",
        () -> new ByteArrayInputStream(data.getBytes(StandardCharsets.ISO_8859_1)));
  }

  private Transport.Result send(String account, String... recipients) throws Exception {
    return send(message("scan", account, false, 100, recipients), "Subject: x\r\n\r\n..\r\n");
  }

  @Test
  void deliversWithTheTokenOfTheAccount() throws Exception {
    var result = send(SignInDesk.MAILBOX, BOB, EVE);
    assertThat(result.by())
        .isEqualTo(origin.as("localhost") + ": 250 2.0.0 OK 2.0.0 <id@origin> [Hostname=x] queued");
    assertThat(result.accepted()).containsExactly(BOB, EVE);
    // A copy, because QUIT may arrive meanwhile.
    assertThat(List.copyOf(heard).subList(2, 7))
        .containsExactly(
            "MAIL FROM:<scanner@contoso.example> SIZE=116 BODY=8BITMIME",
            "RCPT TO:<" + BOB + ">",
            "RCPT TO:<" + EVE + ">",
            "DATA",
            "Received: here\r\nSubject: x\r\n\r\n..\r\n");
    assertThat(desk.asked).hasValue(1);
  }

  @Test
  void deliversWithoutSignInWhereTheDeviceHadNone() throws Exception {
    capabilities = List.of();
    assertThat(send("", BOB).accepted()).containsExactly(BOB);
    assertThat(heard.get(1)).isEqualTo("MAIL FROM:<scanner@contoso.example>");
    assertThat(desk.asked).hasValue(0);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 32 * 1024 - 17, 32 * 1024 - 16, 32 * 1024 - 15, 3_000_000})
  void passesOnEachByteAndEndsTheLastLine(int size) throws Exception {
    char[] all = new char[size];
    Arrays.fill(all, '\u00e9');
    String data = new String(all);
    assertThat(send(message("scan", "", false, size, BOB), data).accepted()).containsExactly(BOB);
    assertThat(lastHeard()).isEqualTo("Received: here\r\n" + data + (size == 0 ? "" : "\r\n"));
    assertThat(send(message("scan", "", false, size, BOB), data + "\r\n").accepted()).isNotEmpty();
    assertThat(lastHeard()).isEqualTo("Received: here\r\n" + data + "\r\n");
  }

  @ParameterizedTest
  @CsvSource({
    "MAIL, 550 5.7.1 no, refused",
    "MAIL, 451 4.7.500 busy, deferred",
    "MAIL, 421 4.3.2 bye, deferred",
    "MAIL, close, deferred",
    "MAIL, 530 5.7.57 Client not authenticated to send mail, deferred",
    "RCPT, 550 5.1.1 no, refused",
    "RCPT, 452 4.2.2 full, deferred",
    "RCPT, 421 4.3.2 bye, deferred",
    "RCPT, close, deferred",
    "DATA, 554 5.7.1 no, refused",
    "DATA, 451 4.3.0 later, deferred",
    "DATA, close, deferred",
    "., 554 5.6.0 no, refused",
    "., 554 5.2.252 SendAsDenied, refused",
    "., 554 5.2.0 STOREDRV.Submission.Exception:SubmissionQuotaExceededException, deferred",
    "., 451 4.3.0 later, deferred",
    "., 432 4.3.2 Concurrent connections limit exceeded, deferred",
    "., close, deferred",
    "AUTH, 535 5.7.139 Authentication unsuccessful, deferred",
    "AUTH, 454 4.7.0 Temporary authentication failure, deferred",
    "AUTH, 432 4.3.2 STOREDRV; Concurrent connections limit exceeded, deferred",
    "AUTH, close, deferred",
  })
  void decidesByTheReply(String step, String reply, String outcome) throws Exception {
    replies.put(step, reply);
    var result = send(SignInDesk.MAILBOX, BOB);
    assertThat(result.accepted()).isEmpty();
    assertThat(result.refused().containsKey(BOB)).isEqualTo(outcome.equals("refused"));
    assertThat(result.deferred().containsKey(BOB)).isEqualTo(outcome.equals("deferred"));
    String why =
        String.valueOf((outcome.equals("refused") ? result.refused() : result.deferred()).get(BOB));
    assertThat(why).contains(reply.equals(CLOSE) ? "clos" : reply);
    assertThat(result.retryAfter() != null)
        .as("concerns the account")
        .isEqualTo(step.equals("AUTH"));
  }

  @Test
  void namesTheRemedyOfKnownReplies() throws Exception {
    replies.put(".", "554 5.2.252 SendAsDenied");
    assertThat(send(SignInDesk.MAILBOX, BOB).refused().get(BOB)).contains("grant it SendAs");
    replies.put(
        "AUTH",
        "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the"
            + " Tenant");
    assertThat(send(SignInDesk.MAILBOX, BOB).deferred().get(BOB))
        .contains("SmtpClientAuthentication is disabled")
        .contains("Set-CASMailbox");
  }

  @Test
  void learnsTheCapabilitiesOfTheOriginForTheDevicesOfItsListener() throws Exception {
    assertThat(send(SignInDesk.MAILBOX, BOB).accepted()).containsExactly(BOB);
    assertThat(learnt.of("scan")).contains("8BITMIME");
  }

  @Test
  void decidesAboutEachRecipient() throws Exception {
    replies.put("RCPT TO:<" + EVE, "550 5.1.1 no such user");
    replies.put("RCPT TO:<full", "452 4.2.2 full");
    var result = send(SignInDesk.MAILBOX, BOB, EVE, "full@x");
    assertThat(result.accepted()).containsExactly(BOB);
    assertThat(result.refused()).containsOnly(Map.entry(EVE, "550 5.1.1 no such user"));
    assertThat(result.deferred()).containsOnly(Map.entry("full@x", "452 4.2.2 full"));
  }

  @Test
  void renewsARefusedTokenOnce() throws Exception {
    desk.tokens.set(0, "bad-token");
    desk.tokens.add("good-token");
    assertThat(send(SignInDesk.MAILBOX, BOB).accepted()).containsExactly(BOB);
    assertThat(desk.refused).containsExactly("bad-token");

    desk.tokens.set(1, "worse-token");
    assertThat(send(SignInDesk.MAILBOX, BOB).deferred().get(BOB)).contains("535 5.7.3");
  }

  @Test
  void defersWithoutATokenOrAPermit() throws Exception {
    desk.tokenAnswer = new TokenResult.Refused("the secret has expired");
    assertThat(send(SignInDesk.MAILBOX, BOB).deferred().get(BOB)).contains("secret has expired");
    desk.permitAnswer = new PermitResult.Busy("the mailbox has 3 sessions");
    assertThat(send(SignInDesk.MAILBOX, BOB).deferred().get(BOB)).contains("3 sessions");
    assertThat(heard).isEmpty();
  }

  @Test
  void defersWhatTheConfigurationNoLongerAllows() throws Exception {
    account = null;
    assertThat(send(SignInDesk.MAILBOX, BOB).deferred().get(BOB))
        .contains("account " + SignInDesk.MAILBOX + " is gone or disabled; add or enable it");
    for (String listener : List.of("gone", "web")) {
      assertThat(send(message(listener, "", false, 1, BOB), "x").deferred().get(BOB))
          .contains("its SMTP listener is gone; add it again");
    }
    assertThat(heard).isEmpty();
  }

  @Test
  void sendsNoTokenToAnotherOrigin() throws Exception {
    account =
        new AccountResult.Known(
            new MailAccount(SignInDesk.MAILBOX, List.of()),
            new OriginAccess.ByToken(SignInDesk.only(origin.as("other.example")), desk, desk),
            AccountResult.Standing.PERMANENT);
    assertThat(send(SignInDesk.MAILBOX, BOB).deferred().get(BOB)).contains("the token is for");
    assertThat(heard).isEmpty();
  }

  @Test
  void refusesWhatTheOriginCannotTake() throws Exception {
    assertThat(send(message("scan", "", false, 30_000_000, BOB), "x").refused().get(BOB))
        .startsWith("552 5.3.4 the message has 30000016 bytes");
    capabilities = List.of("SIZE 0", "8BITMIME");
    assertThat(send(message("scan", "", false, 30_000_000, BOB), "x").accepted()).isNotEmpty();
    assertThat(send(message("scan", "", true, 1, "j\u00f6rg@x"), "x").refused().get("j\u00f6rg@x"))
        .startsWith("553 5.6.7 ");
    capabilities = List.of("SMTPUTF8");
    assertThat(send(message("scan", "", true, 1, "j\u00f6rg@x"), "x").accepted()).isNotEmpty();
    assertThat(heard)
        .contains("MAIL FROM:<scanner@contoso.example> SMTPUTF8", "RCPT TO:<j\u00c3\u00b6rg@x>");
  }

  @Test
  void usesTheMailboxInPlaceOfTheNullSender() throws Exception {
    OutgoingMessage message = message("scan", SignInDesk.MAILBOX, false, 1, BOB);
    Function<String, OutgoingMessage> from =
        account ->
            new OutgoingMessage(
                "id1",
                new MessageEnvelope(
                    "scan", message.envelope().device(), account, "", List.of(BOB), false),
                List.of(BOB),
                1,
                Instant.EPOCH,
                Instant.MAX,
                0,
                Instant.EPOCH,
                "",
                false);
    send(from.apply(SignInDesk.MAILBOX), "x");
    send(from.apply(""), "x");
    assertThat(
            heard.stream()
                .filter(each -> each.startsWith("MAIL"))
                .map(each -> each.split(" ", -1)[1]))
        .containsExactly("FROM:<" + SignInDesk.MAILBOX + ">", "FROM:<>");
  }

  @Test
  void sendsNoEndAfterUnreadableData() throws Exception {
    var result =
        new SmtpTransport(this::way, LONG)
            .send(
                message("scan", SignInDesk.MAILBOX, false, 100_000, BOB),
                "",
                () ->
                    new SequenceInputStream(
                        new ByteArrayInputStream(new byte[60_000]),
                        new InputStream() {
                          @Override
                          public int read() throws IOException {
                            throw new IOException("the database failed");
                          }

                          @Override
                          public int read(byte[] into, int from, int length) throws IOException {
                            return read();
                          }
                        }));
    assertThat(result.deferred().get(BOB)).isEqualTo("the database failed");
    await().until(() -> heard.contains("\0".repeat(60_000)));
    assertThat(result.accepted()).isEmpty();
  }

  @Test
  void endsWhenItIsInterrupted() throws Exception {
    replies.put(".", "250-to be continued");
    Thread thread =
        new Thread(
            () -> {
              try {
                send(SignInDesk.MAILBOX, BOB);
              } catch (Exception stopped) {
                heard.add(stopped.getClass().getSimpleName());
              }
            });
    thread.start();
    await().until(() -> heard.contains("DATA"));
    thread.interrupt();
    thread.join(Duration.ofSeconds(10).toMillis());
    assertThat(heard).contains("InterruptedException");
  }

  @Test
  void trustsOnlyTheNameOfTheOrigin() throws Exception {
    resolved =
        ConfigMapper.map(
            ConfigLoader.parse(
                """
                dataDirectory: '%1$s/data'
                admin: {bind: "127.0.0.1:0"}
                routes: [{to: ["127.0.0.1:*"], action: bridge}]
                listeners:
                  - {name: scan, bind: '127.0.0.1:0', accept: fixed, origin: '%2$s', protocol: smtp, upstreamTls: starttls, profile: legacy}
                """
                    .formatted(directory, origin.as("127.0.0.1")),
                "test"));
    assertThat(send(SignInDesk.MAILBOX, BOB).deferred().get(BOB)).contains("127.0.0.1");
    assertThat(heard).isEmpty();
  }

  @Test
  void anOriginThatRefusesTheConnectionIsAnOutage() throws Exception {
    send("", BOB);
    assertThat(outages.now()).isEmpty();
    int closed;
    try (ServerSocket once = new ServerSocket(0)) {
      closed = once.getLocalPort();
    }
    resolved =
        ConfigMapper.map(
            ConfigLoader.parse(
                """
                dataDirectory: '%1$s/data'
                admin: {bind: "127.0.0.1:0"}
                routes: [{to: ["localhost:*"], action: bridge}]
                listeners:
                  - {name: scan, bind: '127.0.0.1:0', accept: fixed, origin: 'localhost:%2$d', protocol: smtp, upstreamTls: starttls, profile: legacy}
                """
                    .formatted(directory, closed),
                "test"));
    assertThat(send("", BOB).deferred()).hasSize(1);
    assertThat(outages.now())
        .singleElement()
        .satisfies(outage -> assertThat(outage.origin().port()).isEqualTo(closed))
        .satisfies(outage -> assertThat(outage.why()).contains("refused"));
  }

  @Test
  void routesAreThoseOfNow() throws Exception {
    RouteTable none = new RouteTable(List.of());
    var result =
        new SmtpTransport(
                message -> {
                  SmtpTransport.Way way = way(message);
                  return new SmtpTransport.Way(
                      way.connector(),
                      way.loop(),
                      none,
                      way.listener(),
                      outages,
                      learnt,
                      way.account());
                },
                LONG)
            .send(
                message("scan", "", false, 1, BOB),
                "",
                () -> new ByteArrayInputStream(new byte[1]));
    assertThat(result.deferred().get(BOB)).contains("no route");
  }

  private String lastHeard() {
    List<String> lines = heard.stream().filter(line -> !line.equals("QUIT")).toList();
    return lines.get(lines.size() - 1);
  }

  private long connections() {
    return heard.stream().filter(line -> line.startsWith("EHLO")).count();
  }

  @Test
  void sendsTheNextMessageOfAQueueOnTheSameConnection() throws Exception {
    OutgoingMessage message = message("scan", SignInDesk.MAILBOX, false, 100, BOB);
    try (SmtpTransport transport = new SmtpTransport(this::way, LONG)) {
      for (int i = 0; i < 3; i++) {
        assertThat(send(transport, message, "Subject: " + i + "\r\n").accepted()).hasSize(1);
      }
      assertThat(connections()).isEqualTo(1);
      assertThat(heard.stream().filter(line -> line.equals("RSET"))).hasSize(2);
      assertThat(desk.permits).as("of the session").hasValue(1);
      assertThat(send(transport, message("scan", "", false, 100, BOB), "x\r\n").accepted())
          .hasSize(1);
      assertThat(connections()).as("another queue").isEqualTo(2);
    }
    assertThat(desk.permits).hasValue(0);
  }

  @Test
  void endsAConnectionThatWaitsTooLong() throws Exception {
    OutgoingMessage message = message("scan", SignInDesk.MAILBOX, false, 100, BOB);
    try (SmtpTransport transport = new SmtpTransport(this::way, Duration.ofMillis(50))) {
      send(transport, message, "x\r\n");
      await().until(() -> heard.contains("QUIT") && desk.permits.get() == 0);
      assertThat(send(transport, message, "late\r\n").accepted()).hasSize(1);
      assertThat(connections()).isEqualTo(2);
    }
  }

  @Test
  void opensAnotherConnectionIfTheLastOneIsOfNoUse() throws Exception {
    OutgoingMessage message = message("scan", "", false, 100, BOB);
    try (SmtpTransport transport = new SmtpTransport(this::way, LONG)) {
      send(transport, message, "one\r\n");
      replies.put("RSET", CLOSE);
      assertThat(send(transport, message, "closed\r\n").accepted()).hasSize(1);
      assertThat(connections()).isEqualTo(2);
      replies.put("RSET", "421 4.7.0 too many messages");
      assertThat(send(transport, message, "too many\r\n").accepted()).hasSize(1);
      assertThat(connections()).isEqualTo(3);
      replies.clear();
      replies.put(".", "451 4.3.0 later");
      send(transport, message, "refused\r\n");
      replies.clear();
      assertThat(send(transport, message, "again\r\n").accepted()).hasSize(1);
      assertThat(connections()).as("not after a refusal").isEqualTo(4);
      connections.close();
      connections = new OwnConnections(Upstreams.outgoing(resolved.trust()));
      assertThat(send(transport, message, "reloaded\r\n").accepted()).hasSize(1);
      assertThat(connections()).as("of another configuration").isEqualTo(5);
    }
  }

  @Test
  void endsAConnectionAfterAsManyMessagesAsEveryServerAccepts() throws Exception {
    OutgoingMessage message = message("scan", "", false, 100, BOB);
    try (SmtpTransport transport = new SmtpTransport(this::way, LONG)) {
      for (int i = 0; i < 21; i++) {
        assertThat(send(transport, message, "x\r\n").accepted()).hasSize(1);
      }
    }
    assertThat(connections()).isEqualTo(2);
  }
}
