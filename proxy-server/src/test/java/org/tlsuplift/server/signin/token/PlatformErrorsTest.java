package org.tlsuplift.server.signin.token;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The remedies for refusals by policies of the tenant. */
class PlatformErrorsTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "53003 | exclude the application or user from it",
        "530034 | tls-uplift accounts sign-in scanner@contoso.example",
        "530036 | a Conditional Access policy blocks device code flow",
        "530036 | exclude the user from it",
        "530036 | tls-uplift accounts sign-in scanner@contoso.example",
        "530036 | 'flow: application'",
      })
  void namesTheRemedyForAPolicyOfTheTenant(int code, String remedy) {
    assertThat(PlatformErrors.remedy(code, "scanner@contoso.example"))
        .contains(remedy)
        .doesNotContain("MAILBOX", "login.microsoftonline.com/error");
  }
}
