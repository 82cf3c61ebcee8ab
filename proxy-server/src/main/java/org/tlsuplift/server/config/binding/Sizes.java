package org.tlsuplift.server.config.binding;

import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Sizes in the configuration: {@code 500KB}, {@code 35MB}, {@code 1GB}, by steps of 1024. */
public final class Sizes {
  /** The form in the JSON schema, in YAML. */
  static final String SCHEMA = "{type: string, pattern: '^[0-9]{1,7}(KB|MB|GB)$'}";

  private static final Pattern FORM = Pattern.compile("([0-9]{1,7})(KB|MB|GB)");
  private static final long KB = 1024;

  private Sizes() {}

  /** The bytes; empty if the text has another form. */
  public static OptionalLong parse(String text) {
    Matcher matcher = FORM.matcher(text);
    if (!matcher.matches()) {
      return OptionalLong.empty();
    }
    long unit =
        switch (matcher.group(2)) {
          case "KB" -> KB;
          case "MB" -> KB * KB;
          default -> KB * KB * KB;
        };
    return OptionalLong.of(Long.parseLong(matcher.group(1)) * unit);
  }
}
