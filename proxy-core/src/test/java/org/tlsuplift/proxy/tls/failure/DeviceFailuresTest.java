package org.tlsuplift.proxy.tls.failure;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.ssl.NotSslRecordException;
import io.netty.handler.ssl.SslHandshakeTimeoutException;
import java.nio.channels.ClosedChannelException;
import java.util.HexFormat;
import java.util.List;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tlsuplift.proxy.outcome.HandshakeOutcome;
import org.tlsuplift.proxy.tls.hello.AlertTap;

/** BoringSSL's texts, as recorded with real devices. */
class DeviceFailuresTest {
  @ParameterizedTest
  @CsvSource({
    "100000f0, UNSUPPORTED_PROTOCOL, NO_SHARED_VERSION",
    "1000009d, INAPPROPRIATE_FALLBACK, NO_SHARED_VERSION",
    "100000b8, NO_SHARED_CIPHER, NO_SHARED_CIPHER",
    "100000f3, WRONG_CURVE, NO_SHARED_CIPHER",
    "100000d7, SSL_HANDSHAKE_FAILURE, CLOSED",
    "100000df, UNEXPECTED_MESSAGE, PROTOCOL_ERROR",
    "10000418, TLSV1_ALERT_UNKNOWN_CA, CERTIFICATE_REJECTED",
    "10000412, SSLV3_ALERT_BAD_CERTIFICATE, CERTIFICATE_REJECTED",
    "10000415, SSLV3_ALERT_CERTIFICATE_EXPIRED, CERTIFICATE_REJECTED",
    "10000416, SSLV3_ALERT_CERTIFICATE_UNKNOWN, CERTIFICATE_REJECTED",
    "1000042e, TLSV1_ALERT_PROTOCOL_VERSION, NO_SHARED_VERSION",
    "10000410, SSLV3_ALERT_HANDSHAKE_FAILURE, NO_SHARED_CIPHER",
  })
  void readsTheReason(String code, String name, HandshakeOutcome outcome) {
    Exception failure =
        new SSLHandshakeException("error:" + code + ":SSL routines:OPENSSL_internal:" + name);
    assertThat(DeviceFailures.of(failure, new AlertTap()).outcome()).isEqualTo(outcome);
  }

  @ParameterizedTest
  @CsvSource({
    "(handshake_failure) no cipher suites in common, NO_SHARED_CIPHER",
    "(protocol_version) Client requested protocol SSLv3 is not enabled, NO_SHARED_VERSION",
    "(unknown_ca) Received fatal alert: unknown_ca, CERTIFICATE_REJECTED",
    "(certificate_unknown) Received fatal alert: certificate_unknown, CERTIFICATE_REJECTED",
    "(unexpected_message) Unexpected handshake message: client_hello, PROTOCOL_ERROR"
  })
  void readsTheReasonOfTheJdk(String text, HandshakeOutcome outcome) {
    DeviceFailures failure = DeviceFailures.of(new SSLHandshakeException(text), new AlertTap());
    assertThat(failure.outcome()).isEqualTo(outcome);
    assertThat(failure.cause()).startsWith("the device ").doesNotContain("Received fatal");
    if (!text.contains("Received")) {
      assertThat(failure.detail()).isEqualTo(text.substring(text.indexOf(' ') + 1));
    }
  }

  /** Before its ClientKeyExchange a device has not accepted the certificate. */
  @ParameterizedTest
  @CsvSource({
    "160301000401000000, CERTIFICATE_REJECTED",
    "160301000401000000 16030100021000, PROTOCOL_ERROR",
    "802e01030100150000001000 1603010004, CERTIFICATE_REJECTED",
  })
  void reportsAnInternalErrorAfterOurCertificateAsDistrust(String sent, HandshakeOutcome outcome) {
    AlertTap tap = new AlertTap();
    EmbeddedChannel channel = new EmbeddedChannel(tap);
    channel.writeInbound(Unpooled.wrappedBuffer(HexFormat.of().parseHex(sent.replace(" ", ""))));
    channel.finishAndReleaseAll();
    for (String text :
        List.of(
            "error:10000438:SSL routines:OPENSSL_internal:TLSV1_ALERT_INTERNAL_ERROR",
            "(internal_error) Received fatal alert: internal_error")) {
      assertThat(DeviceFailures.of(new SSLHandshakeException(text), tap).outcome())
          .isEqualTo(outcome);
    }
  }

  @Test
  void prefersTheAlertInTheClearToTheEnginesReason() {
    // OpenSSL's TLS 1.3 sends this alert unencrypted.
    AlertTap tap = new AlertTap();
    EmbeddedChannel channel = new EmbeddedChannel(tap);
    channel.writeInbound(Unpooled.wrappedBuffer(new byte[] {21, 3, 3, 0, 2, 2, 48}));
    channel.finishAndReleaseAll();
    DeviceFailures failure =
        DeviceFailures.of(
            new SSLHandshakeException(
                "error:10000070:SSL routines:OPENSSL_internal:BAD_PACKET_LENGTH"),
            tap);
    assertThat(failure.outcome()).isEqualTo(HandshakeOutcome.CERTIFICATE_REJECTED);
    assertThat(failure.cause()).isEqualTo("the device sent alert 48 (unknown_ca)");
  }

  @Test
  void distinguishesTimeoutCloseAndNonTls() {
    AlertTap tap = new AlertTap();
    assertThat(DeviceFailures.of(new SslHandshakeTimeoutException("late"), tap).outcome())
        .isEqualTo(HandshakeOutcome.TIMEOUT);
    assertThat(DeviceFailures.of(new ClosedChannelException(), tap).outcome())
        .isEqualTo(HandshakeOutcome.CLOSED);
    assertThat(DeviceFailures.of(new NotSslRecordException("x"), tap).outcome())
        .isEqualTo(HandshakeOutcome.NOT_TLS);
  }
}
