package org.tlsuplift.server.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.signin.AccessToken;
import org.tlsuplift.server.config.SignInConfig;
import org.tlsuplift.server.feature.Finding;
import org.tlsuplift.server.feature.Finding.Outcome;

/** What a token says of itself. */
class TokenCheckTest {
  private static final Instant NOW = Instant.parse("2026-11-25T12:00:00Z");
  private static final String GOOD =
      "{'aud':'https://outlook.office365.com','roles':['IMAP.AccessAsApp','SMTP.SendAsApp'],"
          + "'appid':'app-1','tid':'tenant-1','exp':1795608000,'sub':'hush'}";

  @Test
  void aGoodTokenIsDescribedWithoutBeingShown() {
    Finding finding = examine(Patients.application(MailProtocol.SMTP), GOOD);
    assertThat(finding.outcome()).isEqualTo(Outcome.OK);
    assertThat(finding.seen())
        .isEqualTo(
            "audience https://outlook.office365.com, roles IMAP.AccessAsApp SMTP.SendAsApp,"
                + " application app-1, tenant tenant-1, until 2026-11-25T12:00:00Z");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://outlook.office.com",
        "https://outlook.office.com/",
        "00000002-0000-0ff1-ce00-000000000000"
      })
  void exchangeOnlineHasSeveralNames(String audience) {
    assertThat(
            examine(
                    Patients.application(MailProtocol.SMTP),
                    GOOD.replace("https://outlook.office365.com", audience))
                .outcome())
        .isEqualTo(Outcome.OK);
  }

  @ParameterizedTest
  @ValueSource(strings = {"https://graph.microsoft.com", "https://partner.outlook.cn", "", "x y"})
  void aTokenForAnotherServiceIsNoGood(String audience) {
    Finding finding =
        examine(
            Patients.application(MailProtocol.SMTP),
            GOOD.replace("https://outlook.office365.com", audience));
    assertThat(finding.failureKind()).isEqualTo(PathFailure.WRONG_AUDIENCE);
  }

  @Test
  void aMissingRoleIsNamedAndWhereToAddIt() {
    Finding finding = examine(Patients.application(MailProtocol.POP3), GOOD);
    assertThat(finding.failureKind()).isEqualTo(PathFailure.MISSING_RIGHT);
    assertThat(String.join("\n", finding.remedy()))
        .contains("lacks POP.AccessAsApp", "Office 365 Exchange Online", "adminconsent?client_id=");
  }

  /** A role in Exchange Online replaces the permission for SMTP, and no token shows it. */
  @Test
  void smtpNeedsNoRoleInTheToken() {
    String none = GOOD.replace("'IMAP.AccessAsApp','SMTP.SendAsApp'", "");
    Finding finding = examine(Patients.application(MailProtocol.SMTP), none);
    assertThat(finding.outcome()).isEqualTo(Outcome.OK);
    assertThat(finding.seen()).contains("roles none", "role Application SMTP.SendAsApp");
    assertThat(examine(Patients.application(MailProtocol.IMAP), none).failureKind())
        .isEqualTo(PathFailure.MISSING_RIGHT);
  }

  @Test
  void aUsersTokenHasScopes() {
    String token =
        "{'aud':'https://outlook.office.com','scp':'SMTP.Send User.Read','exp':1795608000}";
    assertThat(examine(Patients.user(MailProtocol.SMTP), token).outcome()).isEqualTo(Outcome.OK);
    assertThat(examine(Patients.user(MailProtocol.IMAP), token).failureKind())
        .isEqualTo(PathFailure.MISSING_RIGHT);
    assertThat(examine(Patients.application(MailProtocol.SMTP), token).failureKind())
        .isEqualTo(PathFailure.MISSING_RIGHT);
  }

  @Test
  void highVolumeEmailNeedsARightOfItsOwn() {
    String sending = GOOD.replace("'IMAP.AccessAsApp','SMTP.SendAsApp'", "'Mail.Send'");
    CheckTarget application = Patients.highVolume(SignInConfig.Flow.APPLICATION);
    assertThat(examine(application, sending).outcome()).isEqualTo(Outcome.OK);
    Finding missing = examine(application, GOOD);
    assertThat(missing.failureKind()).isEqualTo(PathFailure.MISSING_RIGHT);
    assertThat(String.join("\n", missing.remedy()))
        .contains("lacks Mail.Send", "Office 365 Exchange Online > Application permissions");
    String user = "{'aud':'https://outlook.office.com','scp':'Mail.Send','exp':1795608000}";
    assertThat(examine(Patients.highVolume(SignInConfig.Flow.DEVICE_CODE), user).outcome())
        .isEqualTo(Outcome.OK);
  }

  @Test
  void highVolumeEmailNeedsATokenWithMinutesLeft() {
    String ending =
        GOOD.replace("'IMAP.AccessAsApp','SMTP.SendAsApp'", "'Mail.Send'")
            .replace("1795608000", String.valueOf(NOW.minusSeconds(3600 - 240).getEpochSecond()));
    Finding finding = examine(Patients.highVolume(SignInConfig.Flow.APPLICATION), ending);
    assertThat(finding.outcome()).isEqualTo(Outcome.NOTE);
    assertThat(finding.seen()).contains("less than 5 minutes are left");
  }

  @Test
  void anExpiredTokenPointsToTheClock() {
    Finding finding =
        examine(Patients.application(MailProtocol.SMTP), GOOD.replace("1795608000", "1000000000"));
    assertThat(finding.failureKind()).isEqualTo(PathFailure.EXPIRED);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "opaque",
        "a.b",
        "a.!!.c",
        "a.bm90IGpzb24.c",
        "a.W10.c",
        // It expires in the year 31,688,740,475.
        "a.eyJleHAiOjEwMDAwMDAwMDAwMDAwMDAwMDB9.c",
        "..."
      })
  void aTokenThatCannotBeReadIsForTheOriginToJudge(String token) {
    Finding finding =
        new TokenCheck(Patients.application(MailProtocol.SMTP), clock())
            .examine(new AccessToken(token, NOW));
    assertThat(finding.outcome()).isEqualTo(Outcome.NOTE);
    assertThat(finding.seen()).doesNotContain(token);
  }

  private static Finding examine(CheckTarget checkTarget, String claims) {
    String payload =
        Base64.getUrlEncoder()
            .withoutPadding()
            .encodeToString(claims.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
    Finding finding =
        new TokenCheck(checkTarget, clock())
            .examine(new AccessToken("eyJhbGciOiJub25lIn0." + payload + ".c2ln", NOW));
    assertThat(finding.seen()).doesNotContain("hush", payload, "c2ln");
    return finding;
  }

  private static Clock clock() {
    return Clock.fixed(NOW.minusSeconds(3600), ZoneOffset.UTC);
  }
}
