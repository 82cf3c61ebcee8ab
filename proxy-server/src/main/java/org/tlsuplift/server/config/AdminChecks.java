package org.tlsuplift.server.config;

import org.tlsuplift.server.config.secret.IdentityContent;
import java.security.cert.CertificateParsingException;
import java.util.List;
import org.tlsuplift.proxy.keyfile.KeyFileException;
import org.tlsuplift.proxy.tls.OriginIdentity;
import org.tlsuplift.server.config.yaml.Problems;

/** Checks the certificate of the admin port. */
final class AdminChecks {
  private static final String TLS = "admin.tls";
  private static final String SERVER_AUTH = "1.3.6.1.5.5.7.3.1";
  private static final String ANY_PURPOSE = "2.5.29.37.0";

  private AdminChecks() {}

  static void check(AdminConfig admin, Problems problems) {
    if (!(admin.tls() instanceof AdminConfig.Tls.Files files)
        || !problems.clean(TLS)
        || !FileChecks.readable(TLS, files.keyFiles(), problems)) {
      return;
    }
    try {
      purpose(IdentityContent.read(files.keyFiles()).identity(), problems);
    } catch (KeyFileException unusable) {
      problems.error(TLS, String.valueOf(unusable.getMessage()), "", "");
      return;
    }
    ClientCertificateChecks.secrecy(
        TLS, files.keyFiles(), "anyone with this file can decrypt the admin pages", problems);
  }

  private static void purpose(OriginIdentity identity, Problems problems) {
    try {
      List<String> purposes = identity.certificate().getExtendedKeyUsage();
      if (purposes != null && !purposes.contains(SERVER_AUTH) && !purposes.contains(ANY_PURPOSE)) {
        problems.warning(
            TLS,
            "the certificate of "
                + identity.subject()
                + " has no serverAuth in its extended key usage",
            "browsers reject it; get one with serverAuth from your CA");
      }
    } catch (CertificateParsingException malformed) {
      problems.warning(
          TLS,
          "the extended key usage of " + identity.subject() + " cannot be read",
          "browsers may reject it; get another certificate");
    }
  }
}
