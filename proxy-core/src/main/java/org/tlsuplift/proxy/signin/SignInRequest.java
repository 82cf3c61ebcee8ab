package org.tlsuplift.proxy.signin;

import java.net.InetAddress;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.MailProtocol;

/**
 * A device that wants to be signed in.
 *
 * @param listener the name of the listener it came to
 * @param device its address
 * @param protocol what it speaks
 * @param credential what it signed in with, or null where it does not, and its address must do
 */
public record SignInRequest(
    String listener, InetAddress device, MailProtocol protocol, @Nullable Credential credential) {}
