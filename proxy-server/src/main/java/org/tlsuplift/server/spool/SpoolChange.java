package org.tlsuplift.server.spool;

import java.util.Optional;
import org.tlsuplift.proxy.model.Labelled;
import org.tlsuplift.server.feature.Change;
import org.tlsuplift.server.mail.OutgoingMessage;

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

  private static final String SENT =
      "; an attempt was running and is ended within a minute, so the message may still arrive";

  /** Tries all messages now that are not held. */
  public static Change retryAll(SpoolStore spool) throws SpoolException {
    return Change.done("all", "", "messages due now: " + spool.retryAll());
  }

  /** Changes a message; refused if it does not wait. */
  public Change make(SpoolStore spool, String id) throws SpoolException {
    OutgoingMessage found = spool.find(id).orElse(null);
    Optional<Boolean> claimed = found == null ? Optional.empty() : spool.change(id, this);
    if (found == null || claimed.isEmpty()) {
      return Change.refused(id, GONE);
    }
    String before =
        "from <" + found.envelope().sender() + "> to " + String.join(", ", found.open());
    String running = this == RETRY ? "an attempt is running already" : done + SENT;
    return Change.done(id, before, claimed.get() && this != RELEASE ? running : done);
  }
}
