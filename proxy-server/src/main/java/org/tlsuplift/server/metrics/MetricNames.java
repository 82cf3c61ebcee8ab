package org.tlsuplift.server.metrics;

import java.util.List;

/**
 * All meters of this program, except those in {@link MailMetricNames}: names, labels and help
 * texts.
 *
 * <p>The Prometheus convention replaces dots by underscores and appends {@code _total} to counters.
 * A timer that ends in {@code seconds} keeps its name. The name differs from that of the related
 * counter, because one Micrometer name cannot be both.
 *
 * <p>No label has an unbounded set of values. Listener names and destinations come from the
 * configuration, and other values from enums. {@link ListenerMeters.CipherLabel} bounds the cipher
 * names.
 */
public final class MetricNames {
  static final String LISTENER = "listener";
  static final String PROTOCOL = "protocol";
  public static final String OUTCOME = "outcome";
  static final String TENANT = "tenant";
  private static final List<String> DOWNSTREAM = List.of(LISTENER, PROTOCOL, OUTCOME);
  private static final List<String> UPSTREAM = List.of(PROTOCOL, OUTCOME);
  private static final List<String> SESSIONS = List.of(LISTENER, "action", "reason");

  public static final MeterName LEGACY_HANDSHAKES =
      MeterName.counter(
          "tlsuplift.legacy.handshakes",
          List.of(LISTENER, PROTOCOL, "cipher"),
          "Completed handshakes with devices below TLS 1.2, by agreed version and cipher. Series with the cipher \"none\" stay 0; they exist so that a sum exists before the first handshake.");

  public static final MeterName DOWNSTREAM_HANDSHAKES =
      MeterName.counter(
          "tlsuplift.downstream.handshakes",
          DOWNSTREAM,
          "Handshakes with devices, by agreed version (if it failed: the newest offered version, or \"none\") and outcome.");

  public static final MeterName DOWNSTREAM_HANDSHAKE_TIME =
      MeterName.timer(
          "tlsuplift.downstream.handshakes.seconds",
          DOWNSTREAM,
          "Duration of handshakes with devices, from the decision to terminate to the end of the handshake.");

  public static final MeterName UPSTREAM_HANDSHAKES =
      MeterName.counter(
          "tlsuplift.upstream.handshakes",
          UPSTREAM,
          "Handshakes with origins, by agreed version (\"none\" if it failed) and outcome.");

  public static final MeterName UPSTREAM_KEY_EXCHANGES =
      MeterName.counter(
          "tlsuplift.upstream.key.exchanges",
          List.of("group"),
          "Completed handshakes with origins, by the group of the key exchange: X25519MLKEM768 resists quantum computers; none for resumed TLS 1.2 sessions.");

  public static final MeterName UPSTREAM_REVOCATION_CHECKS =
      MeterName.counter(
          "tlsuplift.upstream.revocation.checks",
          List.of("result"),
          "Handshakes with origins, by the result of the revocation check: a good stapled response, a response from the issuer, no check, or a failure.");

  public static final MeterName UPSTREAM_HANDSHAKE_TIME =
      MeterName.timer(
          "tlsuplift.upstream.handshakes.seconds",
          UPSTREAM,
          "Duration of handshakes with origins, from the established connection to the end of the handshake.");

  public static final MeterName SESSIONS_CLOSED =
      MeterName.counter(
          "tlsuplift.sessions",
          SESSIONS,
          "Ended sessions, by the action of the route and the close reason.");

  public static final MeterName SESSION_TIME =
      MeterName.timer(
          "tlsuplift.sessions.seconds",
          SESSIONS,
          "Duration of sessions, from the device's connection to the end.");

  public static final MeterName SESSIONS_ACTIVE =
      MeterName.gauge("tlsuplift.sessions.active", List.of(LISTENER), "Open sessions.");

  public static final MeterName HANDSHAKES_WAITING =
      MeterName.gauge(
          "tlsuplift.handshakes.waiting",
          "Devices that wait for their TLS handshakes, because the processors are busy with those of other devices.");

  public static final MeterName BYTES =
      MeterName.counter(
          "tlsuplift.bytes",
          List.of(LISTENER, "direction"),
          "Relayed payload: \"up\" to origins, \"down\" to devices.");

  public static final MeterName PLAINTEXT_SESSIONS =
      MeterName.counter(
          "tlsuplift.plaintext.sessions",
          List.of(LISTENER, PROTOCOL),
          "Sessions of devices that never encrypt, on listeners that allow it; connections to origins are still encrypted.");

  public static final MeterName ENDPOINT_LIST_VERSION =
      MeterName.gauge(
          "tlsuplift.endpoint.list.version",
          "The version of the endpoint list of Microsoft 365 in use, as a number of ten digits: year, month, day and two more.");

  public static final MeterName ENDPOINT_LIST_AGE =
      MeterName.gauge(
          "tlsuplift.endpoint.list.age.seconds",
          "How long ago the endpoint list of Microsoft 365 in use was last known to be current: since the last successful check, or since the date of a list that was never checked.");

  public static final MeterName CA_CERTIFICATE_EXPIRY =
      MeterName.gauge(
          "tlsuplift.ca.certificate.expiry.seconds",
          "When the CA certificate expires, in seconds since the Unix epoch; subtract time() for the seconds left.");

  public static final MeterName LISTENER_CA_CERTIFICATE_EXPIRY =
      MeterName.gauge(
          "tlsuplift.listener.ca.certificate.expiry.seconds",
          List.of(LISTENER),
          "When the CA certificate of a listener with its own CA expires, in seconds since the Unix epoch; subtract time() for the seconds left.");

  public static final MeterName CA_STAGED =
      MeterName.gauge(
          "tlsuplift.ca.staged.seconds",
          "When the oldest staged CA was staged, in seconds since the Unix epoch; 0 without a staged CA. CAs of single listeners count too.");

  public static final MeterName CA_PREVIOUS_KEY =
      MeterName.gauge(
          "tlsuplift.ca.previous.key.seconds",
          "When the oldest previous CA whose key still exists was replaced, in seconds since the Unix epoch; 0 without a previous key. CAs of single listeners count too.");

  public static final MeterName CLIENT_CERTIFICATE_EXPIRY =
      MeterName.gauge(
          "tlsuplift.client.certificate.expiry.seconds",
          List.of("destination"),
          "When the client certificate for origins expires, in seconds since the Unix epoch, by the first destination of its route; subtract time() for the seconds left.");

  public static final MeterName LISTENER_CERTIFICATE_EXPIRY =
      MeterName.gauge(
          "tlsuplift.listener.certificate.expiry.seconds",
          List.of(LISTENER),
          "When the configured certificate of a listener expires, in seconds since the Unix epoch; subtract time() for the seconds left. A listener with certificates from a CA has no such metric.");

  public static final MeterName APPLICATION_SECRET_EXPIRY =
      MeterName.gauge(
          "tlsuplift.application.secret.expiry.seconds",
          List.of(TENANT),
          "When the secret (by secretExpires) or the certificate of a tenant's application expires, in seconds since the Unix epoch; subtract time() for the seconds left. Without secretExpires or a certificate this metric does not exist.");

  public static final MeterName ADMIN_CERTIFICATE_EXPIRY =
      MeterName.gauge(
          "tlsuplift.admin.certificate.expiry.seconds",
          "When the configured certificate of the admin port expires, in seconds since the Unix epoch; subtract time() for the seconds left. With 'tls: auto' the daemon renews it, and this metric does not exist.");

  public static final MeterName ADMIN_TOKEN_EXPIRY =
      MeterName.gauge(
          "tlsuplift.admin.token.expiry.seconds",
          List.of("token"),
          "When a token of admin.tokens expires, in seconds since the Unix epoch; subtract time() for the seconds left. A token without expires has no such metric.");

  public static final MeterName ANTIQUE_LISTENER_EXPIRY =
      MeterName.gauge(
          "tlsuplift.antique.listener.expiry.seconds",
          List.of(LISTENER),
          "When an antique listener stops accepting, in seconds since the Unix epoch; subtract time() for the seconds left.");

  public static final MeterName LEAF_CERTIFICATES_MINTED =
      MeterName.counter(
          "tlsuplift.leaf.certificates.minted",
          "Certificates that the CAs have issued for devices.");

  public static final MeterName ACCESS_LOG_DROPPED =
      MeterName.counter(
          "tlsuplift.access.log.dropped",
          "Sessions and messages that are missing from the access log, because their target was too slow.");

  public static final MeterName AUDIT_MISSING =
      MeterName.counter(
          "tlsuplift.audit.missing",
          "Actions at the admin port that happened and are missing in the audit log, because it could not be written; the log of the daemon names each of them.");

  public static final MeterName LOOPS_BLOCKED =
      MeterName.gauge(
          "tlsuplift.event.loops.blocked",
          "Event loops that have been blocked for 5 s or have ended; their sessions do not proceed.");

  public static final MeterName ACCEPT_QUEUE_OVERFLOWS =
      MeterName.counter(
          "tlsuplift.accept.queue.overflows",
          "Attempts to connect that the kernel dropped because the accept queue of a port was full; Linux only. Ports of other programs in the network namespace count too.");

  public static final MeterName TASK_FAILURES =
      MeterName.counter(
          "tlsuplift.task.failures",
          "Regular tasks of the daemon that failed unexpectedly; the log has the reason, and the daemon runs the task again.");

  public static final MeterName LOG_DROPPED =
      MeterName.counter(
          "tlsuplift.log.dropped",
          "Lines that are missing from the log, because their target was too slow.");

  public static final MeterName LOG_LEFT_OUT =
      MeterName.counter(
          "tlsuplift.log.left.out",
          "Lines that are missing from the log, because one device caused more than log.linesPerMinute of one kind; a later line contains their number.");

  public static final MeterName DEVICES =
      MeterName.gauge(
          "tlsuplift.devices",
          List.of("verdict"),
          "Devices in the inventory, by verdict; counted every 10 seconds, or less often if there are very many.");

  public static final MeterName INVENTORY_DROPPED =
      MeterName.counter(
          "tlsuplift.inventory.dropped",
          "Records and new devices that the inventory lost: the queue was full, there were too many devices while the database was unreachable, or inventory.maxDevices was reached.");

  public static final MeterName INVENTORY_AWAY =
      MeterName.gauge(
          "tlsuplift.inventory.away",
          "1 while the inventory database cannot be written and records wait in memory, otherwise 0.");

  public static final MeterName INSTANCES =
      MeterName.gauge(
          "tlsuplift.instances",
          "Live instances that share the database, when it last responded; only with 'database'.");

  public static final MeterName INSTANCES_AWAY =
      MeterName.gauge(
          "tlsuplift.instances.away",
          "1 while the shared database does not respond and each instance keeps to its share of the sign-in limits, otherwise 0; only with 'database'.");

  public static final MeterName ADMIN_SIGN_INS_REFUSED =
      MeterName.counter(
          "tlsuplift.admin.sign.ins.refused",
          List.of("reason"),
          "Refused sign-ins at the admin port: wrong passwords or tokens, and sign-ins that were not checked because of earlier failures (slowed) or too many checks at a time (busy).");

  public static final MeterName SESSIONS_LIMIT =
      MeterName.gauge(
          "tlsuplift.sessions.limit",
          "Limit of open sessions over all listeners: limits.maxSessions.");

  public static final MeterName CONFIG_RELOAD_SUCCESSFUL =
      MeterName.gauge(
          "tlsuplift.config.last.reload.successful",
          "1 if the latest reload of the configuration was applied, 0 if it had problems and the"
              + " configuration before stays in use. 1 before the first reload.");

  public static final MeterName CONFIG_RELOAD_TIME =
      MeterName.gauge(
          "tlsuplift.config.last.reload.success.timestamp.seconds",
          "When the configuration in use was loaded, in seconds since the Unix epoch.");

  public static final MeterName CONFIG_GENERATION =
      MeterName.gauge(
          "tlsuplift.config.generation",
          "The number of the configuration in use: 1 at the start; each applied reload adds one.");

  public static final MeterName CONFIG_EARLIER_SESSIONS =
      MeterName.gauge(
          "tlsuplift.config.earlier.sessions",
          "Open sessions that still use a configuration from before the latest reload.");

  public static final MeterName NOTIFICATIONS =
      MeterName.counter(
          "tlsuplift.notifications",
          List.of("channel", OUTCOME),
          "Notifications about critical conditions and weekly reports, by channel (smtp or webhook)"
              + " and outcome: sent, retried (an attempt failed and another one follows), failed"
              + " (given up after an hour) or dropped (too many were waiting).");

  public static final MeterName READY =
      MeterName.gauge(
          "tlsuplift.ready",
          "1 while new sessions are accepted, 0 while starting and draining; the same as /readyz.");

  public static final MeterName BUILD_INFO =
      MeterName.gauge(
          "tlsuplift.build.info",
          List.of("version", "java"),
          "Always 1; the labels have the versions.");

  public static final MeterName RSA_INFO =
      MeterName.gauge(
          "tlsuplift.rsa.info",
          List.of("library"),
          "Always 1; the label has the library that uses the RSA keys of devices' certificates.");

  public static final MeterName PROCESS_CPU =
      MeterName.counter("process.cpu.seconds", "CPU time of this process.");

  private MetricNames() {}
}
