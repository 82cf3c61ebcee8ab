package org.tlsuplift.proxy.mail;

import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.Labelled;

/**
 * The sender that replaces the device's in the envelope and in the header.
 *
 * @param address a plain address, or {@link #MAILBOX}
 * @param displayName the name in the From field, or null to keep the device's
 * @param replyTo where replies go
 */
public record RewriteFrom(String address, @Nullable String displayName, ReplyTo replyTo) {
  /** Stands for the address of the mailbox that this proxy signs the device in to. */
  public static final String MAILBOX = "mailbox";

  /** The Reply-To field of a message that has none. */
  public enum ReplyTo implements Labelled {
    /** No field is added, so replies go to the new sender. */
    NONE,
    /** It gets the device's own sender. */
    ORIGINAL
  }
}
