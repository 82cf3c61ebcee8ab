package org.tlsuplift.server.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class MetricsExpositionTest {
  private static final List<MeterName> REPLACED =
      List.of(
          MeterName.gauge("tlsuplift.test.a", "A test."),
          MeterName.gauge("tlsuplift.test.b", "A test."),
          MeterName.gauge("tlsuplift.test.c", "A test."));

  private final ServerMetrics metrics = new ServerMetrics("1.2.3", List.of("web"), null);
  private final EventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());

  @BeforeEach
  void feed() {
    EveryMeter.ofSessions(metrics, loops);
  }

  @AfterEach
  void close() {
    metrics.close();
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
  }

  /** As at a reload, where the meters of a configuration replace those of the one before. */
  @Test
  void everyScrapeSucceedsWhileMetersAreReplaced() {
    AtomicBoolean ended = new AtomicBoolean();
    CompletableFuture<Void> replacing =
        CompletableFuture.runAsync(
            () -> {
              while (!ended.get()) {
                try (Meters meters = metrics.configuration()) {
                  for (MeterName each : REPLACED) {
                    meters.gauge(each, () -> 1);
                  }
                }
              }
            });
    try {
      for (int scrape = 0; scrape < 300; scrape++) {
        assertThat(metrics.scrape("").text()).isNotEmpty();
      }
    } finally {
      ended.set(true);
      replacing.join();
    }
  }

  @Test
  void offersExactlyTheFamiliesOfTheDesign() {
    Set<String> families =
        metrics
            .scrape("")
            .text()
            .lines()
            .filter(line -> line.startsWith("# TYPE tlsuplift_"))
            .map(line -> line.substring("# TYPE ".length()))
            .collect(Collectors.toCollection(TreeSet::new));

    assertThat(families)
        .containsExactly(
            "tlsuplift_accounts gauge",
            "tlsuplift_accounts_file_bad gauge",
            "tlsuplift_admin_certificate_expiry_seconds gauge",
            "tlsuplift_admin_sign_ins_refused_total counter",
            "tlsuplift_admin_token_expiry_seconds gauge",
            "tlsuplift_antique_listener_expiry_seconds gauge",
            "tlsuplift_application_secret_expiry_seconds gauge",
            "tlsuplift_build_info gauge",
            "tlsuplift_bytes_total counter",
            "tlsuplift_ca_certificate_expiry_seconds gauge",
            "tlsuplift_ca_previous_key_seconds gauge",
            "tlsuplift_ca_staged_seconds gauge",
            "tlsuplift_client_certificate_expiry_seconds gauge",
            "tlsuplift_config_earlier_sessions gauge",
            "tlsuplift_config_generation gauge",
            "tlsuplift_config_last_reload_success_timestamp_seconds gauge",
            "tlsuplift_config_last_reload_successful gauge",
            "tlsuplift_downstream_handshakes_seconds histogram",
            "tlsuplift_downstream_handshakes_seconds_max gauge",
            "tlsuplift_downstream_handshakes_total counter",
            "tlsuplift_endpoint_list_age_seconds gauge",
            "tlsuplift_endpoint_list_version gauge",
            "tlsuplift_leaf_certificates_minted_total counter",
            "tlsuplift_legacy_handshakes_total counter",
            "tlsuplift_listener_ca_certificate_expiry_seconds gauge",
            "tlsuplift_listener_certificate_expiry_seconds gauge",
            "tlsuplift_mailbox_refusals_total counter",
            "tlsuplift_mailbox_sessions gauge",
            "tlsuplift_mailbox_waiting gauge",
            "tlsuplift_mailbox_waits_seconds histogram",
            "tlsuplift_mailbox_waits_seconds_max gauge",
            "tlsuplift_message_refusals_total counter",
            "tlsuplift_message_size_bytes histogram",
            "tlsuplift_message_size_bytes_max gauge",
            "tlsuplift_messages_repaired_total counter",
            "tlsuplift_messages_total counter",
            "tlsuplift_origin_replies_total counter",
            "tlsuplift_plaintext_sessions_total counter",
            "tlsuplift_ready gauge",
            "tlsuplift_rsa_info gauge",
            "tlsuplift_sessions_active gauge",
            "tlsuplift_sessions_limit gauge",
            "tlsuplift_sessions_seconds histogram",
            "tlsuplift_sessions_seconds_max gauge",
            "tlsuplift_sessions_total counter",
            "tlsuplift_sign_ins_total counter",
            "tlsuplift_spool_bytes gauge",
            "tlsuplift_spool_deliveries_total counter",
            "tlsuplift_spool_limit_bytes gauge",
            "tlsuplift_spool_messages gauge",
            "tlsuplift_spool_oldest_seconds gauge",
            "tlsuplift_token_expiry_seconds gauge",
            "tlsuplift_token_requests_total counter",
            "tlsuplift_tokens gauge",
            "tlsuplift_upstream_handshakes_seconds histogram",
            "tlsuplift_upstream_handshakes_seconds_max gauge",
            "tlsuplift_upstream_handshakes_total counter",
            "tlsuplift_upstream_key_exchanges_total counter",
            "tlsuplift_upstream_revocation_checks_total counter");
  }

  @Test
  void hasExpiryOfTheOperatorsCertificates() {
    assertThat(metrics.scrape("").text())
        .contains("tlsuplift_admin_certificate_expiry_seconds 1.80144E9")
        .contains(
            "tlsuplift_client_certificate_expiry_seconds{destination="
                + "\"contoso-example.mail.protection.outlook.com:25\"} 1.80144E9");
  }

  @Test
  void hasWaitsAndRefusalsOfMailboxes() {
    assertThat(metrics.scrape("").text())
        .contains("tlsuplift_mailbox_sessions 3.0")
        .contains("tlsuplift_mailbox_waiting 17.0")
        .contains("tlsuplift_mailbox_waits_seconds_bucket{line=\"session\",le=\"10.0\"} 0")
        .contains("tlsuplift_mailbox_waits_seconds_bucket{line=\"session\",le=\"15.0\"} 1")
        .contains("tlsuplift_mailbox_refusals_total{cause=\"wait\",line=\"message\"} 1.0")
        .contains("tlsuplift_mailbox_refusals_total{cause=\"line_full\",line=\"session\"} 0.0");
  }

  @Test
  void hasOutcomesOfSignInsAndMessageRefusals() {
    assertThat(metrics.scrape("").text())
        .contains("tlsuplift_sign_ins_total{listener=\"web\",outcome=\"mailbox_busy\"} 1.0")
        .contains("tlsuplift_sign_ins_total{listener=\"web\",outcome=\"token_refused\"} 0.0")
        .contains(
            "tlsuplift_message_refusals_total{listener=\"web\",reason=\"sender_not_allowed\"} 1.0")
        .contains(
            "tlsuplift_message_refusals_total{listener=\"web\",reason=\"too_many_messages\"} 0.0");
  }

  @Test
  void hasExpiryOfAntiqueListeners() {
    assertThat(metrics.scrape("").text())
        .contains("tlsuplift_antique_listener_expiry_seconds{listener=\"alarms\"} 1.80144E9")
        .contains(
            "tlsuplift_listener_ca_certificate_expiry_seconds{listener=\"alarms\"} 1.8026496E9");
  }

  @Test
  void offersTheRuntimeUnderneath() {
    assertThat(metrics.scrape("").text())
        .contains("jvm_memory_used_bytes{")
        .contains("jvm_threads_live_threads ")
        .contains("jvm_info{")
        .contains("process_uptime_seconds ")
        .contains("process_files_open_files ")
        .contains(
            "netty_allocator_memory_used_bytes{"
                + "allocator_type=\"PooledByteBufAllocator\",memory_type=\"direct\"} ")
        .contains("netty_eventexecutor_workers 2.0")
        .containsPattern("netty_eventexecutor_tasks_pending\\{name=\"[^\"]+\"} ");
  }

  @Test
  void hasLimitReadinessAndBuild() {
    assertThat(metrics.scrape("").text())
        .contains("tlsuplift_sessions_limit 10000.0")
        .contains("tlsuplift_ready 1.0")
        .contains("tlsuplift_build_info{java=\"" + Runtime.version() + "\",version=\"1.2.3\"} 1");
  }

  @Test
  void startsCountersOfAlertsFromZero() {
    assertThat(metrics.scrape("").text())
        .contains(
            "tlsuplift_downstream_handshakes_total{"
                + "listener=\"web\",outcome=\"certificate_rejected\",protocol=\"TLSv1.1\"} 0.0")
        .contains(
            "tlsuplift_sessions_total{"
                + "action=\"bridge\",listener=\"web\",reason=\"origin_certificate_invalid\"} 0.0")
        .contains(
            "tlsuplift_sessions_total{"
                + "action=\"bridge\",listener=\"web\",reason=\"origin_unreachable\"} 0.0")
        .contains(
            "tlsuplift_sessions_total{"
                + "action=\"bridge\",listener=\"web\",reason=\"device_closed_unused\"} 0.0")
        .contains(
            "tlsuplift_sessions_total{"
                + "action=\"deny\",listener=\"web\",reason=\"session_limit\"} 0.0");
  }

  @Test
  void promtoolFindsNothingWrong() throws Exception {
    Promtool.Verdict verdict = Promtool.run(metrics.scrape("").text(), "check", "metrics");

    assertThat(verdict.output()).isEmpty();
    assertThat(verdict.exitCode()).isZero();
  }

  @Test
  void promtoolAcceptsTheScrapeConfiguration() throws Exception {
    Path configuration = Path.of("..", "config", "prometheus.yml");

    Promtool.Verdict verdict = Promtool.run("", "check", "config", configuration.toString());

    assertThat(verdict.exitCode()).as(verdict.output()).isZero();
  }
}
