package org.tlsuplift.server.api;

import java.io.IOException;
import java.io.StringWriter;
import java.sql.SQLException;
import java.util.Optional;
import org.tlsuplift.server.inventory.DeviceHistory;
import org.tlsuplift.server.inventory.Inventory;
import org.tlsuplift.server.inventory.export.DeviceJson;
import org.tlsuplift.server.web.Answer;
import org.tlsuplift.server.web.RefusedRequestException;
import org.tlsuplift.server.web.Request;
import org.tlsuplift.server.web.Resource;

/** One device with its history. */
final class DeviceResource implements Resource {
  private final Inventory inventory;

  DeviceResource(Inventory inventory) {
    this.inventory = inventory;
  }

  @Override
  public Answer answer(Request request) throws RefusedRequestException, SQLException, IOException {
    Optional<DeviceHistory> history = inventory.device(request.variable());
    if (history.isEmpty()) {
      throw new RefusedRequestException(404, "no device was seen at this address");
    }
    StringWriter text = new StringWriter();
    try (DeviceJson json = new DeviceJson(text)) {
      json.history(history.get());
    }
    return Answer.text(200, DevicesResource.JSON, text + "\n");
  }
}
