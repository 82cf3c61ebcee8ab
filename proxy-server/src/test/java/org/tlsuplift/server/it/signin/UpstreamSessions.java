package org.tlsuplift.server.it.signin;

import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The sessions at a Postfix that are signed in as one mailbox, in its own words: each has a process
 * to itself, from the line that names who has signed in to the line that says it has ended.
 *
 * @param all how many there were
 * @param atOnce the most at the same time
 */
record UpstreamSessions(int all, int atOnce) {
  static UpstreamSessions of(String log, String mailbox) {
    Pattern pattern =
        Pattern.compile(
            "postfix/smtpd\\[(\\d+)]: (?:[0-9A-Za-z]+: client=.*sasl_method=XOAUTH2, sasl_username="
                + Pattern.quote(mailbox)
                + "|(disconnect from))");
    Set<String> open = new HashSet<>();
    int all = 0;
    int atOnce = 0;
    for (Matcher line = pattern.matcher(log); line.find(); ) {
      if (line.group(2) != null) {
        open.remove(line.group(1));
      } else if (open.add(line.group(1))) {
        all++;
        atOnce = Math.max(atOnce, open.size());
      }
    }
    return new UpstreamSessions(all, atOnce);
  }

  /** What Postfix counted in the first session of a mailbox, such as {@code mail=1}, at its end. */
  static Optional<String> counts(String log, String mailbox) {
    Matcher session =
        Pattern.compile(
                "postfix/smtpd\\[(\\d+)]: [0-9A-Za-z]+: client=.*, sasl_username="
                    + Pattern.quote(mailbox)
                    + "(?s:.*?)postfix/smtpd\\[\\1]: disconnect from \\S+ (.*)")
            .matcher(log);
    return session.find() ? Optional.of(session.group(2)) : Optional.empty();
  }
}
