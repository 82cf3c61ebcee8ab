package org.tlsuplift.server.config.secret;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.negotiate.SocksUsers;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.proxy.route.UpstreamProxy;
import org.tlsuplift.server.process.KeyFileContent;

/** A file whose first line is a password, in UTF-8. */
public final class PasswordFile {
  /** What SOCKS can carry as a name or a password. */
  public static final String SOCKS = "1 to 255 visible ASCII characters";

  private PasswordFile() {}

  /** The password; null for null. */
  public static @Nullable String read(@Nullable Path file) throws OperatorException {
    return file == null ? null : of(file);
  }

  /** The password. */
  public static String of(Path file) throws OperatorException {
    return parse(file, KeyFileContent.of(file));
  }

  /**
   * The password of a SOCKS user.
   *
   * @throws OperatorException also if a device could not send it (RFC 1929)
   */
  public static String socks(Path file) throws OperatorException {
    String password = parse(file, KeyFileContent.of(file));
    if (!SocksUsers.isUsable(password)) {
      throw new OperatorException(
          file + " has no valid SOCKS password; the first line needs " + SOCKS);
    }
    return password;
  }

  /**
   * The password of an account for an origin.
   *
   * @throws OperatorException also if SASL could not send it (RFC 4616)
   */
  public static String upstream(Path file) throws OperatorException {
    String password = parse(file, KeyFileContent.of(file));
    if (password.indexOf('\0') >= 0) {
      throw new OperatorException(
          file + " has no valid password; the first line must not contain a NUL character");
    }
    return password;
  }

  /** The password for an upstream proxy. */
  public static String via(UpstreamProxy.Protocol protocol, Path file) throws OperatorException {
    return switch (protocol) {
      case HTTP -> parse(file, KeyFileContent.of(file));
      case SOCKS5 -> socks(file);
    };
  }

  /** The text of a secret file. */
  static String text(Path file, byte[] content) throws OperatorException {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(content)).toString();
    } catch (CharacterCodingException wrong) {
      throw new OperatorException(file + " is not UTF-8 text; save it as UTF-8");
    }
  }

  static String parse(Path file, byte[] content) throws OperatorException {
    return text(file, content)
        .lines()
        .findFirst()
        .filter(line -> !line.isEmpty())
        .orElseThrow(
            () -> new OperatorException(file + " is empty; put the password on its first line"));
  }
}
