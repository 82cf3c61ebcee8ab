package org.tlsuplift.server.doctor;

import java.util.List;
import java.util.function.Consumer;
import org.tlsuplift.server.signin.openid.OpenIdException;
import org.tlsuplift.server.signin.openid.OpenIdProvider;

/** Checks what people need to sign in to the pages at an OpenID provider. */
public final class OpenIdCheck {
  private OpenIdCheck() {}

  /**
   * Reads the discovery document and the keys. Blocks.
   *
   * @param redirectUris that the provider must have; nothing but a sign-in shows whether it does
   * @param progress gets each finding as soon as its step has ended
   */
  public static CheckResult examine(
      OpenIdProvider provider,
      String issuer,
      List<String> redirectUris,
      Consumer<Finding> progress) {
    Findings findings = new Findings(progress);
    Step step = Step.DISCOVERY;
    try {
      findings.add(
          Finding.ok(step, provider.checkDocument() + " has the issuer of the configuration"));
      step = Step.ALGORITHM;
      List<String> algorithms = provider.checkAlgorithms();
      findings.add(
          algorithms.isEmpty()
              ? Finding.note(step, "the discovery document lists none")
              : Finding.ok(step, String.join(", ", algorithms)));
      step = Step.KEYS;
      findings.add(Finding.ok(step, provider.checkKeys() + " for ID tokens"));
    } catch (OpenIdException failed) {
      findings.add(
          Finding.failed(
              step, Diagnosis.of(FailureKind.OPENID_UNUSABLE, failed.remedy()), failed.reason()));
    }
    findings.add(
        Finding.note(
            Step.REDIRECT_URI,
            "the provider must have " + String.join(" and ", redirectUris),
            "only a sign-in shows whether it does: open the pages in a browser"));
    return new CheckResult("", issuer, "", "", findings.all());
  }
}
