package org.tlsuplift.server.it.device;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.tlsuplift.server.it.device.Device.Way;
import org.tlsuplift.server.it.lab.CommandLineRun;
import org.tlsuplift.server.it.lab.Daemon;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.Loopback;
import org.tlsuplift.server.it.lab.Peers;
import org.tlsuplift.server.it.lab.Run;
import org.tlsuplift.server.it.lab.TestCa;
import org.tlsuplift.server.it.peer.Nginx;
import org.tlsuplift.server.it.peer.Site;

/** What the local authority signs and shows, read by OpenSSL. */
class CertificateAuthorityIT {
  @RegisterExtension static final Lab lab = new Lab();

  private static final OpensslDevice OLD = new OpensslDevice("-tls1", "ALL");
  private static final Pattern CERTIFICATE =
      Pattern.compile("(-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----)", Pattern.DOTALL);
  private static final Pattern SHA256 =
      Pattern.compile("(?i)(?:sha256|SHA-256)[^=:]*[=:] *([0-9A-F:]{95})");

  private static TestCa ca;
  private static Site origin;
  private static Daemon daemon;

  @BeforeAll
  static void start() {
    ca = new TestCa(lab);
    origin = Site.tls12(Loopback.V4, ca.issue("localhost"));
    Nginx.start(lab, origin);
    daemon = Daemon.start(lab, yaml(""));
  }

  @Test
  void signsLeavesThatOpensslVerifiesWithinTheNamesItMaySign() {
    verify(OLD, "Public-Key: (");
    verify(new OpensslDevice("-tls1", OldDevice.ECDHE), "Public-Key: (2048 bit)");
    assertThat(openssl("x509", "-noout", "-text", "-in", authority()))
        .contains("X509v3 Name Constraints: critical")
        .contains("DNS:localhost")
        .contains("CA:TRUE");
  }

  private static void verify(Device device, String key) {
    Path leaf = lab.file("leaf.pem", device.visit(way(daemon)).run().find(CERTIFICATE));
    openssl(
        "verify", "-x509_strict", "-verify_hostname", "localhost", "-CAfile", authority(), leaf);
    openssl("verify", "-verify_hostname", "uplift.corp.example", "-CAfile", authority(), leaf);
    openssl("verify", "-verify_ip", "192.0.2.7", "-CAfile", authority(), leaf);
    String text = openssl("x509", "-noout", "-text", "-in", leaf);
    assertThat(text).contains(key).contains("sha256WithRSAEncryption");
  }

  @Test
  void onlyItsOwnerCanReadItsFiles() throws IOException {
    Path directory = daemon.authority().getParent();
    assertThat(mode(directory)).isEqualTo("rwx------");
    try (Stream<Path> files = Files.list(directory)) {
      assertThat(files).isNotEmpty().allSatisfy(f -> assertThat(mode(f)).isEqualTo("rw-------"));
    }
    assertThat(daemon.output()).doesNotContain("PRIVATE KEY");
  }

  @Test
  void opensslReadsEveryExport() {
    String fingerprint =
        fingerprint(openssl("x509", "-noout", "-fingerprint", "-sha256", "-in", authority()));
    Path folder = lab.directory("export");
    command("export", "--to", folder.toString());
    Path pem = folder.resolve("tls-uplift-ca.pem");
    Path der = folder.resolve("tls-uplift-ca.cer");
    Path bag = folder.resolve("tls-uplift-ca.p7b");

    String[] read = {"-noout", "-fingerprint", "-sha256", "-in"};
    assertThat(fingerprint(openssl("x509", read, pem))).isEqualTo(fingerprint);
    assertThat(fingerprint(openssl("x509", read, der, "-inform", "DER"))).isEqualTo(fingerprint);
    Path fromBag =
        lab.file("bag.pem", openssl("pkcs7", "-inform", "DER", "-print_certs", "-in", bag));
    assertThat(fingerprint(openssl("x509", read, fromBag))).isEqualTo(fingerprint);
    assertThat(command("show").output()).contains(fingerprint);
  }

  /** OpenSSL 1.0.2 does not know address constraints, and refuses what it cannot check. */
  @Test
  void omitsNameConstraintsIfConfigured() {
    Daemon plain = Daemon.start(lab, yaml("certificateAuthority: {nameConstraints: false}"));

    Run refused = OldDevice.node10().device().attempt(way(daemon));
    OldDevice.node10().visits(way(plain), origin.answer("localhost"));

    assertThat(refused.output()).contains("unsupported name constraint type");
    assertThat(openssl("x509", "-noout", "-text", "-in", plain.authority()))
        .contains("CA:TRUE")
        .doesNotContain("Name Constraints");
  }

  @Test
  void usesTheOperatorsOwnAuthority() {
    Path folder = lab.directory("own");
    Path key = folder.resolve("ca.key");
    Path certificate = folder.resolve("ca.pem");
    openssl(
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "3650",
        "-subj",
        "/CN=Own CA",
        "-addext",
        "keyUsage=critical,keyCertSign,cRLSign",
        "-keyout",
        key,
        "-out",
        certificate);
    Daemon own =
        Daemon.start(
            lab,
            yaml(
                "certificateAuthority: {certificate: \"%s\", key: \"%s\"}"
                    .formatted(certificate, key)));

    Run run = OLD.visit(way(own).trusting(certificate)).run();

    assertThat(run.output()).contains("CN=Own CA").contains(origin.answer("localhost"));
    assertThat(Daemon.data(own.folder()).resolve("ca")).doesNotExist();
  }

  private static String yaml(String more) {
    return """
        listeners:
          - {name: fixed, bind: "127.0.0.1:0", accept: fixed, origin: "%1$s", profile: legacy, serverNames: [uplift.corp.example, 192.0.2.7]}
        routes:
          - {to: ["%1$s"], action: bridge}
        upstream: {trust: "%2$s"}
        %3$s
        """
        .formatted(origin.byName(), ca.file(), more);
  }

  private static Way way(Daemon daemon) {
    return Way.fixed(daemon, "fixed", origin.byName());
  }

  private static Path authority() {
    return daemon.authority();
  }

  private static Run command(String name, String... options) {
    List<String> all = new ArrayList<>(List.of("ca", name));
    all.addAll(List.of(options));
    all.addAll(List.of("--config", Daemon.config(daemon.folder()).toString()));
    return CommandLineRun.of(all.toArray(String[]::new)).succeeded();
  }

  private static String openssl(Object... arguments) {
    Stream<String> flat =
        Arrays.stream(arguments)
            .flatMap(
                a -> a instanceof String[] many ? Arrays.stream(many) : Stream.of(a.toString()));
    return Run.of(Stream.concat(Stream.of(Peers.require("openssl")), flat).toList())
        .succeeded()
        .output();
  }

  private static String fingerprint(String output) {
    return new Run("", 0, output).find(SHA256);
  }

  private static String mode(Path file) {
    try {
      return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }
}
