package org.tlsuplift.server.spool;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.Labelled;
import org.tlsuplift.server.config.binding.Key;
import org.tlsuplift.server.config.binding.OfListener;
import org.tlsuplift.server.config.binding.Problems;
import org.tlsuplift.server.mail.MailAddresses;

/**
 * The section {@code spool}, of the section {@code mail}.
 *
 * @param keep how long a message waits before it is returned
 * @param maximumSize of all messages that wait, in bytes
 * @param returnTo gets the notifications about messages that could not be delivered; null for their
 *     senders
 */
public record SpoolSection(
    @Key(required = true) When when,
    @Key(fallback = "2d", min = "1m", max = "30d") Duration keep,
    @Key(
            fallback = "1GB",
            min = "1MB",
            max = "1000GB",
            expected = "a size from 1MB to 1000GB, such as 1GB")
        long maximumSize,
    @Key(form = MailAddresses.Recipient.class) @Nullable String returnTo)
    implements OfListener {
  /** When a message is kept. */
  public enum When implements Labelled {
    /** If the origin does not take it now. */
    UNAVAILABLE,
    /** Always: the device does not wait for the origin. */
    ALWAYS
  }

  /** On a listener without a fixed origin, each message would have another destination. */
  @Override
  public void check(Surroundings at, Problems problems) {
    if (!at.fixed() && problems.clean(at.listener() + ".accept")) {
      problems.error(
          at.mail() + ".spool",
          "listener '%s' has no fixed origin".formatted(at.name()),
          "a listener with 'accept: fixed' and 'protocol: smtp'",
          "move 'spool' to the 'mail' of such a listener");
    }
    if (!at.signIn()) {
      problems.warning(
          at.listener() + ".signIn",
          "missing, so devices cannot sign in: the spool knows no passwords",
          "turn off SMTP sign-in in these devices, or write 'signIn: true' and give them accounts");
    }
    if (at.needsKeyFile() && problems.clean("database.keyFile")) {
      problems.error(
          "database.keyFile",
          "missing",
          "a file, because a listener has 'spool'",
          "it encrypts waiting mail in the database; make one: openssl rand -out FILE 32");
    }
  }
}
