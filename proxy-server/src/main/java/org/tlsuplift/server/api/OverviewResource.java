package org.tlsuplift.server.api;

import java.io.IOException;
import java.sql.SQLException;
import java.util.Map;
import org.tlsuplift.server.inventory.DeviceFilter;
import org.tlsuplift.server.inventory.Inventory;
import org.tlsuplift.server.inventory.Verdict;
import org.tlsuplift.server.sessions.LiveSessions;
import org.tlsuplift.server.web.Answer;
import org.tlsuplift.server.web.Request;
import org.tlsuplift.server.web.Resource;

/** How many devices there are of each verdict, and how many sessions run. */
final class OverviewResource implements Resource {
  private final Inventory inventory;
  private final LiveSessions sessions;

  OverviewResource(Inventory inventory, LiveSessions sessions) {
    this.inventory = inventory;
    this.sessions = sessions;
  }

  @Override
  public Answer answer(Request request) throws SQLException, IOException {
    Map<Verdict, Long> verdicts = inventory.verdicts(DeviceFilter.ALL);
    return JsonText.answer(
        out -> {
          out.writeStartObject();
          out.writeNumberField("sessions", sessions.count());
          out.writeObjectFieldStart("devices");
          for (Map.Entry<Verdict, Long> each : verdicts.entrySet()) {
            out.writeNumberField(each.getKey().label(), each.getValue());
          }
          out.writeEndObject();
          out.writeEndObject();
        });
  }
}
