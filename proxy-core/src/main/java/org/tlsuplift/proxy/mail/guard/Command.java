package org.tlsuplift.proxy.mail.guard;

import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.mail.HeaderBlock;
import org.tlsuplift.proxy.mail.guard.CommandRules.Decision;
import org.tlsuplift.proxy.outcome.CloseReason;
import org.tlsuplift.proxy.outcome.MessageRefusal;

/** A command of a device, classified by the guard's reaction. */
sealed interface Command {
  /** Passes to the origin unchanged and has exactly one reply. */
  record Pass(String line, Expected expected) implements Command {
    /** Whether the origin drops a message that has begun, if it accepts the command. */
    boolean resets() {
      return expected == Expected.CAPABILITIES || expected == Expected.RESET;
    }
  }

  /** The start of a message. The arguments are the text after MAIL. */
  record Mail(String line, String arguments) implements Command {}

  /** A recipient of the message. The arguments are the text after RCPT. */
  record Recipient(String line, String arguments) implements Command {}

  /** A part of the message, which follows at once (RFC 3030 section 2). */
  record Chunk(String line, long bytes, boolean last) implements Command {}

  /**
   * The start of the device's own sign-in. The line is still in the buffer, because it may hold a
   * password.
   *
   * @param length of the line with its end, in bytes
   * @param bareLf whether it ends with a bare LF, which becomes CRLF
   */
  record SignIn(int length, boolean bareLf) implements Command, Decision {}

  /** Gets a reply of this proxy after {@code bytes} bytes were dropped. */
  record Refuse(long bytes, String reply) implements Command, Decision {
    Refuse(String reply) {
      this(0, reply);
    }
  }

  /**
   * No more bytes can pass safely, for example because the start of the next command is unknown.
   *
   * @param reply the last reply for the device, without CRLF
   * @param refusal if a message was refused, otherwise null
   * @param detail one line for the operator
   */
  record End(String reply, CloseReason reason, @Nullable MessageRefusal refusal, String detail)
      implements Command, Decision {
    static final End CHUNK_WITHOUT_SIZE =
        ofDevice("501 5.5.4 The size of the chunk is malformed", "BDAT without a valid chunk size");

    static final End SIGN_IN_WITH_CONTROLS =
        ofDevice(
            "500 5.5.2 A line of the sign-in must be one line without control characters that ends"
                + " with CRLF",
            "a line of the sign-in has control characters, or does not end with CR LF");

    static final End AMBIGUOUS_DOT =
        new End(
            "554 5.6.0 A line with only a dot is next to a bare CR, a bare LF or a NUL; end lines"
                + " with CRLF",
            CloseReason.DEVICE_PROTOCOL_ERROR,
            MessageRefusal.AMBIGUOUS_END,
            "a line of the message with only a dot is next to a bare CR, a bare LF or a NUL");

    static final End BARE_LINE_END =
        new End(
            "554 5.6.0 The message has a bare CR or a bare LF; end lines with CRLF",
            CloseReason.DEVICE_PROTOCOL_ERROR,
            MessageRefusal.BARE_LINE_END,
            "the message has a bare CR or a bare LF");

    static final End HEADER_TOO_LARGE =
        new End(
            "552 5.3.4 The header of the message is larger than "
                + HeaderBlock.MAX_BYTES
                + " bytes",
            CloseReason.MESSAGE_REFUSED,
            MessageRefusal.HEADER_TOO_LARGE,
            "the header of the message is larger than " + HeaderBlock.MAX_BYTES + " bytes");

    static final End UNKNOWN_MESSAGE =
        new End(
            "421 4.3.0 The origin wants data of a message that it refused",
            CloseReason.ORIGIN_PROTOCOL_ERROR,
            null,
            "the origin accepted DATA of a message whose MAIL it refused");

    static End tooLarge(String reply) {
      return new End(
          reply, CloseReason.MESSAGE_REFUSED, MessageRefusal.TOO_LARGE, reply.substring(4));
    }

    static End longCommand(String why) {
      return ofDevice("500 5.5.6 Line too long", "a command: " + why);
    }

    static End longReply(String why) {
      return new End(
          "421 4.3.0 The origin's reply is too long",
          CloseReason.ORIGIN_PROTOCOL_ERROR,
          null,
          "the origin's reply: " + why);
    }

    private static End ofDevice(String reply, String detail) {
      return new End(reply, CloseReason.DEVICE_PROTOCOL_ERROR, null, detail);
    }
  }

  /** The kind of reply that the origin will send to a command. */
  enum Expected {
    /** The reply to an ordinary command. */
    REPLY,
    /**
     * The reply to EHLO or HELO; its list of capabilities is rewritten. A 2xx also resets, and
     * another reply does not (RFC 5321 section 4.1.4).
     */
    CAPABILITIES,
    /** The reply to RSET. The message ends with a 2xx only (RFC 5321 section 4.1.1.5). */
    RESET,
    /** The reply to AUTH or to a line of the sign-in; another line follows after 334 (RFC 4954). */
    SIGN_IN,
    /** The reply to MAIL. */
    SENDER,
    /** The reply to RCPT. */
    RECIPIENT,
    /** The reply to DATA; the message follows after 354 (RFC 5321 section 4.1.1.4). */
    GO_AHEAD,
    /** The reply to a chunk that is not the last. */
    CHUNK,
    /** The reply to the whole message. */
    RECEIPT
  }
}
