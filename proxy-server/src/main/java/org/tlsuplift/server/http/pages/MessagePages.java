package org.tlsuplift.server.http.pages;

import java.sql.SQLException;
import java.util.List;
import java.util.function.Function;
import org.tlsuplift.server.console.PageRenderer;
import org.tlsuplift.server.http.Request;
import org.tlsuplift.server.http.ResourcePath;
import org.tlsuplift.server.http.Response;
import org.tlsuplift.server.inventory.MessageCsv;
import org.tlsuplift.server.inventory.MessageJson;
import org.tlsuplift.server.inventory.Rows;
import org.tlsuplift.server.inventory.messages.MessageFilter;
import org.tlsuplift.server.inventory.messages.Messages;
import org.tlsuplift.server.inventory.messages.StoredMessage;

/** The page of messages and its exports. Thread-safe. */
final class MessagePages {
  /** The messages on the page of a device. */
  private static final int LATEST = 10;

  private final PageSources sources;
  private final AcknowledgementForms acknowledgements;
  private final PageRenderer renderer;
  private final MessageListReader list;

  MessagePages(PageSources sources, PageRenderer renderer, AcknowledgementForms acknowledgements) {
    this.acknowledgements = acknowledgements;
    this.sources = sources;
    this.renderer = renderer;
    this.list = new MessageListReader(sources.listeners());
  }

  List<ResourcePath> routes() {
    return List.of(
        new ResourcePath(Navigation.MESSAGES.path(), request -> ask(request, this::list)),
        new ResourcePath("/messages.csv", request -> ask(request, this::csv)),
        new ResourcePath("/messages.json", request -> ask(request, this::json)));
  }

  /** The latest messages of a device; empty if none are recorded. */
  List<StoredMessage> latest(String address) throws SQLException {
    return sources.messages().isEmpty()
        ? List.of()
        : sources.messages().get().page(MessageFilter.ofDevice(address), 0, LATEST).messages();
  }

  private Response ask(Request request, PageRenderer.Asking<Messages> asking) {
    if (sources.inventory().isPresent() && sources.messages().isEmpty()) {
      return renderer.problem(
          404,
          "No messages",
          "No messages are recorded: messages.enabled is false in the configuration.");
    }
    return renderer.ask(sources.messages(), request, asking);
  }

  private Response list(Messages source, Request request) throws SQLException {
    MessageListPage page =
        list.read(
            source,
            sources.silentSenders().get(),
            MessageForm.ALL.of(request),
            renderer.frame(request, "Messages", Navigation.MESSAGES),
            acknowledgements.onPage(request),
            sources.clock().instant());
    return renderer.page("messages", page, page.problems().isEmpty() ? 200 : 400);
  }

  private Response csv(Messages source, Request request) {
    return export(
        source,
        request,
        messages -> Response.csv("messages.csv", out -> MessageCsv.write(messages, out)));
  }

  private Response json(Messages source, Request request) {
    return export(
        source,
        request,
        messages ->
            Response.streamed("application/json", out -> MessageJson.write(messages, out))
                .asFile("messages.json"));
  }

  /** All matching messages, written as they are read. */
  private Response export(
      Messages source, Request request, Function<Rows<StoredMessage>, Response> file) {
    MessageForm.Reading asked =
        MessageForm.read(MessageForm.ALL.of(request), sources.clock().instant());
    if (!asked.problems().isEmpty()) {
      return renderer.nothingExported(asked.problems());
    }
    return file.apply(receiver -> source.forEach(asked.filter(), Long.MAX_VALUE, receiver::accept));
  }
}
