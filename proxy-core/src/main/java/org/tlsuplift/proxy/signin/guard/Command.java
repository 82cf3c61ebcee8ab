package org.tlsuplift.proxy.signin.guard;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.TooLongFrameException;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.mail.MailLines;
import org.tlsuplift.proxy.model.CloseReason;

/** What happens to a line of a signed-in device. */
sealed interface Command {
  /** Goes to the origin unchanged and has one reply. */
  record Pass(String line, Expected expected) implements Command {}

  /** The beginning of a message; the arguments are the text after MAIL. */
  record Mail(String line, String arguments) implements Command {}

  record Refuse(String reply) implements Command {}

  /** Is answered here after so many bytes, at least one, which are dropped. */
  record RefuseChunk(long bytes, String reply) implements Command {}

  /**
   * Nothing more can pass safely, such as where it is unknown where the next command begins.
   *
   * @param reply the last one for the device, without its line end
   * @param detail one line for the operator
   */
  record End(String reply, CloseReason reason, String detail) implements Command {
    static final End CHUNK_WITHOUT_SIZE =
        ofDevice(
            "501 5.5.4 The size of the chunk cannot be read", "BDAT without the size of its chunk");

    static final End AMBIGUOUS_DOT =
        ofDevice(
            "554 5.6.0 A line with nothing but a dot has a bare CR or LF or a NUL beside it: lines end with CRLF",
            "a line of the message with nothing but a dot has a bare CR or LF or a NUL beside it");

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

  /** The replies that the origin still owes. */
  enum Expected {
    /** To an ordinary command, or a message. */
    REPLY,
    /** EHLO or HELO: the list of capabilities is rewritten. */
    CAPABILITIES,
    /** DATA: the message follows 354 (RFC 5321 section 4.1.1.4). */
    GO_AHEAD
  }

  /** RFC 5321 section 4.5.3.1.4 has 512, and extensions add to it; tokens do not pass here. */
  int MAX_LENGTH = 4096;

  /** RFC 3030 section 2. */
  Pattern CHUNK = Pattern.compile("BDAT +([0-9]{1,18})(?: +LAST)? *", Pattern.CASE_INSENSITIVE);

  /** Reads the next one, or returns null while it is not complete. */
  static @Nullable Command next(MailLines lines, ByteBuf in) {
    try {
      String line = lines.nextWithEnd(in);
      return line == null ? null : of(line);
    } catch (TooLongFrameException fault) {
      return End.longCommand(String.valueOf(fault.getMessage()));
    }
  }

  /**
   * Only commands that are known to have one reply pass: another one could change the roles or send
   * a message past the guard.
   *
   * @param line with its end
   */
  private static Command of(String line) {
    if (!line.endsWith("\r\n") || !isClean(line, line.length() - 2)) {
      return new Refuse(
          "500 5.5.2 A command is one line without control characters, ended by CRLF");
    }
    String command = line.substring(0, line.length() - 2);
    String verb = command.split(" ", 2)[0].toUpperCase(Locale.ROOT);
    return switch (verb) {
      case "EHLO", "HELO" -> new Pass(line, Expected.CAPABILITIES);
      case "MAIL" -> new Mail(line, command.substring(verb.length()));
      case "RCPT", "RSET", "NOOP", "VRFY", "EXPN", "HELP", "QUIT" -> new Pass(line, Expected.REPLY);
      case "DATA" -> new Pass(line, Expected.GO_AHEAD);
      case "AUTH" -> new Refuse("503 5.5.1 Already signed in");
      case "STARTTLS" -> new Refuse("503 5.5.1 TLS cannot begin in a session that is signed in");
      case "BDAT" -> chunk(command);
      default -> new Refuse("502 5.5.1 This command is not passed on");
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
