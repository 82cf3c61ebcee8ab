package org.tlsuplift.server.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlsuplift.proxy.mail.OriginReplies;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.outcome.CloseReason;
import org.tlsuplift.proxy.outcome.Outcome;
import org.tlsuplift.proxy.outcome.PlatformRefusal;
import org.tlsuplift.proxy.signin.dialogue.XoauthStep;
import org.tlsuplift.server.config.SignInConfig;
import org.tlsuplift.server.daemon.Features;
import org.tlsuplift.server.feature.Diagnosis;
import org.tlsuplift.server.feature.FailureKind;

/** What each refusal means, and the command that helps. */
class RemediesTest {
  private static final CheckTarget APPLICATION = Patients.application(MailProtocol.SMTP);
  private static final CheckTarget USER = Patients.user(MailProtocol.SMTP);

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "LASTING | 535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant | SMTP_AUTH_DISABLED | Set-CASMailbox -Identity scanner@contoso.example -SmtpClientAuthenticationDisabled $false",
        "LASTING | 535 5.7.139 Authentication unsuccessful, the request did not meet the criteria to be authenticated successfully. Contact your administrator. | SIGN_IN_REFUSED | Conditional Access",
        "LASTING | 535 5.7.139 Authentication unsuccessful, user is locked by your organization's security defaults policy | SIGN_IN_REFUSED | security defaults",
        "LASTING | 535 5.7.144 wrong permission | SIGN_IN_REFUSED | Mail.Send",
        "LASTING | 535 5.7.144 wrong permission | SIGN_IN_REFUSED | set signIn.service to hve",
        "LASTING | 550 5.7.240 The application is not allowed for use with this High Volume Email account | SIGN_IN_REFUSED | Add-HVEAppAccess",
        "TOKEN | 550 5.2.0 STOREDRV.Submission.Exception:MapiExceptionLogonFailed | NO_MAILBOX_ACCESS | New-ServicePrincipal",
        "PASSING | 430 4.2.0 STOREDRV; mailbox logon failure | NO_MAILBOX_ACCESS | New-ServicePrincipal -AppId 11111111-2222-3333-4444-555555555555 -ObjectId",
        "TOKEN | 535 5.7.3 Authentication unsuccessful | SIGN_IN_REFUSED | Add-MailboxPermission -Identity scanner@contoso.example -User",
        "LASTING | 501 5.5.124 Invalid XOAUTH2 data | MALFORMED | mailbox (scanner@contoso.example) is a valid address",
        "MAILBOX_BUSY | 432 4.3.2 Concurrent connections limit exceeded | BUSY | 3 sessions",
        "PASSING | 454 4.7.0 Temporary authentication failure | BUSY | a few minutes",
        "LASTING | a1 NO User is authenticated but not connected. | NO_MAILBOX_ACCESS | Add-MailboxPermission -Identity scanner@contoso.example",
        "TOKEN | a1 NO AUTHENTICATE failed. | SIGN_IN_REFUSED | Get-ServicePrincipal",
        "PASSING | a1 NO [UNAVAILABLE] try later | BUSY | a few minutes",
        "TOKEN | -ERR Logon failure: unknown user name or bad password. | SIGN_IN_REFUSED | Add-MailboxPermission",
      })
  void ofTheOriginsAnswerToASignIn(
      XoauthStep.Refusal refusal, String reply, PathFailure failureKind, String remedy) {
    Diagnosis diagnosis = Remedies.of(APPLICATION).signIn(refused(refusal, "XOAUTH2", reply));
    assertThat(diagnosis.failureKind()).isEqualTo(failureKind);
    assertThat(String.join("\n", diagnosis.remedy())).contains(remedy);
  }

  private static XoauthStep.Refused refused(
      XoauthStep.Refusal refusal, String mechanism, String reply) {
    MailProtocol protocol = reply.matches("\\d.*") ? MailProtocol.SMTP : MailProtocol.IMAP;
    return new XoauthStep.Refused(
        refusal,
        "the origin's reply to " + mechanism + " is '" + reply + "'",
        OriginReplies.recognise(protocol, reply).orElse(null));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "AADSTS7000215 | PROOF_WRONG | 'Secret ID' instead of the 'Value'",
        "AADSTS7000222 | PROOF_WRONG | expired",
        "AADSTS700027 | PROOF_WRONG | upload the certificate",
        "AADSTS700016 | APPLICATION_UNKNOWN | Application (client) ID",
        "AADSTS90002 | TENANT_UNKNOWN | signIn.tenant (contoso.example)",
        "AADSTS7000214 | PROOF_WRONG | was revoked",
        "AADSTS700024 | PROOF_WRONG | clock of this machine",
        "AADSTS500011 | TOKEN_REFUSED | check signIn.tenant (contoso.example) and signIn.cloud (worldwide), and check that the tenant has Exchange Online",
        "AADSTS70011 | TOKEN_REFUSED | check signIn.cloud (worldwide)",
        "AADSTS650057 | NO_CONSENT | API permissions",
        "AADSTS7000218 | TOKEN_REFUSED | public client flows",
        "AADSTS65001 | NO_CONSENT | https://login.microsoftonline.com/contoso.example/adminconsent?client_id=11111111-2222-3333-4444-555555555555",
        "AADSTS1234567 | TOKEN_REFUSED | login.microsoftonline.com/error",
        "AADSTS700082 | NOBODY_SIGNED_IN | tls-uplift accounts sign-in scanner@contoso.example",
        "AADSTS53003 | TOKEN_REFUSED | exclude the application, or the user who signed in, from",
        "AADSTS50097 | NOBODY_SIGNED_IN | requires a managed device",
        "AADSTS50034 | TOKEN_REFUSED | tls-uplift accounts sign-in scanner@contoso.example",
        "AADSTS500014 | TOKEN_REFUSED | Office 365 Exchange Online > Properties",
        "AADSTS530034 | TOKEN_REFUSED | with an account of this tenant",
        "AADSTS530036 | NOBODY_SIGNED_IN | exclude the user from the policy",
        "AADSTS530036 | NOBODY_SIGNED_IN | tls-uplift accounts sign-in --browser scanner@contoso.example",
        "AADSTS530036 | NOBODY_SIGNED_IN | 'flow: application'",
      })
  void ofTheIdentityPlatformsCodes(String code, PathFailure failureKind, String remedy) {
    Diagnosis diagnosis =
        TokenRemedies.refused(APPLICATION, "the identity platform returned 401, " + code + ": x");
    assertThat(diagnosis.failureKind()).isEqualTo(failureKind);
    assertThat(String.join("\n", diagnosis.remedy())).contains(remedy);
  }

  @ParameterizedTest
  @EnumSource
  void adviceHasNoPlaceholderLeft(PlatformRefusal refusal) {
    assertThat(APPLICATION.filled(refusal.advice())).doesNotContain("{", "}");
  }

  /** The codes that people meet while they connect a tenant. */
  @ParameterizedTest
  @ValueSource(ints = {530036, 50097, 53003, 65001, 700016, 7000215, 50034, 500011})
  void usualCodesHaveARemedyInTheLogTheDoctorAndTheManual(int code) throws Exception {
    assertThat(PlatformRefusal.of(code).orElseThrow().remedy("scanner@contoso.example"))
        .contains("; ");
    assertThat(TokenRemedies.refused(APPLICATION, "AADSTS" + code).remedy()).isNotEmpty();
    assertThat(Files.readString(Path.of("src/main/manual/connect-microsoft365.md")))
        .contains("| `AADSTS" + code + "` |");
  }

  /** A new reason on the way to an origin needs a decision here, or it fails. */
  @Test
  void eachCloseReasonOfTheOriginSideHasItsKind() {
    Map<CloseReason, FailureKind> kinds = new EnumMap<>(CloseReason.class);
    for (CloseReason reason : CloseReason.values()) {
      if (reason.side() == Outcome.Side.ORIGIN) {
        kinds.put(reason, OriginCheck.failureKind(reason));
      }
    }
    assertThat(kinds)
        .containsExactlyInAnyOrderEntriesOf(
            Map.ofEntries(
                Map.entry(CloseReason.VIA_UNREACHABLE, PathFailure.UNREACHABLE),
                Map.entry(CloseReason.VIA_REFUSED, PathFailure.UNREACHABLE),
                Map.entry(CloseReason.ORIGIN_UNRESOLVED, PathFailure.NAME_UNKNOWN),
                Map.entry(CloseReason.ORIGIN_ADDRESS_REFUSED, PathFailure.UNREACHABLE),
                Map.entry(CloseReason.ORIGIN_UNREACHABLE, PathFailure.UNREACHABLE),
                Map.entry(CloseReason.ORIGIN_CERTIFICATE_INVALID, PathFailure.CERTIFICATE),
                Map.entry(CloseReason.ORIGIN_CERTIFICATE_REVOKED, PathFailure.CERTIFICATE),
                Map.entry(CloseReason.ORIGIN_REVOCATION_UNKNOWN, PathFailure.CERTIFICATE),
                Map.entry(CloseReason.ORIGIN_BELOW_FLOOR, PathFailure.TLS_TOO_OLD),
                Map.entry(CloseReason.ORIGIN_SIGNATURE_WEAK, PathFailure.TLS_FAILED),
                Map.entry(CloseReason.ORIGIN_HANDSHAKE_FAILED, PathFailure.TLS_FAILED),
                Map.entry(CloseReason.ORIGIN_STARTTLS_UNAVAILABLE, PathFailure.NO_STARTTLS),
                Map.entry(CloseReason.ORIGIN_REFUSED, PathFailure.ORIGIN_REFUSES),
                Map.entry(CloseReason.ORIGIN_PROTOCOL_ERROR, PathFailure.ORIGIN_REFUSES)));
  }

  @Test
  void onlyAPlatformThatRespondedIsBusy() {
    assertThat(
            TokenRemedies.unavailable(APPLICATION, "login.example cannot be resolved: x").remedy())
        .asString()
        .contains("resolves and reaches https://login")
        .doesNotContain("busy");
    assertThat(
            TokenRemedies.unavailable(APPLICATION, "the identity platform returned 429").remedy())
        .asString()
        .contains("busy: try again in a few minutes");
  }

  @Test
  void ofAMailboxWithoutASignedInUser() {
    Diagnosis diagnosis = TokenRemedies.refused(USER, "no user has signed in for it; run: x");
    assertThat(diagnosis.failureKind()).isEqualTo(PathFailure.NOBODY_SIGNED_IN);
    assertThat(diagnosis.remedy()).contains("  tls-uplift accounts sign-in " + Patients.MAILBOX);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "scanner@contoso.example | 550 5.7.60 SMTP; Client does not have permissions | SENDER_REFUSED | Add-MailboxPermission",
        "boss@contoso.example | 550 5.7.60 SMTP; Client does not have permissions | SENDER_REFUSED | Add-RecipientPermission -Identity boss@contoso.example -Trustee <service principal> -AccessRights SendAs",
        "scanner@contoso.example | 530 5.7.57 Client not authenticated | SENDER_REFUSED | New-ServicePrincipal",
        "scanner@contoso.example | 451 4.7.0 later | BUSY | a few minutes",
      })
  void ofARefusedSender(String sender, String reply, PathFailure failureKind, String remedy) {
    Diagnosis diagnosis = Remedies.of(APPLICATION).sender(sender, reply);
    assertThat(diagnosis.failureKind()).isEqualTo(failureKind);
    assertThat(String.join("\n", diagnosis.remedy())).contains(remedy);
  }

  @Test
  void eachAilmentHasAnExitCodeOfItsOwnThatIsNoOther() {
    assertThat(Features.failures().stream().map(FailureKind::exitCode).collect(Collectors.toSet()))
        .hasSameSizeAs(Features.failures())
        .allMatch(code -> code >= 10 && code < 50);
  }

  @ParameterizedTest
  @EnumSource(MailProtocol.class)
  void eachProtocolHasItsRight(MailProtocol protocol) {
    assertThat(Patients.application(protocol).right()).endsWith("AsApp");
    assertThat(Patients.user(protocol).right()).doesNotContain("AsApp");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "TOKEN | 535 5.7.142 token expires soon | EXPIRED | clock of this machine",
        "TOKEN | 535 5.7.143 token expired | EXPIRED | clock of this machine",
        "LASTING | 535 5.7.144 wrong permission | MISSING_RIGHT | Mail.Send of Office 365 Exchange Online",
        "LASTING | 501 5.5.127 token expires soon | EXPIRED | clock of this machine",
        "LASTING | 501 5.5.121 malformed | MALFORMED | the address of the HVE account",
        "LASTING | 550 5.7.240 The application is not allowed | NO_MAILBOX_ACCESS | Add-HVEAppAccess -Identity scanner@contoso.example -AppIds <object ID of the enterprise application>",
        "TOKEN | 535 5.7.3 Authentication unsuccessful | NO_MAILBOX_ACCESS | object ID of the enterprise application",
        "LASTING | 550 5.2.240 no HVE account | NO_MAILBOX_ACCESS | is an HVE account",
        "PASSING | 451 4.7.0 later | BUSY | a few minutes",
      })
  void ofHighVolumeEmail(
      XoauthStep.Refusal refusal, String reply, PathFailure failureKind, String remedy) {
    Diagnosis diagnosis =
        Remedies.of(Patients.highVolume(SignInConfig.Flow.APPLICATION))
            .signIn(refused(refusal, "XOAUTH2", reply));
    assertThat(diagnosis.failureKind()).isEqualTo(failureKind);
    assertThat(String.join("\n", diagnosis.remedy()))
        .contains(remedy)
        .doesNotContain("Set-CASMailbox", "Add-MailboxPermission");
  }

  @Test
  void ofASenderOfHighVolumeEmailThatIsNotTheAccount() {
    Diagnosis diagnosis =
        Remedies.of(Patients.highVolume(SignInConfig.Flow.APPLICATION))
            .sender("boss@contoso.example", "550 5.7.60 no");
    assertThat(diagnosis.failureKind()).isEqualTo(PathFailure.SENDER_REFUSED);
    assertThat(diagnosis.remedy())
        .containsExactly(
            "an HVE account sends from its own address only; set the device's sender to scanner@contoso.example, or set 'mail.rewriteFrom: {address: mailbox}' on the listener");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "TOKEN | 535 5.7.8 Error: authentication failed | PASSWORD_REFUSED | check the user (relay) and the first line of /etc/relay.password",
        "LASTING | 535 5.7.139 basic authentication is disabled | PASSWORD_REFUSED | AllowBasicAuthSmtp",
        "LASTING | 535 5.7.139 the user credentials were incorrect | PASSWORD_REFUSED | first line of /etc/relay.password",
        "TOKEN | a1 NO Basic authentication is disabled. | PASSWORD_REFUSED | 'signIn' (OAuth)",
        "PASSING | 454 4.7.0 later | BUSY | a few minutes",
      })
  void ofARefusedPassword(
      XoauthStep.Refusal refusal, String reply, PathFailure failureKind, String remedy) {
    Remedies remedies =
        new PasswordRemedies(
            new PasswordTarget(
                Patients.MAILBOX,
                MailProtocol.SMTP,
                new SignInConfig.Upstream(
                    new HostPort("relay.example", 587), "relay", Path.of("/etc/relay.password"))));
    Diagnosis diagnosis = remedies.signIn(refused(refusal, "PLAIN", reply));
    assertThat(diagnosis.failureKind()).isEqualTo(failureKind);
    assertThat(String.join("\n", diagnosis.remedy())).contains(remedy);
    assertThat(remedies.sender("boss@contoso.example", "550 5.7.1 no").failureKind())
        .isEqualTo(PathFailure.SENDER_REFUSED);
  }
}
