package org.tlsuplift.proxy.outcome;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class PlatformRefusalTest {
  private static final String MAILBOX = "scanner@contoso.example";

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "53003 | exclude the application or user from it",
        "50097 | exclude the user from it",
        "50097 | 'flow: application'",
        "65001 | grant admin consent",
        "700016 | check applicationId, tenant and cloud",
        "7000215 | write its value, not its ID, into clientSecretFile",
        "50034 | sign in as a user of it, or check tenant",
        "500014 | check the subscription",
        "500014 | enable the Enterprise application Office 365 Exchange Online",
        "530034 | tls-uplift accounts sign-in scanner@contoso.example",
        "530036 | a Conditional Access policy blocks device code flow",
        "530036 | exclude the user from it",
        "530036 | tls-uplift accounts sign-in --browser scanner@contoso.example",
        "530036 | 'flow: application'",
        "7000214 | the certificate was revoked",
        "700024 | the clock of this machine is wrong",
        "500011 | check tenant and cloud, and check that the tenant has Exchange Online",
        "70011 | check cloud",
        "650057 | add it there, and grant admin consent",
      })
  void namesTheRemedy(int code, String remedy) {
    assertThat(PlatformRefusal.of(code).orElseThrow().remedy(MAILBOX))
        .contains(remedy)
        .doesNotContain("MAILBOX", "{", "login.microsoftonline.com/error");
  }

  @ParameterizedTest
  @EnumSource
  void hasARemedyInOneLine(PlatformRefusal refusal) {
    assertThat(refusal.remedy(MAILBOX))
        .hasSizeLessThan(260)
        .doesNotContain("\n")
        .doesNotEndWith(".");
    assertThat(refusal.advice()).isNotEmpty();
  }

  @Test
  void findsTheFirstCodeOfAMessage() {
    assertThat(PlatformRefusal.code("AADSTS7000215: Invalid client secret. AADSTS1"))
        .isEqualTo(7000215);
    assertThat(PlatformRefusal.code("no code")).isZero();
    assertThat(PlatformRefusal.of(1234567)).isEmpty();
  }
}
