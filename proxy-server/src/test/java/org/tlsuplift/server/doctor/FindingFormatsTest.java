package org.tlsuplift.server.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.outcome.OriginReply;
import org.tlsuplift.proxy.signin.dialogue.XoauthStep;
import org.tlsuplift.server.feature.CheckResult;
import org.tlsuplift.server.feature.Finding;

/** Examinations in the terminal and for scripts. */
class FindingFormatsTest {
  private static final CheckResult EXAMINATION =
      new CheckResult(
          "submission",
          "smtp.office365.com:587",
          Patients.MAILBOX,
          "contoso.example",
          List.of(
              Finding.ok(PathStep.NAME, "smtp.office365.com is 192.0.2.1"),
              Finding.failed(
                  PathStep.SIGN_IN,
                  Remedies.of(Patients.application(MailProtocol.SMTP))
                      .signIn(
                          new XoauthStep.Refused(
                              XoauthStep.Refusal.LASTING,
                              "'535 5.7.139 disabled'",
                              OriginReply.SMTP_AUTH_DISABLED)),
                  "the origin's reply to XOAUTH2 is '535 5.7.139 disabled'")));

  @Test
  void theTerminalHasALineForEachStepAndCommandsToCopy() {
    assertThat(FindingText.lines(EXAMINATION))
        .startsWith(
            "listener submission, to smtp.office365.com:587, as scanner@contoso.example of tenant contoso.example",
            "  ok       name          smtp.office365.com is 192.0.2.1",
            "  FAILED   sign-in       the origin's reply to XOAUTH2 is '535 5.7.139 disabled'",
            "                         => SMTP AUTH is disabled for the tenant or the mailbox")
        .contains(
            "                           Set-CASMailbox -Identity scanner@contoso.example -SmtpClientAuthenticationDisabled $false")
        .allMatch(line -> line.length() <= 130);
  }

  @Test
  void jsonHasNoControlCharacters() {
    CheckResult hostile =
        new CheckResult(
            "mail", "a:25", null, null, List.of(Finding.ok(PathStep.NAME, "\u001b[31m\u009b31m")));
    assertThat(FindingJson.write(List.of(hostile))).contains("\\u001B[31m\\u009B31m");
  }

  @Test
  void scriptsGetTheSameAsJson() throws Exception {
    JsonNode one = new ObjectMapper().readTree(FindingJson.write(List.of(EXAMINATION))).path(0);
    assertThat(one.path("ailment").asText()).isEqualTo("smtp-auth-disabled");
    assertThat(one.path("exitCode").asInt()).isEqualTo(31);
    assertThat(one.at("/steps/0/outcome").asText()).isEqualTo("ok");
    assertThat(one.at("/steps/1/step").asText()).isEqualTo("sign-in");
    assertThat(one.at("/steps/1/remedy/1").asText()).startsWith("Set-CASMailbox -Identity");
  }

  @Test
  void jsonHasThisExactForm() {
    assertThat(FindingJson.write(List.of())).isEqualTo("[ ]");
    CheckResult other =
        new CheckResult(
            "mail",
            "a:25",
            null,
            null,
            List.of(
                Finding.note(PathStep.NAME, "", "do <this>", "  run 'that' \u00e4"),
                Finding.skipped(PathStep.SIGN_IN, "\u007f")));
    assertThat(FindingJson.write(List.of(EXAMINATION, other)))
        .isEqualTo(
            """
            [ {
              "listener" : "submission",
              "origin" : "smtp.office365.com:587",
              "mailbox" : "scanner@contoso.example",
              "tenant" : "contoso.example",
              "ailment" : "smtp-auth-disabled",
              "exitCode" : 31,
              "steps" : [ {
                "step" : "name",
                "outcome" : "ok",
                "seen" : "smtp.office365.com is 192.0.2.1"
              }, {
                "step" : "sign-in",
                "outcome" : "failed",
                "seen" : "the origin's reply to XOAUTH2 is '535 5.7.139 disabled'",
                "ailment" : "smtp-auth-disabled",
                "remedy" : [ "enable SMTP AUTH for the mailbox; this overrides the tenant's setting:", "Set-CASMailbox -Identity scanner@contoso.example -SmtpClientAuthenticationDisabled $false", "check both settings, and wait: a change usually takes 15 to 60 minutes, and up to two hours for roles; security defaults also disable SMTP AUTH:", "Get-CASMailbox -Identity scanner@contoso.example | Format-List SmtpClientAuthenticationDisabled", "Get-TransportConfig | Format-List SmtpClientAuthenticationDisabled" ]
              } ]
            }, {
              "listener" : "mail",
              "origin" : "a:25",
              "steps" : [ {
                "step" : "name",
                "outcome" : "note",
                "seen" : "",
                "remedy" : [ "do <this>", "run 'that' \\u00E4" ]
              }, {
                "step" : "sign-in",
                "outcome" : "skipped",
                "seen" : "\u007f"
              } ]
            } ]\
            """);
  }
}
