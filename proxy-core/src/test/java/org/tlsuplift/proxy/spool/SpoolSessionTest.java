package org.tlsuplift.proxy.spool;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.tlsuplift.proxy.context.LoggedSessions;
import org.tlsuplift.proxy.context.SessionFacts;
import org.tlsuplift.proxy.context.SessionReporter;
import org.tlsuplift.proxy.model.Explanation;
import org.tlsuplift.proxy.model.SessionId;
import org.tlsuplift.proxy.model.SessionObserver;

/** The log reports the mail of a session without its origin. */
class SpoolSessionTest {
  @AutoClose private final LoggedSessions log = new LoggedSessions();

  private final SessionReporter report =
      new SessionReporter(
          new SessionFacts(
              new SessionId(42), "mail", new InetSocketAddress("10.1.2.3", 49152), null),
          new SessionObserver() {});

  @Test
  void lineOfAClosedSpoolPromisesNoDelivery() {
    SpoolSession.report(report, Explanation.of("no reply in time"), "no space left on the disk");
    assertThat(log.lines())
        .singleElement()
        .asString()
        .startsWith(
            "the proxy refuses the mail of this session: no space left on the disk; no reply in time; the device must try again")
        .doesNotContain("nothing to do");
  }

  @Test
  void lineOfARefusedMessageHasTheReplyOfTheSpool() {
    SpoolSession.report(report, Explanation.NONE, "452 4.3.1 Too much mail waits here");
    assertThat(log.lines())
        .singleElement()
        .asString()
        .startsWith(
            "the proxy refuses the mail of this session: 452 4.3.1 Too much mail waits here; the device must try again; run");
  }
}
