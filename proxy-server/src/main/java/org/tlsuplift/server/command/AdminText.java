package org.tlsuplift.server.command;

import java.util.ArrayList;
import java.util.List;
import org.tlsuplift.server.config.AdminConfig;
import org.tlsuplift.server.config.KeyFiles;

/** Says in words how an admin port is protected. */
final class AdminText {
  private AdminText() {}

  static String of(AdminConfig admin) {
    return (admin.tls() == null ? "http" : "https")
        + "://"
        + admin.bind()
        + "/metrics, "
        + certificate(admin)
        + who(admin)
        + (admin.serverNames().isEmpty()
            ? ""
            : "; known as " + String.join(", ", admin.serverNames()));
  }

  private static String certificate(AdminConfig admin) {
    if (admin.tls() instanceof AdminConfig.Tls.Files files) {
      KeyFiles keyFiles = files.keyFiles();
      return "TLS 1.2 and 1.3 with the certificate in "
          + (keyFiles.certificate() == null ? keyFiles.pkcs12() : keyFiles.certificate())
          + ", ";
    }
    return admin.tls() == null ? "" : "TLS 1.2 and 1.3 with a certificate of our CA, ";
  }

  private static String who(AdminConfig admin) {
    List<String> names = new ArrayList<>();
    admin.users().forEach(user -> names.add(user.name()));
    admin.tokens().forEach(token -> names.add(token.name() + " (token)"));
    return names.isEmpty()
        ? "for everybody on this machine"
        : "for "
            + String.join(", ", names)
            + (admin.openMetrics() ? "; metrics for everybody" : "");
  }
}
