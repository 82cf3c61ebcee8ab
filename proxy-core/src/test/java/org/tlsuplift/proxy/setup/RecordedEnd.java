package org.tlsuplift.proxy.setup;

import java.util.ArrayList;
import java.util.List;
import org.tlsuplift.proxy.model.Explanation;
import org.tlsuplift.proxy.outcome.CloseReason;
import org.tlsuplift.proxy.upstream.dial.OriginConnection;

/** Writes down how a setup ends, in place of the session. */
public final class RecordedEnd implements Setup.Callbacks {
  public final List<String> told = new ArrayList<>();

  @Override
  public void opened(OriginConnection origin) {
    told.add("opened");
  }

  @Override
  public void originFailed(Throwable cause, boolean deviceAnswered) {
    told.add(
        "origin failed "
            + (deviceAnswered ? "after" : "before")
            + " the device was answered: "
            + cause.getMessage());
  }

  @Override
  public void refused(int alert, CloseReason reason, Explanation why) {
    told.add("refused by alert " + alert + ": " + reason + ": " + why.text());
  }

  @Override
  public void conversationEnded(CloseReason reason, Explanation why) {
    told.add("conversation ended: " + reason + ": " + why.text());
  }

  @Override
  public void ended(CloseReason reason, Explanation why) {
    told.add("ended: " + reason + ": " + why.text());
  }
}
