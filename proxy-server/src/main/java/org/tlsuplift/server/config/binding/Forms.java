package org.tlsuplift.server.config.binding;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.util.Objects;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.route.Cidr;

/** The forms of texts that belong to a type. */
public final class Forms {
  private Forms() {}

  /** The form in messages; empty if each key has its own. */
  public static String expected(Form<?> form) {
    return rules(form).expected();
  }

  static Form.Rules rules(Form<?> form) {
    return Objects.requireNonNull(form.getClass().getAnnotation(Form.Rules.class), "rules");
  }

  /**
   * A URL.
   *
   * @throws IllegalArgumentException if it is none
   */
  public static URI url(String text) {
    try {
      return new URI(text);
    } catch (URISyntaxException malformed) {
      throw new IllegalArgumentException("", malformed);
    }
  }

  /** Whether a URL is https with a host, and has neither user, query nor fragment. */
  public static boolean isPlainHttps(URI url) {
    return "https".equals(url.getScheme())
        && url.getHost() != null
        && url.getUserInfo() == null
        && url.getRawQuery() == null
        && url.getRawFragment() == null
        && url.getPort() <= 65_535;
  }

  static boolean has(Class<?> type) {
    return type == HostPort.class || type == Cidr.class;
  }

  static Form<?> of(Class<?> type) {
    if (type == Path.class) {
      return new FilePath();
    }
    if (type == String.class) {
      return new Text();
    }
    if (type == HostPort.class) {
      return new Address();
    }
    if (type == Cidr.class) {
      return new Block();
    }
    if (type == LocalDate.class) {
      return new Day();
    }
    throw new IllegalArgumentException(type + " has no form; add @Key(form = ...)");
  }

  @Form.Rules(pattern = "\\S")
  private static final class Text implements Form<String> {
    @Override
    public String parse(String text) {
      return text;
    }
  }

  /** A host with a port. */
  @Form.Rules(
      pattern =
          "^(\\[[0-9A-Fa-f:.]+\\]|[^\\s:/@*\\[\\]]+):(?!0+$)"
              + "(6553[0-5]|655[0-2][0-9]|65[0-4][0-9]{2}|6[0-4][0-9]{3}|[0-5][0-9]{4}|[0-9]{1,4})$")
  public static final class Address implements Form<HostPort> {
    @Override
    public HostPort parse(String text) {
      return HostPort.parse(text)
          .orElseThrow(
              () -> new IllegalArgumentException(text.contains("://") ? "remove the scheme" : ""));
    }
  }

  /** An address block. */
  @Form.Rules(pattern = "^([0-9.]+|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*)(/[0-9]{1,3})?$")
  public static final class Block implements Form<Cidr> {
    @Override
    public Cidr parse(String text) {
      return Cidr.parse(text);
    }
  }

  @Form.Rules(pattern = "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$")
  private static final class Day implements Form<LocalDate> {
    @Override
    public LocalDate parse(String text) {
      try {
        return LocalDate.parse(text);
      } catch (DateTimeParseException malformed) {
        throw new IllegalArgumentException("", malformed);
      }
    }
  }
}
