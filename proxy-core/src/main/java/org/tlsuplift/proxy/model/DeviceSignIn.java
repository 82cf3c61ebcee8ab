package org.tlsuplift.proxy.model;

import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.outcome.SignInOutcome;

/**
 * The result of a device's sign-in.
 *
 * @param mailbox null if unknown
 * @param byAddress whether the device sent no login, so that only its address could identify it
 * @param detail one line for the operator, without secrets; may be empty
 */
public record DeviceSignIn(
    MailProtocol protocol,
    SignInOutcome outcome,
    @Nullable String mailbox,
    boolean byAddress,
    String detail) {}
