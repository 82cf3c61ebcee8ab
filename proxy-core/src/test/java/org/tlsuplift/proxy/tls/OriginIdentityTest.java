package org.tlsuplift.proxy.tls;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.tlsuplift.proxy.testing.ClientAuthority;

class OriginIdentityTest {
  private static final ClientAuthority COMPANY = ClientAuthority.create();

  @Test
  void namesACertificateByItsSubject() {
    assertThat(COMPANY.issueFor("uplift.example.test", "mail.example.test").identity().subject())
        .isEqualTo("CN=uplift.example.test");
  }

  @Test
  void namesACertificateWithoutSubjectByItsNames() {
    OriginIdentity identity =
        COMPANY.issueWithoutSubject("uplift.example.test", "mail.example.test").identity();

    assertThat(identity.subject()).isEqualTo("uplift.example.test, mail.example.test");
    assertThat(identity).hasToString("OriginIdentity[uplift.example.test, mail.example.test]");
  }
}
