package org.tlsuplift.server.spool;

import org.tlsuplift.proxy.model.Labelled;
import org.tlsuplift.server.audit.AuditRecord.Change;

/** What operators change about a message that waits, on the page, by the API or the command. */
public enum SpoolChange implements Labelled {
  RETRY("Try messages again now. Releases held ones.", "Try now", "due now"),
  HOLD("Hold messages back until they are released.", "Hold", "held"),
  RELEASE("Release held messages.", "Release", "released"),
  DROP("Delete messages that wait. Nobody is notified.", "Delete", "deleted");

  /** Why a message cannot be found. */
  public static final String GONE = "no message with this ID waits; it has left, or was deleted";

  public final String summary;
  public final String button;
  private final String done;

  SpoolChange(String summary, String button, String done) {
    this.summary = summary;
    this.button = button;
    this.done = done;
  }

  /** Tries all messages now that are not held. */
  public static Change retryAll(SpoolStore spool) throws SpoolException {
    return Change.done("all", "", "messages due now: " + spool.retryAll());
  }

  /** Changes a message; refused if it does not wait, or is being delivered. */
  public Change make(SpoolStore spool, String id) throws SpoolException {
    SpooledMessage found = spool.find(id).orElse(null);
    if (found == null) {
      return Change.refused(id, GONE);
    }
    boolean made =
        switch (this) {
          case RETRY -> spool.retry(id);
          case HOLD, RELEASE -> spool.hold(id, this == HOLD);
          case DROP -> spool.drop(id);
        };
    String before =
        "from <" + found.envelope().sender() + "> to " + String.join(", ", found.open());
    return made
        ? Change.done(id, before, done)
        : Change.refused(id, "the message is being delivered; try again in a minute");
  }
}
