package org.tlsuplift.proxy.model;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A sign-in that has ended, well or not.
 *
 * @param protocol what the device speaks
 * @param outcome how it ended
 * @param mailbox whose mailbox, or null when that is not known
 * @param byAddress whether the device did not say who it is, and its address had to do
 * @param elapsed from the device's last word to our answer
 * @param detail one line for the operator, without secrets; may be empty
 */
public record DeviceSignIn(
    MailProtocol protocol,
    SignInOutcome outcome,
    @Nullable String mailbox,
    boolean byAddress,
    Duration elapsed,
    String detail) {}
