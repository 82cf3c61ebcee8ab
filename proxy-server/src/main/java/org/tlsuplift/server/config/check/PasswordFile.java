package org.tlsuplift.server.config.check;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.keyfile.KeyFileContent;
import org.tlsuplift.proxy.keyfile.KeyFileException;
import org.tlsuplift.proxy.negotiate.SocksUsers;
import org.tlsuplift.proxy.route.UpstreamProxy;
import org.tlsuplift.server.config.ListenerConfig;

/** A file whose first line is a password, in UTF-8. */
public final class PasswordFile {
  private PasswordFile() {}

  /** The password; null where no file is given. */
  public static @Nullable String read(@Nullable Path file) throws KeyFileException {
    return file == null ? null : parse(file, KeyFileContent.of(file));
  }

  /**
   * The password of a SOCKS user.
   *
   * @throws KeyFileException also when a device could not send it, by RFC 1929
   */
  public static String socks(Path file) throws KeyFileException {
    String password = parse(file, KeyFileContent.of(file));
    if (!SocksUsers.isUsable(password)) {
      throw new KeyFileException(
          file + " holds no password for SOCKS: " + ListenerConfig.User.ALLOWED + " are allowed");
    }
    return password;
  }

  /** The password for a proxy on the way out. */
  public static String via(UpstreamProxy.Protocol protocol, Path file) throws KeyFileException {
    return switch (protocol) {
      case HTTP -> parse(file, KeyFileContent.of(file));
      case SOCKS5 -> socks(file);
    };
  }

  /** The text of a file with a secret. */
  static String text(Path file, byte[] content) throws KeyFileException {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(content)).toString();
    } catch (CharacterCodingException wrong) {
      throw new KeyFileException(file + " cannot be read: it is not a text in UTF-8; save it so");
    }
  }

  static String parse(Path file, byte[] content) throws KeyFileException {
    return text(file, content)
        .lines()
        .findFirst()
        .filter(line -> !line.isEmpty())
        .orElseThrow(
            () -> new KeyFileException(file + " is empty; its first line must be the password"));
  }
}
