package org.tlsuplift.server.metrics;

import java.util.List;

/**
 * The table of every meter of ours: name, labels and help.
 *
 * <p>The Prometheus convention makes underscores of the dots and appends {@code _total} to
 * counters. A timer that ends in {@code seconds} keeps its name; it must differ from the counter
 * beside it, because one Micrometer name cannot be both.
 *
 * <p>No label has an open set of values: listener names and destinations come from the
 * configuration, the others from enums of the core, and the cipher through {@link
 * ListenerMeters.CipherLabel}.
 */
final class MetricNames {
  private static final String LISTENER = "listener";
  private static final String PROTOCOL = "protocol";
  private static final String OUTCOME = "outcome";
  private static final String LINE = "line";
  private static final List<String> DOWNSTREAM = List.of(LISTENER, PROTOCOL, OUTCOME);
  private static final List<String> UPSTREAM = List.of(PROTOCOL, OUTCOME);
  private static final List<String> SESSIONS = List.of(LISTENER, "action", "reason");

  static final MeterName LEGACY_HANDSHAKES =
      new MeterName(
          "tlsuplift.legacy.handshakes",
          List.of(LISTENER, PROTOCOL, "cipher"),
          "Completed handshakes with devices below TLS 1.2, by what was agreed. Series with the"
              + " cipher \"none\" stay 0 and are there so that a sum exists before the first one.");

  static final MeterName DOWNSTREAM_HANDSHAKES =
      new MeterName(
          "tlsuplift.downstream.handshakes",
          DOWNSTREAM,
          "Handshakes with devices, by the agreed version (the newest one offered if it failed,"
              + " \"none\" if none was) and how they ended.");

  static final MeterName DOWNSTREAM_HANDSHAKE_TIME =
      new MeterName(
          "tlsuplift.downstream.handshakes.seconds",
          DOWNSTREAM,
          "Time from the decision to terminate until the handshake with the device ended.");

  static final MeterName UPSTREAM_HANDSHAKES =
      new MeterName(
          "tlsuplift.upstream.handshakes",
          UPSTREAM,
          "Handshakes with origins, by the agreed version (\"none\" if it failed) and how they"
              + " ended.");

  static final MeterName UPSTREAM_REVOCATION_CHECKS =
      new MeterName(
          "tlsuplift.upstream.revocation.checks",
          List.of("result"),
          "Handshakes with origins, by what was found out about the revocation of the certificate:"
              + " a good stapled response, an issuer that was asked, neither, or a failure.");

  static final MeterName UPSTREAM_HANDSHAKE_TIME =
      new MeterName(
          "tlsuplift.upstream.handshakes.seconds",
          UPSTREAM,
          "Time from the established connection until the handshake with the origin ended.");

  static final MeterName SESSIONS_CLOSED =
      new MeterName(
          "tlsuplift.sessions",
          SESSIONS,
          "Sessions that have ended, by what the route decided and why they ended.");

  static final MeterName SESSION_TIME =
      new MeterName(
          "tlsuplift.sessions.seconds",
          SESSIONS,
          "How long sessions lasted, from the device's connection until their end.");

  static final MeterName SESSIONS_ACTIVE =
      new MeterName("tlsuplift.sessions.active", List.of(LISTENER), "Sessions open right now.");

  static final MeterName BYTES =
      new MeterName(
          "tlsuplift.bytes",
          List.of(LISTENER, "direction"),
          "Payload relayed: \"up\" to origins, \"down\" to devices.");

  static final MeterName ORIGIN_REPLIES =
      new MeterName(
          "tlsuplift.origin.replies",
          List.of(LISTENER, PROTOCOL, "reply"),
          "Sessions in which a mail origin gave one of the known refusals of Microsoft 365, by the"
              + " mail protocol and the reply; the log has the remedy.");

  static final MeterName PLAINTEXT_SESSIONS =
      new MeterName(
          "tlsuplift.plaintext.sessions",
          List.of(LISTENER, PROTOCOL),
          "Sessions of devices that never encrypt, where the listener allows that; the origin's"
              + " side is encrypted all the same.");

  static final MeterName SIGN_INS =
      new MeterName(
          "tlsuplift.sign.ins",
          List.of(LISTENER, OUTCOME),
          "Devices that wanted to be signed in, by how that ended; the log has the remedy.");

  static final MeterName ACCOUNTS =
      new MeterName(
          "tlsuplift.accounts",
          "Accounts that devices may sign in with, of the configuration and of signIn.accountsFile.");

  static final MeterName ACCOUNTS_FILE_BAD =
      new MeterName(
          "tlsuplift.accounts.file.bad",
          "1 while signIn.accountsFile has mistakes and the last good accounts are in use, else 0.");

  static final MeterName TOKEN_REQUESTS =
      new MeterName(
          "tlsuplift.token.requests",
          List.of(OUTCOME),
          "Requests for tokens to the identity platform, by what became of them.");

  static final MeterName TOKENS =
      new MeterName(
          "tlsuplift.tokens",
          List.of("state"),
          "Tokens that mailboxes are signed in with, by whether they are usable or missing; one"
              + " serves all mailboxes where the application signs in as itself.");

  static final MeterName TOKEN_EXPIRY =
      new MeterName(
          "tlsuplift.token.expiry.seconds",
          "When the first of the usable tokens expires, in seconds since the Unix epoch, 0 without"
              + " one; subtract time() for the seconds left. It is renewed some minutes before.");

  static final MeterName CA_CERTIFICATE_EXPIRY =
      new MeterName(
          "tlsuplift.ca.certificate.expiry.seconds",
          "When the certificate of the local authority expires, in seconds since the Unix epoch;"
              + " subtract time() for the seconds left.");

  static final MeterName LISTENER_CA_CERTIFICATE_EXPIRY =
      new MeterName(
          "tlsuplift.listener.ca.certificate.expiry.seconds",
          List.of(LISTENER),
          "When the certificate of the authority that a listener has of its own expires, in seconds"
              + " since the Unix epoch; subtract time() for the seconds left.");

  static final MeterName CA_STAGED =
      new MeterName(
          "tlsuplift.ca.staged.seconds",
          "Since when a CA is staged that does not sign yet, in seconds since the Unix epoch; 0 if"
              + " none is. The oldest one counts, those of listeners included.");

  static final MeterName CA_PREVIOUS_KEY =
      new MeterName(
          "tlsuplift.ca.previous.key.seconds",
          "Since when the key of a previous CA is kept, in seconds since the Unix epoch; 0 if none"
              + " is. The oldest one counts, those of listeners included.");

  static final MeterName CLIENT_CERTIFICATE_EXPIRY =
      new MeterName(
          "tlsuplift.client.certificate.expiry.seconds",
          List.of("destination"),
          "When the certificate presented to origins expires, in seconds since the Unix epoch, by the"
              + " first destination of its route; subtract time() for the seconds left.");

  static final MeterName ADMIN_CERTIFICATE_EXPIRY =
      new MeterName(
          "tlsuplift.admin.certificate.expiry.seconds",
          "When the certificate that the operator gave the admin port expires, in seconds since the"
              + " Unix epoch; subtract time() for the seconds left. One of our own CA (tls: auto) is"
              + " renewed in time, and has none.");

  static final MeterName ANTIQUE_LISTENER_EXPIRY =
      new MeterName(
          "tlsuplift.antique.listener.expiry.seconds",
          List.of(LISTENER),
          "When an antique listener stops to accept, in seconds since the Unix epoch; subtract"
              + " time() for the seconds left.");

  static final MeterName LEAF_CERTIFICATES_MINTED =
      new MeterName(
          "tlsuplift.leaf.certificates.minted",
          "Certificates that the local authorities have signed for devices to see.");

  static final MeterName ACCESS_LOG_DROPPED =
      new MeterName(
          "tlsuplift.access.log.dropped",
          "Sessions that are not in the access log, because the disk was slower than they ended.");

  static final MeterName LOOPS_BLOCKED =
      new MeterName(
          "tlsuplift.event.loops.blocked",
          "Event loops that have not answered for 5 s; all sessions on them stand still.");

  static final MeterName LOG_DROPPED =
      new MeterName(
          "tlsuplift.log.dropped",
          "Lines that are not in the log, because standard output did not take them fast enough.");

  static final MeterName LOG_LEFT_OUT =
      new MeterName(
          "tlsuplift.log.left.out",
          "Lines that are not in the log, because there were more than log.linesPerMinute of one kind"
              + " about one device; the log has a line with their number.");

  static final MeterName DEVICES =
      new MeterName(
          "tlsuplift.devices",
          List.of("verdict"),
          "Devices in the inventory, by what is to be done about them; counted every 10 seconds, or"
              + " more seldom where there are very many.");

  static final MeterName INVENTORY_DROPPED =
      new MeterName(
          "tlsuplift.inventory.dropped",
          "Sightings and new devices that the inventory had no room for: a full queue, too many"
              + " devices while the database is away, or inventory.maxDevices.");

  static final MeterName INVENTORY_AWAY =
      new MeterName(
          "tlsuplift.inventory.away",
          "1 while the database of the inventory cannot be written to, and what is seen is kept in"
              + " memory, else 0.");

  static final MeterName MESSAGE_REFUSALS =
      new MeterName(
          "tlsuplift.message.refusals",
          List.of(LISTENER, "reason"),
          "Messages of signed-in devices that this proxy refused at MAIL FROM: the account does not"
              + " allow the sender, or the mailbox has sent its messages for now.");

  static final MeterName MAILBOX_SESSIONS =
      new MeterName(
          "tlsuplift.mailbox.sessions",
          "SMTP sessions that devices are signed in with right now, over all mailboxes.");

  static final MeterName MAILBOX_WAITING =
      new MeterName(
          "tlsuplift.mailbox.waiting",
          "Devices that wait right now for their mailbox to have room for a session or a message.");

  static final MeterName MAILBOX_WAIT_TIME =
      new MeterName(
          "tlsuplift.mailbox.waits.seconds",
          List.of(LINE),
          "How long devices waited for their mailbox to have room, those included that did not"
              + " have to; without those that were sent away.");

  static final MeterName MAILBOX_REFUSALS =
      new MeterName(
          "tlsuplift.mailbox.refusals",
          List.of(LINE, "cause"),
          "Devices that were told to try again later, because their mailbox had no room for a"
              + " session or a message within signIn.limits.");

  static final MeterName ADMIN_SIGN_INS_REFUSED =
      new MeterName(
          "tlsuplift.admin.sign.ins.refused",
          List.of("reason"),
          "Sign-ins at the admin port that were refused: wrong ones, and those not looked at because"
              + " too many were wrong before (slowed) or others are being looked at (busy).");

  static final MeterName SESSIONS_LIMIT =
      new MeterName(
          "tlsuplift.sessions.limit",
          "Sessions that may be open at once, over all listeners: limits.maxSessions.");

  static final MeterName READY =
      new MeterName(
          "tlsuplift.ready",
          "1 while new sessions are taken, 0 while starting and draining; the same as /readyz.");

  static final MeterName BUILD_INFO =
      new MeterName(
          "tlsuplift.build.info", List.of("version", "java"), "Always 1; the labels tell.");

  static final MeterName PROCESS_CPU =
      new MeterName("process.cpu.seconds", "Processor time that this process has used.");

  private MetricNames() {}
}
