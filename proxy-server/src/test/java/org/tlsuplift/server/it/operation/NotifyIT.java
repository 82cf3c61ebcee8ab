package org.tlsuplift.server.it.operation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import javax.net.ssl.SSLSocket;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.tlsuplift.server.daemon.ReloadRequest;
import org.tlsuplift.server.daemon.ReloadSocket;
import org.tlsuplift.server.inventory.DeviceNotes;
import org.tlsuplift.server.inventory.Inventory.NotesChange;
import org.tlsuplift.server.inventory.VerdictRules;
import org.tlsuplift.server.inventory.record.WrittenInventory;
import org.tlsuplift.server.inventory.record.WrittenInventory.Does;
import org.tlsuplift.server.it.lab.Account;
import org.tlsuplift.server.it.lab.CommandLineRun;
import org.tlsuplift.server.it.lab.Daemon;
import org.tlsuplift.server.it.lab.Identity;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.Machine;
import org.tlsuplift.server.it.lab.Run;
import org.tlsuplift.server.it.lab.TestCa;
import org.tlsuplift.server.it.peer.Conversations;
import org.tlsuplift.server.it.peer.JsseOrigin;
import org.tlsuplift.server.it.peer.Letter;
import org.tlsuplift.server.it.peer.Mail;
import org.tlsuplift.server.it.peer.OriginVersions;
import org.tlsuplift.server.it.peer.PostOffice;
import org.tlsuplift.server.it.peer.TlsForm;

/** Notifications of the started daemon reach a real Postfix and a web service. */
class NotifyIT {
  @RegisterExtension static final Lab lab = new Lab();

  private static final String SECRET = "0123456789abcdef0123456789abcdef";
  private static final Pattern LENGTH = Pattern.compile("(?i)\r\ncontent-length: *(\\d+)");
  private static final List<Hook> hooks = new CopyOnWriteArrayList<>();

  private static TestCa ca;
  private static PostOffice office;
  private static Path secret;
  private static String webhook;

  /** A request to the web service. */
  private record Hook(String head, String body) {
    String header(String name) {
      Matcher found = Pattern.compile("(?i)\r\n" + name + ": *(\\S+)").matcher(head);
      assertThat(found.find()).as(name + " in " + head).isTrue();
      return found.group(1);
    }
  }

  @BeforeAll
  static void start() throws IOException {
    ca = new TestCa(lab);
    Identity identity = ca.issue("localhost");
    office = PostOffice.start(lab, identity, OriginVersions.MODERN);
    JsseOrigin receiver = JsseOrigin.start(lab, ca.issue("localhost"), NotifyIT::receive);
    webhook = "https://" + receiver.byName() + "/alerts?team=printers";
    secret = Lab.privately(lab.file("secret", SECRET + "\n"));
  }

  private static void receive(SSLSocket sender) throws IOException {
    InputStream in = sender.getInputStream();
    String head = Conversations.readHead(in);
    Matcher length = LENGTH.matcher(head);
    assertThat(length.find()).as(head).isTrue();
    byte[] body = in.readNBytes(Integer.parseInt(length.group(1)));
    hooks.add(new Hook(head, new String(body, StandardCharsets.UTF_8)));
    sender.getOutputStream().write(Conversations.head(0));
  }

  private static String yaml(Account account, TlsForm form) throws IOException {
    return """
    listeners:
      - {name: web, bind: "127.0.0.1:0", accept: http-connect, profile: legacy}
    routes:
      - {to: ["localhost:1024-65535"], action: bridge}
    upstream: {trust: "%s"}
    notify:
      smtp:
        server: %s
        tls: %s
        from: %s
        to: ["%s"]
        user: %s
        passwordFile: %s
      webhook: {url: "%s", secretFile: %s}
    """
        .formatted(
            ca.file(),
            office.origin(Mail.SMTP, form).byName(),
            form.label(),
            account.address(),
            account.address(),
            account.address(),
            Lab.privately(lab.file("password", account.password() + "\n")),
            webhook,
            secret);
  }

  private static void replace(Daemon daemon, String text, String with) throws IOException {
    Path file = Daemon.config(daemon.folder());
    Files.writeString(file, Files.readString(file).replace(text, with));
  }

  private static boolean reload(Daemon daemon) throws IOException {
    return ReloadRequest.send(ReloadSocket.of(Daemon.data(daemon.folder()))).isApplied();
  }

  private static void assertSigned(Hook hook) throws Exception {
    String timestamp = hook.header("X-TLS-Uplift-Timestamp");
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(SECRET.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
    String expected =
        HexFormat.of()
            .formatHex(
                mac.doFinal((timestamp + "." + hook.body()).getBytes(StandardCharsets.UTF_8)));
    assertThat(hook.header("X-TLS-Uplift-Signature")).isEqualTo("sha256=" + expected);
    assertThat(Long.parseLong(timestamp))
        .isCloseTo(System.currentTimeMillis() / 1000, Offset.offset(120L));
  }

  private static Hook awaitHook(String event) {
    await("a request with " + event)
        .atMost(Duration.ofSeconds(40))
        .until(() -> hooks.stream().anyMatch(each -> each.body().contains(event)));
    return hooks.stream().filter(each -> each.body().contains(event)).findFirst().orElseThrow();
  }

  @Test
  void theStartAndTheEndOfAConditionAreSentOnceEach() throws Exception {
    Account account = office.newAccount();
    Daemon daemon = Daemon.start(lab, yaml(account, TlsForm.STARTTLS));

    replace(daemon, "action: bridge", "action: bridges");
    assertThat(reload(daemon)).isFalse();

    Hook started = awaitHook("\"event\":\"started\"");
    assertThat(started.head()).startsWith("POST /alerts?team=printers HTTP/1.1");
    assertThat(started.body())
        .contains(
            "\"condition\":\"reload_refused\"", "\"remedy\":\"run 'tls-uplift check --config ");
    assertSigned(started);
    String mail = Letter.read(office.awaitMail(account));
    assertThat(mail)
        .contains(
            "using TLSv1.3",
            "Subject: TLS Uplift ",
            "the latest reload was not applied",
            "What to do: run 'tls-uplift check --config ");

    replace(daemon, "action: bridges", "action: bridge");
    assertThat(reload(daemon)).isTrue();
    assertSigned(awaitHook("\"event\":\"ended\""));
    await()
        .atMost(Duration.ofSeconds(20))
        .until(
            () ->
                daemon
                        .metrics()
                        .sum("tlsuplift_notifications_total", "outcome", "sent", "channel", "smtp")
                    == 2);
    assertThat(office.awaitMails(account, "the latest reload was not applied")).isEqualTo(2);
    assertThat(hooks.stream().filter(each -> each.body().contains("reload_refused"))).hasSize(2);
    assertThat(daemon.output()).doesNotContain(SECRET, account.password());
  }

  @Test
  void anOperatorTriesTheReceivers() throws Exception {
    Account account = office.newAccount();
    Path config = daemonConfig(yaml(account, TlsForm.IMPLICIT));

    Run run = Run.of(Daemon.jar("notify", "test", "--config", config.toString())).succeeded();

    assertThat(run.output())
        .contains("smtp: " + account.address(), "webhook: https://localhost:", "has accepted");
    assertThat(Letter.read(office.awaitMail(account))).contains("this is a test");
    assertSigned(awaitHook("\"event\":\"test\""));
  }

  @Test
  void aReceiverThatRefusesIsNamedWithItsReply() throws Exception {
    Account account = office.newAccount();
    Path config =
        daemonConfig(
            yaml(new Account(account.address(), "wrong"), TlsForm.STARTTLS)
                .replace(webhook, "https://localhost:1/nothing"));

    Run run = CommandLineRun.of("notify", "test", "--config", config.toString());

    assertThat(run.exit()).as(run.toString()).isEqualTo(1);
    assertThat(run.output())
        .contains("the server refused the sign-in", "webhook: https://localhost:1 failed:");
    assertThat(office.hasMail(account)).isFalse();
  }

  /** An inventory with two devices with a tag, one of which needs TLS Uplift. */
  private static void twoPrinters(Path data, String due) throws Exception {
    Path file = Files.createDirectories(data).resolve("inventory.db");
    Instant now = Instant.now();
    try (WrittenInventory seen = new WrittenInventory(file, VerdictRules.defaults(), now)) {
      seen.saw("10.1.2.3", now.minus(Duration.ofDays(9)), "web", Does.MODERN)
          .saw("10.1.2.3", now, "web", Does.MODERN)
          .saw("10.1.2.4", now, "web", Does.TLS_1_0)
          .write();
      DeviceNotes notes = DeviceNotes.NONE.with(Map.of("tags", "printers", "place", "B\u00fcro 3"));
      seen.inventory()
          .write(
              List.of(
                  new NotesChange("10.1.2.3", DeviceNotes.NONE, notes),
                  new NotesChange("10.1.2.4", DeviceNotes.NONE, notes)));
    }
    try (Connection database = DriverManager.getConnection("jdbc:sqlite:" + file);
        PreparedStatement insert =
            database.prepareStatement("INSERT INTO report_due (report, due) VALUES (?, 1)")) {
      insert.setString(1, due);
      insert.executeUpdate();
    }
  }

  private static String report(Account account) throws IOException {
    String mail = Letter.read(office.awaitMail(account));
    assertThat(mail)
        .contains(
            "Subject: 1 of your 2 printers still need TLS Uplift",
            "Content-Transfer-Encoding: base64",
            "To: <" + account.address() + ">");
    String body = mail.substring(mail.indexOf("\n\n") + 2).replaceAll("[^A-Za-z0-9+/=]", "");
    return new String(Base64.getDecoder().decode(body), StandardCharsets.UTF_8);
  }

  @Test
  void theWeeklyReportReachesTheOwnerOfTheDevicesOnce() throws Exception {
    Account sender = office.newAccount();
    Account owner = office.newAccount();
    Path folder = lab.directory("weekly");
    twoPrinters(Daemon.data(folder), "printers to " + owner.address());
    String yaml =
        yaml(sender, TlsForm.STARTTLS)
            + "  weekly: [{tag: printers, to: '%s'}, {tag: phones, to: '%s'}]\n"
                .formatted(owner.address(), sender.address());

    Daemon daemon = Daemon.start(lab, Machine.HERE, folder, yaml);

    assertThat(report(owner))
        .contains("10.1.2.4", "B\u00fcro 3", "needs upgrade: TLS 1.0 only", "1: ready")
        .contains("/devices?tag=printers&verdict=needs_upgrade")
        .doesNotContain("10.1.2.3");
    await().until(() -> daemon.output().contains("the weekly report about 'printers' was sent to"));
    assertThat(office.hasMail(sender)).as("a report that is due on Monday").isFalse();
    assertThat(
            daemon
                .metrics()
                .sum("tlsuplift_notifications_total", "outcome", "sent", "channel", "smtp"))
        .isEqualTo(1);

    Account tester = office.newAccount();
    Run run =
        CommandLineRun.of(
            "notify",
            "weekly",
            "--to",
            tester.address(),
            "--config",
            Daemon.config(folder).toString());
    assertThat(run.exit()).as(run.toString()).isZero();
    assertThat(run.output())
        .contains("printers to " + tester.address() + ": sent", "phones to " + tester.address());
    await().until(() -> office.awaitMails(tester, "Auto-Submitted: auto-generated") == 2);
    assertThat(office.awaitMails(owner, "Subject: 1 of your 2 printers")).isEqualTo(1);
  }

  @Test
  void aWeeklyReportThatIsRefusedIsAWarningWithARemedy() throws Exception {
    Account sender = office.newAccount();
    Path folder = lab.directory("refused");
    twoPrinters(Daemon.data(folder), "printers to it@corp.example");
    Daemon daemon =
        Daemon.start(
            lab,
            Machine.HERE,
            folder,
            yaml(new Account(sender.address(), "wrong"), TlsForm.STARTTLS)
                + "  weekly: [{tag: printers, to: it@corp.example}]\n");
    await()
        .until(() -> daemon.output().contains("the weekly report about 'printers' did not reach"));
    assertThat(daemon.output())
        .contains("the server refused the sign-in; check user and passwordFile")
        .contains("tries again in 15 minutes; try it with 'tls-uplift notify weekly'");
    assertThat(
            daemon
                .metrics()
                .sum("tlsuplift_notifications_total", "outcome", "retried", "channel", "smtp"))
        .isEqualTo(1);
  }

  private static Path daemonConfig(String yaml) {
    Path folder = lab.directory("command");
    return Lab.write(Daemon.config(folder), "dataDirectory: " + Daemon.data(folder) + "\n" + yaml);
  }
}
