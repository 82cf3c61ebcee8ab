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
import org.apache.james.mime4j.MimeException;
import org.apache.james.mime4j.codec.DecodeMonitor;
import org.apache.james.mime4j.dom.address.Mailbox;
import org.apache.james.mime4j.field.LenientFieldParser;
import org.apache.james.mime4j.message.DefaultBodyDescriptorBuilder;
import org.apache.james.mime4j.message.MaximalBodyDescriptor;
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
 *
 * @param draft its fields
 */
record GraphMessage(Map<String, Object> draft, List<Part> parts) {
  /** A larger body becomes an attachment, because a request has at most 4 MB. */
  private static final int MAX_BODY = 500_000;

  /** Exchange Online's limit. Each part can need a request. */
  private static final int MAX_PARTS = 250;

  /** Each level costs time for each byte, and space of the stack. */
  private static final int MAX_DEPTH = 30;

  /** Messages are as devices send them, so that no line is too long or too strange to be read. */
  private static final MimeConfig LENIENT =
      MimeConfig.custom()
          .setMaxLineLen(-1)
          .setMaxHeaderLen(GraphRecipients.MAX_FIELD)
          .setMaxHeaderCount(1_000)
          .build();

  /**
   * An attachment.
   *
   * @param leaf its place in {@link #leaves}
   * @param fields name, type and Content-ID
   * @param size of the decoded content, in bytes
   */
  record Part(int leaf, Map<String, Object> fields, long size) {}

  /** Gets the parts of a message without those that only contain others. */
  interface Leaves {
    /**
     * @param number from 0
     * @param alternative which multipart/alternative has it, or 0
     * @param content decoded; to be read before this returns
     */
    void leaf(int number, MaximalBodyDescriptor part, int alternative, InputStream content)
        throws IOException, InterruptedException;
  }

  /**
   * Reads a message to the end.
   *
   * @param open the recipients of the draft
   */
  static GraphMessage read(InputStream mime, Collection<String> open)
      throws IOException, InterruptedException {
    GraphRecipients recipients = GraphRecipients.read(mime, open);
    Reading reading = new Reading();
    leaves(recipients.unaddressed(mime), reading::field, reading::leaf);
    return reading.complete(recipients);
  }

  /** Calls {@code header} with each field of the message, and {@code leaves} with each part. */
  static void leaves(InputStream mime, Consumer<Field> header, Leaves leaves)
      throws IOException, InterruptedException {
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
      while (stream.getState() != EntityState.T_END_OF_STREAM) {
        EntityState state = stream.getState();
        if (state == EntityState.T_FIELD && multiparts == 0 && number == 0) {
          header.accept(stream.getField());
        } else if (state == EntityState.T_START_MULTIPART) {
          multiparts++;
          String type = stream.getBodyDescriptor().getMimeType();
          alternatives.push(
              type.equals("multipart/alternative") ? multiparts : alternatives.element());
        } else if (state == EntityState.T_END_MULTIPART) {
          alternatives.pop();
        } else if (state == EntityState.T_BODY) {
          MaximalBodyDescriptor part = (MaximalBodyDescriptor) stream.getBodyDescriptor();
          leaves.leaf(number++, part, alternatives.element(), stream.getDecodedInputStream());
        }
        if (number + multiparts > MAX_PARTS || alternatives.size() > MAX_DEPTH) {
          throw GraphException.refused(
              "554 5.6.0 the message has more than 250 parts, or 30 levels of them");
        }
        stream.next();
      }
    } catch (MimeException unreadable) {
      throw GraphException.refused(
          "554 5.6.0 the message cannot be read: " + unreadable.getMessage());
    }
  }

  /** What has been read of a message. */
  private static final class Reading {
    private final Map<String, Object> draft = new LinkedHashMap<>();
    private final Map<String, List<Object>> people = new LinkedHashMap<>();
    private final List<Part> parts = new ArrayList<>();
    private boolean html;
    private @Nullable String body;
    private int ofBody;

    void field(Field field) {
      String name = field.getName().toLowerCase(Locale.ROOT);
      byte[] raw = field.getRaw().toByteArray();
      String bytes = new String(raw, StandardCharsets.ISO_8859_1).replaceFirst("^[^:]*:", "");
      String value = GraphRecipients.unicode(bytes);
      switch (name) {
        case "subject" -> draft.putIfAbsent("subject", GraphRecipients.readable(bytes));
        case "reply-to" -> add("replyTo", GraphRecipients.mailboxes(value));
        case "from" ->
            GraphRecipients.mailboxes(value).stream()
                .limit(1)
                .forEach(from -> draft.putIfAbsent("from", person(from)));
        case "message-id" -> draft.putIfAbsent("internetMessageId", value);
        case "importance" -> {
          if (value.matches("(?i)low|normal|high")) {
            draft.put("importance", value.toLowerCase(Locale.ROOT));
          }
        }
        default -> {}
      }
    }

    private void add(String key, List<Mailbox> mailboxes) {
      List<Object> all = people.computeIfAbsent(key, missing -> new ArrayList<>());
      mailboxes.forEach(each -> all.add(person(each)));
    }

    private static Map<String, Object> person(Mailbox mailbox) {
      String name = mailbox.getName() == null ? mailbox.getAddress() : mailbox.getName();
      return Map.of("emailAddress", Map.of("address", mailbox.getAddress(), "name", name));
    }

    void leaf(int number, MaximalBodyDescriptor part, int alternative, InputStream content)
        throws IOException {
      String file = file(part);
      boolean attached = "attachment".equals(part.getContentDispositionType());
      boolean isHtml = part.getMimeType().equals("text/html");
      boolean beside = alternative != 0 && alternative == ofBody && isHtml != html;
      long size = 0;
      if (!attached
          && file == null
          && (isHtml || part.getMimeType().equals("text/plain"))
          && (body == null || beside)) {
        byte[] bytes = content.readNBytes(MAX_BODY + 1);
        size = bytes.length;
        if (size <= MAX_BODY) {
          if (body == null || isHtml) {
            body = decoded(bytes, part.getCharset());
            html = isHtml;
            ofBody = alternative;
          }
          return;
        }
      }
      size += content.transferTo(OutputStream.nullOutputStream());
      Map<String, Object> fields = new LinkedHashMap<>();
      String suffix = part.getSubType().replace("plain", "txt").replace("rfc822", "eml");
      fields.put("name", file == null ? "part-" + (number + 1) + "." + suffix : file);
      fields.put("contentType", part.getMimeType());
      if (part.getContentId() != null) {
        fields.put("contentId", part.getContentId().strip().replaceAll("^<|>$", ""));
        fields.put("isInline", !attached);
      }
      parts.add(new Part(number, fields, size));
    }

    /** The name of the file, which some programs encode in ways that no standard allows. */
    private static @Nullable String file(MaximalBodyDescriptor part) {
      String name = part.getContentDispositionFilename();
      name = name == null ? part.getContentTypeParameters().get("name") : name;
      return name == null || name.isBlank() ? null : GraphRecipients.readable(name);
    }

    private static String decoded(byte[] bytes, @Nullable String charset) {
      try {
        if (charset != null && !charset.equalsIgnoreCase("us-ascii")) {
          return new String(bytes, Charset.forName(charset));
        }
      } catch (IllegalArgumentException unknown) {
        // As without one.
      }
      return GraphRecipients.text(bytes);
    }

    GraphMessage complete(GraphRecipients recipients) {
      add("toRecipients", recipients.to);
      add("ccRecipients", recipients.cc);
      add("bccRecipients", recipients.bcc());
      draft.putAll(people);
      draft.put(
          "body",
          Map.of("contentType", html ? "html" : "text", "content", body == null ? "" : body));
      if (!html) {
        // Nothing shows an inline part then.
        parts.forEach(part -> part.fields().remove("isInline"));
      }
      return new GraphMessage(draft, parts);
    }
  }
}
