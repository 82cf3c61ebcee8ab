package org.tlsuplift.server.signin.token;

import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;

/** The credential of an application. Never printed. */
public sealed interface ApplicationCredential {
  /** A secret that the identity platform created. */
  record Secret(String value) implements ApplicationCredential {
    @Override
    public String toString() {
      return "a client secret";
    }
  }

  /** A private key, and the certificate that is registered at the identity platform. */
  record Certificate(PrivateKey key, List<X509Certificate> path) implements ApplicationCredential {
    public Certificate {
      path = List.copyOf(path);
    }

    @Override
    public String toString() {
      return "the certificate of " + path.get(0).getSubjectX500Principal();
    }
  }
}
