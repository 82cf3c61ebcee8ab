package org.tlsuplift.proxy.ca;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.security.cert.CertPathValidatorException;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlsuplift.proxy.testing.CaFixtures;
import org.tlsuplift.proxy.testing.OpenSsl;
import org.tlsuplift.proxy.testing.Program;

/** The rules follow the CA's certificate, and other verifiers agree with them. */
final class NameConstraintRulesTest {
  private static final PermittedNames NAMES =
      new PermittedNames(
          List.of("outlook.com", "office365.com", "smtp.office365.com"),
          List.of("192.0.2.0/24", "2001:db8::/32"));

  @TempDir Path temp;

  @ParameterizedTest
  @CsvSource({
    "outlook.com, true",
    "smtp.office365.com, true",
    "a.b.c.outlook.com, true",
    "OUTLOOK.COM., true",
    "192.0.2.255, true",
    "2001:db8:ffff::1, true",
    "xoutlook.com, false",
    "outlook.com.evil.example, false",
    "com, false",
    "192.0.3.0, false",
    "2001:db9::1, false",
    "::ffff:192.0.2.1, false",
  })
  void agreesWithPkixAndOpenssl(String name, boolean permitted) throws Exception {
    OpenSsl.require();
    IssuingCa ca = CaFixtures.create(CaFixtures.quick(NAMES));

    assertThat(ca.permits(name)).isEqualTo(permitted);

    if (name.startsWith("::ffff:") || name.endsWith(".")) {
      return; // Not in the form that reaches a leaf.
    }
    var leaf = Leaves.leafPastConstraints(ca, name);
    if (permitted) {
      CaFixtures.validate(leaf, ca.anchor(), Instant.now());
    } else {
      assertThatThrownBy(() -> CaFixtures.validate(leaf, ca.anchor(), Instant.now()))
          .isInstanceOf(CertPathValidatorException.class);
    }
    CaFixtures.pem(temp.resolve("ca.pem"), ca.anchor());
    CaFixtures.pem(temp.resolve("leaf.pem"), leaf.chain().get(0));
    Program.Result result =
        OpenSsl.run(temp, "verify", "-x509_strict", "-CAfile", "ca.pem", "leaf.pem");
    assertThat(result.exit() == 0).as(result.output()).isEqualTo(permitted);
    if (!permitted) {
      assertThat(result.output()).contains("permitted subtree violation");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "a b",
        "*",
        "*outlook.com",
        "*.*.outlook.com",
        "-x.outlook.com",
        "1.2.3.4.5",
        "[::1]"
      })
  void permitsNoInvalidName(String name) throws Exception {
    IssuingCa open = CaFixtures.create(CaFixtures.settings(KeyAlgorithm.EC_P256, false, NAMES));
    assertThat(open.permits(name)).isFalse();
    assertThat(open.permits("anything.example")).isTrue();
    assertThat(open.nameConstraints()).isEmpty();
  }

  @Test
  void excludesEveryAddressIfNoneIsPermitted() throws Exception {
    OpenSsl.require();
    IssuingCa ca =
        CaFixtures.create(CaFixtures.quick(new PermittedNames(List.of("outlook.com"), List.of())));
    assertThat(ca.nameConstraints())
        .containsExactly("permits outlook.com", "excludes 0.0.0.0/0", "excludes ::/0");
    CaFixtures.pem(temp.resolve("ca.pem"), ca.anchor());
    for (String address : List.of("192.0.2.1", "2001:db8::1")) {
      assertThat(ca.permits(address)).isFalse();
      var leaf = Leaves.leafPastConstraints(ca, address);
      assertThatThrownBy(() -> CaFixtures.validate(leaf, ca.anchor(), Instant.now()))
          .isInstanceOf(CertPathValidatorException.class);
      CaFixtures.pem(temp.resolve("leaf.pem"), leaf.chain().get(0));
      assertThat(OpenSsl.run(temp, "verify", "-CAfile", "ca.pem", "leaf.pem").output())
          .contains("excluded subtree violation");
    }
  }

  @Test
  void permitsNoNameIfOnlyAddressesArePermitted() throws Exception {
    IssuingCa ca =
        CaFixtures.create(
            CaFixtures.quick(new PermittedNames(List.of(), List.of("2001:db8::/32"))));
    assertThat(ca.permits("outlook.com")).isFalse();
    assertThat(ca.permits("192.0.2.1")).isFalse();
    assertThat(ca.permits("2001:db8::1")).isTrue();
    assertThat(ca.namesNotCovered(new PermittedNames(List.of("outlook.com"), List.of("10.0.0.1"))))
        .containsExactly("outlook.com", "10.0.0.1/32");
  }

  @Test
  void listsNamesThatTheCaDoesNotCover() throws Exception {
    IssuingCa ca = CaFixtures.create(CaFixtures.quick(NAMES));
    assertThat(ca.namesNotCovered(NAMES)).isEmpty();
    assertThat(
            ca.namesNotCovered(
                new PermittedNames(
                    List.of("mail.outlook.com", "com", "contoso.example"),
                    List.of("192.0.2.128/25", "192.0.0.0/16", "10.0.0.0/8", "2001:db8:1::/48"))))
        .containsExactly("com", "contoso.example", "192.0.0.0/16", "10.0.0.0/8");
    // A suffix below a permitted suffix adds nothing to the certificate.
    assertThat(ca.nameConstraints())
        .contains("permits office365.com")
        .doesNotContain("permits smtp.office365.com");
  }

  @ParameterizedTest
  @ValueSource(strings = {"*.outlook.com", "", "out look", "10.0.0.1", "a..b"})
  void refusesInvalidSuffixes(String suffix) {
    assertThatThrownBy(() -> new PermittedNames(List.of(suffix), List.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("is not a DNS suffix");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"10.0.0.0/33", "::/129", "10.0.0.0/", "10.0.0.0/-1", "x/8", "", "1.2.3/8"})
  void refusesInvalidBlocks(String block) {
    assertThatThrownBy(() -> new PermittedNames(List.of(), List.of(block)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("\"" + block + "\"");
  }

  @Test
  void normalisesNamesAndBlocks() {
    PermittedNames names =
        new PermittedNames(
            List.of("Outlook.COM.", "outlook.com"), List.of("10.1.2.3/8", "10.0.0.0/8", "::1"));
    assertThat(names.dnsSuffixes()).containsExactly("outlook.com");
    assertThat(names.addressBlocks()).containsExactly("10.0.0.0/8", "::1/128");
  }
}
