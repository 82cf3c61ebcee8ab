package org.tlsuplift.server.daemon;

import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.server.doctor.PathFailure;
import org.tlsuplift.server.doctor.PathStep;
import org.tlsuplift.server.feature.CheckResult;
import org.tlsuplift.server.feature.FailureKind;
import org.tlsuplift.server.feature.Finding;
import org.tlsuplift.server.feature.Finding.Outcome;
import org.tlsuplift.server.feature.Findings;
import org.tlsuplift.server.feature.Step;
import org.tlsuplift.server.signin.openid.OpenIdException;
import org.tlsuplift.server.signin.openid.OpenIdProvider;

/** Checks what people need to sign in to the pages at an OpenID provider. */
final class OpenIdCheck {
  private final Findings findings;

  private OpenIdCheck(Findings findings) {
    this.findings = findings;
  }

  /**
   * Reads the discovery document and the keys. Blocks.
   *
   * @param redirectUris that the provider must have; nothing but a sign-in shows whether it does
   * @param progress gets each finding as soon as its step has ended
   */
  static CheckResult examine(
      OpenIdProvider provider,
      String issuer,
      List<String> redirectUris,
      Consumer<Finding> progress) {
    OpenIdCheck check = new OpenIdCheck(new Findings(progress));
    check.provider(provider);
    check.add(
        PathStep.REDIRECT_URI,
        Outcome.NOTE,
        "the provider must have " + String.join(" and ", redirectUris),
        null,
        "only a sign-in shows whether it does: open the pages in a browser");
    return CheckResult.of("sign-in to the pages, at " + issuer, issuer, check.findings.all());
  }

  private void provider(OpenIdProvider provider) {
    Step step = PathStep.DISCOVERY;
    try {
      String document = provider.checkDocument() + " has the issuer of the configuration";
      add(step, Outcome.OK, document, null);
      step = PathStep.ALGORITHM;
      List<String> algorithms = provider.checkAlgorithms();
      boolean listed = !algorithms.isEmpty();
      String seen = listed ? String.join(", ", algorithms) : "the discovery document lists none";
      add(step, listed ? Outcome.OK : Outcome.NOTE, seen, null);
      step = PathStep.KEYS;
      add(step, Outcome.OK, provider.checkKeys() + " for ID tokens", null);
    } catch (OpenIdException failed) {
      add(step, Outcome.FAILED, failed.reason(), PathFailure.OPENID_UNUSABLE, failed.remedy());
    }
  }

  private void add(
      Step step, Outcome outcome, String seen, @Nullable FailureKind kind, String... remedy) {
    findings.add(new Finding(step, outcome, seen, kind, List.of(remedy)));
  }
}
