package org.tlsuplift.server.http.api;

import java.io.IOException;
import java.io.StringWriter;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.tlsuplift.server.console.Parameters;
import org.tlsuplift.server.http.BadRequestException;
import org.tlsuplift.server.http.Request;
import org.tlsuplift.server.http.Resource;
import org.tlsuplift.server.http.Response;
import org.tlsuplift.server.inventory.DeviceCsv;
import org.tlsuplift.server.inventory.DeviceFilter;
import org.tlsuplift.server.inventory.DeviceHistory;
import org.tlsuplift.server.inventory.DeviceJson;
import org.tlsuplift.server.inventory.DeviceList;
import org.tlsuplift.server.inventory.DevicePage;
import org.tlsuplift.server.inventory.DeviceQuery;
import org.tlsuplift.server.inventory.DeviceRecord;
import org.tlsuplift.server.inventory.DeviceSort;
import org.tlsuplift.server.inventory.FilterWords;
import org.tlsuplift.server.inventory.Inventory;
import org.tlsuplift.server.inventory.Rows;

/** The devices: one page if there is a limit, otherwise all of them, written as they are read. */
record DevicesResource(Inventory inventory) implements Resource {
  static final String JSON = "application/json";
  private static final int MAX_TEXT = 200;
  private static final String SUBNET = "an address block, such as 10.1.2.0/24";
  private static final List<String> NARROWING =
      List.of("listener", "owner", "place", "tag", "problem", "reply", "ended", "verdict");
  private static final Set<String> KNOWN =
      Stream.concat(
              NARROWING.stream(), Stream.of("q", "subnet", "sort", "order", "limit", "offset"))
          .collect(Collectors.toSet());

  @Override
  public Response answer(Request request) throws BadRequestException, SQLException, IOException {
    if (request.header("accept").toLowerCase(Locale.ROOT).startsWith("text/csv")) {
      return csv(request);
    }
    DeviceQuery query = query(request);
    if (request.parameter("limit").isPresent()) {
      DevicePage page = inventory.devices(query);
      StringWriter text = new StringWriter();
      DeviceJson.write(Rows.of(page.devices()), text);
      return NextPage.counted(
          Response.text(200, JSON, text + "\n"),
          request,
          query.offset(),
          query.limit(),
          page.total());
    }
    DeviceList list = list(query);
    return Response.streamed(
            JSON, out -> DeviceJson.write(consumer -> all(list, query, consumer), out))
        .with(NextPage.TOTAL, Integer.toString(list.size()));
  }

  /** Answers with the devices as CSV (RFC 4180). */
  Response csv(Request request) throws BadRequestException, SQLException {
    DeviceQuery query = query(request);
    Rows<DeviceRecord> devices;
    long total;
    if (request.parameter("limit").isPresent()) {
      DevicePage page = inventory.devices(query);
      devices = Rows.of(page.devices());
      total = page.total();
    } else {
      DeviceList list = list(query);
      devices = consumer -> all(list, query, consumer);
      total = list.size();
    }
    return Response.csv("devices.csv", out -> DeviceCsv.write(devices, out))
        .with(NextPage.TOTAL, Long.toString(total));
  }

  /** The devices that a request selects, with the filters of {@code tls-uplift devices}. */
  private static DeviceQuery query(Request request) throws BadRequestException {
    Parameters parameters = Parameters.of(request, KNOWN);
    DeviceFilter filter = DeviceFilter.ALL.searching(parameters.text("q", MAX_TEXT));
    for (String name : NARROWING) {
      String text = parameters.text(name, MAX_TEXT);
      DeviceFilter before = filter;
      filter = parameters.value(name, words -> before.narrowed(name, text)).orElse(before);
    }
    DeviceFilter all = filter;
    return new DeviceQuery(
        parameters.value("subnet", text -> all.narrowed("subnet", text), SUBNET).orElse(all),
        parameters
            .value("sort", word -> FilterWords.parse(DeviceSort.values(), word))
            .orElse(DeviceSort.ADDRESS),
        parameters.value("order", DeviceSort::isDescending).orElse(false),
        parameters.number("offset", 0, 0, Integer.MAX_VALUE / 2),
        parameters.number("limit", DeviceQuery.MAX_LIMIT, 1, DeviceQuery.MAX_LIMIT));
  }

  /** Runs before the response begins, so that its status can report an unreachable database. */
  private DeviceList list(DeviceQuery query) throws SQLException {
    return inventory.list(query.filter(), query.sort(), query.descending());
  }

  private static void all(DeviceList list, DeviceQuery query, Rows.Receiver<DeviceRecord> consumer)
      throws SQLException, IOException {
    list.forEach(query.offset(), Integer.MAX_VALUE, consumer);
  }

  /** One device with its history. */
  Response device(Request request) throws BadRequestException, SQLException, IOException {
    DeviceHistory history =
        inventory
            .device(request.variable())
            .orElseThrow(() -> new BadRequestException(404, "no device was seen at this address"));
    StringWriter text = new StringWriter();
    DeviceJson.write(history, text);
    return Response.text(200, JSON, text + "\n");
  }
}
