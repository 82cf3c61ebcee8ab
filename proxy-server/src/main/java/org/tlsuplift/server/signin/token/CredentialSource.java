package org.tlsuplift.server.signin.token;

import java.util.List;
import org.tlsuplift.proxy.outcome.OperatorException;

/** Reads the application's credential each time, so that it can be replaced. */
public interface CredentialSource {
  /**
   * Blocks on the disk.
   *
   * @return at least one; each further one is for servers of the identity platform that do not know
   *     those before it
   */
  List<ApplicationCredential> read() throws OperatorException;
}
