package org.tlsuplift.server.http;

import java.net.InetAddress;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tlsuplift.server.audit.AuditJournal;
import org.tlsuplift.server.metrics.ServerMetrics;
import org.tlsuplift.server.metrics.SignInRefusal;

/** Counts and logs sign-ins that were refused. */
record SignInRefusals(ServerMetrics metrics, AuditJournal journal) {
  private static final Logger log = LoggerFactory.getLogger(SignInRefusals.class);

  /** Logs neither name nor password, because people type passwords into the field for the name. */
  void refused(InetAddress from, SignInRefusal why) {
    metrics.adminSignInRefused(why);
    journal.signInRefused(from);
    log.atWarn()
        .addKeyValue("address", from.getHostAddress())
        .addKeyValue("reason", why.label())
        .log("a sign-in at the admin port was refused");
  }
}
