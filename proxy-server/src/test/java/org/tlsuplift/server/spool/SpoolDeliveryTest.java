package org.tlsuplift.server.spool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tlsuplift.proxy.testing.MailOriginServer;
import org.tlsuplift.proxy.testing.MailTalk;
import org.tlsuplift.proxy.testing.TestAuthority;
import org.tlsuplift.server.authority.CaExport;
import org.tlsuplift.server.config.ConfigLoader;
import org.tlsuplift.server.config.LoadedConfig;
import org.tlsuplift.server.daemon.AdminPage;
import org.tlsuplift.server.daemon.Components;
import org.tlsuplift.server.database.Database;
import org.tlsuplift.server.database.DatabasePlace;
import org.tlsuplift.server.feature.Condition;
import org.tlsuplift.server.mail.OutgoingMessage;
import org.tlsuplift.server.testing.AtOnce;

/** A daemon keeps the mail of devices, and delivers it, also after a restart. */
class SpoolDeliveryTest {
  private static final TestAuthority ORIGINS = TestAuthority.create();

  private final List<String> arrived = new CopyOnWriteArrayList<>();
  private final MailOriginServer origin = new MailOriginServer(this::serve);
  private final List<String> commands = new CopyOnWriteArrayList<>();
  private volatile CountDownLatch held = new CountDownLatch(0);
  private volatile String reply = "250 2.0.0 <id@origin> queued";

  @TempDir private Path directory;

  @AfterEach
  void close() {
    origin.close();
  }

  private void serve(MailTalk talk) throws Exception {
    talk.acceptTls(ORIGINS.serving("localhost"), "TLSv1.2");
    talk.say("220 origin");
    boolean notification = false;
    for (String line = talk.hear(); !line.isEmpty(); line = talk.hear()) {
      commands.add(line);
      if (line.startsWith("MAIL FROM:")) {
        notification = line.startsWith("MAIL FROM:<>");
        talk.say("250 ok");
      } else if (line.startsWith("EHLO")) {
        talk.send("250-origin\r\n250 AUTH PLAIN\r\n");
      } else if (line.startsWith("AUTH")) {
        talk.say("235 ok");
      } else if (line.equals("DATA")) {
        held.await();
        talk.say("354 go");
        StringBuilder data = new StringBuilder();
        for (String each = talk.hear(); !each.equals("."); each = talk.hear()) {
          data.append(each).append('\n');
        }
        String answer = notification ? "250 ok" : reply;
        if (answer.startsWith("2")) {
          arrived.add(data.toString());
        }
        talk.say(answer);
      } else {
        talk.say("250 ok");
      }
    }
  }

  private Components start(String spool) throws Exception {
    return start("scan", spool);
  }

  private Components start(String listener, String spool) throws Exception {
    Files.write(
        directory.resolve("roots.pem"),
        CaExport.encode(ORIGINS.certificate(), CaExport.Format.PEM));
    return Components.start(config(listener, spool, "127.0.0.1:0"), line -> {});
  }

  private LoadedConfig config(String listener, String spool, String admin) throws Exception {
    return ConfigLoader.parse(
        """
            dataDirectory: '%1$s/data'
            admin: {bind: "%5$s"}
            certificateAuthority: {keyAlgorithm: EC-P256, nameConstraints: false}
            upstream: {trust: '%1$s/roots.pem'}
            devices: {allow: [127.0.0.0/8]}
            limits: {drainTimeout: 5s}
            routes: [{to: ["localhost:*"], action: bridge}]
            listeners:
              - {name: %4$s, bind: '127.0.0.1:0', accept: fixed, origin: '%2$s', protocol: smtp, downstreamTls: implicit, upstreamTls: implicit, serverNames: [device.example], profile: legacy%3$s}
            """
            .formatted(directory, origin.as("localhost"), spool, listener, admin),
        "test");
  }

  private static String send(Components components, String sender, String subject)
      throws Exception {
    try (MailTalk device =
        MailTalk.tls(
            components.listeners().get(0).address(),
            "device.example",
            TestAuthority.trusting(components.ca().anchor()),
            "TLSv1.2")) {
      assertThat(device.hear()).startsWith("220 ");
      device.askUntil("EHLO printer", "250 ");
      assertThat(device.ask("MAIL FROM:<" + sender + ">")).startsWith("250");
      assertThat(device.ask("RCPT TO:<bob@contoso.example>")).startsWith("250");
      assertThat(device.ask("DATA")).startsWith("354");
      return device.ask("Subject: " + subject + "\r\n\r\n..dot\r\n.");
    }
  }

  private List<OutgoingMessage> waiting() throws Exception {
    try (JdbcSpoolStore store =
        JdbcSpoolStore.forCommand(
            new DatabasePlace.Embedded(directory.resolve("data/spool.db")), Clock.systemUTC())) {
      return store.list(10);
    }
  }

  private void retry(String id) throws Exception {
    try (JdbcSpoolStore store =
        JdbcSpoolStore.forCommand(
            new DatabasePlace.Embedded(directory.resolve("data/spool.db")), Clock.systemUTC())) {
      assertThat(store.change(id, SpoolChange.RETRY)).isPresent();
    }
  }

  private String signIn() throws Exception {
    Path file =
        Files.createFile(
            directory.resolve("upstream.password"),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(file, "secret\n");
    return ", signIn: true, mail: {spool: {when: always}}}\nsignIn: {accounts: [{devices: [127.0.0.0/8], mailbox: scanner@contoso.example, upstream: {origin: '%s', user: relay, passwordFile: '%s'}}]"
        .formatted(origin.as("localhost"), file);
  }

  @Test
  void deliversAfterARestartWithoutASpool() throws Exception {
    reply = "451 4.3.0 later";
    String id;
    try (Components components = start(", mail: {spool: {when: always}}")) {
      assertThat(send(components, "scanner@contoso.example", "one")).startsWith("250 2.0.0 ");
      await().until(() -> !waiting().isEmpty() && waiting().get(0).attempts() == 1);
      id = waiting().get(0).id();
      assertThat(waiting().get(0).lastReply()).isEqualTo("451 4.3.0 later");
      components.drain();
    }
    reply = "250 2.0.0 <id@origin> queued";
    try (Components components = start("")) {
      retry(id);
      await().until(() -> arrived.size() == 1);
      await().until(() -> waiting().isEmpty());
      assertThat(arrived.get(0))
          .containsOnlyOnce("Received: from [127.0.0.1] by ")
          .contains("Message-ID: <" + id + "@tls-uplift.invalid>\n")
          .endsWith("Subject: one\n\n..dot\n");
      assertThat(AdminPage.read(components.adminAddress(), "/metrics").body())
          .contains("tlsuplift_spool_deliveries_total{outcome=\"delivered\"} 1.0");
      await()
          .until(
              () ->
                  AdminPage.read(components.adminAddress(), "/api/messages.csv")
                      .body()
                      .matches(
                          "(?s).*,"
                              + id
                              + ",scan,127.0.0.1,.*,1,1,[0-9]+,delivered,,localhost:[0-9]+: 250"
                              + " 2.0.0 <id@origin> queued,.*"));
    }
  }

  private void expire() throws Exception {
    DatabasePlace place = new DatabasePlace.Embedded(directory.resolve("data/spool.db"));
    try (Database database = Database.forWriting(place, Database.Durability.POWER_CUT)) {
      database.createFile();
      String change = "UPDATE spool_message SET expires = 1, next_attempt = 1";
      assertThat(database.<Integer>run(sql -> sql.update(change))).isEqualTo(1);
    }
  }

  @Test
  void notifiesByAnotherListenerIfItsOwnIsGone() throws Exception {
    reply = "451 4.3.0 later";
    try (Components components = start(", mail: {spool: {when: always}}")) {
      assertThat(send(components, "scanner@contoso.example", "one")).startsWith("250 2.0.0 ");
      await().until(() -> !waiting().isEmpty() && waiting().get(0).attempts() == 1);
    }
    expire();
    try (Components components = start("other", ", mail: {spool: {when: always}}")) {
      await().until(() -> arrived.size() == 1);
      assertThat(arrived.get(0))
          .contains("Content-Type: multipart/report", "its SMTP listener is gone");
      await().until(() -> waiting().isEmpty());
      assertThat(components.notifications().conditions())
          .extracting(Condition::kind)
          .contains("mail_returned");
    }
  }

  @Test
  void queuesNoNotificationIfNoListenerCanSendIt() throws Exception {
    reply = "451 4.3.0 later";
    try (Components components = start(", mail: {spool: {when: always}}")) {
      assertThat(send(components, "scanner@contoso.example", "one")).startsWith("250 2.0.0 ");
      await().until(() -> !waiting().isEmpty() && waiting().get(0).attempts() == 1);
    }
    expire();
    try (Components components = start("other", signIn())) {
      await().until(() -> waiting().isEmpty());
      await()
          .untilAsserted(
              () ->
                  assertThat(components.notifications().conditions())
                      .extracting(Condition::kind)
                      .contains("mail_returned"));
    }
    assertThat(arrived).isEmpty();
  }

  @Test
  void reportsWaitingMailWhoseKeyIsMissing() throws Exception {
    reply = "451 4.3.0 later";
    try (Components components = start(", mail: {spool: {when: always}}")) {
      assertThat(send(components, "scanner@contoso.example", "one")).startsWith("250 2.0.0 ");
    }
    Files.delete(directory.resolve("data/spool.key"));
    try (Components components = start(", mail: {spool: {when: always}}")) {
      await()
          .until(
              () ->
                  AdminPage.read(components.adminAddress(), "/metrics")
                      .body()
                      .contains("tlsuplift_spool_messages{state=\"waiting\"} 1.0"));
      for (String path : List.of("/healthz", "/readyz")) {
        await()
            .untilAsserted(
                () ->
                    assertThat(AdminPage.read(components.adminAddress(), path).body())
                        .contains("; the spool cannot be read, so no waiting mail leaves"));
        assertThat(AdminPage.read(components.adminAddress(), path).status()).isEqualTo(200);
      }
      assertThat(components.notifications().conditions())
          .extracting(Condition::kind)
          .contains("spool_away");
    }
  }

  @Test
  void aRefusedReloadLeavesNoSpoolAndTheNextOneOpensIt() throws Exception {
    String spool = ", mail: {spool: {when: always}}";
    try (Components components = start("");
        ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String address = "127.0.0.1:" + taken.getLocalPort();
      assertThatThrownBy(() -> components.reload(config("scan", spool, address), line -> {}))
          .hasMessageContaining(address);
      assertThat(AdminPage.read(components.adminAddress(), "/metrics").body())
          .doesNotContain("tlsuplift_spool_messages");
      assertThat(directory.resolve("data/spool.db")).doesNotExist();
      assertThat(send(components, "scanner@contoso.example", "direct")).isEqualTo(reply);

      components.reload(config("scan", spool, "127.0.0.1:0"), line -> {});
      assertThat(send(components, "scanner@contoso.example", "kept")).startsWith("250 2.0.0 ");
      await().until(() -> arrived.size() == 2);
    }
  }

  @Test
  void returnsRefusedMailToItsSender() throws Exception {
    reply = "554 5.6.0 never";
    try (Components components = start(", mail: {spool: {when: always}}")) {
      assertThat(send(components, "scanner@contoso.example", "two")).startsWith("250 2.0.0 ");
      await().until(() -> arrived.size() == 1);
      await().until(() -> waiting().isEmpty());
      assertThat(commands).containsOnlyOnce("MAIL FROM:<>", "RCPT TO:<scanner@contoso.example>");
      assertThat(arrived.get(0))
          .contains("Content-Type: multipart/report", "Diagnostic-Code: smtp; 554 5.6.0 never");
      await()
          .until(
              () ->
                  AdminPage.read(components.adminAddress(), "/metrics")
                      .body()
                      .contains("tlsuplift_spool_deliveries_total{outcome=\"returned\"} 1.0"));
      assertThat(components.notifications().conditions())
          .extracting(Condition::kind)
          .contains("mail_returned");
    }
  }

  @Test
  void usesTheAccountAndFinishesASendDuringADrain() throws Exception {
    try (Components components = start(signIn())) {
      CountDownLatch hold = new CountDownLatch(1);
      held = hold;
      assertThat(send(components, "scanner@contoso.example", "three")).startsWith("250 2.0.0 ");
      await().until(() -> commands.contains("DATA"));
      CompletableFuture<Integer> drained = AtOnce.supply(components::drain);
      hold.countDown();
      assertThat(drained.join()).isZero();
      assertThat(waiting()).isEmpty();
      assertThat(arrived).hasSize(1);
      assertThat(commands)
          .contains(
              "AUTH PLAIN "
                  + Base64.getEncoder()
                      .encodeToString("\0relay\0secret".getBytes(StandardCharsets.US_ASCII)));
    }
  }
}
