package org.tlsuplift.server.api;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.StringWriter;
import java.io.Writer;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.tlsuplift.server.inventory.DeviceCsv;
import org.tlsuplift.server.inventory.DeviceJson;
import org.tlsuplift.server.inventory.DevicePage;
import org.tlsuplift.server.inventory.DeviceQuery;
import org.tlsuplift.server.inventory.DeviceRecord;
import org.tlsuplift.server.inventory.Inventory;
import org.tlsuplift.server.web.Answer;
import org.tlsuplift.server.web.RefusedRequestException;
import org.tlsuplift.server.web.Request;
import org.tlsuplift.server.web.Resource;

/**
 * The devices: a page where a limit is given, otherwise all of them, read and written page by page.
 */
final class DevicesResource implements Resource {
  static final String JSON = "application/json";
  private static final String CSV = "text/csv; charset=utf-8; header=present";

  private final Inventory inventory;

  DevicesResource(Inventory inventory) {
    this.inventory = inventory;
  }

  @Override
  public Answer answer(Request request) throws RefusedRequestException, SQLException, IOException {
    if (request.header("accept").toLowerCase(Locale.ROOT).startsWith("text/csv")) {
      return csv(request);
    }
    DeviceParameters wanted = DeviceParameters.read(request);
    // Before the answer begins, so that a database that is away is told by its status.
    DevicePage page = inventory.devices(wanted.first());
    if (!wanted.paged()) {
      return Answer.streamed(
              JSON,
              out -> {
                Writer writer = writer(out);
                try (DeviceJson json = new DeviceJson(writer)) {
                  json.begin();
                  each(page, wanted.first(), json::device);
                  json.end();
                }
                writer.write("\n");
                writer.flush();
              })
          .with("X-Total-Count", Long.toString(page.total()));
    }
    StringWriter text = new StringWriter();
    try (DeviceJson json = new DeviceJson(text)) {
      json.begin();
      for (DeviceRecord device : page.devices()) {
        json.device(device);
      }
      json.end();
    }
    text.write("\n");
    return paged(Answer.text(200, JSON, text.toString()), request, wanted.first(), page);
  }

  /** The same as CSV (RFC 4180). */
  Answer csv(Request request) throws RefusedRequestException, SQLException {
    DeviceParameters wanted = DeviceParameters.read(request);
    DevicePage page = inventory.devices(wanted.first());
    return Answer.streamed(
            CSV,
            out -> {
              Writer writer = writer(out);
              writer.write(DeviceCsv.HEADER + "\r\n");
              if (wanted.paged()) {
                for (DeviceRecord device : page.devices()) {
                  writer.write(DeviceCsv.line(device) + "\r\n");
                }
              } else {
                each(page, wanted.first(), device -> writer.write(DeviceCsv.line(device) + "\r\n"));
              }
              writer.flush();
            })
        .with("X-Total-Count", Long.toString(page.total()))
        .with("Content-Disposition", "attachment; filename=\"devices.csv\"");
  }

  private interface Sink {
    void take(DeviceRecord device) throws IOException;
  }

  private void each(DevicePage first, DeviceQuery query, Sink sink)
      throws IOException, SQLException {
    DevicePage page = first;
    DeviceQuery next = query;
    while (true) {
      for (DeviceRecord device : page.devices()) {
        sink.take(device);
      }
      if (page.devices().size() < next.limit()) {
        return;
      }
      next = next.next();
      page = inventory.devices(next);
    }
  }

  private static Writer writer(OutputStream out) {
    return new BufferedWriter(new OutputStreamWriter(out, StandardCharsets.UTF_8));
  }

  /** RFC 8288: where the next page is, if there is one. */
  private static Answer paged(Answer answer, Request request, DeviceQuery query, DevicePage page) {
    Answer counted = answer.with("X-Total-Count", Long.toString(page.total()));
    long next = (long) query.offset() + query.limit();
    if (next >= page.total()) {
      return counted;
    }
    Map<String, String> parameters = new TreeMap<>();
    request.parameters().forEach((name, values) -> parameters.put(name, values.get(0)));
    parameters.put("offset", Long.toString(next));
    StringBuilder link = new StringBuilder("<").append(request.path());
    char before = '?';
    for (Map.Entry<String, String> each : parameters.entrySet()) {
      link.append(before)
          .append(each.getKey())
          .append('=')
          .append(URLEncoder.encode(each.getValue(), StandardCharsets.UTF_8));
      before = '&';
    }
    return counted.with("Link", link.append(">; rel=\"next\"").toString());
  }
}
