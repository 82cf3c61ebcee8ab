package org.tlsuplift.server.http.pages;

import java.io.IOException;
import java.io.OutputStream;
import java.sql.SQLException;
import java.util.List;
import org.tlsuplift.server.http.Request;
import org.tlsuplift.server.http.ResourcePath;
import org.tlsuplift.server.http.Response;
import org.tlsuplift.server.inventory.MessageCsv;
import org.tlsuplift.server.inventory.MessageJson;
import org.tlsuplift.server.inventory.messages.MessageFilter;
import org.tlsuplift.server.inventory.messages.Messages;
import org.tlsuplift.server.inventory.messages.StoredMessage;

/** The page of messages and its exports. Thread-safe. */
final class MessagePages {
  /** The messages on the page of a device. */
  private static final int LATEST = 10;

  private static final Export CSV =
      new Export("text/csv; charset=utf-8; header=present", "messages.csv", MessageCsv::write);
  private static final Export JSON =
      new Export("application/json", "messages.json", MessageJson::write);

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
        new ResourcePath(NavigationItem.MESSAGES.path(), request -> ask(request, this::list)),
        new ResourcePath(
            "/messages.csv",
            request -> ask(request, (source, asked) -> export(source, asked, CSV))),
        new ResourcePath(
            "/messages.json",
            request -> ask(request, (source, asked) -> export(source, asked, JSON))));
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
            renderer.frame(request, "Messages", NavigationItem.MESSAGES),
            acknowledgements.onPage(request),
            sources.clock().instant());
    return renderer.page("messages", page, page.problems().isEmpty() ? 200 : 400);
  }

  /** A format of exported messages. */
  private record Export(String type, String file, Writer writer) {}

  private interface Writer {
    void write(MessageJson.Source messages, OutputStream out) throws SQLException, IOException;
  }

  /** All matching messages, written as they are read. */
  private Response export(Messages source, Request request, Export format) {
    MessageForm.Reading asked =
        MessageForm.read(MessageForm.ALL.of(request), sources.clock().instant());
    if (!asked.problems().isEmpty()) {
      return renderer.nothingExported(asked.problems());
    }
    MessageJson.Source selected =
        consumer -> source.forEach(asked.filter(), Long.MAX_VALUE, consumer);
    return Response.streamed(format.type(), out -> format.writer().write(selected, out))
        .with("Content-Disposition", "attachment; filename=\"" + format.file() + "\"");
  }
}
