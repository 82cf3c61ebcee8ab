package org.tlsuplift.server.it.matrix;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.ssl.OpenSsl;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.tlsuplift.proxy.model.TlsVersion;
import org.tlsuplift.server.it.device.JsseDevices;
import org.tlsuplift.server.it.device.Offer;
import org.tlsuplift.server.it.lab.Daemon;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.LeafKind;
import org.tlsuplift.server.it.lab.Loopback;
import org.tlsuplift.server.it.lab.TestCa;
import org.tlsuplift.server.it.peer.Nginx;
import org.tlsuplift.server.it.peer.Site;
import org.tlsuplift.server.testing.GeneratedPage;

/**
 * What devices of all ages get from an antique listener, and from HAProxy, nginx and stunnel that
 * are opened as far as they go: measured, and printed as the table of the manual.
 */
class HandshakeMatrixIT {
  @RegisterExtension static final Lab lab = new Lab();

  private static final Path PAGE = GeneratedPage.MANUAL.resolve("handshake-matrix.md");
  private static final Path MEASURED = Path.of("target", "handshake-matrix.md");

  private static JsseDevices java;
  private static HandshakeMatrix matrix;
  private static Contestant ours;

  @BeforeAll
  static void measure() {
    java = JsseDevices.start(lab);
    // First, since a missing stack skips all.
    List<MatrixRow> rows = MatrixRows.all(new Stacks(lab, java));
    TestCa ca = new TestCa(lab);
    Site origin = Site.tls12(Loopback.V4, ca.issue(MatrixTrial.NAME)).andPlain();
    Nginx.start(lab, origin);
    ours = uplift(ca, origin);
    OpensslPeers peers = new OpensslPeers(lab, ca, origin.plain().orElseThrow());
    matrix =
        HandshakeMatrix.measure(
            rows, List.of(ours, peers.haproxy(), peers.nginx(), peers.stunnel()));
    Lab.write(MEASURED, String.join("\n", MatrixTable.of(matrix)) + "\n");
  }

  private static Contestant uplift(TestCa ca, Site origin) {
    LocalDate lastDay = LocalDate.now(ZoneId.systemDefault()).plusDays(30);
    String listeners =
        Arrays.stream(LeafKind.values())
            .map(kind -> listener(kind).formatted(kind.label(), origin.byName(), lastDay))
            .collect(Collectors.joining());
    Daemon daemon =
        Daemon.start(
            lab,
            """
            listeners:
            %s
            routes:
              - {to: ["localhost:*"], action: bridge}
            upstream: {trust: "%s"}
            """
                .formatted(listeners, ca.file()));
    return new Contestant(
        "TLS Uplift",
        Arrays.stream(LeafKind.values())
            .collect(
                Collectors.toMap(
                    kind -> kind,
                    kind ->
                        new Contestant.Endpoint(
                            daemon.listener(kind.label()),
                            kind == LeafKind.RSA
                                ? daemon.authority()
                                : daemon.authority(kind.label())))));
  }

  private static String listener(LeafKind kind) {
    String certificate =
        kind == LeafKind.RSA
            ? ""
            : "    certificate: {keyAlgorithm: %s, signature: %s}\n"
                .formatted(kind.key(), kind.hash());
    return """
          - name: %s
            bind: "127.0.0.1:0"
            accept: fixed
            origin: "%s"
            profile: antique
            devices: [127.0.0.0/8]
            until: %s
            whenModern: bridge
        """
        + certificate;
  }

  private static Stream<MatrixRow> rows() {
    return matrix.rows().stream();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("rows")
  void servesOrRefusesEachRowAsExpected(MatrixRow row) {
    assertThat(matrix.trials(row, ours))
        .allSatisfy(trial -> assertThat(trial.cell()).as("%s", trial).isEqualTo(row.ours()));
  }

  /** Otherwise a row would tell of something else than it says. */
  @ParameterizedTest(name = "{0}")
  @MethodSource("rows")
  void eachTrialUsedTheSettingsOfItsRow(MatrixRow row) {
    for (Contestant contestant : matrix.contestants()) {
      assertThat(matrix.trials(row, contestant))
          .allSatisfy(
              trial -> assertThat(trial.faults()).as("%s: %s", contestant, trial).isEmpty());
    }
  }

  @Test
  void hasNoHoleWhereAnEngineHasTheAlgorithm() {
    assertThat(wanted())
        .hasSizeGreaterThan(50)
        .allSatisfy(row -> assertThat(matrix.serves(row, ours)).isTrue());
  }

  @Test
  void isTheOnlyOneWithoutHoles() {
    assertThat(matrix.contestants())
        .filteredOn(each -> wanted().stream().allMatch(row -> matrix.serves(row, each)))
        .containsExactly(ours);
  }

  @Test
  void lacksOnlyAlgorithmsThatNeitherEngineHas() {
    assertThat(rows())
        .filteredOn(row -> !row.mustBeRefused() && !matrix.serves(row, ours))
        .noneMatch(HandshakeMatrixIT::anEngineHas);
  }

  @Test
  void isTheTableOfTheManual() throws IOException {
    String page = Files.readString(PAGE);
    List<String> measured = MatrixTable.of(matrix);
    String rest = page.substring(0, page.indexOf(MatrixTable.in(page).get(0)));

    GeneratedPage.check(
        "handshake-matrix", rest + String.join("\n", measured) + "\n", HandshakeMatrixIT.class);
  }

  /** What should be served, since the JDK or BoringSSL can. */
  private static List<MatrixRow> wanted() {
    return rows().filter(row -> !row.mustBeRefused() && anEngineHas(row)).toList();
  }

  private static boolean anEngineHas(MatrixRow row) {
    Offer offer = row.offer();
    boolean boringSsl =
        offer.version().compareTo(TlsVersion.TLS_1_0) >= 0
            && offer.suites().stream()
                .allMatch(suite -> OpenSsl.availableJavaCipherSuites().contains(suite.iana()));
    return java.have(offer) || boringSsl;
  }
}
