package org.tlsuplift.proxy.setup;

import java.util.ArrayList;
import java.util.List;
import org.tlsuplift.proxy.model.Explanation;
import org.tlsuplift.proxy.outcome.CloseReason;

/** Writes down how a setup ends, in place of the session. */
public final class RecordedEnd {
  public final List<String> told = new ArrayList<>();

  void record(Setup.Result result) {
    if (result instanceof Setup.Result.Opened) {
      told.add("opened");
    } else if (result instanceof Setup.Result.OriginFailed failed) {
      told.add(
          "origin failed "
              + (failed.deviceAnswered() ? "after" : "before")
              + " the device was answered: "
              + failed.cause().getMessage());
    } else if (result instanceof Setup.Result.Refused refused) {
      told.add(
          "refused by alert "
              + refused.alert()
              + ": "
              + refused.reason()
              + ": "
              + refused.why().text());
    } else if (result instanceof Setup.Result.Ended ended) {
      if (ended.deviceAnswered()) {
        conversationEnded(ended.reason(), ended.why());
      } else {
        ended(ended.reason(), ended.why());
      }
    }
  }

  public void conversationEnded(CloseReason reason, Explanation why) {
    told.add("conversation ended: " + reason + ": " + why.text());
  }

  void ended(CloseReason reason, Explanation why) {
    told.add("ended: " + reason + ": " + why.text());
  }
}
