package org.tlsuplift.server.graph;

import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.route.HostPattern;
import org.tlsuplift.proxy.signin.AccessTokens;
import org.tlsuplift.server.https.HttpsService;
import org.tlsuplift.server.mail.OutgoingMessage;
import org.tlsuplift.server.mail.Transport;

/**
 * Sends messages by Microsoft Graph with the mailbox of their account. Holds at most 30 MB for each
 * message: one request and its response.
 *
 * <p>A message goes as MIME while Graph accepts its size, and otherwise as a draft with
 * attachments. Graph accepts it for all recipients or for none. A response that is lost after Graph
 * has accepted a message leads to a duplicate, unless the message was a draft that is gone. So the
 * second attempt makes a draft if the application may.
 *
 * <p>Graph saves what it gets as MIME in Sent Items. Without {@code saveToSentItems} the message is
 * therefore a draft that Exchange deletes after it was sent (PidTagDeleteAfterSubmit, [MS-OXOMSG]
 * 2.2.3.8), which needs Mail.ReadWrite.
 *
 * @param address of Graph, https without a path
 * @param uploads the hosts that attachments may be uploaded to
 * @param mostMime the largest message that goes as MIME, in bytes
 * @param tokens for Graph
 * @param https with {@link #BOUNDS}; not closed by this
 * @param observer fast, never throws
 * @param duplicates runs when Graph may have sent a message that will be sent again; fast, never
 *     throws
 */
public record GraphTransport(
    URI address,
    List<HostPattern> uploads,
    boolean saveToSentItems,
    int mostMime,
    AccessTokens tokens,
    HttpsService https,
    Observer observer,
    Runnable duplicates)
    implements Transport {
  /** The base64 of this has 4 MB, which is the limit of a request. */
  public static final int MOST_MIME = 3_000_000;

  /** Of a request: uploads are slow, and Graph returns an attachment to the one who adds it. */
  public static final HttpsService.Bounds BOUNDS =
      new HttpsService.Bounds(Duration.ofMinutes(2), 8 << 20);

  /** Gets the result of each request. */
  @FunctionalInterface
  public interface Observer {
    /**
     * @param result such as {@code 2xx}, {@code 429} or {@code none}
     * @param failure why there was no response; null with one
     */
    void ended(HostPort server, String result, @Nullable Throwable failure);
  }

  private static final String BY = "Microsoft Graph";

  @Override
  public Result send(OutgoingMessage message, String header, Content content)
      throws InterruptedException {
    try {
      new GraphSubmission(this, message, header, content).send();
      return new Result(BY + ": 202 accepted", message.open(), Map.of(), Map.of(), null);
    } catch (GraphException failed) {
      return failed(message, failed);
    } catch (IOException any) {
      String why = "the message cannot be read: " + any.getMessage();
      return failed(message, GraphException.temporary(why));
    }
  }

  private static Result failed(OutgoingMessage message, GraphException why) {
    Map<String, String> replies = new LinkedHashMap<>();
    message.open().forEach(recipient -> replies.put(recipient, why.reply()));
    return why.reply().startsWith("5")
        ? new Result(BY, List.of(), replies, Map.of(), null)
        : new Result(BY, List.of(), Map.of(), replies, why.retryAfter());
  }
}
