package org.tlsuplift.server.config.yaml;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Sizes of files as operators write them: {@code 512KB}, {@code 50MB}, {@code 1GB}. */
public final class Sizes {
  private static final Pattern FORM = Pattern.compile("([0-9]{1,6})(KB|MB|GB)");
  private static final long KB = 1024;

  private Sizes() {}

  /** In bytes; KB, MB and GB are powers of 1024. */
  public static Optional<Long> parse(String text) {
    Matcher matcher = FORM.matcher(text);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    long unit =
        switch (matcher.group(2)) {
          case "KB" -> KB;
          case "MB" -> KB * KB;
          default -> KB * KB * KB;
        };
    return Optional.of(Long.parseLong(matcher.group(1)) * unit);
  }
}
