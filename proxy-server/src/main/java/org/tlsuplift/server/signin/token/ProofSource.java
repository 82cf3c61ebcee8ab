package org.tlsuplift.server.signin.token;

import org.tlsuplift.proxy.keyfile.KeyFileException;

/** Reads what an application proves itself with, each time it is needed: so it can be replaced. */
public interface ProofSource {
  /** Reads it. Blocks on the disk. */
  ApplicationProof read() throws KeyFileException;
}
