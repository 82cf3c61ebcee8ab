package org.tlsuplift.server.graph;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.InputFormat;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.dialect.Dialects;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.server.testing.platform.PlatformCertificate;

/**
 * A stand-in for Microsoft Graph, over HTTPS on a port of loopback, as {@code localhost}.
 *
 * <p>It refuses every request that Microsoft's description does not allow, see {@code
 * graph-requests.json}, and those above the documented sizes. It keeps all requests. Thread-safe.
 */
public final class GraphStandIn implements AutoCloseable {
  private static final String ID = "https://graph.example/requests";
  private static final int MAX_REQUEST = 4 << 20;
  private static final int UNIT = 320 * 1024;
  private static final Pattern CONTENT_RANGE = Pattern.compile("bytes ([0-9]+)-([0-9]+)/([0-9]+)");
  private static final ObjectMapper JSON = new ObjectMapper();

  private final PlatformCertificate certificate =
      PlatformCertificate.selfSigned("localhost", "127.0.0.1");
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final HttpsServer server;
  private final JsonNode rules;
  private final SchemaRegistry schemas;
  private final Map<String, Message> drafts = new ConcurrentHashMap<>();
  private final Map<String, Upload> uploads = new ConcurrentHashMap<>();
  private final AtomicInteger ids = new AtomicInteger();
  private final List<String> requests = new CopyOnWriteArrayList<>();
  private final List<String> clientIds = new CopyOnWriteArrayList<>();
  private final List<String> violations = new CopyOnWriteArrayList<>();
  private final List<Message> sent = new CopyOnWriteArrayList<>();
  private final List<Message> sentItems = new CopyOnWriteArrayList<>();
  private final List<Fault> faults = new CopyOnWriteArrayList<>();
  private volatile String audience = "none";
  private final Set<String> tokens = ConcurrentHashMap.newKeySet();

  /**
   * A message.
   *
   * @param mime the message as it came, or empty
   * @param fields those of the draft, or of later changes
   */
  public record Message(
      String mailbox, String mime, ObjectNode fields, List<Attachment> attachments) {
    /** The addresses in a field of the draft. */
    public List<String> addresses(String field) {
      List<String> addresses = new ArrayList<>();
      fields.path(field).forEach(each -> addresses.add(each.at("/emailAddress/address").asText()));
      return addresses;
    }
  }

  /** An attachment with its decoded content. */
  @SuppressWarnings("ArrayRecordComponent") // Never compared.
  public record Attachment(JsonNode fields, byte[] content) {
    public String name() {
      return fields.path("name").asText();
    }
  }

  private record Upload(String draft, JsonNode item, ByteArrayOutputStream content) {}

  /**
   * Answers some requests in another way, once.
   *
   * @param request a pattern for method and path
   * @param skip how many of them are answered as always before
   * @param status 0 to close the connection without a response
   * @param done whether the request is carried out all the same
   */
  private record Fault(
      Pattern request,
      AtomicInteger skip,
      int status,
      String code,
      Map<String, String> headers,
      boolean done) {}

  private GraphStandIn() {
    try (InputStream file = GraphStandIn.class.getResourceAsStream("graph-requests.json")) {
      rules = JSON.readTree(file);
      schemas =
          SchemaRegistry.withDialect(
              Dialects.getDraft202012(),
              with ->
                  with.schemas(
                      Map.of(
                          ID,
                          JSON.createObjectNode().set("$defs", rules.path("$defs")).toString())));
      server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      server.setHttpsConfigurator(new HttpsConfigurator(certificate.context()));
      server.setExecutor(threads);
      server.createContext("/", this::handle);
      server.start();
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }

  /** Starts one on any port. It accepts no token yet. */
  public static GraphStandIn start() {
    return new GraphStandIn();
  }

  public URI url() {
    return URI.create("https://localhost:" + server.getAddress().getPort());
  }

  public X509Certificate certificate() {
    return certificate.certificate();
  }

  /** A PEM file with the certificate that it shows. */
  public Path certificateFile() {
    return certificate.file();
  }

  /** Forgets all messages, requests and faults. */
  public void clear() {
    List.of(requests, clientIds, violations, sent, sentItems, faults).forEach(List::clear);
    drafts.clear();
    uploads.clear();
  }

  /** Accepts a token from now on. */
  public void accept(String token) {
    tokens.add(token);
  }

  /** Accepts the tokens of the identity platform for this audience from now on. */
  public void acceptAudience(String wanted) {
    audience = wanted;
  }

  private boolean isAccepted(String token) throws IOException {
    return tokens.contains(token)
        || (token.contains(".")
            && JSON.readTree(Base64.getUrlDecoder().decode(token.split("\\.", -1)[1]))
                .path("aud")
                .asText()
                .equals(audience));
  }

  /** Answers the next request of this kind with an error. */
  public void fail(String request, int status, String code, String... headers) {
    failAfter(0, request, status, code, headers);
  }

  /** Answers one request of this kind with an error, after some that succeed. */
  public void failAfter(int skip, String request, int status, String code, String... headers) {
    Map<String, String> more = headers.length == 0 ? Map.of() : Map.of(headers[0], headers[1]);
    faults.add(
        new Fault(Pattern.compile(request), new AtomicInteger(skip), status, code, more, false));
  }

  /** Closes the connection of the next request of this kind, without a response. */
  public void drop(String request, boolean done) {
    faults.add(new Fault(Pattern.compile(request), new AtomicInteger(), 0, "", Map.of(), done));
  }

  /** Carries out the next request of this kind, and answers it with an error. */
  public void failDone(String request, int status, String code) {
    faults.add(
        new Fault(Pattern.compile(request), new AtomicInteger(), status, code, Map.of(), true));
  }

  /** Does not carry out the next request of this kind, and answers it with this JSON. */
  public void reply(String request, String json) {
    faults.add(
        new Fault(Pattern.compile(request), new AtomicInteger(), 200, json, Map.of(), false));
  }

  /** Forgets the drafts that a test has left. */
  public void removeDrafts() {
    drafts.clear();
  }

  /** Method and path of all requests, with ranges of uploads. */
  public List<String> requests() {
    return requests;
  }

  public List<String> clientIds() {
    return clientIds;
  }

  /** What was wrong with requests, by the description. */
  public List<String> violations() {
    return violations;
  }

  /** What was accepted for delivery. */
  public List<Message> sent() {
    return sent;
  }

  /** What is in the folder Sent Items. */
  public List<Message> sentItems() {
    return sentItems;
  }

  /** The number of drafts that are left. */
  public int drafts() {
    return drafts.size();
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      byte[] body = exchange.getRequestBody().readAllBytes();
      String path = exchange.getRequestURI().getPath();
      String request = exchange.getRequestMethod() + " " + path;
      String range = exchange.getRequestHeaders().getFirst("Content-Range");
      requests.add(range == null ? request : request + " " + range);
      Fault fault = fault(request);
      if (fault != null && !fault.done) {
        answer(exchange, fault);
        return;
      }
      Answer answer =
          path.startsWith("/upload/") ? upload(exchange, path, body) : graph(exchange, path, body);
      if (fault != null) {
        answer(exchange, fault);
        return;
      }
      answer(exchange, answer);
    }
  }

  private @Nullable Fault fault(String request) {
    for (Fault fault : faults) {
      if (fault.request.matcher(request).find() && fault.skip.getAndDecrement() == 0) {
        faults.remove(fault);
        return fault;
      }
    }
    return null;
  }

  private static void answer(HttpExchange exchange, Fault fault) throws IOException {
    if (fault.status != 0) {
      fault.headers.forEach(exchange.getResponseHeaders()::add);
      answer(
          exchange,
          fault.status == 200
              ? new Answer(200, JSON.readTree(fault.code))
              : error(fault.status, fault.code));
    }
  }

  private record Answer(int status, @Nullable JsonNode body) {}

  private static Answer error(int status, String code) {
    ObjectNode body = JSON.createObjectNode();
    body.putObject("error").put("code", code).put("message", "What Graph says about it.");
    return new Answer(status, body);
  }

  private static void answer(HttpExchange exchange, Answer answer) throws IOException {
    byte[] body = answer.body == null ? new byte[0] : JSON.writeValueAsBytes(answer.body);
    exchange.getResponseHeaders().add("Content-Type", "application/json");
    exchange.sendResponseHeaders(answer.status, body.length == 0 ? -1 : body.length);
    exchange.getResponseBody().write(body);
  }

  private Answer graph(HttpExchange exchange, String path, byte[] body) throws IOException {
    String bearer = exchange.getRequestHeaders().getFirst("Authorization");
    if (bearer == null || !isAccepted(bearer.replace("Bearer ", ""))) {
      return error(401, "InvalidAuthenticationToken");
    }
    if (body.length > MAX_REQUEST) {
      return error(413, "RequestEntityTooLarge");
    }
    clientIds.add(exchange.getRequestHeaders().getFirst("client-request-id"));
    String type =
        Objects.requireNonNullElse(exchange.getRequestHeaders().getFirst("Content-Type"), "");
    Answer refused = check(exchange, path, type, body);
    if (refused != null) {
      return refused;
    }
    List<String> segments = List.of(path.substring("/v1.0/users/".length()).split("/", -1));
    String mailbox = segments.get(0);
    if (segments.get(1).equals("sendMail")) {
      Message message = message(mailbox, type, body);
      sent.add(message);
      sentItems.add(message);
      return new Answer(202, null);
    }
    if (segments.get(1).equals("mailFolders")) {
      return new Answer(200, JSON.createObjectNode().put("id", "inbox"));
    }
    if (segments.size() == 2) {
      String id = "AAMk/" + ids.incrementAndGet() + "==";
      drafts.put(id, message(mailbox, type, body));
      return new Answer(201, JSON.createObjectNode().put("id", id).put("isDraft", true));
    }
    String id = URLDecoder.decode(rawSegment(exchange, 5), StandardCharsets.UTF_8);
    Message draft = drafts.get(id);
    if (draft == null) {
      return error(404, "ErrorItemNotFound");
    }
    return draft(exchange, id, draft, body);
  }

  private static String rawSegment(HttpExchange exchange, int index) {
    return exchange.getRequestURI().getRawPath().split("/", -1)[index];
  }

  private static Message message(String mailbox, String type, byte[] body) throws IOException {
    boolean mime = type.equals("text/plain");
    return new Message(
        mailbox,
        mime ? new String(Base64.getDecoder().decode(body), StandardCharsets.ISO_8859_1) : "",
        mime ? JSON.createObjectNode() : (ObjectNode) JSON.readTree(body),
        new CopyOnWriteArrayList<>());
  }

  private Answer draft(HttpExchange exchange, String id, Message draft, byte[] body)
      throws IOException {
    String raw = exchange.getRequestURI().getRawPath();
    switch (exchange.getRequestMethod()) {
      case "GET" -> {
        return new Answer(200, JSON.createObjectNode().put("id", id).put("isDraft", true));
      }
      case "DELETE" -> {
        drafts.remove(id);
        return new Answer(204, null);
      }
      case "PATCH" -> {
        draft.fields.setAll((ObjectNode) JSON.readTree(body));
        return new Answer(200, JSON.createObjectNode().put("id", id));
      }
      default -> {}
    }
    if (raw.endsWith("/send")) {
      drafts.remove(id);
      sent.add(draft);
      JsonNode property = draft.fields.at("/singleValueExtendedProperties/0");
      if (!property.path("id").asText().equals("Boolean 0x0E01")
          || !property.path("value").asText().equals("true")) {
        sentItems.add(draft);
      }
      return new Answer(202, null);
    }
    JsonNode fields = JSON.readTree(body);
    if (raw.endsWith("/createUploadSession")) {
      String upload = String.valueOf(ids.incrementAndGet());
      uploads.put(
          upload, new Upload(id, fields.path("AttachmentItem"), new ByteArrayOutputStream()));
      return new Answer(
          201,
          JSON.createObjectNode()
              .put("uploadUrl", url() + "/upload/" + upload + "?authtoken=secret"));
    }
    draft.attachments.add(new Attachment(fields, fields.path("contentBytes").binaryValue()));
    return new Answer(201, fields);
  }

  private Answer upload(HttpExchange exchange, String path, byte[] body) {
    String id = path.replace("/upload/", "");
    Upload upload = uploads.get(id);
    if (upload == null || !"authtoken=secret".equals(exchange.getRequestURI().getRawQuery())) {
      return error(404, "ErrorItemNotFound");
    }
    if (exchange.getRequestHeaders().containsKey("Authorization")) {
      violations.add("a token for the upload URL");
    }
    int has = upload.content.size();
    if (exchange.getRequestMethod().equals("GET")) {
      return expecting(has);
    }
    Matcher range =
        CONTENT_RANGE.matcher(
            Objects.requireNonNullElse(exchange.getRequestHeaders().getFirst("Content-Range"), ""));
    if (!range.matches()) {
      violations.add("no Content-Range");
      return error(400, "BadRequest");
    }
    long size = upload.item.path("size").asLong();
    long end = Long.parseLong(range.group(2)) + 1;
    boolean last = end == size;
    if (Long.parseLong(range.group(3)) != size
        || end - Long.parseLong(range.group(1)) != body.length
        || body.length > MAX_REQUEST
        || end > size
        || (!last && end % UNIT != 0)) {
      violations.add("Content-Range: " + range.group() + " with " + body.length + " bytes");
      return error(400, "BadRequest");
    }
    if (Long.parseLong(range.group(1)) != has) {
      return error(416, "InvalidRange");
    }
    upload.content.writeBytes(body);
    if (!last) {
      return expecting((int) end);
    }
    uploads.remove(id);
    Message draft = drafts.get(upload.draft);
    if (draft == null) {
      return error(404, "ErrorItemNotFound");
    }
    draft.attachments.add(new Attachment(upload.item, upload.content.toByteArray()));
    return new Answer(201, null);
  }

  private static Answer expecting(int next) {
    ObjectNode body = JSON.createObjectNode();
    body.putArray("NextExpectedRanges").add(String.valueOf(next));
    return new Answer(200, body);
  }

  private @Nullable Answer check(HttpExchange exchange, String path, String type, byte[] body)
      throws IOException {
    String raw = exchange.getRequestURI().getRawPath();
    String template =
        raw.replaceFirst("^/v1\\.0/users/[^/]+", "/users/{user-id}")
            .replaceFirst("/messages/[^/]+", "/messages/{message-id}")
            .replaceFirst("/mailFolders/[^/]+", "/mailFolders/{mailFolder-id}");
    JsonNode rule = rules.path("requests").path(exchange.getRequestMethod() + " " + template);
    if (rule.isMissingNode()) {
      return violation(exchange.getRequestMethod() + " " + template + " does not exist");
    }
    if (rule.isEmpty()) {
      return body.length == 0 && type.isEmpty() ? null : violation(template + " has a body");
    }
    JsonNode content = rule.path(type);
    if (content.isMissingNode()) {
      return violation(path + " has the content type '" + type + "'");
    }
    if (content.isBoolean()) {
      try {
        Base64.getDecoder().decode(body);
        return null;
      } catch (IllegalArgumentException wrong) {
        return error(400, "ErrorMimeContentInvalidBase64String");
      }
    }
    List<String> wrong =
        schemas
            .getSchema(SchemaLocation.of(ID + content.asText()))
            .validate(new String(body, StandardCharsets.UTF_8), InputFormat.JSON)
            .stream()
            .map(Object::toString)
            .toList();
    return wrong.isEmpty() ? null : violation(template + ": " + wrong);
  }

  private Answer violation(String what) {
    violations.add(what);
    return error(400, "BadRequest");
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
