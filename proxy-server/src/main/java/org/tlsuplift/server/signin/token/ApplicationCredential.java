package org.tlsuplift.server.signin.token;

import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;

/** What an application proves itself with. Never printed. */
public sealed interface ApplicationCredential {
  /** A secret that the identity platform made. */
  record Secret(String value) implements ApplicationCredential {
    @Override
    public String toString() {
      return "a client secret";
    }
  }

  /** A key that signs, and the certificate that the identity platform knows. */
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
