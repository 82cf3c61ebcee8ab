package org.tlsuplift.server.daemon;

import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.tlsuplift.server.doctor.PathFailure;
import org.tlsuplift.server.doctor.PathStep;
import org.tlsuplift.server.feature.CheckResult;
import org.tlsuplift.server.feature.Diagnosis;
import org.tlsuplift.server.feature.Finding;
import org.tlsuplift.server.feature.Findings;
import org.tlsuplift.server.feature.HasCheck;
import org.tlsuplift.server.feature.Step;
import org.tlsuplift.server.signin.openid.OpenIdException;
import org.tlsuplift.server.signin.openid.OpenIdProvider;

/**
 * Checks what people need to sign in to the pages at an OpenID provider: the discovery document and
 * the keys.
 *
 * @param redirectUris that the provider must have; nothing but a sign-in shows whether it does
 */
record OpenIdCheck(String issuer, List<String> redirectUris, Callable<OpenIdProvider> opening)
    implements HasCheck {
  @Override
  public boolean applies(boolean alone) {
    return true;
  }

  @Override
  public String title() {
    return "sign-in to the pages, at " + issuer;
  }

  @Override
  public CheckResult examine(Consumer<Finding> progress) throws Exception {
    Findings findings = new Findings(progress);
    provider(opening.call(), findings);
    findings.add(
        Finding.note(
            PathStep.REDIRECT_URI,
            "the provider must have " + String.join(" and ", redirectUris),
            "only a sign-in shows whether it does: open the pages in a browser"));
    return CheckResult.of(title(), issuer, findings.all());
  }

  private static void provider(OpenIdProvider provider, Findings findings) {
    Step step = PathStep.DISCOVERY;
    try {
      String document = provider.checkDocument() + " has the issuer of the configuration";
      findings.add(Finding.ok(step, document));
      step = PathStep.ALGORITHM;
      List<String> listed = provider.checkAlgorithms();
      findings.add(
          listed.isEmpty()
              ? Finding.note(step, "the discovery document lists none")
              : Finding.ok(step, String.join(", ", listed)));
      step = PathStep.KEYS;
      findings.add(Finding.ok(step, provider.checkKeys() + " for ID tokens"));
    } catch (OpenIdException failed) {
      Diagnosis diagnosis = Diagnosis.of(PathFailure.OPENID_UNUSABLE, failed.remedy());
      findings.add(Finding.failed(step, diagnosis, failed.reason()));
    }
  }
}
