package org.tlsuplift.server.api;

import java.io.StringWriter;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.tlsuplift.proxy.model.MessageOutcome;
import org.tlsuplift.server.inventory.export.MessageCsv;
import org.tlsuplift.server.inventory.export.MessageJson;
import org.tlsuplift.server.messages.MessageFilter;
import org.tlsuplift.server.messages.MessagePage;
import org.tlsuplift.server.messages.MessageTimes;
import org.tlsuplift.server.messages.Messages;
import org.tlsuplift.server.messages.StoredMessage;
import org.tlsuplift.server.web.BadRequestException;
import org.tlsuplift.server.web.Request;
import org.tlsuplift.server.web.Resource;
import org.tlsuplift.server.web.Response;

/** The messages: one page if there is a limit, otherwise all of them, written as they are read. */
final class MessagesResource implements Resource {
  private static final String CSV = "text/csv; charset=utf-8; header=present";
  private static final String TOTAL = "X-Total-Count";
  private static final Set<String> KNOWN =
      Set.of(
          "sender", "recipient", "device", "listener", "outcome", "from", "to", "limit", "offset");

  private final Messages messages;
  private final Clock clock;

  MessagesResource(Messages messages, Clock clock) {
    this.messages = messages;
    this.clock = clock;
  }

  @Override
  public Response answer(Request request) throws Exception {
    if (request.header("accept").toLowerCase(Locale.ROOT).startsWith("text/csv")) {
      return csv(request);
    }
    MessageFilter filter = filter(request);
    Optional<Paged> paged = page(request, filter);
    if (paged.isPresent()) {
      StringWriter text = new StringWriter();
      MessageJson.write(source(paged.get().page()), text);
      return counted(Response.text(200, DevicesResource.JSON, text + "\n"), request, paged.get());
    }
    return Response.streamed(DevicesResource.JSON, out -> MessageJson.write(all(filter), out));
  }

  /** As CSV (RFC 4180). */
  Response csv(Request request) throws BadRequestException, SQLException {
    MessageFilter filter = filter(request);
    Optional<Paged> paged = page(request, filter);
    MessageJson.Source source = paged.isPresent() ? source(paged.get().page()) : all(filter);
    Response response =
        Response.streamed(CSV, out -> MessageCsv.write(source, out))
            .with("Content-Disposition", "attachment; filename=\"messages.csv\"");
    return paged.isPresent() ? counted(response, request, paged.get()) : response;
  }

  private record Paged(MessagePage page, int offset, int limit) {}

  private Optional<Paged> page(Request request, MessageFilter filter)
      throws BadRequestException, SQLException {
    int offset = DeviceParameters.number(request, "offset", 0, 0, Integer.MAX_VALUE / 2);
    int limit =
        DeviceParameters.number(request, "limit", Messages.MAX_LIMIT, 1, Messages.MAX_LIMIT);
    return request.parameter("limit").isEmpty() && offset == 0
        ? Optional.empty()
        : Optional.of(new Paged(messages.page(filter, offset, limit), offset, limit));
  }

  private static MessageJson.Source source(MessagePage page) {
    return consumer -> {
      for (StoredMessage message : page.messages()) {
        consumer.accept(message);
      }
    };
  }

  private MessageJson.Source all(MessageFilter filter) {
    return consumer -> messages.forEach(filter, Long.MAX_VALUE, consumer);
  }

  private static Response counted(Response response, Request request, Paged paged) {
    Response counted = response.with(TOTAL, Long.toString(paged.page().total()));
    long next = (long) paged.offset() + paged.limit();
    return next >= paged.page().total()
        ? counted
        : counted.with("Link", NextPage.link(request, next));
  }

  private MessageFilter filter(Request request) throws BadRequestException {
    for (String name : new TreeSet<>(request.parameters().keySet())) {
      if (!KNOWN.contains(name)) {
        throw DeviceParameters.wrong(name, "parameter", String.join(", ", new TreeSet<>(KNOWN)));
      }
    }
    return new MessageFilter(
        text(request, "sender"),
        text(request, "recipient"),
        text(request, "device"),
        request.parameter("listener"),
        outcomes(request),
        time(request, "from"),
        time(request, "to"));
  }

  private static String text(Request request, String name) throws BadRequestException {
    String text = request.parameter(name).orElse("");
    if (text.length() > MessageFilter.MAX_TEXT) {
      throw new BadRequestException(
          400, name + ": at most " + MessageFilter.MAX_TEXT + " characters");
    }
    return text;
  }

  private static Set<MessageOutcome> outcomes(Request request) throws BadRequestException {
    Set<MessageOutcome> wanted = EnumSet.noneOf(MessageOutcome.class);
    Optional<String> words = request.parameter("outcome");
    if (words.isEmpty()) {
      return wanted;
    }
    for (String word : words.get().split(",", -1)) {
      Optional<MessageOutcome> meant =
          Arrays.stream(MessageOutcome.values())
              .filter(each -> each.label().equals(word))
              .findFirst();
      if (meant.isEmpty()) {
        throw DeviceParameters.wrong(
            word,
            "outcome",
            Arrays.stream(MessageOutcome.values())
                .map(MessageOutcome::label)
                .collect(Collectors.joining(", ")));
      }
      wanted.add(meant.get());
    }
    return wanted;
  }

  private Optional<Instant> time(Request request, String name) throws BadRequestException {
    Optional<String> text = request.parameter(name);
    try {
      return text.map(each -> MessageTimes.parse(each, clock.instant()));
    } catch (IllegalArgumentException malformed) {
      throw DeviceParameters.wrong(text.orElse(""), name, MessageTimes.EXPECTED);
    }
  }
}
