package org.tlsuplift.server.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tlsuplift.server.metrics.ExpositionFormat.OPEN_METRICS;
import static org.tlsuplift.server.metrics.ExpositionFormat.TEXT;

import org.junit.jupiter.api.Test;

class ExpositionFormatTest {
  @Test
  void prefersTextWhenNothingIsAsked() {
    assertThat(ExpositionFormat.negotiate("")).isEqualTo(TEXT);
    assertThat(ExpositionFormat.negotiate("*/*")).isEqualTo(TEXT);
    assertThat(ExpositionFormat.negotiate("text/html,application/xml;q=0.9,*/*;q=0.8"))
        .isEqualTo(TEXT);
    assertThat(ExpositionFormat.negotiate("application/json")).isEqualTo(TEXT);
    assertThat(ExpositionFormat.negotiate(",;q=,q=1;;")).isEqualTo(TEXT);
  }

  @Test
  void givesPrometheusTheFormatThatItWeighsMost() {
    // What Prometheus 2.53 sends.
    assertThat(
            ExpositionFormat.negotiate(
                "application/openmetrics-text;version=1.0.0;q=0.5,"
                    + "application/openmetrics-text;version=0.0.1;q=0.4,"
                    + "text/plain;version=0.0.4;q=0.3,*/*;q=0.2"))
        .isEqualTo(OPEN_METRICS);
    // What it sends when its scrape_protocols put the text format first.
    assertThat(
            ExpositionFormat.negotiate(
                "text/plain;version=0.0.4;q=0.5,application/openmetrics-text;version=1.0.0;q=0.4"))
        .isEqualTo(TEXT);
  }

  @Test
  void skipsUnsupportedAndRefusedFormats() {
    assertThat(
            ExpositionFormat.negotiate(
                "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;"
                    + "encoding=delimited;q=0.6,application/openmetrics-text;version=1.0.0;q=0.5"))
        .isEqualTo(OPEN_METRICS);
    assertThat(ExpositionFormat.negotiate("application/openmetrics-text;version=9.0.0"))
        .isEqualTo(TEXT);
    assertThat(ExpositionFormat.negotiate("application/openmetrics-text;q=0, */*;q=0.1"))
        .isEqualTo(TEXT);
  }

  @Test
  void readsHeadersInAnyCaseAndSpacing() {
    assertThat(ExpositionFormat.negotiate(" Application/OpenMetrics-Text ; Version=1.0.0 ; Q=0.5"))
        .isEqualTo(OPEN_METRICS);
  }
}
