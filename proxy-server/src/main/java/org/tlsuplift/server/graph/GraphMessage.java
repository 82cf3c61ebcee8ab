package org.tlsuplift.server.graph;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.apache.james.mime4j.MimeException;
import org.apache.james.mime4j.codec.DecodeMonitor;
import org.apache.james.mime4j.dom.address.Mailbox;
import org.apache.james.mime4j.field.LenientFieldParser;
import org.apache.james.mime4j.message.DefaultBodyDescriptorBuilder;
import org.apache.james.mime4j.message.MaximalBodyDescriptor;
import org.apache.james.mime4j.stream.BodyDescriptor;
import org.apache.james.mime4j.stream.EntityState;
import org.apache.james.mime4j.stream.Field;
import org.apache.james.mime4j.stream.MimeConfig;
import org.apache.james.mime4j.stream.MimeTokenStream;
import org.apache.james.mime4j.stream.RecursionMode;
import org.jspecify.annotations.Nullable;

/**
 * A message that is too large for Graph's MIME, as a draft in JSON and its attachments. Reading it
 * holds one body in memory, never an attachment.
 *
 * <p>A draft has one body: the HTML of an alternative, otherwise the first text. Every other part
 * becomes an attachment, so that nothing is lost but the plain text beside HTML.
 */
final class GraphMessage {
  /** A larger body becomes an attachment, because a request has at most 4 MB. */
  private static final int MAX_BODY = 500_000;

  /** Graph's maximum. */
  private static final int MAX_HEADERS = 5;

  private static final Pattern HIGH = Pattern.compile("(?i)\\s*(high|urgent|[12]\\b).*");
  private static final Pattern LOW = Pattern.compile("(?i)\\s*(low|non-urgent|[45]\\b).*");

  /** Messages are as devices send them, so nothing is too long or too strange to be read. */
  private static final MimeConfig LENIENT =
      MimeConfig.custom()
          .setMaxLineLen(-1)
          .setMaxHeaderLen(-1)
          .setMaxHeaderCount(-1)
          .setMaxContentLen(-1)
          .build();

  private final GraphRecipients recipients;
  private final Map<String, Object> draft = new LinkedHashMap<>();
  private final List<Map<String, Object>> headers = new ArrayList<>();
  private final Map<String, List<Map<String, Object>>> addressed = new LinkedHashMap<>();
  private final List<Part> parts = new ArrayList<>();
  private @Nullable Body body;

  private record Body(boolean html, String text, int alternative) {}

  /**
   * An attachment.
   *
   * @param leaf its place in {@link #leaves}
   * @param id its Content-ID without brackets, or null
   * @param inline whether the HTML can show it
   * @param size of the decoded content, in bytes
   */
  record Part(
      int leaf, String name, String type, @Nullable String id, boolean inline, long size) {}

  /** Gets the parts of a message without those that only contain others. */
  interface Leaves {
    /**
     * @param number from 0
     * @param alternative which multipart/alternative has it, or 0
     * @param content decoded; to be read before this returns
     * @return whether to go on
     */
    boolean leaf(int number, MaximalBodyDescriptor part, int alternative, InputStream content)
        throws IOException, GraphException, InterruptedException;
  }

  private GraphMessage(Collection<String> open) {
    recipients = new GraphRecipients(open);
  }

  /**
   * Reads a message to the end.
   *
   * @param open the recipients of the draft
   */
  static GraphMessage read(InputStream mime, Collection<String> open)
      throws IOException, GraphException, InterruptedException {
    GraphMessage message = new GraphMessage(open);
    leaves(mime, message::add, message::add);
    message.complete();
    return message;
  }

  /** Calls {@code leaves} with each part. */
  static void leaves(InputStream mime, Leaves leaves)
      throws IOException, GraphException, InterruptedException {
    leaves(mime, field -> {}, leaves);
  }

  private static void leaves(
      InputStream mime, Consumer<Field> header, Leaves leaves)
      throws IOException, GraphException, InterruptedException {
    MimeTokenStream stream =
        new MimeTokenStream(
            LENIENT,
            DecodeMonitor.SILENT,
            new DefaultBodyDescriptorBuilder(
                null, LenientFieldParser.getParser(), DecodeMonitor.SILENT));
    // A message in a message is an attachment.
    stream.setRecursionMode(RecursionMode.M_NO_RECURSE);
    Deque<Integer> alternatives = new ArrayDeque<>(List.of(0));
    int multiparts = 0;
    int number = 0;
    stream.parse(mime);
    try {
      for (EntityState state = stream.getState();
          state != EntityState.T_END_OF_STREAM;
          state = stream.next()) {
        switch (state) {
          case T_FIELD -> {
            if (multiparts == 0 && number == 0) {
              header.accept(stream.getField());
            }
          }
          case T_START_MULTIPART -> {
            multiparts++;
            boolean alternative =
                stream.getBodyDescriptor().getMimeType().equals("multipart/alternative");
            alternatives.push(alternative ? multiparts : alternatives.element());
          }
          case T_END_MULTIPART -> alternatives.pop();
          case T_BODY -> {
            BodyDescriptor part = stream.getBodyDescriptor();
            if (!leaves.leaf(
                number++,
                (MaximalBodyDescriptor) part,
                alternatives.element(),
                stream.getDecodedInputStream())) {
              return;
            }
          }
          default -> {}
        }
      }
    } catch (MimeException impossible) {
      throw new IOException("the message cannot be parsed: " + impossible.getMessage(), impossible);
    }
  }

  private void add(Field field) {
    String name = field.getName().toLowerCase(Locale.ROOT);
    String value =
        new String(field.getRaw().toByteArray(), StandardCharsets.ISO_8859_1)
            .replaceFirst("^[^:]*:", "");
    switch (name) {
      case "subject" -> draft.putIfAbsent("subject", GraphRecipients.readable(value));
      case "to", "cc", "bcc" ->
          addressed
              .computeIfAbsent(name + "Recipients", missing -> new ArrayList<>())
              .addAll(people(recipients.open(text(value))));
      case "from" ->
          people(GraphRecipients.mailboxes(text(value))).stream()
              .findFirst()
              .ifPresent(from -> draft.putIfAbsent("from", from));
      case "reply-to" ->
          draft.putIfAbsent("replyTo", people(GraphRecipients.mailboxes(text(value))));
      case "message-id" -> draft.putIfAbsent("internetMessageId", text(value));
      case "importance", "x-priority", "priority" -> {
        if (HIGH.matcher(value).matches()) {
          draft.put("importance", "high");
        } else if (LOW.matcher(value).matches()) {
          draft.put("importance", "low");
        }
      }
      default -> {
        // Graph accepts no others, and no empty ones.
        String shown = GraphRecipients.readable(value);
        if (name.startsWith("x-") && headers.size() < MAX_HEADERS && !shown.isEmpty()) {
          headers.add(Map.of("name", field.getName(), "value", shown));
        }
      }
    }
  }

  private static String text(String value) {
    return GraphRecipients.unicode(GraphRecipients.unfolded(value));
  }

  private static List<Map<String, Object>> people(List<Mailbox> mailboxes) {
    return mailboxes.stream()
        .map(
            each -> {
              Map<String, Object> address = new LinkedHashMap<>();
              address.put("address", each.getAddress());
              if (each.getName() != null) {
                address.put("name", each.getName());
              }
              return Map.<String, Object>of("emailAddress", address);
            })
        .toList();
  }

  private boolean add(
      int number, MaximalBodyDescriptor part, int alternative, InputStream content)
      throws IOException {
    String type = part.getMimeType();
    String file = file(part);
    boolean attached = "attachment".equals(part.getContentDispositionType());
    boolean html = type.equals("text/html");
    if (!attached && file == null && (html || type.equals("text/plain"))) {
      boolean beside = body != null && alternative != 0 && body.alternative == alternative;
      if (body == null || (beside && html != body.html)) {
        byte[] bytes = content.readNBytes(MAX_BODY + 1);
        if (bytes.length <= MAX_BODY) {
          if (body == null || html) {
            body = new Body(html, decoded(bytes, part.getCharset()), alternative);
          }
          return true;
        }
        add(number, part, null, bytes.length + content.transferTo(OutputStream.nullOutputStream()));
        return true;
      }
    }
    add(number, part, file, content.transferTo(OutputStream.nullOutputStream()));
    return true;
  }

  private void add(int number, MaximalBodyDescriptor part, @Nullable String file, long size) {
    String id = part.getContentId();
    String bare = id == null ? null : id.strip().replaceAll("^<|>$", "");
    parts.add(
        new Part(
            number,
            file == null ? "part-" + (number + 1) + extension(part) : file,
            part.getMimeType(),
            bare == null || bare.isEmpty() ? null : bare,
            bare != null && !"attachment".equals(part.getContentDispositionType()),
            size));
  }

  /** The name of the file, which some programs encode in ways that no standard allows. */
  private static @Nullable String file(MaximalBodyDescriptor part) {
    String name = part.getContentDispositionFilename();
    if (name == null || name.isBlank()) {
      name = part.getContentTypeParameters().get("name");
    }
    return name == null || name.isBlank() ? null : GraphRecipients.readable(name);
  }

  private static String extension(MaximalBodyDescriptor part) {
    return switch (part.getMimeType()) {
      case "text/plain" -> ".txt";
      case "message/rfc822" -> ".eml";
      default -> "." + part.getSubType().replaceAll("[^a-z0-9]", "");
    };
  }

  private static String decoded(byte[] bytes, @Nullable String charset) {
    Charset known = null;
    try {
      known = charset == null ? null : Charset.forName(charset);
    } catch (IllegalArgumentException unknown) {
      // As below.
    }
    return known == null || known == StandardCharsets.US_ASCII
        ? GraphRecipients.unicode(new String(bytes, StandardCharsets.ISO_8859_1))
        : new String(bytes, known);
  }

  private void complete() {
    if (!recipients.unnamed().isEmpty()) {
      addressed
          .computeIfAbsent("bccRecipients", missing -> new ArrayList<>())
          .addAll(
              recipients.unnamed().stream()
                  .map(each -> Map.<String, Object>of("emailAddress", Map.of("address", each)))
                  .toList());
    }
    draft.putAll(addressed);
    if (!headers.isEmpty()) {
      draft.put("internetMessageHeaders", headers);
    }
    Body text = body == null ? new Body(false, "", 0) : body;
    draft.put(
        "body", Map.of("contentType", text.html ? "html" : "text", "content", text.text));
    if (!text.html) {
      // Nothing shows an inline part then.
      parts.replaceAll(
          each -> new Part(each.leaf, each.name, each.type, each.id, false, each.size));
    }
  }

  /** The fields of the draft. */
  Map<String, Object> draft() {
    return draft;
  }

  List<Part> parts() {
    return parts;
  }
}
