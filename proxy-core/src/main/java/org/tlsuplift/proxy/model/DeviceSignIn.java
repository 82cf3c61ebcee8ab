package org.tlsuplift.proxy.model;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A sign-in that has ended, successful or not.
 *
 * @param mailbox null if unknown
 * @param byAddress whether the device sent no login, and its address had to identify it
 * @param elapsed from the device's last line to our reply
 * @param detail one line for the operator, without secrets; may be empty
 */
public record DeviceSignIn(
    MailProtocol protocol,
    SignInOutcome outcome,
    @Nullable String mailbox,
    boolean byAddress,
    Duration elapsed,
    String detail) {}
