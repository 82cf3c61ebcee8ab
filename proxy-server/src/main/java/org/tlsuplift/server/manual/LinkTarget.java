package org.tlsuplift.server.manual;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The target of a link. The pages can also be read as files in the repository, so links are paths.
 */
sealed interface LinkTarget {
  /**
   * A page or a part of one.
   *
   * @param topic empty for the page with the link
   * @param anchor empty for the whole page
   */
  record Page(String topic, String anchor) implements LinkTarget {}

  /**
   * A file in the jar.
   *
   * @param name of a {@link ManualFile}
   */
  record Packaged(String name) implements LinkTarget {}

  /** An address with a scheme. */
  record Elsewhere() implements LinkTarget {}

  /** A file of the repository that is not in the jar. */
  record RepositoryOnly() implements LinkTarget {}

  /** The directory of operators' files, relative to the directory of the pages. */
  String CONFIG = "../../../../config/";

  Pattern SCHEME = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]*:.*");
  Pattern PAGE = Pattern.compile("(?:([a-z0-9-]+)[.]md)?(?:#(.*))?");
  Pattern IMAGE = Pattern.compile("[A-Za-z0-9_-]+[.](?:svg|png)");

  static LinkTarget of(String destination) {
    Matcher page = PAGE.matcher(destination);
    if (!destination.isEmpty() && page.matches()) {
      return new Page(orEmpty(page.group(1)), orEmpty(page.group(2)));
    }
    if (destination.startsWith(CONFIG)) {
      return new Packaged("config/" + destination.substring(CONFIG.length()));
    }
    if (IMAGE.matcher(destination).matches()) {
      return new Packaged(destination);
    }
    return SCHEME.matcher(destination).matches() ? new Elsewhere() : new RepositoryOnly();
  }

  private static String orEmpty(@Nullable String group) {
    return group == null ? "" : group;
  }
}
