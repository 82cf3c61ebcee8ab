package org.tlsuplift.proxy.signin;

import java.net.InetAddress;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.MailProtocol;

/**
 * A request to identify a device.
 *
 * @param credential null if the device does not sign in, so that its address must identify it
 */
public record SignInRequest(
    InetAddress device, MailProtocol protocol, @Nullable Credential credential) {}
