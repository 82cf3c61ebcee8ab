package org.tlsuplift.server.pages;

import org.tlsuplift.server.inventory.DeviceList;
import org.tlsuplift.server.inventory.export.DeviceCsv;
import org.tlsuplift.server.inventory.export.DeviceJson;
import org.tlsuplift.server.web.Response;
import org.tlsuplift.server.web.ResponseBody;

/** All devices of a list as a file, written as they are read. */
final class DeviceExport {
  private final DeviceList devices;

  DeviceExport(DeviceList devices) {
    this.devices = devices;
  }

  /** As CSV (RFC 4180), with a line that names the columns. */
  Response csv() {
    return file(
        "text/csv; charset=utf-8; header=present",
        "devices.csv",
        out -> DeviceCsv.write(devices::forEach, out));
  }

  /** As JSON, in the shape of {@code /api/devices}. */
  Response json() {
    return file("application/json", "devices.json", out -> DeviceJson.write(devices::forEach, out));
  }

  private static Response file(String type, String name, ResponseBody.Writing content) {
    return Response.streamed(type, content)
        .with("Content-Disposition", "attachment; filename=\"" + name + "\"");
  }
}
