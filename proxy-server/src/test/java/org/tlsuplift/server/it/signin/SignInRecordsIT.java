package org.tlsuplift.server.it.signin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.tlsuplift.server.it.lab.Account;
import org.tlsuplift.server.it.lab.Daemon;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.Metrics;
import org.tlsuplift.server.it.lab.Run;
import org.tlsuplift.server.it.mail.MailDevice.Way;
import org.tlsuplift.server.it.mail.MailListener;
import org.tlsuplift.server.it.mail.SwaksDevice;
import org.tlsuplift.server.it.peer.Letter;
import org.tlsuplift.server.it.peer.Mail;
import org.tlsuplift.server.it.peer.PostOffice;
import org.tlsuplift.server.it.peer.Postfix;
import org.tlsuplift.server.it.peer.TlsForm;

/** What access log and inventory say of devices that are signed in, or are not. */
class SignInRecordsIT {
  @RegisterExtension static final Lab lab = new Lab();

  private static final Account KNOWN = LocalLogins.account(0);
  private static final Account GUESSED = new Account(KNOWN.address(), "guessed");

  private static Path file;
  private static PostOffice office;
  private static Daemon daemon;

  @BeforeAll
  static void start() {
    CloudTenant tenant = CloudTenant.start(lab);
    office = tenant.office().mails();
    file = lab.directory("log").resolve("access.log");
    List<String> accounts = LocalLogins.create().accounts(1);
    accounts.add("{devices: [127.0.0.2/32], mailbox: \"" + Postfix.address(151) + "\"}");
    MailListener listener =
        MailListener.signingIn(TlsForm.STARTTLS, office.origin(Mail.SMTP, TlsForm.STARTTLS));
    daemon =
        Daemon.start(
            lab,
            tenant.yaml(tenant.bySecret(), accounts, listener)
                + """
                devices: {reverseDns: false}
                inventory: {flushInterval: 200ms}
                accessLog: {file: "%s"}
                """
                    .formatted(file));
  }

  @Test
  void recordsADeviceThatSignsInByPassword() throws IOException {
    device("127.0.0.3", "TLSv1", "copier-2nd-floor", KNOWN).succeeded();

    JsonNode line = bridged("127.0.0.3", "TLSv1");
    // After the reply to QUIT both close, and either end may be seen first.
    assertThat(line.get("reason").textValue()).isIn("origin_closed", "device_closed");
    JsonNode device = recorded("127.0.0.3", "copier-2nd-floor", "too_old");
    assertThat(device.get("legacyHandshakes").asInt()).isEqualTo(1);
    assertThat(device.get("latestVersion").textValue()).isEqualTo("TLSv1");
    assertThat(device.has("latestFailure")).isFalse();
  }

  @Test
  void recordsADeviceThatSignsInByItsAddress() throws IOException {
    device("127.0.0.2", "TLSv1", "panel", null).succeeded();

    bridged("127.0.0.2", "TLSv1");
    JsonNode device = recorded("127.0.0.2", "panel", "too_old");
    assertThat(device.get("legacyHandshakes").asInt()).isEqualTo(1);
    assertThat(device.get("latestVersion").textValue()).isEqualTo("TLSv1");
  }

  @Test
  void recordsAModernDevice() throws IOException {
    device("127.0.0.4", "TLSv1.2", "laptop", KNOWN).succeeded();

    bridged("127.0.0.4", "TLSv1.2");
    JsonNode device = recorded("127.0.0.4", "laptop", "ready");
    assertThat(device.get("legacyHandshakes").asInt()).isZero();
  }

  @Test
  void recordsADeviceWithAWrongPassword() throws IOException {
    assertThat(device("127.0.0.5", "TLSv1", "stranger", GUESSED).exit()).isNotZero();

    JsonNode line = line("127.0.0.5");
    assertThat(line.get("reason").textValue()).isEqualTo("sign_in_failed");
    assertThat(line.at("/downstream/version").textValue()).isEqualTo("TLSv1");
    assertThat(line.has("upstream")).isFalse();
    // The end of the session may be written after its handshake.
    JsonNode device =
        await("the failure of 127.0.0.5")
            .atMost(Duration.ofSeconds(15))
            .until(
                () -> recorded("127.0.0.5", "stranger", "too_old"),
                found -> found.has("latestFailure"));
    assertThat(device.get("latestFailure").textValue()).isEqualTo("sign_in_failed");
    assertThat(device.get("legacyHandshakes").asInt()).isEqualTo(1);
  }

  /** Sends from an address; without an account it does not sign in. */
  private static Run device(
      String address, String version, String name, @Nullable Account account) {
    SwaksDevice swaks = new SwaksDevice(lab, version, "--local-interface", address, "--ehlo", name);
    Account sender = account == null ? office.newAccount() : account;
    return (account == null ? swaks : swaks.with("--auth", "LOGIN"))
        .attempt(
            Way.fixed(daemon, "smtp-starttls", Mail.SMTP, TlsForm.STARTTLS),
            sender,
            Letter.small(sender));
  }

  private static JsonNode bridged(String address, String version) throws IOException {
    JsonNode line = line(address);
    assertThat(line.get("wayIn").textValue()).isEqualTo("fixed");
    assertThat(line.get("listener").textValue()).isEqualTo("smtp-starttls");
    assertThat(line.get("target").textValue())
        .isEqualTo(office.origin(Mail.SMTP, TlsForm.STARTTLS).byName());
    assertThat(line.get("action").textValue()).isEqualTo("bridge");
    assertThat(line.at("/downstream/outcome").textValue()).isEqualTo("completed");
    assertThat(line.at("/downstream/version").textValue()).isEqualTo(version);
    assertThat(line.at("/upstream/version").textValue()).isEqualTo("TLSv1.3");
    assertThat(line.get("bytesUp").longValue()).isPositive();
    assertThat(line.get("bytesDown").longValue()).isPositive();
    return line;
  }

  /** The only line of the access log about a session of an address. */
  private static JsonNode line(String address) throws IOException {
    return await("a line about " + address)
        .atMost(Duration.ofSeconds(15))
        .until(
            () -> Files.exists(file) ? lines(address) : List.<JsonNode>of(),
            found -> found.size() == 1)
        .get(0);
  }

  private static List<JsonNode> lines(String address) throws IOException {
    ObjectMapper json = new ObjectMapper();
    List<JsonNode> lines = new ArrayList<>();
    for (String line : Files.readAllLines(file)) {
      JsonNode read = json.readTree(line);
      if (read.path("type").asText().equals("session")
          && read.path("device").asText().equals(address)) {
        lines.add(read);
      }
    }
    return lines;
  }

  /** What the inventory has of an address. */
  private static JsonNode recorded(String address, String name, String verdict) throws IOException {
    String page = "/api/devices/" + address;
    await(page)
        .atMost(Duration.ofSeconds(15))
        .until(() -> Metrics.status(daemon.admin(), page) == 200);
    JsonNode device = new ObjectMapper().readTree(Metrics.get(daemon.admin(), page));
    assertThat(device.path("address").textValue()).as(device.toString()).isEqualTo(address);
    assertThat(device.path("introduction").textValue()).as(device.toString()).isEqualTo(name);
    assertThat(device.path("verdict").textValue()).as(device.toString()).isEqualTo(verdict);
    assertThat(device.path("sessions").asInt()).as(device.toString()).isEqualTo(1);
    assertThat(device.path("destinations").get(0).textValue())
        .isEqualTo(office.origin(Mail.SMTP, TlsForm.STARTTLS).byName());
    return device;
  }
}
