package org.tlsuplift.server.signin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Passwords that are compared and not stored. */
class PasswordHashTest {
  private static final String PASSWORD = "päss wörd";

  @Test
  void aNewHashMatchesItsPasswordOnly() {
    PasswordHash made = PasswordHash.of(PASSWORD.toCharArray());
    assertThat(made.encoded()).startsWith("$argon2id$v=19$m=19456,t=2,p=1$");
    PasswordHash read = PasswordHash.parse(made.encoded());
    assertThat(read.matches(PASSWORD.toCharArray())).isTrue();
    assertThat(read.matches("pass word".toCharArray())).isFalse();
    assertThat(read.matches(new char[0])).isFalse();
    assertThat(read.encoded()).isEqualTo(made.encoded());
  }

  @Test
  void twoHashesOfOnePasswordDiffer() {
    assertThat(PasswordHash.of(PASSWORD.toCharArray()).encoded())
        .isNotEqualTo(PasswordHash.of(PASSWORD.toCharArray()).encoded());
  }

  /** Printed by htpasswd -nbB and by Dovecot's doveadm pw -s ARGON2ID, for the same password. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "$2y$05$tNeuv19wfXaX5yfYn6Bwpe46gl60liCbax8FYfJeuCqGyclTWS.8. | secret",
        "$argon2id$v=19$m=65536,t=3,p=1$+UCBuPaDwpolmf4mkvQ4lA$m3O7Kk8COAOsiniV1CKSNC0aFKErydTx+IoMBg91dzc | secret",
      })
  void matchesHashesOfOtherPrograms(String hash, String password) {
    assertThat(PasswordHash.parse(hash).matches(password.toCharArray())).isTrue();
    assertThat(PasswordHash.parse(hash).matches("Secret".toCharArray())).isFalse();
  }

  @Test
  void doesNotClearThePassword() {
    char[] password = PASSWORD.toCharArray();
    PasswordHash.of(password).matches(password);
    assertThat(password).isEqualTo(PASSWORD.toCharArray());
    assertThat(PasswordHash.bytes(password)).isEqualTo(PASSWORD.getBytes(StandardCharsets.UTF_8));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "secret | this is not a hash",
        "$1$salt$hash | not supported",
        "{SSHA}abc | this is not a hash",
        "$argon2i$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0$aGFzaGhhc2hoYXNoaGFzaA | only Argon2id",
        "$argon2id$v=16$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0$aGFzaGhhc2hoYXNoaGFzaA | damaged",
        "$argon2id$v=19$m=4194304,t=2,p=1$c2FsdHNhbHRzYWx0$aGFzaGhhc2hoYXNoaGFzaA | needs",
        "$argon2id$v=19$m=64,t=2,p=1$c2FsdHNhbHRzYWx0$aGFzaGhhc2hoYXNoaGFzaA | needs",
        "$argon2id$v=19$m=19456,t=200,p=1$c2FsdHNhbHRzYWx0$aGFzaGhhc2hoYXNoaGFzaA | needs",
        "$argon2id$v=19$m=19456,t=0,p=0$c2FsdHNhbHRzYWx0$aGFzaGhhc2hoYXNoaGFzaA | needs",
        "$2y$31$abcdefghijklmnopqrstuuKDq3G1vI8ZQ9bq0m0m2b8m1u2y3z4a5 | a cost from",
        "$2y$04$abcdefghijklmnopqrstuuKDq3G1vI8ZQ9bq0m0m2b8m1u2y3z4a5 | a cost from",
        "$2y$10$short | damaged",
        "$2x$10$abcdefghijklmnopqrstuuKDq3G1vI8ZQ9bq0m0m2b8m1u2y3z4a5 | damaged",
      })
  void refusesInvalidAndTooCostlyHashes(String text, String why) {
    assertThatThrownBy(() -> PasswordHash.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(why)
        .message()
        .doesNotContain(text);
  }

  @Test
  void isNotPrinted() {
    PasswordHash made = PasswordHash.of(PASSWORD.toCharArray());
    assertThat(made.toString()).isEqualTo("an Argon2id hash");
  }
}
