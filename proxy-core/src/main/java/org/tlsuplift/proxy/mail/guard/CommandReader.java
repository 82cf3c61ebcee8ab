package org.tlsuplift.proxy.mail.guard;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.TooLongFrameException;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.mail.MailLines;
import org.tlsuplift.proxy.mail.guard.Command.Expected;

/**
 * Reads the commands of one device.
 *
 * <p>Only commands with exactly one known reply pass. Another command could change the roles or
 * send a message that the guard does not see.
 */
final class CommandReader {
  /** In bytes. RFC 5321 section 4.5.3.1.4 has 512, and extensions add to it. Tokens never pass. */
  static final int MAX_LENGTH = 4096;

  /** In bytes, for a line of the device's own sign-in (RFC 4954 section 4). */
  private static final int MAX_SIGN_IN = 12_288;

  /** RFC 3030 section 2. */
  private static final Pattern CHUNK =
      Pattern.compile("BDAT +([0-9]{1,18})( +LAST)? *", Pattern.CASE_INSENSITIVE);

  private static final String VERB_OF_SIGN_IN = "AUTH";

  private static final String UNCLEAN =
      "500 5.5.2 A command must be one line without control characters that ends with CRLF";

  private final boolean signedIn;
  private final boolean repairs;
  private final MailLines lines = new MailLines(MAX_LENGTH);

  /**
   * Creates the reader of one session.
   *
   * @param signedIn whether this proxy has signed the device in, so that the device must not
   * @param repairs whether a command may end with a bare LF, which becomes CRLF
   */
  CommandReader(boolean signedIn, boolean repairs) {
    this.signedIn = signedIn;
    this.repairs = repairs;
  }

  /**
   * The next command, or null while it is incomplete.
   *
   * @param withinSignIn whether it is the next line of the device's own sign-in instead
   */
  @Nullable Command next(ByteBuf in, boolean withinSignIn) {
    try {
      if (withinSignIn || (!signedIn && isSignIn(in))) {
        return signIn(in, !withinSignIn);
      }
      String line = lines.nextWithEnd(in);
      return line == null ? null : of(repaired(line));
    } catch (TooLongFrameException fault) {
      return Command.End.longCommand(String.valueOf(fault.getMessage()));
    }
  }

  /**
   * @param command whether the line may be refused, because it is a command
   */
  private @Nullable Command signIn(ByteBuf in, boolean command) {
    int length = length(in);
    if (length < 0) {
      return null;
    }
    int text = textLength(in, length);
    boolean bareLf = text == length - 1;
    if (in.forEachByte(in.readerIndex(), text, CommandReader::isClean) < 0
        && (!bareLf || repairs)) {
      return new Command.SignIn(length, bareLf);
    }
    if (!command) {
      return Command.End.SIGN_IN_WITH_CONTROLS;
    }
    in.skipBytes(length);
    return new Command.Refuse(UNCLEAN);
  }

  /** Whether the next line is AUTH, as far as it has arrived. */
  private static boolean isSignIn(ByteBuf in) {
    int known = Math.min(in.readableBytes(), VERB_OF_SIGN_IN.length());
    for (int i = 0; i < known; i++) {
      int upper = in.getByte(in.readerIndex() + i) & ~0x20;
      if (upper != VERB_OF_SIGN_IN.charAt(i)) {
        return false;
      }
    }
    if (known < VERB_OF_SIGN_IN.length() || in.readableBytes() == known) {
      // The bytes so far do not show yet whether this is AUTH; no command is that short.
      return true;
    }
    byte next = in.getByte(in.readerIndex() + known);
    return next == ' ' || next == '\r' || next == '\n';
  }

  private String repaired(String line) {
    return repairs && line.endsWith("\n") && !line.endsWith("\r\n")
        ? line.substring(0, line.length() - 1) + "\r\n"
        : line;
  }

  /**
   * @param line the command with its line end
   */
  private Command of(String line) {
    if (!line.endsWith("\r\n")
        || !line.chars().limit(line.length() - 2L).allMatch(CommandReader::isClean)) {
      return new Command.Refuse(UNCLEAN);
    }
    String command = line.substring(0, line.length() - 2);
    String word = command.split(" ", 2)[0];
    String arguments = command.substring(word.length());
    String verb = word.toUpperCase(Locale.ROOT);
    return switch (verb) {
      case "EHLO", "HELO" -> new Command.Pass(line, Expected.CAPABILITIES);
      case "MAIL" -> new Command.Mail(line, arguments);
      case "RCPT" -> new Command.Recipient(line, arguments);
      case "RSET" -> new Command.Pass(line, Expected.RESET);
      case "NOOP", "VRFY", "EXPN", "HELP", "QUIT" -> new Command.Pass(line, Expected.REPLY);
      case "DATA" -> new Command.Pass(line, Expected.GO_AHEAD);
      case VERB_OF_SIGN_IN -> new Command.Refuse("503 5.5.1 Already signed in");
      case "STARTTLS" ->
          new Command.Refuse(
              signedIn
                  ? "503 5.5.1 TLS cannot start after sign-in"
                  : "503 5.5.1 TLS cannot start here");
      case "BDAT" -> chunk(line, command);
      default -> new Command.Refuse("502 5.5.1 This command is not supported");
    };
  }

  private Command chunk(String line, String command) {
    Matcher chunk = CHUNK.matcher(command);
    if (!chunk.matches()) {
      return Command.End.CHUNK_WITHOUT_SIZE;
    }
    long bytes = Long.parseLong(chunk.group(1));
    return signedIn ? withoutChunks(bytes) : new Command.Chunk(line, bytes, chunk.group(2) != null);
  }

  /** The refusal of a chunk where the device does not see CHUNKING. */
  static Command withoutChunks(long bytes) {
    return new Command.Refuse(bytes, "502 5.5.1 CHUNKING is not offered: use DATA");
  }

  private static boolean isClean(int value) {
    return value >= ' ' && value != 0x7f;
  }

  /**
   * The length of the next line of a sign-in with its LF, or -1 while it is incomplete. The line
   * stays in its buffer, because it may hold a password.
   */
  private static int length(ByteBuf in) {
    int newline = in.indexOf(in.readerIndex(), in.writerIndex(), (byte) '\n');
    int length = (newline < 0 ? in.writerIndex() : newline + 1) - in.readerIndex();
    if (length > MAX_SIGN_IN) {
      throw new TooLongFrameException("a line is longer than " + MAX_SIGN_IN + " bytes");
    }
    return newline < 0 ? -1 : length;
  }

  /** The length of the line without its end. */
  private static int textLength(ByteBuf in, int length) {
    boolean cr = length > 1 && in.getByte(in.readerIndex() + length - 2) == '\r';
    return cr ? length - 2 : length - 1;
  }
}
