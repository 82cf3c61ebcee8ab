package org.tlsuplift.server.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.LoggerFactory;
import org.tlsuplift.proxy.tls.rsa.DeviceRsa;
import org.tlsuplift.server.config.ServerConfig;
import org.tlsuplift.server.metrics.ServerMetrics;

/** An operator sees which library uses the RSA keys. */
class RsaSourceTest {
  private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
  private final ServerMetrics metrics = new ServerMetrics("1.2.3", List.of(), null);

  @BeforeEach
  void listen() {
    lines.start();
    ((Logger) LoggerFactory.getLogger(RsaSource.class)).addAppender(lines);
  }

  @AfterEach
  void close() {
    ((Logger) LoggerFactory.getLogger(RsaSource.class)).detachAppender(lines);
    metrics.close();
  }

  @ParameterizedTest
  @EnumSource(
      value = ServerConfig.Rsa.class,
      names = {"AUTO", "BORINGSSL"})
  void theLogAndTheMetricsNameTheLibrary(ServerConfig.Rsa setting) {
    RsaSource choice = RsaSource.choose(setting, metrics);
    DeviceRsa chosen = choice.chosen();
    assertThat(lines.list).isEmpty();
    choice.line().log();

    String label = chosen.library().label();
    assertThat(metrics.scrape("").text())
        .contains("tlsuplift_rsa_info{library=\"" + label + "\"} 1");
    assertThat(lines.list)
        .singleElement()
        .satisfies(
            line ->
                assertThat(line.getFormattedMessage())
                    .startsWith(
                        chosen.library() == DeviceRsa.Library.BORINGSSL
                            ? "tls: BoringSSL uses the RSA keys of devices' certificates"
                            : "tls: libcrypto uses the RSA keys of devices' certificates"));
  }

  @Test
  void boringSslIsUsedIfItIsConfigured() {
    assertThat(RsaSource.choose(ServerConfig.Rsa.BORINGSSL, metrics).chosen().library())
        .isEqualTo(DeviceRsa.Library.BORINGSSL);
  }
}
