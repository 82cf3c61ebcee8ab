package org.tlsuplift.proxy.guard;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What is done with a line that a signed-in device sent. */
sealed interface Command {
  /** Goes to the origin as it is, who answers with one reply. */
  record Pass(Expected expected) implements Command {}

  /** The beginning of a message; the arguments are what stands behind MAIL. */
  record Mail(String arguments) implements Command {}

  /** Is answered by us, and not passed on. */
  record Refuse(String reply) implements Command {}

  /** Is answered by us behind so many bytes, which belong to it and are not passed on either. */
  record RefuseChunk(long bytes, String reply) implements Command {}

  /** Nobody can tell where the next command begins. */
  record End(String reply) implements Command {}

  /** RFC 3030 section 2. */
  Pattern CHUNK = Pattern.compile("BDAT +([0-9]{1,18})(?: +LAST)? *", Pattern.CASE_INSENSITIVE);

  /**
   * Reads a line. Only what is known to be one command with one reply passes: another one could
   * change the roles or send a message past the guard.
   *
   * @param line with its end
   */
  static Command of(String line) {
    if (!line.endsWith("\r\n") || !isClean(line, line.length() - 2)) {
      return new Refuse(
          "500 5.5.2 A command is one line without control characters, ended by CRLF");
    }
    String command = line.substring(0, line.length() - 2);
    int space = command.indexOf(' ');
    String verb = (space < 0 ? command : command.substring(0, space)).toUpperCase(Locale.ROOT);
    return switch (verb) {
      case "EHLO", "HELO" -> new Pass(Expected.CAPABILITIES);
      case "MAIL" -> new Mail(command.substring(verb.length()));
      case "RCPT", "RSET", "NOOP", "VRFY", "EXPN", "HELP", "QUIT" -> new Pass(Expected.REPLY);
      case "DATA" -> new Pass(Expected.GO_AHEAD);
      case "AUTH" -> new Refuse("503 5.5.1 Already signed in");
      case "STARTTLS" -> new Refuse("503 5.5.1 TLS cannot begin in a session that is signed in");
      case "BDAT" -> chunk(command);
      default -> new Refuse("502 5.5.1 This command is not passed on");
    };
  }

  private static Command chunk(String command) {
    Matcher chunk = CHUNK.matcher(command);
    return chunk.matches()
        ? new RefuseChunk(
            Long.parseLong(chunk.group(1)), "502 5.5.1 CHUNKING is not offered: use DATA")
        : new End("501 5.5.4 The size of the chunk cannot be read");
  }

  private static boolean isClean(String line, int length) {
    for (int i = 0; i < length; i++) {
      char c = line.charAt(i);
      if (c < ' ' || c == 0x7f) {
        return false;
      }
    }
    return true;
  }
}
