package org.tlsuplift.server.graph;

import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.route.HostPattern;
import org.tlsuplift.proxy.signin.AccessTokens;
import org.tlsuplift.server.background.Notice;
import org.tlsuplift.server.https.HttpsRequest;
import org.tlsuplift.server.https.HttpsResponse;
import org.tlsuplift.server.https.HttpsService;
import org.tlsuplift.server.spool.SpooledMessage;
import org.tlsuplift.server.spool.Transport;

/**
 * Sends messages by Microsoft Graph with the mailbox of their account. Holds at most 20 MB for each
 * message: one request and its response.
 *
 * <p>A message goes as MIME while Graph accepts its size, and otherwise as a draft with
 * attachments. Graph accepts it for all recipients or for none. A response that is lost after Graph
 * has accepted a message leads to a duplicate, unless the message was a draft that is gone.
 *
 * <p>Graph saves what it gets as MIME in Sent Items. Without {@code saveToSentItems} the message is
 * therefore a draft that Exchange deletes after it was sent (PidTagDeleteAfterSubmit, [MS-OXOMSG]
 * 2.2.3.8), which needs Mail.ReadWrite; without this permission it stays in Sent Items.
 */
public final class GraphTransport implements Transport, AutoCloseable {
  /** The results of requests. */
  public static final List<String> RESULTS =
      List.of("ok", "refused", "throttled", "unauthorized", "failed", "unreachable");

  /** Of a request: uploads are slow, and Graph returns an attachment to whoever adds it. */
  public static final HttpsService.Bounds BOUNDS =
      new HttpsService.Bounds(Duration.ofMinutes(2), 8 << 20);

  private static final Logger log = LoggerFactory.getLogger(GraphTransport.class);

  /** Its base64 has 4 MB, which is the limit of a request. */
  private static final int MAX_MIME = 3_000_000;

  /** An attachment from here on needs an upload session, which accepts none below 2 MiB. */
  private static final int LARGE = 3_000_000;

  /** Ranges are multiples of 320 KiB, and have at most 4 MB. */
  private static final int RANGE = 10 * 320 * 1024;

  private static final int TRIES = 3;

  private static final Map<String, Object> NOT_SAVED =
      Map.of(
          "singleValueExtendedProperties", List.of(Map.of("id", "Boolean 0x0E01", "value", "true")));

  private final HttpsService graph;
  private final URI address;
  private final List<HostPattern> uploads;
  private final boolean saveToSentItems;
  private final AccessTokens tokens;
  private final Function<HostPort, HttpsService> connections;
  private final Consumer<String> observer;
  private final Clock clock;
  private final int mostMime;
  private final Notice saved;

  /**
   * Opens no connection yet.
   *
   * @param address of Graph, https without a path
   * @param uploads the hosts besides Graph that attachments may be uploaded to
   * @param tokens for Graph
   * @param connections creates the service for a host, with {@link #BOUNDS}
   * @param observer gets the result of each request, one of {@link #RESULTS}; fast, never throws
   */
  public GraphTransport(
      URI address,
      List<HostPattern> uploads,
      boolean saveToSentItems,
      AccessTokens tokens,
      Function<HostPort, HttpsService> connections,
      Consumer<String> observer,
      Clock clock) {
    this(address, uploads, saveToSentItems, tokens, connections, observer, clock, MAX_MIME);
  }

  GraphTransport(
      URI address,
      List<HostPattern> uploads,
      boolean saveToSentItems,
      AccessTokens tokens,
      Function<HostPort, HttpsService> connections,
      Consumer<String> observer,
      Clock clock,
      int mostMime) {
    this.address = address;
    this.uploads = List.copyOf(uploads);
    this.saveToSentItems = saveToSentItems;
    this.tokens = tokens;
    this.connections = connections;
    this.observer = observer;
    this.clock = clock;
    this.mostMime = mostMime;
    saved = Notice.daily(clock);
    graph = connections.apply(host(address));
  }

  private static HostPort host(URI address) {
    return new HostPort(address.getHost(), address.getPort() < 0 ? 443 : address.getPort());
  }

  static String encoded(String segment) {
    return URLEncoder.encode(segment, StandardCharsets.UTF_8);
  }

  @Override
  public Result send(SpooledMessage message, String header, Content content)
      throws InterruptedException {
    GraphException failed;
    try {
      new Submission(message, header, content).run();
      return new Result("Microsoft Graph", message.open(), Map.of(), Map.of(), null);
    } catch (GraphException refused) {
      failed = refused;
    } catch (IOException unreadable) {
      failed =
          GraphException.temporary("the message cannot be read: " + unreadable.getMessage());
    }
    Map<String, String> replies = new LinkedHashMap<>();
    for (String recipient : message.open()) {
      replies.put(recipient, failed.reply());
    }
    return new Result(
        "Microsoft Graph",
        List.of(),
        failed.isPermanent() ? replies : Map.of(),
        failed.isPermanent() ? Map.of() : replies,
        failed.retryAfter());
  }

  @Override
  public void close() {
    graph.close();
  }

  /** One attempt with a message. */
  private final class Submission {
    private final SpooledMessage message;
    private final String header;
    private final Content content;
    private final GraphRequests requests;

    Submission(SpooledMessage message, String header, Content content) {
      this.message = message;
      this.header = header;
      this.content = content;
      String id = UUID.nameUUIDFromBytes(message.id().getBytes(StandardCharsets.UTF_8)).toString();
      requests =
          new GraphRequests(graph, tokens, message.envelope().account(), id, observer, clock);
    }

    void run() throws GraphException, IOException, InterruptedException {
      if (message.size() + header.length() <= mostMime) {
        byte[] mime;
        try (InputStream data = open()) {
          mime = GraphRecipients.address(data.readAllBytes(), message.open());
        }
        if (mime.length <= mostMime) {
          asMime(ByteBuffer.wrap(Base64.getEncoder().encode(mime)));
          return;
        }
      }
      asParts();
    }

    private InputStream open() throws IOException {
      return new BufferedInputStream(
          new SequenceInputStream(
              new ByteArrayInputStream(header.getBytes(StandardCharsets.UTF_8)),
              new Undotted(new BufferedInputStream(content.open(), 1 << 16))),
          1 << 16);
    }

    private void asMime(ByteBuffer base64) throws GraphException, InterruptedException {
      if (!saveToSentItems) {
        String draft = null;
        try {
          draft = draft(requests.send("POST", "/messages", "text/plain", base64));
        } catch (GraphException refused) {
          if (refused.status() != 403) {
            throw refused;
          }
          if (saved.isNews(refused.reply())) {
            log.warn(
                "mail stays in Sent Items of {}, because the application lacks Mail.ReadWrite; grant it (tls-uplift tenant setup --graph), or set saveToSentItems: true",
                message.envelope().account());
          }
        }
        if (draft != null) {
          finish(draft, () -> {});
          return;
        }
      }
      requests.send("POST", "/sendMail", "text/plain", base64);
    }

    private void asParts() throws GraphException, IOException, InterruptedException {
      GraphMessage parsed;
      try (InputStream data = open()) {
        parsed = GraphMessage.read(data, message.open());
      }
      String draft = draft(requests.json("POST", "/messages", parsed.draft()));
      finish(
          draft,
          () -> {
            attachSmall(draft, parsed.parts());
            for (GraphMessage.Part part : parsed.parts()) {
              if (part.size() >= LARGE) {
                attachLarge(draft, part);
              }
            }
          });
    }

    private String draft(Map<String, @Nullable Object> created) throws GraphException {
      return "/messages/" + encoded(text(created, "id"));
    }

    /** Attachments of a draft. */
    private interface Attachments {
      void attach() throws GraphException, IOException, InterruptedException;
    }

    /** Completes and sends a draft, which does not stay if this fails. */
    private void finish(String draft, Attachments attachments)
        throws GraphException, InterruptedException {
      try {
        attachments.attach();
        if (!saveToSentItems) {
          requests.json("PATCH", draft, NOT_SAVED);
        }
      } catch (GraphException failed) {
        delete(draft);
        throw failed;
      } catch (IOException failed) {
        delete(draft);
        throw GraphException.temporary("the message cannot be read: " + failed.getMessage());
      }
      try {
        requests.json("POST", draft + "/send", null);
      } catch (GraphException failed) {
        if (failed.status() == 0 && isGone(draft)) {
          return;
        }
        delete(draft);
        throw failed;
      }
    }

    /** Whether a draft was sent, although no response has come. */
    private boolean isGone(String draft) throws InterruptedException {
      try {
        return Boolean.FALSE.equals(
            requests.json("GET", draft + "?$select=isDraft", null).get("isDraft"));
      } catch (GraphException gone) {
        return gone.status() == 404;
      }
    }

    private void delete(String draft) throws InterruptedException {
      try {
        requests.json("DELETE", draft, null);
      } catch (GraphException failed) {
        log.info("a draft stays in {}: {}", message.envelope().account(), failed.reply());
      }
    }

    private void attachSmall(String draft, List<GraphMessage.Part> parts)
        throws GraphException, IOException, InterruptedException {
      Map<Integer, GraphMessage.Part> small = new HashMap<>();
      parts.stream()
          .filter(part -> part.size() < LARGE)
          .forEach(part -> small.put(part.leaf(), part));
      if (small.isEmpty()) {
        return;
      }
      try (InputStream data = open()) {
        GraphMessage.leaves(
            data,
            (number, type, alternative, bytes) -> {
              GraphMessage.Part part = small.get(number);
              if (part != null) {
                Map<String, Object> attachment = attachment(part);
                attachment.put("@odata.type", "#microsoft.graph.fileAttachment");
                attachment.put("contentBytes", bytes.readAllBytes());
                requests.json("POST", draft + "/attachments", attachment);
              }
              return true;
            });
      }
    }

    private Map<String, Object> attachment(GraphMessage.Part part) {
      Map<String, Object> attachment = new LinkedHashMap<>();
      attachment.put("name", part.name());
      attachment.put("contentType", part.type());
      attachment.put("isInline", part.inline());
      if (part.id() != null) {
        attachment.put("contentId", part.id());
      }
      return attachment;
    }

    /** Uploads an attachment, with a second session if the first one is lost. */
    private void attachLarge(String draft, GraphMessage.Part part)
        throws GraphException, IOException, InterruptedException {
      Map<String, Object> item = attachment(part);
      item.put("attachmentType", "file");
      item.put("size", part.size());
      for (int session = 1; ; session++) {
        URI url =
            URI.create(
                text(
                    requests.json(
                        "POST",
                        draft + "/attachments/createUploadSession",
                        Map.of("AttachmentItem", item)),
                    "uploadUrl"));
        try {
          upload(url, part);
          return;
        } catch (GraphException lost) {
          if (session == 2 || lost.status() / 100 != 4 || lost.status() == 429) {
            throw lost;
          }
        }
      }
    }

    private void upload(URI url, GraphMessage.Part part)
        throws GraphException, IOException, InterruptedException {
      HostPort host = host(url);
      if (!"https".equals(url.getScheme())
          || (!host.equals(host(address))
              && uploads.stream().noneMatch(each -> each.matches(host.host())))) {
        throw GraphException.temporary("Microsoft Graph names the unknown host " + host);
      }
      try (HttpsService service = connections.apply(host);
          InputStream data = open()) {
        GraphMessage.leaves(
            data,
            (number, type, alternative, bytes) -> {
              if (number != part.leaf()) {
                return true;
              }
              byte[] range = new byte[RANGE];
              long start = 0;
              for (int length; (length = bytes.readNBytes(range, 0, RANGE)) > 0; start += length) {
                put(service, url, ByteBuffer.wrap(range, 0, length), start, part.size());
              }
              return false;
            });
      }
    }

    /** Uploads a range, and after a fault only what is missing of it. */
    private void put(HttpsService service, URI url, ByteBuffer range, long start, long size)
        throws GraphException, InterruptedException {
      String target = url.getRawPath() + (url.getRawQuery() == null ? "" : "?" + url.getRawQuery());
      long end = start + range.remaining();
      long next = start;
      for (int tries = 1; next < end; ) {
        ByteBuffer rest = range.slice((int) (next - start), (int) (end - next));
        HttpsResponse response = null;
        try {
          // The address has a token of its own; Graph's must not be sent there.
          response =
              requests.exchange(
                  service,
                  new HttpsRequest(
                      "PUT",
                      target,
                      Map.of(
                          "Content-Type",
                          "application/octet-stream",
                          "Content-Range",
                          "bytes " + next + "-" + (end - 1) + "/" + size),
                      rest));
        } catch (GraphException lost) {
          if (tries++ == TRIES) {
            throw lost;
          }
        }
        if (response == null || response.status() >= 500 || response.status() == 416) {
          if (response != null && tries++ == TRIES) {
            throw GraphException.of(response, clock);
          }
          response = requests.exchange(service, HttpsRequest.get(target));
        }
        if (response.status() / 100 != 2) {
          // After a fault, the range may have been the last one that the session was waiting for.
          throw tries == 1
              ? GraphException.of(response, clock)
              : GraphException.temporary("Microsoft Graph has lost the upload of an attachment");
        }
        long expected = response.status() == 201 ? end : expected(response, end);
        if (expected < next || expected > end) {
          throw GraphException.temporary(
              "Microsoft Graph expects byte " + expected + " of an attachment, not " + next);
        }
        next = expected;
      }
    }

    /** The first byte that is missing. */
    private long expected(HttpsResponse response, long end) {
      Map<String, @Nullable Object> fields = GraphException.read(response.body());
      Object ranges =
          fields.containsKey("nextExpectedRanges")
              ? fields.get("nextExpectedRanges")
              : fields.get("NextExpectedRanges");
      if (ranges instanceof List<?> list && !list.isEmpty()) {
        String first = String.valueOf(list.get(0)).replaceFirst("-.*", "");
        return first.matches("[0-9]{1,18}") ? Long.parseLong(first) : end;
      }
      return end;
    }

    private String text(Map<String, @Nullable Object> fields, String name) throws GraphException {
      Object value = fields.get(name);
      if (value == null) {
        throw GraphException.temporary("Microsoft Graph: a response without '" + name + "'");
      }
      return value.toString();
    }
  }

  /** Takes back the doubling of dots (RFC 5321, section 4.5.2). */
  private static final class Undotted extends InputStream {
    private final InputStream in;
    private int before = '\n';
    private int beforeThat = '\r';

    Undotted(InputStream in) {
      this.in = in;
    }

    @Override
    public int read() throws IOException {
      int next = in.read();
      if (next == '.' && before == '\n' && beforeThat == '\r') {
        next = in.read();
      }
      beforeThat = before;
      before = next;
      return next;
    }

    @Override
    public void close() throws IOException {
      in.close();
    }
  }
}
