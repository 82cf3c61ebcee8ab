package org.tlsuplift.server.config.load;

import java.time.Duration;
import org.tlsuplift.server.config.MessagesConfig;
import org.tlsuplift.server.config.yaml.Section;
import org.tlsuplift.server.config.yaml.Words;
import org.tlsuplift.server.messages.StoredRecipients;

/** Reads {@code messages}. */
final class MessagesReader {
  private MessagesReader() {}

  static MessagesConfig read(Section section) {
    MessagesConfig messages =
        new MessagesConfig(
            section.flag("enabled"),
            section.word("recipients", Words.of(StoredRecipients.values())).orElseThrow(),
            section.duration("keep", Duration.ofDays(1), Duration.ofDays(3650)),
            section.integer("maxMessages", 1, 10_000_000));
    section.end();
    return messages;
  }
}
