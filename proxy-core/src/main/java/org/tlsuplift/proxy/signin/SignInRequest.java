package org.tlsuplift.proxy.signin;

import java.net.InetAddress;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.MailProtocol;

/**
 * A device that wants to sign in.
 *
 * @param listener the listener's name
 * @param credential null if the device does not sign in, and its address must identify it
 */
public record SignInRequest(
    String listener, InetAddress device, MailProtocol protocol, @Nullable Credential credential) {}
