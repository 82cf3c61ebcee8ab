package org.tlsuplift.proxy.tls.rsa;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A library is used only if all its operations work. */
class SelfCheckTest {
  private static final RsaLibraries GOOD = RsaLibraries.inJava();

  /** A library that fails in one operation. */
  private record Broken(boolean signs, boolean decrypts, boolean refuses)
      implements NativeLibcrypto {
    @Override
    public String version() {
      return "OpenSSL 3.0.7";
    }

    @Override
    public Key parse(byte[] pkcs8) throws GeneralSecurityException {
      Key key = GOOD.parse(pkcs8);
      return new Key() {
        @Override
        public int size() {
          return key.size();
        }

        @Override
        public byte[] sign(int padding, @Nullable String digest, byte[] input)
            throws GeneralSecurityException {
          if (refuses && padding == PSS) {
            throw new InvalidKeyException("invalid digest");
          }
          byte[] signature = key.sign(padding, digest, input);
          signature[200] += (byte) (signs ? 0 : 1);
          return signature;
        }

        @Override
        public byte[] decrypt(byte[] input) throws GeneralSecurityException {
          byte[] block = key.decrypt(input);
          block[200] += (byte) (decrypts ? 0 : 1);
          return block;
        }
      };
    }
  }

  @Test
  void passesALibraryThatWorks() throws Exception {
    assertThat(SelfCheck.passed(GOOD)).isSameAs(GOOD);
    assertThat(GOOD.operations()).isEqualTo(SignatureScheme.values().length + 1);
  }

  @Test
  void namesTheOperationThatFails() {
    assertThatThrownBy(() -> SelfCheck.passed(new Broken(false, true, false)))
        .isInstanceOf(LibcryptoUnavailableException.class)
        .hasMessage("OpenSSL 3.0.7 fails its self-check: PKCS1_MD5_SHA1: wrong signature");
    assertThatThrownBy(() -> SelfCheck.passed(new Broken(true, false, false)))
        .hasMessage("OpenSSL 3.0.7 fails its self-check: decryption: wrong result");
    assertThatThrownBy(() -> SelfCheck.passed(new Broken(true, true, true)))
        .hasMessage("OpenSSL 3.0.7 fails its self-check: PSS_SHA256: invalid digest");
  }

  @Test
  void hasAKeyWhosePrimesArePrime() {
    assertThat(PublishedKey.P.isProbablePrime(50)).isTrue();
    assertThat(PublishedKey.Q.isProbablePrime(50)).isTrue();
    assertThat(PublishedKey.SHORT_P.isProbablePrime(50)).isTrue();
    assertThat(PublishedKey.SHORT_Q.isProbablePrime(50)).isTrue();
    assertThat(PublishedKey.N.bitLength()).isEqualTo(2048);
  }
}
