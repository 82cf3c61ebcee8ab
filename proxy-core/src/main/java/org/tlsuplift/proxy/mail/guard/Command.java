package org.tlsuplift.proxy.mail.guard;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.TooLongFrameException;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.mail.MailLines;
import org.tlsuplift.proxy.model.CloseReason;

/** A command of a signed-in device, classified by the guard's reaction. */
sealed interface Command {
  /** Passes to the origin unchanged and has exactly one reply. */
  record Pass(String line, Expected expected) implements Command {}

  /** The start of a message. The arguments are the text after MAIL. */
  record Mail(String line, String arguments) implements Command {}

  record Refuse(String reply) implements Command {}

  /** Gets a reply of this proxy after {@code bytes} bytes, at least one, were dropped. */
  record RefuseChunk(long bytes, String reply) implements Command {}

  /**
   * No more bytes can pass safely, for example because the start of the next command is unknown.
   *
   * @param reply the last reply for the device, without CRLF
   * @param detail one line for the operator
   */
  record End(String reply, CloseReason reason, String detail) implements Command {
    static final End CHUNK_WITHOUT_SIZE =
        ofDevice("501 5.5.4 The size of the chunk is malformed", "BDAT without a valid chunk size");

    static final End AMBIGUOUS_DOT =
        ofDevice(
            "554 5.6.0 A line with only a dot is next to a bare CR, a bare LF or a NUL; end lines with CRLF",
            "a line of the message with only a dot is next to a bare CR, a bare LF or a NUL");

    static End longCommand(String why) {
      return ofDevice("500 5.5.6 Line too long", "a command: " + why);
    }

    static End longReply(String why) {
      return new End(
          "421 4.3.0 The origin's reply is too long",
          CloseReason.ORIGIN_PROTOCOL_ERROR,
          "the origin's reply: " + why);
    }

    private static End ofDevice(String reply, String detail) {
      return new End(reply, CloseReason.DEVICE_PROTOCOL_ERROR, detail);
    }
  }

  /** The kind of reply that the origin will send to a command. */
  enum Expected {
    /** The reply to an ordinary command or to a message. */
    REPLY,
    /** The reply to EHLO or HELO; its list of capabilities is rewritten. */
    CAPABILITIES,
    /** The reply to DATA; the message follows after 354 (RFC 5321 section 4.1.1.4). */
    GO_AHEAD
  }

  /** In bytes. RFC 5321 section 4.5.3.1.4 has 512, and extensions add to it. Tokens never pass. */
  int MAX_LENGTH = 4096;

  /** RFC 3030 section 2. */
  Pattern CHUNK = Pattern.compile("BDAT +([0-9]{1,18})(?: +LAST)? *", Pattern.CASE_INSENSITIVE);

  /** Reads the next command, or returns null while it is incomplete. */
  static @Nullable Command next(MailLines lines, ByteBuf in) {
    try {
      String line = lines.nextWithEnd(in);
      return line == null ? null : of(line);
    } catch (TooLongFrameException fault) {
      return End.longCommand(String.valueOf(fault.getMessage()));
    }
  }

  /**
   * Only commands with exactly one known reply pass. Another command could change the roles or send
   * a message that the guard does not see.
   *
   * @param line the command with its line end
   */
  private static Command of(String line) {
    if (!line.endsWith("\r\n") || !isClean(line, line.length() - 2)) {
      return new Refuse(
          "500 5.5.2 A command must be one line without control characters that ends with CRLF");
    }
    String command = line.substring(0, line.length() - 2);
    String verb = command.split(" ", 2)[0].toUpperCase(Locale.ROOT);
    return switch (verb) {
      case "EHLO", "HELO" -> new Pass(line, Expected.CAPABILITIES);
      case "MAIL" -> new Mail(line, command.substring(verb.length()));
      case "RCPT", "RSET", "NOOP", "VRFY", "EXPN", "HELP", "QUIT" -> new Pass(line, Expected.REPLY);
      case "DATA" -> new Pass(line, Expected.GO_AHEAD);
      case "AUTH" -> new Refuse("503 5.5.1 Already signed in");
      case "STARTTLS" -> new Refuse("503 5.5.1 TLS cannot start after sign-in");
      case "BDAT" -> chunk(command);
      default -> new Refuse("502 5.5.1 This command is not supported");
    };
  }

  private static Command chunk(String command) {
    Matcher chunk = CHUNK.matcher(command);
    if (!chunk.matches()) {
      return End.CHUNK_WITHOUT_SIZE;
    }
    String reply = "502 5.5.1 CHUNKING is not offered: use DATA";
    long bytes = Long.parseLong(chunk.group(1));
    return bytes == 0 ? new Refuse(reply) : new RefuseChunk(bytes, reply);
  }

  private static boolean isClean(String line, int length) {
    return line.chars().limit(length).noneMatch(c -> c < ' ' || c == 0x7f);
  }
}
