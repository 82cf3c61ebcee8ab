package org.tlsuplift.server.signin.token;

import org.tlsuplift.proxy.outcome.OperatorException;

/** Reads the application's credential each time, so that it can be replaced. */
public interface CredentialSource {
  /** Blocks on the disk. */
  ApplicationCredential read() throws OperatorException;
}
