package org.tlsuplift.server.http.api;

import java.io.StringWriter;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.tlsuplift.proxy.model.MessageOutcome;
import org.tlsuplift.server.console.Parameters;
import org.tlsuplift.server.http.BadRequestException;
import org.tlsuplift.server.http.Request;
import org.tlsuplift.server.http.Resource;
import org.tlsuplift.server.http.Response;
import org.tlsuplift.server.inventory.FilterWords;
import org.tlsuplift.server.inventory.MessageCsv;
import org.tlsuplift.server.inventory.MessageJson;
import org.tlsuplift.server.inventory.Rows;
import org.tlsuplift.server.inventory.messages.MessageFilter;
import org.tlsuplift.server.inventory.messages.MessagePage;
import org.tlsuplift.server.inventory.messages.MessageTimes;
import org.tlsuplift.server.inventory.messages.Messages;
import org.tlsuplift.server.inventory.messages.StoredMessage;

/** The messages: one page if there is a limit, otherwise all of them, written as they are read. */
record MessagesResource(Messages messages, Clock clock) implements Resource {
  private static final Set<String> KNOWN =
      Set.of(
          "sender", "recipient", "device", "listener", "outcome", "from", "to", "limit", "offset");

  @Override
  public Response answer(Request request) throws Exception {
    if (request.header("accept").toLowerCase(Locale.ROOT).startsWith("text/csv")) {
      return csv(request);
    }
    MessageFilter filter = filter(request);
    Optional<Paged> paged = page(request, filter);
    if (paged.isPresent()) {
      StringWriter text = new StringWriter();
      MessageJson.write(Rows.of(paged.get().page().messages()), text);
      return counted(Response.text(200, DevicesResource.JSON, text + "\n"), request, paged.get());
    }
    return Response.streamed(DevicesResource.JSON, out -> MessageJson.write(all(filter), out));
  }

  /** Answers with the messages as CSV (RFC 4180). */
  Response csv(Request request) throws BadRequestException, SQLException {
    MessageFilter filter = filter(request);
    Optional<Paged> paged = page(request, filter);
    Rows<StoredMessage> source =
        paged.isPresent() ? Rows.of(paged.get().page().messages()) : all(filter);
    Response response = Response.csv("messages.csv", out -> MessageCsv.write(source, out));
    return paged.isPresent() ? counted(response, request, paged.get()) : response;
  }

  private record Paged(MessagePage page, int offset, int limit) {}

  private Optional<Paged> page(Request request, MessageFilter filter)
      throws BadRequestException, SQLException {
    Parameters parameters = new Parameters(request);
    int offset = parameters.number("offset", 0, 0, Integer.MAX_VALUE / 2);
    int limit = parameters.number("limit", Messages.MAX_LIMIT, 1, Messages.MAX_LIMIT);
    return request.parameter("limit").isEmpty() && offset == 0
        ? Optional.empty()
        : Optional.of(new Paged(messages.page(filter, offset, limit), offset, limit));
  }

  private Rows<StoredMessage> all(MessageFilter filter) {
    return consumer -> messages.forEach(filter, Long.MAX_VALUE, consumer::accept);
  }

  private static Response counted(Response response, Request request, Paged paged) {
    return NextPage.counted(response, request, paged.offset(), paged.limit(), paged.page().total());
  }

  private MessageFilter filter(Request request) throws BadRequestException {
    Parameters parameters = Parameters.of(request, KNOWN);
    return new MessageFilter(
        parameters.text("sender", MessageFilter.MAX_TEXT),
        parameters.text("recipient", MessageFilter.MAX_TEXT),
        parameters.text("device", MessageFilter.MAX_TEXT),
        request.parameter("listener"),
        parameters
            .value("outcome", words -> FilterWords.parseAll(MessageOutcome.values(), words))
            .orElse(Set.of()),
        time(parameters, "from"),
        time(parameters, "to"));
  }

  private Optional<Instant> time(Parameters parameters, String name) throws BadRequestException {
    return parameters.value(
        name, text -> MessageTimes.parse(text, clock.instant()), MessageTimes.EXPECTED);
  }
}
