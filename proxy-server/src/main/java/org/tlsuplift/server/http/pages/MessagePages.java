package org.tlsuplift.server.http.pages;

import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.tlsuplift.server.console.FeaturePages;
import org.tlsuplift.server.console.NavigationItem;
import org.tlsuplift.server.console.PageRenderer;
import org.tlsuplift.server.http.Request;
import org.tlsuplift.server.http.ResourcePath;
import org.tlsuplift.server.http.Response;
import org.tlsuplift.server.inventory.MessageCsv;
import org.tlsuplift.server.inventory.MessageJson;
import org.tlsuplift.server.inventory.Rows;
import org.tlsuplift.server.inventory.messages.Messages;
import org.tlsuplift.server.inventory.messages.StoredMessage;

/**
 * The page of messages and its exports. Thread-safe.
 *
 * @param messages the message trail; empty without one
 * @param inventory whether an inventory is kept
 * @param listeners their names, in the order of the configuration
 */
public record MessagePages(
    Optional<Messages> messages,
    boolean inventory,
    List<String> listeners,
    AcknowledgementForms acknowledgements)
    implements FeaturePages {
  @Override
  public List<NavigationItem> navigation() {
    return List.of(Navigation.MESSAGES);
  }

  @Override
  public Group group(PageRenderer renderer) {
    return new Group(
        List.of(
            route(Navigation.MESSAGES.path(), renderer, this::list),
            route("/messages.csv", renderer, MessagePages::csv),
            route("/messages.json", renderer, MessagePages::json)),
        List.of());
  }

  private ResourcePath route(
      String path, PageRenderer renderer, PageRenderer.Asking<Messages> page) {
    return new ResourcePath(path, request -> ask(request, renderer, page));
  }

  private Response ask(Request request, PageRenderer renderer, PageRenderer.Asking<Messages> page) {
    if (inventory && messages.isEmpty()) {
      return renderer.problem(
          404,
          "No messages",
          "No messages are recorded: messages.enabled is false in the configuration.");
    }
    return renderer.ask(messages, request, page);
  }

  private Response list(Messages source, Request request, PageRenderer renderer)
      throws SQLException {
    MessageListPage page =
        new MessageListReader(listeners)
            .read(
                source,
                acknowledgements.silent().get(),
                MessageForm.ALL.of(request),
                renderer.frame(request, "Messages", Navigation.MESSAGES),
                acknowledgements.onPage(renderer, request),
                renderer.now());
    return renderer.page("messages", page, page.problems().isEmpty() ? 200 : 400);
  }

  private static Response csv(Messages source, Request request, PageRenderer renderer) {
    return export(
        source,
        request,
        renderer,
        messages -> Response.csv("messages.csv", out -> MessageCsv.write(messages, out)));
  }

  private static Response json(Messages source, Request request, PageRenderer renderer) {
    return export(
        source,
        request,
        renderer,
        messages ->
            Response.streamed("application/json", out -> MessageJson.write(messages, out))
                .asFile("messages.json"));
  }

  /** All matching messages, written as they are read. */
  private static Response export(
      Messages source,
      Request request,
      PageRenderer renderer,
      Function<Rows<StoredMessage>, Response> file) {
    MessageForm.Reading asked = MessageForm.read(MessageForm.ALL.of(request), renderer.now());
    if (!asked.problems().isEmpty()) {
      return renderer.nothingExported(asked.problems());
    }
    return file.apply(receiver -> source.forEach(asked.filter(), Long.MAX_VALUE, receiver::accept));
  }
}
