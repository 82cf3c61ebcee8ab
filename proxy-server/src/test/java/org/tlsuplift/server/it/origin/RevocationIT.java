package org.tlsuplift.server.it.origin;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.tlsuplift.proxy.testing.Issuer;
import org.tlsuplift.proxy.testing.Issuer.Part;
import org.tlsuplift.proxy.testing.Statements;
import org.tlsuplift.server.it.device.Device.Way;
import org.tlsuplift.server.it.device.OpensslDevice;
import org.tlsuplift.server.it.lab.Child;
import org.tlsuplift.server.it.lab.Daemon;
import org.tlsuplift.server.it.lab.Identity;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.Loopback;
import org.tlsuplift.server.it.lab.Metrics;
import org.tlsuplift.server.it.lab.Peers;
import org.tlsuplift.server.it.lab.Run;
import org.tlsuplift.server.it.lab.TestCa;
import org.tlsuplift.server.it.peer.Nginx;
import org.tlsuplift.server.it.peer.Site;

/**
 * Origins that staple OCSP responses by nginx and {@code openssl s_server}, and issuers that answer
 * by {@code openssl ocsp}; a device of 1999 is served only where nothing was revoked.
 */
class RevocationIT {
  @RegisterExtension static final Lab lab = new Lab();

  private static final OpensslDevice OLD = new OpensslDevice("-tls1", "AES128-SHA");
  private static final Issuer CA = Issuer.root("Origins");
  private static final Statements STATEMENTS = Statements.of(CA);

  private static Daemon daemon;
  private static String asked;
  private static String askedRevoked;
  private static String silent;
  private static Site good;
  private static Site revoked;
  private static Site expired;
  private static Site forged;
  private static Site another;
  private static Site bare;
  private static String openSsl;

  @BeforeAll
  static void start() {
    int port = Loopback.freePort(Loopback.V4);
    Part responder = Part.responder("http://localhost:" + port + "/");
    Path ca = lab.file("issuer.pem", TestCa.pem(CA.certificate()));
    Path key = lab.file("issuer.key", TestCa.pem(CA.key().getPrivate()));
    Issuer askedLeaf = leaf(responder);
    Issuer revokedLeaf = leaf(responder);
    Path index =
        lab.file(
            "index.txt",
            "V\t391231235959Z\t\t%s\tunknown\t/CN=localhost\n".formatted(serial(askedLeaf))
                + "R\t391231235959Z\t260102030405Z,keyCompromise\t%s\tunknown\t/CN=localhost\n"
                    .formatted(serial(revokedLeaf)));
    List<String> responding =
        List.of(
            Peers.require("openssl"),
            "ocsp",
            "-index",
            index.toString(),
            "-CA",
            ca.toString(),
            "-rsigner",
            ca.toString(),
            "-rkey",
            key.toString(),
            "-ndays",
            "1");
    List<String> listening = new ArrayList<>(responding);
    listening.addAll(List.of("-port", String.valueOf(port)));
    lab.add(Child.start(new ProcessBuilder(listening)))
        .awaitOutput(Pattern.compile("waiting for OCSP client connections"));

    Instant past = Instant.now().minus(Duration.ofDays(2));
    Issuer leaf = leaf();
    good = site(leaf, STATEMENTS.good(leaf.certificate()));
    revoked = site(leaf, STATEMENTS.revoked(leaf.certificate()));
    expired =
        site(leaf, STATEMENTS.at(past, past.plus(Duration.ofDays(1))).good(leaf.certificate()));
    forged = site(leaf, STATEMENTS.by(Issuer.root("Origins")).good(leaf.certificate()));
    another = site(leaf, STATEMENTS.good(askedLeaf.certificate()));
    bare = site(leaf(Part.mustStaple(), responder), new byte[0]);
    Site plainAsked = site(askedLeaf, new byte[0]);
    Site plainRevoked = site(revokedLeaf, new byte[0]);
    Site plainSilent =
        site(leaf(Part.responder("http://localhost:" + Loopback.closedPort(lab))), new byte[0]);
    Nginx.start(
        lab, good, revoked, expired, forged, another, bare, plainAsked, plainRevoked, plainSilent);
    asked = plainAsked.byName();
    askedRevoked = plainRevoked.byName();
    silent = plainSilent.byName();
    openSsl = stapling(askedLeaf, ca, responding);
    daemon =
        Daemon.start(
            lab,
            """
            listeners:
              - {name: web, bind: "127.0.0.1:0", accept: http-connect, profile: legacy}
            routes:
              - {to: ["localhost:1024-65535"], action: bridge}
            upstream: {trust: "%s", revocation: hard}
            """
                .formatted(ca));
  }

  private static Issuer leaf(Part... more) {
    List<Part> parts = new ArrayList<>(List.of(more));
    parts.add(Part.names("localhost"));
    return CA.issue("localhost", parts.toArray(Part[]::new));
  }

  private static String serial(Issuer leaf) {
    BigInteger number = leaf.certificate().getSerialNumber();
    String hex = number.toString(16).toUpperCase(Locale.ROOT);
    return hex.length() % 2 == 0 ? hex : "0" + hex;
  }

  private static Site site(Issuer leaf, byte[] staple) {
    String stapling = "";
    if (staple.length > 0) {
      Path file = lab.directory("staple").resolve("response.der");
      try {
        Files.write(file, staple);
      } catch (IOException broken) {
        throw new UncheckedIOException(broken);
      }
      stapling = "ssl_stapling on; ssl_stapling_file " + file + ";";
    }
    return new Site(
        new InetSocketAddress(Loopback.V4, Loopback.freePort(Loopback.V4)),
        "TLSv1.2 TLSv1.3",
        stapling,
        new Identity(lab, leaf.key().getPrivate(), leaf.certificate()),
        Optional.empty());
  }

  /** OpenSSL staples what OpenSSL has signed. */
  private static String stapling(Issuer leaf, Path ca, List<String> responding) {
    Path folder = lab.directory("openssl");
    Path certificate = Lab.write(folder.resolve("leaf.pem"), TestCa.pem(leaf.certificate()));
    Path key = Lab.write(folder.resolve("leaf.key"), TestCa.pem(leaf.key().getPrivate()));
    String request = folder.resolve("request.der").toString();
    String response = folder.resolve("response.der").toString();
    String openssl = Peers.require("openssl");
    Run.of(
            List.of(
                openssl,
                "ocsp",
                "-no_nonce",
                "-issuer",
                ca.toString(),
                "-cert",
                certificate.toString(),
                "-reqout",
                request))
        .succeeded();
    List<String> signing = new ArrayList<>(responding);
    signing.addAll(List.of("-reqin", request, "-respout", response));
    Run.of(signing).succeeded();
    int port = Loopback.freePort(Loopback.V4);
    lab.add(
            Child.start(
                new ProcessBuilder(
                    List.of(
                        openssl,
                        "s_server",
                        "-www",
                        "-accept",
                        "127.0.0.1:" + port,
                        "-cert",
                        certificate.toString(),
                        "-key",
                        key.toString(),
                        "-status_file",
                        response))))
        .awaitOutput(Pattern.compile("ACCEPT"));
    return "localhost:" + port;
  }

  private static void served(String origin, String text, String check) {
    Metrics before = daemon.metrics();
    Run run = OLD.attempt(Way.connect(daemon, "web", origin));
    assertThat(run.output()).contains(text);
    daemon.awaitIncrease(before, 1, "tlsuplift_upstream_revocation_checks_total", "result", check);
  }

  private static void refused(String origin, String reason, String check, String detail) {
    Metrics before = daemon.metrics();
    int mark = daemon.mark();
    Run run = OLD.attempt(Way.connect(daemon, "web", origin));
    assertThat(run.output()).doesNotContain("origin:");
    daemon.awaitIncrease(before, 1, "tlsuplift_upstream_revocation_checks_total", "result", check);
    assertThat(daemon.awaitSessionLine(mark, "reason", reason, "target", origin)).contains(detail);
  }

  @Test
  void servesAnOriginWithAGoodStaple() {
    served(good.byName(), "origin: TLSv1.3", "stapled");
    served(openSsl, "TLSv1.3", "stapled");
  }

  @Test
  void refusesAnOriginWithARevokedStaple() {
    refused(
        revoked.byName(),
        "origin_certificate_revoked",
        "revoked",
        "was revoked (2026-03-04T05:06:07Z, key compromise)");
  }

  @Test
  void refusesStaplesThatProveNothing() {
    String unknown = "origin_revocation_unknown";
    refused(expired.byName(), unknown, "staple_invalid", "has expired");
    refused(forged.byName(), unknown, "staple_invalid", "not signed by the issuer");
    refused(another.byName(), unknown, "staple_invalid", "for another certificate");
  }

  @Test
  void demandsAStapleWhereTheCertificateDoes() {
    refused(
        bare.byName(), "origin_revocation_unknown", "staple_missing", "requires a stapled OCSP");
  }

  @Test
  void queriesTheIssuerWithoutAStaple() {
    served(asked, "origin: TLSv1.3", "asked");
    refused(
        askedRevoked,
        "origin_certificate_revoked",
        "revoked",
        "was revoked (2026-01-02T03:04:05Z, key compromise)");
    refused(silent, "origin_revocation_unknown", "unanswered", "the connection failed");
  }
}
