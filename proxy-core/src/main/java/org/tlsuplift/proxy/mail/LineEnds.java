package org.tlsuplift.proxy.mail;

import org.tlsuplift.proxy.model.Labelled;

/**
 * What happens to line ends in a message's data that are not CRLF (RFC 5321 section 2.3.8).
 *
 * <p>Microsoft 365 accepts them from the device, and later returns the message if the next server
 * does not (550 5.6.11). A line with only a dot that some servers read as the end never passes.
 */
public enum LineEnds implements Labelled {
  /** They pass unchanged, unless they make the end of the message ambiguous. */
  PASS("false"),
  /** Each becomes CRLF. */
  REPAIR("true"),
  /** They end the session. */
  REFUSE("refuse");

  private final String label;

  LineEnds(String label) {
    this.label = label;
  }

  @Override
  public String label() {
    return label;
  }
}
