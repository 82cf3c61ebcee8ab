package org.tlsuplift.server.command;

import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.tlsuplift.proxy.ca.IssuingCa;
import org.tlsuplift.proxy.ca.KeyAlgorithm;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.proxy.tls.chain.Fingerprint;
import org.tlsuplift.server.authority.CaSource;
import org.tlsuplift.server.authority.KeptCa;
import org.tlsuplift.server.authority.KeptCas;
import org.tlsuplift.server.authority.ListenerCaSource;
import org.tlsuplift.server.command.text.ConfigOption;
import org.tlsuplift.server.config.ServerConfig;
import org.tlsuplift.server.terminal.CommandOutput;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Shows what people compare with the CA on a device: names, fingerprints, expiry, constraints. */
@Command(
    name = "show",
    footer = "%nExample:%n  tls-uplift ca show --names",
    header = "Show which CA signs, its fingerprint, expiry and the names it permits.",
    description = {
      "Also shows a staged CA and the previous CA. After 'ca activate', it counts the devices in"
          + " the inventory that refuse the new CA."
    })
public final class CaShowCommand implements Callable<Integer> {
  @Mixin private final ConfigOption config = new ConfigOption();
  @Mixin private final CaOption which = new CaOption();
  @Mixin private final CommandOutput commandOutput = new CommandOutput();

  @Option(names = "--names", description = "List all names that the CA permits.")
  private boolean names;

  @Override
  public Integer call() throws Exception {
    ServerConfig loaded = config.load().config();
    show(loaded, which.source(loaded));
    if (which.listener().isEmpty()) {
      for (ListenerCaSource own : CaSource.ofListeners(loaded)) {
        commandOutput.line("");
        if (own.find().isPresent()) {
          show(loaded, own);
        } else {
          commandOutput.line("signs        for " + own.scope() + " alone");
          commandOutput.line("file         " + own.file() + ", created at the first start");
        }
      }
    }
    return 0;
  }

  private void show(ServerConfig loaded, CaSource source) throws OperatorException {
    KeptCas kept = KeptCas.of(source);
    try {
      signing(loaded, source, kept);
    } finally {
      // If the signing CA is broken, the operator needs these most.
      kept.staged().ifPresent(staged -> staged(loaded, source, staged));
      kept.previous().ifPresent(previous -> previous(source, previous));
    }
  }

  private void staged(ServerConfig loaded, CaSource source, KeptCa staged) {
    commandOutput.line("");
    commandOutput.line("staged       for %s since %s".formatted(source.scope(), staged.since()));
    commandOutput.line("             signs after '" + source.command("activate") + "'");
    show(loaded, source, staged.certificateFile().toString(), staged.ca());
  }

  private void previous(CaSource source, KeptCa previous) {
    commandOutput.line("");
    commandOutput.line(
        "previous     signed for %s until %s".formatted(source.scope(), previous.since()));
    commandOutput.line(
        "             '%s' goes back to it, '%s' erases its key"
            .formatted(source.command("undo"), source.command("retire")));
    commandOutput.line("file         " + previous.certificateFile());
    commandOutput.line("subject      " + previous.ca().anchor().getSubjectX500Principal());
    commandOutput.line("SHA-256      " + previous.sha256());
  }

  private void signing(ServerConfig loaded, CaSource source, KeptCas kept)
      throws OperatorException {
    IssuingCa ca = CaOption.existing(source);
    commandOutput.line(
        "signs        for "
            + source.scope()
            + kept.previous().map(previous -> " since " + previous.since()).orElse(""));
    kept.previous()
        .flatMap(previous -> CaRefusals.text(loaded, own(source), previous.since()))
        .ifPresent(text -> commandOutput.line("refused by   " + text));
    show(loaded, source, source.file().toString(), ca);
    source.warnings(ca).forEach(warning -> commandOutput.line("warning: " + warning));
    kept.warnings(source, Instant.now())
        .forEach(warning -> commandOutput.line("warning: " + warning));
  }

  private void show(ServerConfig loaded, CaSource source, String file, IssuingCa ca) {
    X509Certificate anchor = ca.anchor();
    commandOutput.line("file         " + file);
    commandOutput.line("subject      " + anchor.getSubjectX500Principal());
    if (!ca.certificate().equals(anchor)) {
      commandOutput.line("signs as     " + ca.certificate().getSubjectX500Principal());
    }
    commandOutput.line("key          " + key(ca.certificate()));
    commandOutput.line("valid from   " + anchor.getNotBefore().toInstant());
    commandOutput.line(
        "expires      %s (in %d days)"
            .formatted(ca.expiresAt(), Duration.between(Instant.now(), ca.expiresAt()).toDays()));
    commandOutput.line("SHA-256      " + Fingerprint.sha256(anchor));
    commandOutput.line("SHA-1        " + Fingerprint.sha1(anchor));
    permits(loaded, source, ca.nameConstraints());
  }

  private void permits(ServerConfig loaded, CaSource source, List<String> constraints) {
    if (constraints.isEmpty()) {
      commandOutput.line("permits      any name: it has no name constraints");
      return;
    }
    commandOutput.line(
        "permits      "
            + CaNames.summary(loaded, constraints, source.machineNames())
            + (names ? "" : "; '" + source.command("show") + " --names' lists them"));
    if (names) {
      constraints.forEach(each -> commandOutput.line("             " + each));
    }
  }

  private static Optional<String> own(CaSource source) {
    return source instanceof ListenerCaSource own ? Optional.of(own.listener()) : Optional.empty();
  }

  private static String key(X509Certificate certificate) {
    return KeyAlgorithm.describe(certificate.getPublicKey())
        + ", signed with "
        + certificate.getSigAlgName();
  }
}
