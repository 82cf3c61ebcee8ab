package org.tlsuplift.server.it.matrix;

import static org.tlsuplift.proxy.model.TlsVersion.SSL_2;
import static org.tlsuplift.proxy.model.TlsVersion.SSL_3;
import static org.tlsuplift.proxy.model.TlsVersion.TLS_1_0;
import static org.tlsuplift.proxy.model.TlsVersion.TLS_1_1;
import static org.tlsuplift.proxy.model.TlsVersion.TLS_1_2;
import static org.tlsuplift.proxy.model.TlsVersion.TLS_1_3;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import org.tlsuplift.proxy.model.TlsVersion;
import org.tlsuplift.server.it.device.Offer;
import org.tlsuplift.server.it.device.Suite;
import org.tlsuplift.server.it.device.Trait;
import org.tlsuplift.server.it.lab.LeafKind;

/** What the handshake matrix tries: each row with what must become of it here. */
final class MatrixRows {
  private static final int HANDSHAKE_FAILURE = 40;
  private static final int PROTOCOL_VERSION = 70;
  private static final int INAPPROPRIATE_FALLBACK = 86;

  private final List<MatrixRow> rows = new ArrayList<>();
  private final Stacks by;

  private MatrixRows(Stacks by) {
    this.by = by;
  }

  static List<MatrixRow> all(Stacks by) {
    MatrixRows matrix = new MatrixRows(by);
    matrix.ssl3();
    matrix.tls10();
    matrix.tls10Shapes();
    matrix.tls11();
    matrix.tls12();
    matrix.tls13();
    matrix.smallRecords();
    matrix.leaves();
    matrix.refusals();
    matrix.inNeitherEngine();
    return List.copyOf(matrix.rows);
  }

  private void ssl3() {
    served(SSL_3, Suite.RSA_AES, by.node("0.10"), by.nss());
    served(SSL_3, Suite.DHE_AES, by.node("0.12"), by.nss());
    served(SSL_3, Suite.RSA_3DES, by.node("0.8"), by.nss());
    served(SSL_3, Suite.RSA_RC4, by.node("0.10"), by.nss());
    served(SSL_3, Suite.RSA_RC4_MD5, by.node("0.12"), by.java());
    served(SSL_3, Suite.RSA_DES, by.node("0.8"), by.nss());
    serve(
        new Offer(SSL_3, List.of(), Set.of()), "SSLv3 " + Suite.DHE_AES.openssl(), by.node("0.10"));
    served(Offer.of(SSL_3, Suite.RSA_RC4, Trait.SSL2_HELLO), by.java());
  }

  private void tls10() {
    served(TLS_1_0, Suite.RSA_AES, by.node("0.8"), by.openssl());
    served(TLS_1_0, Suite.ECDHE_AES, by.node("4"), by.gnutls());
    served(TLS_1_0, Suite.DHE_AES, by.node("0.10"), by.curl());
    served(TLS_1_0, Suite.RSA_3DES, by.node("6"), by.gnutls());
    served(TLS_1_0, Suite.DHE_3DES, by.nss(), by.java());
    served(TLS_1_0, Suite.ECDHE_3DES, by.node("0.12"), by.nss());
    served(TLS_1_0, Suite.RSA_RC4, by.node("0.10"), by.gnutls());
    served(TLS_1_0, Suite.RSA_RC4_MD5, by.node("0.12"), by.gnutls());
    served(TLS_1_0, Suite.ECDHE_RC4, by.node("4"), by.nss());
    served(TLS_1_0, Suite.RSA_DES, by.node("0.8"), by.java());
  }

  private void tls10Shapes() {
    served(Offer.of(TLS_1_0, Suite.RSA_AES, Trait.SSL2_HELLO), by.java());
    served(Offer.of(TLS_1_0, Suite.RSA_AES, Trait.NO_SNI), by.node("0.12"), by.openssl());
    served(Offer.of(TLS_1_0, Suite.RSA_3DES, Trait.NO_EXTENSIONS), by.gnutls());
    served(Offer.of(TLS_1_0, Suite.ECDHE_AES, Trait.NO_EXTENSIONS), by.gnutls());
    served(Offer.of(TLS_1_0, Suite.RSA_AES, Trait.SPLITS_RECORDS), by.nss(), by.java());
    served(Offer.of(TLS_1_0, Suite.RSA_3DES, Trait.SPLITS_RECORDS), by.nss(), by.java());
    served(Offer.of(TLS_1_0, Suite.RSA_AES, Trait.EMPTY_RECORDS), by.node("0.10"));
    served(Offer.of(TLS_1_0, Suite.RSA_RC4, Trait.BYTE_RECORDS), by.java());
    served(Offer.of(TLS_1_0, Suite.RSA_AES, Trait.HELLO_IN_RECORDS), by.node("0.10"));
    served(Offer.of(TLS_1_0, Suite.RSA_RC4, Trait.HELLO_IN_RECORDS), by.node("0.12"));
    served(Offer.of(TLS_1_0, Suite.RSA_RC4, Trait.BYTE_SEGMENTS), by.node("0.10"));
  }

  private void tls11() {
    served(TLS_1_1, Suite.RSA_AES, by.node("0.12"), by.openssl());
    served(TLS_1_1, Suite.ECDHE_AES, by.gnutls(), by.curl());
    served(TLS_1_1, Suite.DHE_AES, by.node("4"));
    served(TLS_1_1, Suite.RSA_3DES, by.nss());
    served(TLS_1_1, Suite.RSA_RC4, by.node("6"));
  }

  private void tls12() {
    served(TLS_1_2, Suite.RSA_AES, by.node("4"), by.java());
    served(TLS_1_2, Suite.RSA_AES_SHA256, by.node("6"), by.java());
    served(TLS_1_2, Suite.RSA_GCM, by.node("0.12"), by.curl());
    served(TLS_1_2, Suite.ECDHE_AES, by.node("8"), by.gnutls());
    served(TLS_1_2, Suite.ECDHE_AES_SHA256, by.node("0.12"), by.openssl());
    served(TLS_1_2, Suite.ECDHE_GCM, by.node("8"), by.nss());
    served(TLS_1_2, Suite.ECDHE_CHACHA, by.gnutls(), by.openssl());
    served(TLS_1_2, Suite.DHE_AES_SHA256, by.node("6"), by.nss());
    served(TLS_1_2, Suite.DHE_GCM, by.node("4"), by.gnutls());
    served(TLS_1_2, Suite.DHE_CHACHA, by.openssl());
    served(TLS_1_2, Suite.RSA_3DES, by.node("8"), by.gnutls());
    served(TLS_1_2, Suite.RSA_RC4, by.node("4"), by.nss());
    served(Offer.of(TLS_1_2, Suite.RSA_GCM, Trait.NO_SNI), by.gnutls(), by.openssl());
    served(Offer.of(TLS_1_2, Suite.ECDHE_GCM, Trait.NO_EXTENSIONS), by.gnutls());
    served(Offer.of(TLS_1_2, Suite.ECDHE_AES, Trait.SHA1_SIGNATURES), by.gnutls(), by.openssl());
  }

  private void smallRecords() {
    for (Suite each : List.of(Suite.RSA_AES, Suite.ECDHE_AES)) {
      served(Offer.of(TLS_1_0, each, Trait.SMALL_RECORDS), by.openssl());
    }
    for (Suite each : List.of(Suite.RSA_AES, Suite.RSA_GCM, Suite.ECDHE_GCM)) {
      served(Offer.of(TLS_1_2, each, Trait.SMALL_RECORDS), by.openssl());
    }
    served(Offer.of(TLS_1_3, Suite.TLS13_AES, Trait.SMALL_RECORDS), by.openssl());
  }

  private void tls13() {
    served(TLS_1_3, Suite.TLS13_AES, by.openssl(), by.gnutls());
    served(TLS_1_3, Suite.TLS13_CHACHA, by.openssl(), by.nss());
    served(Offer.of(TLS_1_3, Suite.TLS13_AES, Trait.NO_SNI), by.openssl(), by.gnutls());
  }

  private void leaves() {
    Offer oldest = Offer.of(SSL_3, Suite.RSA_RC4_MD5);
    Offer old = Offer.of(TLS_1_0, Suite.RSA_AES);
    Offer tripleDes = Offer.of(TLS_1_0, Suite.RSA_3DES);
    showing(LeafKind.RSA_SHA1, old, by.node("0.10"), by.node("0.12"));
    showing(LeafKind.SMALL_RSA, old, by.node("0.8"), by.node("0.12"));
    showing(LeafKind.SMALL_RSA, tripleDes, by.node("0.10"));
    showing(LeafKind.SMALL_RSA_SHA1, oldest, by.node("0.8"), by.java());
    showing(LeafKind.SMALL_RSA_SHA1, old, by.node("0.10"));
    showing(LeafKind.SMALL_RSA_SHA1, Offer.of(TLS_1_2, Suite.ECDHE_AES), by.node("4"));
    showing(LeafKind.EC, Offer.of(TLS_1_0, Suite.ECDSA_AES), by.node("0.12"), by.gnutls());
    showing(LeafKind.EC, Offer.of(TLS_1_0, Suite.ECDSA_3DES), by.node("6"), by.java());
    showing(LeafKind.EC, Offer.of(TLS_1_0, Suite.ECDSA_RC4), by.node("4"), by.java());
    showing(LeafKind.EC, Offer.of(TLS_1_2, Suite.ECDSA_GCM), by.node("8"), by.curl());
    showing(LeafKind.EC, Offer.of(TLS_1_3, Suite.TLS13_AES), by.openssl(), by.gnutls());
    showing(LeafKind.EC_SHA1, Offer.of(TLS_1_0, Suite.ECDSA_AES), by.node("0.10"), by.java());
    showing(LeafKind.EC_SHA1, Offer.of(TLS_1_2, Suite.ECDSA_GCM), by.node("6"));
  }

  private void refusals() {
    // BoringSSL has no such version, and may say that in place of the other (RFC 7507 section 3).
    refused(Offer.of(SSL_3, Suite.RSA_RC4, Trait.FALLBACK), PROTOCOL_VERSION, by.nss());
    refused(
        Offer.of(TLS_1_0, Suite.RSA_AES, Trait.FALLBACK),
        INAPPROPRIATE_FALLBACK,
        by.gnutls(),
        by.nss());
    refused(
        Offer.of(TLS_1_1, Suite.ECDHE_AES, Trait.FALLBACK),
        INAPPROPRIATE_FALLBACK,
        by.openssl(),
        by.gnutls());
    refused(
        Offer.of(TLS_1_2, Suite.ECDHE_GCM, Trait.FALLBACK), INAPPROPRIATE_FALLBACK, by.openssl());
    served(Offer.of(TLS_1_3, Suite.TLS13_AES, Trait.FALLBACK), by.openssl());
    refused(Offer.of(SSL_3, Suite.EXPORT_RC4), HANDSHAKE_FAILURE, by.node("0.8"), by.java());
    refused(Offer.of(TLS_1_0, Suite.EXPORT_DES), HANDSHAKE_FAILURE, by.node("0.8"), by.java());
    refused(Offer.of(TLS_1_2, Suite.ANONYMOUS_AES), HANDSHAKE_FAILURE, by.openssl(), by.java());
    refused(Offer.of(TLS_1_2, Suite.NULL), HANDSHAKE_FAILURE, by.openssl(), by.java());
    rows.add(
        new MatrixRow(
            new Offer(SSL_2, List.of(), Set.of()),
            LeafKind.RSA,
            List.of(by.node("0.8")),
            new MatrixCell.Refused(OptionalInt.empty()),
            true));
  }

  private void inNeitherEngine() {
    dropped(Suite.RSA_CAMELLIA, by.node("8"));
    dropped(Suite.RSA_ARIA, by.openssl());
    dropped(Suite.RSA_CCM, by.openssl());
  }

  private void dropped(Suite suite, Stack stack) {
    rows.add(
        new MatrixRow(
            Offer.of(TLS_1_2, suite),
            LeafKind.RSA,
            List.of(stack),
            MatrixCell.Refused.with(HANDSHAKE_FAILURE),
            false));
  }

  private void served(TlsVersion version, Suite suite, Stack... stacks) {
    served(Offer.of(version, suite), stacks);
  }

  private void served(Offer offer, Stack... stacks) {
    serve(offer, offer.version() + " " + offer.suite().openssl(), stacks);
  }

  private void showing(LeafKind leaf, Offer offer, Stack... stacks) {
    rows.add(
        new MatrixRow(offer, leaf, List.of(stacks), new MatrixCell.Served(offer.exactly()), false));
  }

  private void serve(Offer offer, String agreed, Stack... stacks) {
    rows.add(
        new MatrixRow(offer, LeafKind.RSA, List.of(stacks), new MatrixCell.Served(agreed), false));
  }

  private void refused(Offer offer, int alert, Stack... stacks) {
    rows.add(
        new MatrixRow(offer, LeafKind.RSA, List.of(stacks), MatrixCell.Refused.with(alert), true));
  }
}
