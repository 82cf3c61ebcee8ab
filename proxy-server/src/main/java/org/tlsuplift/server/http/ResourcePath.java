package org.tlsuplift.server.http;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.server.feature.Role;

/**
 * A path of the admin port and its resource. Only users of the admin port may send requests.
 *
 * @param pattern such as {@code /devices} or {@code /devices/{address}}: at most one segment is a
 *     variable, which stands for exactly one segment that is not empty. If it ends in {@code /*},
 *     it stands for every path below that has no other resource; {@link #FALLBACK} is the last of
 *     these
 * @param role that a user needs; null for everyone, without a sign-in
 */
public record ResourcePath(String pattern, @Nullable Role role, Resource resource) {
  /** The pattern for every other path, except under {@code /api}. */
  public static final String FALLBACK = "/*";

  private static final Pattern FORM =
      Pattern.compile("/|(/[A-Za-z0-9._~-]+)*((/\\{[a-z]+})?(/[A-Za-z0-9._~-]+)*|/\\*)");

  /** A path for everyone who may read. */
  public ResourcePath(String pattern, Resource resource) {
    this(pattern, Role.VIEWER, resource);
  }

  /** A path that needs no sign-in, such as that of the page for it. */
  public static ResourcePath open(String pattern, Resource resource) {
    return new ResourcePath(pattern, null, resource);
  }

  public ResourcePath {
    Matcher form = FORM.matcher(pattern);
    if (pattern.isEmpty() || !form.matches()) {
      throw new IllegalArgumentException("not a path with at most one variable: " + pattern);
    }
  }
}
