package org.tlsuplift.server.command;

import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.tlsuplift.proxy.ca.CaExport;
import org.tlsuplift.proxy.ca.IssuingCa;
import org.tlsuplift.server.config.ServerConfig;
import org.tlsuplift.server.daemon.ca.CaSource;
import org.tlsuplift.server.daemon.ca.ListenerCaSource;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Shows what devices and their keepers compare: names, fingerprints, expiry, constraints. */
@Command(name = "show", header = "Show fingerprint, expiry and what it may sign.")
final class CaShowCommand implements Callable<Integer> {
  @Mixin private final ConfigOption config = new ConfigOption();
  @Mixin private final CaOption which = new CaOption();
  @Mixin private final CommandOutput commandOutput = new CommandOutput();

  @Override
  public Integer call() throws Exception {
    ServerConfig loaded = config.load().config();
    CaSource source = which.source(loaded);
    show(source, CaOption.existing(source));
    if (which.listener().isEmpty()) {
      for (ListenerCaSource own : CaSource.ofListeners(loaded)) {
        commandOutput.line("");
        commandOutput.line("of the listener " + own.listener() + " alone:");
        Optional<IssuingCa> found = own.find();
        if (found.isPresent()) {
          show(own, found.get());
        } else {
          commandOutput.line("file         " + own.file() + ", made at the first start");
        }
      }
    }
    return 0;
  }

  private void show(CaSource source, IssuingCa ca) {
    X509Certificate anchor = ca.anchor();
    commandOutput.line("file         " + source.file());
    commandOutput.line("subject      " + anchor.getSubjectX500Principal());
    if (!ca.certificate().equals(anchor)) {
      commandOutput.line("signs as     " + ca.certificate().getSubjectX500Principal());
    }
    commandOutput.line("key          " + key(ca.certificate()));
    commandOutput.line("valid from   " + anchor.getNotBefore().toInstant());
    commandOutput.line(
        "expires      %s (in %d days)"
            .formatted(ca.expiresAt(), Duration.between(Instant.now(), ca.expiresAt()).toDays()));
    commandOutput.line("SHA-256      " + CaExport.sha256(anchor));
    commandOutput.line("SHA-1        " + CaExport.sha1(anchor));
    List<String> constraints = ca.nameConstraints();
    commandOutput.line(
        "may sign     "
            + (constraints.isEmpty()
                ? "for any name: it has no name constraints"
                : String.join(System.lineSeparator() + "             ", constraints)));
    source.warnings(ca).forEach(warning -> commandOutput.line("warning: " + warning));
  }

  private static String key(X509Certificate certificate) {
    String signed = ", signed with " + certificate.getSigAlgName();
    if (certificate.getPublicKey() instanceof RSAPublicKey rsa) {
      return "RSA-" + rsa.getModulus().bitLength() + signed;
    }
    if (certificate.getPublicKey() instanceof ECPublicKey ec) {
      return "EC-P" + ec.getParams().getCurve().getField().getFieldSize() + signed;
    }
    return certificate.getPublicKey().getAlgorithm() + signed;
  }
}
