package org.tlsuplift.server.graph;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLEncoder;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.proxy.signin.AccessToken;
import org.tlsuplift.proxy.signin.TokenResult;
import org.tlsuplift.proxy.upstream.dial.OriginUnavailableException;
import org.tlsuplift.server.https.HttpsRequest;
import org.tlsuplift.server.https.HttpsResponse;
import org.tlsuplift.server.https.HttpsService;
import org.tlsuplift.server.mail.OutgoingMessage;
import org.tlsuplift.server.mail.Transport;

/** One attempt to send a message by Graph. Blocks. */
record GraphSubmission(
    GraphTransport by, OutgoingMessage message, String header, Transport.Content content) {
  private static final Logger log = LoggerFactory.getLogger(GraphSubmission.class);
  private static final ObjectMapper JSON = new ObjectMapper();

  /** An attachment from here on needs an upload session, which accepts none below 2 MiB. */
  private static final int LARGE = 3_000_000;

  /** Ranges are multiples of 320 KiB, and have at most 4 MB. */
  private static final int RANGE = 10 * 320 * 1024;

  private static final int TRIES = 3;

  private static final Map<String, Object> NOT_SAVED =
      Map.of(
          "singleValueExtendedProperties",
          List.of(Map.of("id", "Boolean 0x0E01", "value", "true")));

  void send() throws IOException, InterruptedException {
    if (message.size() + header.length() > by.mostMime()) {
      GraphMessage parsed;
      try (InputStream data = open()) {
        parsed = GraphMessage.read(data, message.open());
      }
      finish(json("POST", "/messages", parsed.draft()), parsed.parts());
      return;
    }
    byte[] mime;
    try (InputStream data = open()) {
      mime = GraphRecipients.read(data, message.open()).addressed(data).readAllBytes();
    }
    ByteBuffer base64 = ByteBuffer.wrap(Base64.getEncoder().encode(mime));
    Map<String, @Nullable Object> draft = draft(base64);
    if (draft != null) {
      finish(draft, List.of());
      return;
    }
    try {
      request("POST", "/sendMail", "text/plain", base64);
    } catch (IOException | RuntimeException | InterruptedException failed) {
      if (isUnknown(failed)) {
        by.duplicates().run();
      }
      throw failed;
    }
  }

  /** Whether Graph may have done it. */
  private static boolean isUnknown(Exception failed) {
    return !(failed instanceof GraphException answered) || answered.isUnknown();
  }

  /**
   * Creates a draft, which shows whether it was sent. The first attempt does without if it can, and
   * an application that may not create drafts always does.
   */
  private @Nullable Map<String, @Nullable Object> draft(ByteBuffer base64)
      throws IOException, InterruptedException {
    if (by.saveToSentItems() && message.attempts() == 0) {
      return null;
    }
    try {
      return request("POST", "/messages", "text/plain", base64);
    } catch (GraphException failed) {
      if (by.saveToSentItems() && failed.isDenied()) {
        return null;
      }
      throw failed;
    }
  }

  private InputStream open() throws IOException {
    return new BufferedInputStream(
        new SequenceInputStream(
            new ByteArrayInputStream(header.getBytes(StandardCharsets.UTF_8)),
            new Undotted(new BufferedInputStream(content.open()))));
  }

  /** Completes and sends a draft, which does not stay if this fails. */
  private void finish(Map<String, @Nullable Object> created, List<GraphMessage.Part> parts)
      throws IOException, InterruptedException {
    if (!(created.get("id") instanceof String id)) {
      throw GraphException.temporary("Microsoft Graph names no draft");
    }
    String draft = "/messages/" + encoded(id);
    boolean submitted = false;
    try {
      attach(draft, parts);
      if (!by.saveToSentItems()) {
        json("PATCH", draft, NOT_SAVED);
      }
      submitted = true;
      json("POST", draft + "/send", null);
    } catch (IOException | RuntimeException | InterruptedException failed) {
      if (!isGone(draft, submitted && isUnknown(failed))) {
        throw failed;
      }
    }
  }

  /**
   * Deletes a draft. Only a missing item proves that it was sent, and only after its submission:
   * 404 has many causes, such as a mailbox without a licence.
   *
   * @param submitted whether it may have been sent
   * @return whether that is proven
   */
  private boolean isGone(String draft, boolean submitted) throws IOException, InterruptedException {
    boolean known = false;
    try {
      json("DELETE", draft, null);
      known = true;
      return false;
    } catch (GraphException failed) {
      known = failed.isMissingItem();
      if (!known) {
        log.info("a draft may stay in {}: {}", message.envelope().account(), failed.reply());
      }
      return known && submitted;
    } finally {
      if (submitted && !known) {
        by.duplicates().run();
      }
    }
  }

  private void attach(String draft, List<GraphMessage.Part> parts)
      throws IOException, InterruptedException {
    Map<Integer, GraphMessage.Part> wanted =
        parts.stream().collect(Collectors.toMap(GraphMessage.Part::leaf, Function.identity()));
    try (InputStream data = open()) {
      GraphMessage.leaves(
          GraphRecipients.read(data, message.open()).unaddressed(data),
          field -> {},
          (leaf, type, alternative, bytes) -> {
            GraphMessage.Part part = wanted.get(leaf);
            if (part != null && part.size() < LARGE) {
              part.fields().put("@odata.type", "#microsoft.graph.fileAttachment");
              part.fields().put("contentBytes", bytes.readAllBytes());
              json("POST", draft + "/attachments", part.fields());
              part.fields().remove("contentBytes");
            } else if (part != null) {
              part.fields().putAll(Map.of("attachmentType", "file", "size", part.size()));
              Object item = Map.of("AttachmentItem", part.fields());
              String path = draft + "/attachments/createUploadSession";
              Object url = json("POST", path, item).get("uploadUrl");
              upload(url + "", bytes, part.size());
            }
          });
    }
  }

  private void upload(String address, InputStream bytes, long size)
      throws IOException, InterruptedException {
    URI url;
    try {
      url = new URI(address);
    } catch (URISyntaxException nonsense) {
      url = URI.create("");
    }
    String host = url.getHost();
    if (host == null
        || !"https".equalsIgnoreCase(url.getScheme())
        || by.uploads().stream().noneMatch(each -> each.matches(host))) {
      throw GraphException.temporary(
          "Microsoft Graph names no usable address for an upload (host: %s)".formatted(host));
    }
    byte[] range = new byte[RANGE];
    long start = 0;
    for (int length; (length = bytes.readNBytes(range, 0, RANGE)) > 0; start += length) {
      put(url, ByteBuffer.wrap(range, 0, length), start, size);
    }
  }

  /** Uploads a range, and after a fault only what is missing of it. */
  private void put(URI url, ByteBuffer range, long start, long size)
      throws IOException, InterruptedException {
    // The address has a token of its own; Graph's must not be sent there.
    String target = url.getRawPath() + "?" + Objects.requireNonNullElse(url.getRawQuery(), "");
    long end = start + range.remaining();
    long next = start;
    for (int tries = 1; next < end; tries++) {
      if (tries > TRIES) {
        throw GraphException.temporary("an upload to Microsoft Graph makes no progress");
      }
      String bytes = "bytes " + next + "-" + (end - 1) + "/" + size;
      ByteBuffer rest = range.slice((int) (next - start), (int) (end - next));
      HttpsResponse response = null;
      try {
        response =
            exchange(url, new HttpsRequest("PUT", target, Map.of("Content-Range", bytes), rest));
      } catch (GraphException lost) {
        if (tries == TRIES) {
          throw lost;
        }
      }
      if (response == null || (response.status() >= 500 && tries < TRIES)) {
        response = exchange(url, HttpsRequest.get(target));
      }
      if (response.status() / 100 != 2) {
        throw GraphException.of(response, "upload");
      }
      // Only 201 ends an upload.
      long unsaid = end == size ? start : end;
      long expected = response.status() == 201 ? end : expected(response, unsaid);
      next = Math.max(start, Math.min(expected, end));
    }
  }

  /** The first byte that is missing. Microsoft's pages have the name in both forms. */
  private static long expected(HttpsResponse response, long unsaid) {
    Map<String, @Nullable Object> fields = GraphException.read(response.body());
    Object ranges = fields.getOrDefault("nextExpectedRanges", fields.get("NextExpectedRanges"));
    String first = (ranges + "").replaceFirst("^\\[\"?([0-9]{1,18}).*", "$1");
    return first.matches("[0-9]+") ? Long.parseLong(first) : unsaid;
  }

  private static String encoded(String segment) {
    return URLEncoder.encode(segment, StandardCharsets.UTF_8);
  }

  private Map<String, @Nullable Object> json(String method, String path, @Nullable Object body)
      throws IOException, InterruptedException {
    byte[] bytes = body == null ? new byte[0] : JSON.writeValueAsBytes(body);
    return request(method, path, "application/json", ByteBuffer.wrap(bytes));
  }

  /** Sends a request, twice if Graph refuses the token, and returns the fields of the response. */
  private Map<String, @Nullable Object> request(
      String method, String path, String type, ByteBuffer body)
      throws IOException, InterruptedException {
    String mailbox = message.envelope().account();
    Map<String, String> headers =
        new HashMap<>(body.hasRemaining() ? Map.of("Content-Type", type) : Map.of());
    // The same for all attempts, so that Microsoft can find a duplicate; Graph prevents none.
    byte[] id = message.id().getBytes(StandardCharsets.UTF_8);
    headers.put("client-request-id", UUID.nameUUIDFromBytes(id).toString());
    AccessToken token = token(by.tokens().token(mailbox));
    for (boolean renewed = false; ; renewed = true) {
      headers.put("Authorization", "Bearer " + token.value());
      String target = "/v1.0/users/" + encoded(mailbox) + path;
      HttpsResponse response =
          exchange(by.address(), new HttpsRequest(method, target, headers, body));
      if (response.status() / 100 == 2) {
        return GraphException.read(response.body());
      }
      if (response.status() != 401 || renewed) {
        throw GraphException.of(response, "");
      }
      token = token(by.tokens().renew(mailbox, token));
    }
  }

  private HttpsResponse exchange(URI url, HttpsRequest request)
      throws GraphException, InterruptedException {
    HostPort server = HttpsService.server(url);
    try {
      HttpsResponse response = by.https().send(server, request);
      int status = response.status();
      String result = status / 100 == 2 ? "2xx" : String.valueOf(Math.min(status, 599));
      by.observer().ended(server, result, null);
      return response;
    } catch (OperatorException | RejectedExecutionException failed) {
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      by.observer().ended(server, "none", failed.getCause());
      boolean left =
          failed instanceof OperatorException
              && !(failed.getCause() instanceof OriginUnavailableException);
      throw left
          ? GraphException.withoutResponse(failed.getMessage() + "")
          : GraphException.temporary(failed.getMessage() + "");
    }
  }

  private static AccessToken token(CompletionStage<TokenResult> stage) throws GraphException {
    TokenResult result = stage.toCompletableFuture().join();
    if (result instanceof TokenResult.Issued issued) {
      return issued.token();
    }
    String why =
        result instanceof TokenResult.Refused refused
            ? refused.why()
            : ((TokenResult.Unavailable) result).why();
    throw GraphException.temporary("no token for Microsoft Graph: " + why);
  }

  /** Takes back the doubling of dots (RFC 5321, section 4.5.2). */
  @SuppressWarnings("InputStreamSlowMultibyteRead") // Reads a buffer, byte by byte.
  private static final class Undotted extends InputStream {
    private final InputStream in;
    private int before = 0x0d0a;

    Undotted(InputStream in) {
      this.in = in;
    }

    @Override
    public int read() throws IOException {
      int next = in.read();
      if (next == '.' && before == 0x0d0a) {
        next = in.read();
      }
      before = (before << 8 | next) & 0xffff;
      return next;
    }

    @Override
    public void close() throws IOException {
      in.close();
    }
  }
}
