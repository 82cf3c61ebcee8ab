package org.tlsuplift.server.signin.token;

import org.tlsuplift.proxy.keyfile.KeyFileException;

/** Reads what an application proves itself with, each time it is needed: so it can be replaced. */
public interface CredentialSource {
  /** Reads it. Blocks on the disk. */
  ApplicationCredential read() throws KeyFileException;
}
