package org.tlsuplift.server.seal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlsuplift.proxy.outcome.OperatorException;

class SealKeyTest {
  private static final String OWNER = "https://login.example/contoso/ app";
  private static final String MAILBOX = "scanner@contoso.example";

  @TempDir
  @SuppressWarnings("NullAway.Init")
  Path folder;

  @Test
  void readsThirtyTwoBytesAndTheirBase64Text() throws Exception {
    SealKey raw = SealKey.read(file(bytes(1)));
    String text = Base64.getEncoder().encodeToString(bytes(1));
    SealKey base64 = SealKey.read(file((text + "\n").getBytes(StandardCharsets.US_ASCII)));

    assertThat(base64.id()).isEqualTo(raw.id()).matches("[0-9a-f]{12}");
    assertThat(base64.open(OWNER, MAILBOX, raw.seal(OWNER, MAILBOX, "tokens"))).isEqualTo("tokens");
    assertThat(SealKey.read(file(bytes(2))).id()).isNotEqualTo(raw.id());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "secret", "c2hvcnQ=", "no base64 at all, but text of some length"})
  void refusesOtherFilesWithTheCommandThatMakesAKey(String content) throws Exception {
    Path file = file(content.getBytes(StandardCharsets.US_ASCII));

    assertThatThrownBy(() -> SealKey.read(file))
        .isInstanceOf(OperatorException.class)
        .hasMessage(
            file
                + " is not a key: it needs 32 random bytes, or their base64 text; make one: openssl rand -out "
                + file
                + " 32");
  }

  @Test
  void anotherKeyMailboxOrOwnerOpensNothing() throws Exception {
    SealKey key = SealKey.read(file(bytes(1)));
    SealKey other = SealKey.read(file(bytes(2)));
    byte[] sealed = key.seal(OWNER, MAILBOX, "tokens");

    assertThat(key.open(OWNER, MAILBOX, sealed)).isEqualTo("tokens");
    assertThatThrownBy(() -> other.open(OWNER, MAILBOX, sealed))
        .isInstanceOf(GeneralSecurityException.class);
    assertThatThrownBy(() -> key.open(OWNER, "fax@contoso.example", sealed))
        .isInstanceOf(GeneralSecurityException.class);
    assertThatThrownBy(() -> key.open("https://login.example/other/ app", MAILBOX, sealed))
        .isInstanceOf(GeneralSecurityException.class);
  }

  @Test
  void noDamagedByteAndNoCutOpens() throws Exception {
    SealKey key = SealKey.read(file(bytes(1)));
    byte[] sealed = key.seal(OWNER, MAILBOX, "tokens");
    for (int i = 0; i < sealed.length; i++) {
      byte[] damaged = sealed.clone();
      damaged[i] ^= 1;
      byte[] cut = Arrays.copyOf(sealed, i);
      assertThatThrownBy(() -> key.open(OWNER, MAILBOX, damaged))
          .isInstanceOf(GeneralSecurityException.class);
      assertThatThrownBy(() -> key.open(OWNER, MAILBOX, cut))
          .isInstanceOf(GeneralSecurityException.class);
    }
  }

  @Test
  void eachSealIsDifferentAndHasNoPlaintext() throws Exception {
    SealKey key = SealKey.read(file(bytes(1)));
    byte[] one = key.seal(OWNER, MAILBOX, "a refresh token");

    assertThat(key.seal(OWNER, MAILBOX, "a refresh token")).isNotEqualTo(one);
    assertThat(new String(one, StandardCharsets.ISO_8859_1)).doesNotContain("refresh");
    assertThat(key).hasToString("key " + key.id());
  }

  private Path file(byte[] content) throws Exception {
    return Files.write(Files.createTempFile(folder, "tokens", ".key"), content);
  }

  private static byte[] bytes(int first) {
    byte[] bytes = new byte[32];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) (first + 7 * i);
    }
    return bytes;
  }
}
