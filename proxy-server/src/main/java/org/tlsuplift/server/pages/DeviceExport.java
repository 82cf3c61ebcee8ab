package org.tlsuplift.server.pages;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import org.tlsuplift.server.inventory.DeviceRoll;
import org.tlsuplift.server.inventory.export.DeviceCsv;
import org.tlsuplift.server.inventory.export.DeviceJson;
import org.tlsuplift.server.web.Response;

/** All devices of a list as a file, written as they are read. */
final class DeviceExport {
  private final DeviceRoll devices;

  DeviceExport(DeviceRoll devices) {
    this.devices = devices;
  }

  /** As CSV (RFC 4180), with a line that names the columns. */
  Response csv() {
    return file(
        "text/csv; charset=utf-8; header=present",
        "devices.csv",
        out -> {
          Writer writer = writer(out);
          writer.write(DeviceCsv.HEADER + "\r\n");
          devices.each(device -> writer.write(DeviceCsv.line(device) + "\r\n"));
          writer.flush();
        });
  }

  /** As JSON, in the shape of {@code /api/devices}. */
  Response json() {
    return file(
        "application/json",
        "devices.json",
        out -> {
          Writer writer = writer(out);
          DeviceJson.write(devices::each, writer);
          writer.write('\n');
          writer.flush();
        });
  }

  private interface Content {
    void writeTo(OutputStream out) throws IOException, SQLException;
  }

  private static Response file(String type, String name, Content content) {
    return Response.streamed(type, content::writeTo)
        .with("Content-Disposition", "attachment; filename=\"" + name + "\"");
  }

  private static Writer writer(OutputStream out) {
    return new BufferedWriter(new OutputStreamWriter(out, StandardCharsets.UTF_8));
  }
}
