package org.tlsuplift.server.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.server.feature.CheckResult;
import org.tlsuplift.server.feature.Diagnosis;
import org.tlsuplift.server.feature.Finding;
import org.tlsuplift.server.feature.Step;

/** How the doctor's findings become the steps of a tenant. */
class TenantStepTest {
  private static final Finding TOKEN = Finding.ok(PathStep.TOKEN, "until later");
  private static final Finding RIGHTS = Finding.ok(PathStep.RIGHTS, "roles SMTP.SendAsApp");

  @Test
  void allStepsAreGreenAfterASignIn() {
    List<TenantStep.Result> results =
        steps(
            TOKEN, RIGHTS, Finding.ok(PathStep.SIGN_IN, "as x"), Finding.ok(PathStep.SENDER, "x"));
    assertThat(words(results)).isEqualTo("OK OK OK OK OK OK");
    assertThat(results).noneMatch(TenantStep.Result::isFailure);
    assertThat(String.join("\n", FindingText.lines(new TenantStep.Checked("x", results))))
        .contains("ok       service principal      known to Exchange Online")
        .contains("ok       mailbox permission     the mailbox can be opened")
        .contains("ok       first sign-in          at smtp.office365.com:587");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "SIGN_IN_REFUSED | 535 5.7.3 Authentication unsuccessful | OK OK FAILED SKIPPED SKIPPED SKIPPED",
        "NO_MAILBOX_ACCESS | 430 4.2.0 STOREDRV; mailbox logon failure | OK OK SKIPPED FAILED SKIPPED SKIPPED",
        "SMTP_AUTH_DISABLED | 535 5.7.139 SmtpClientAuthentication is disabled for the Mailbox. | OK OK SKIPPED SKIPPED FAILED SKIPPED",
        "SIGN_IN_REFUSED | 535 5.7.139 the request did not meet the criteria | OK OK SKIPPED SKIPPED SKIPPED FAILED",
        "BUSY | 432 4.3.2 Concurrent connections limit exceeded | OK OK SKIPPED SKIPPED SKIPPED FAILED",
        "MALFORMED | 501 5.5.124 Invalid XOAUTH2 data | OK OK SKIPPED SKIPPED SKIPPED FAILED",
      })
  void replyDecidesWhichStepIsRed(PathFailure kind, String reply, String words) {
    List<TenantStep.Result> results = steps(TOKEN, RIGHTS, failed(PathStep.SIGN_IN, kind, reply));
    assertThat(words(results)).isEqualTo(words);
    assertThat(results.stream().filter(TenantStep.Result::isFailure))
        .singleElement()
        .satisfies(red -> assertThat(red.finding().remedy()).contains("do this"));
  }

  @Test
  void stepsWithoutATokenAreUnknown() {
    List<TenantStep.Result> results =
        steps(
            failed(PathStep.TOKEN, PathFailure.TENANT_UNKNOWN, "AADSTS90002"),
            Finding.skipped(PathStep.SIGN_IN, "there is no token"));
    assertThat(words(results)).isEqualTo("FAILED SKIPPED SKIPPED SKIPPED SKIPPED SKIPPED");
    assertThat(results.get(0).mayPass()).as("a wrong tenant stays wrong").isFalse();
  }

  @Test
  void refusedSenderIsAMissingPermission() {
    assertThat(
            words(
                steps(
                    TOKEN,
                    RIGHTS,
                    Finding.ok(PathStep.SIGN_IN, "as x"),
                    failed(PathStep.SENDER, PathFailure.SENDER_REFUSED, "550 5.7.60"))))
        .isEqualTo("OK OK OK FAILED OK OK");
  }

  @Test
  void unreachableOriginIsTheLastStep() {
    List<TenantStep.Result> results =
        steps(
            failed(PathStep.CONNECTION, PathFailure.UNREACHABLE, "no route"),
            TOKEN,
            RIGHTS,
            Finding.skipped(PathStep.SIGN_IN, "the origin is unreachable"));
    assertThat(words(results)).isEqualTo("OK OK SKIPPED SKIPPED SKIPPED FAILED");
    assertThat(results.get(5).mayPass()).isFalse();
  }

  @Test
  void onlySmtpNeedsSmtpAuth() {
    CheckResult checked = checked(TOKEN, RIGHTS, Finding.ok(PathStep.SIGN_IN, "as x"));
    assertThat(TenantStep.of(checked, MailProtocol.IMAP, true).get(4).finding().seen())
        .isEqualTo("imap does not need it");
  }

  @Test
  void usersNeedNoServicePrincipal() {
    CheckResult checked =
        checked(
            TOKEN, RIGHTS, failed(PathStep.SIGN_IN, PathFailure.SIGN_IN_REFUSED, "535 5.7.3 x"));
    List<TenantStep.Result> results = TenantStep.of(checked, MailProtocol.SMTP, false);
    assertThat(words(results)).isEqualTo("OK OK SKIPPED FAILED SKIPPED SKIPPED");
    assertThat(results.get(2).finding().seen()).isEqualTo("a user signs in, so none is needed");
  }

  /** {@code 535 5.7.3} right after a set-up. */
  @Test
  void failureMayPassIfNoOtherIsLasting() {
    TenantStep.Checked may =
        new TenantStep.Checked(
            "a",
            steps(
                TOKEN,
                RIGHTS,
                failed(PathStep.SIGN_IN, PathFailure.SIGN_IN_REFUSED, "535 5.7.3 x")));
    TenantStep.Checked lasting =
        new TenantStep.Checked(
            "b", steps(failed(PathStep.TOKEN, PathFailure.TENANT_UNKNOWN, "AADSTS90002")));
    assertThat(may.results().get(2).mayPass()).isTrue();
    assertThat(TenantStep.mayPass(List.of(may))).isTrue();
    assertThat(TenantStep.mayPass(List.of(may, lasting))).isFalse();
    assertThat(TenantStep.mayPass(List.of())).isFalse();
    assertThat(TenantStep.failures(List.of(may, lasting))).hasSize(2);
  }

  private static Finding failed(Step step, PathFailure kind, String seen) {
    return Finding.failed(step, Diagnosis.of(kind, "do this"), seen);
  }

  private static List<TenantStep.Result> steps(Finding... findings) {
    return TenantStep.of(checked(findings), MailProtocol.SMTP, true);
  }

  private static CheckResult checked(Finding... findings) {
    List<Finding> all = new ArrayList<>(List.of(Finding.ok(PathStep.NAME, "x")));
    all.addAll(List.of(findings));
    return new CheckResult("mail", "smtp.office365.com:587", "x", "contoso.com", all);
  }

  private static String words(List<TenantStep.Result> results) {
    return results.stream()
        .map(result -> result.finding().outcome().name())
        .collect(Collectors.joining(" "));
  }
}
