package org.tlsuplift.server.authority;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tlsuplift.proxy.ca.IssuingCa;
import org.tlsuplift.proxy.tls.chain.Fingerprint;
import org.tlsuplift.server.background.Notice;

/** Logs changes in the files of a CA while the daemon runs. Not thread-safe. */
final class CaChangeLog {
  private static final Logger log = LoggerFactory.getLogger(CaChangeLog.class);

  private final CaSource source;
  private final Notice problem = Notice.once();

  CaChangeLog(CaSource source) {
    this.source = source;
  }

  /** Logs new problems, and a CA that is newly staged. */
  void kept(KeptCas before, KeptCas now, IssuingCa signing) {
    now.problems().stream()
        .filter(each -> !before.problems().contains(each))
        .forEach(each -> log.warn("{}", each));
    now.staged()
        .filter(
            staged ->
                before.staged().map(known -> !known.sha256().equals(staged.sha256())).orElse(true))
        .filter(staged -> !staged.ca().certificate().equals(signing.certificate()))
        .ifPresent(
            staged ->
                log.info(
                    "a CA is staged for {} and does not sign yet: install it on the devices, then"
                        + " run '{}'; SHA-256 {}",
                    source.scope(),
                    source.command("activate"),
                    staged.sha256()));
  }

  void activated(IssuingCa signing, KeptCas kept) {
    log.info(
        "another CA signs for {} from now on; {}; SHA-256 {}",
        source.scope(),
        next(kept),
        Fingerprint.sha256(signing.anchor()));
    source.warnings(signing).forEach(warning -> log.warn("{}", warning));
  }

  private String next(KeptCas kept) {
    if (kept.previous().isPresent()) {
      return "'%s' counts devices that refuse it, '%s' goes back"
          .formatted(source.command("show"), source.command("undo"));
    }
    return kept.staged().isPresent()
        ? "the CA that signed before is staged again"
        : "install it on devices that do not trust it";
  }

  /** Logs a problem once, until the files are valid again or have another problem. */
  void unusable(String why) {
    if (problem.isNews(why)) {
      log.error(
          "the CA files for {} cannot be used; the last valid CA continues to sign: {}",
          source.scope(),
          why);
    }
  }

  void usable() {
    problem.ended();
  }
}
