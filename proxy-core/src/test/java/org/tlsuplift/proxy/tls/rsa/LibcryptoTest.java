package org.tlsuplift.proxy.tls.rsa;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.netty.handler.ssl.OpenSslPrivateKeyMethod;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.PSSParameterSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.net.ssl.SSLEngine;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Keys of each size sign and decrypt by libcrypto, and nothing that arrives can crash it. */
public class LibcryptoTest {
  private static final SSLEngine NO_ENGINE = null;

  private final Random random = new Random(19);

  /** Where this Java or this machine cannot do it, there is nothing to test. */
  public static Libcrypto available() {
    try {
      return Libcrypto.load();
    } catch (LibcryptoUnavailableException unavailable) {
      assumeThat(unavailable).isNull();
      throw new AssertionError(unavailable);
    }
  }

  private static KeyPair pair(int bits) throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(bits);
    return generator.generateKeyPair();
  }

  @Test
  void isUnavailableOnAnOldJavaWithCauseAndRemedy() {
    assumeThat(Runtime.version().feature()).isLessThan(Libcrypto.FIRST_JAVA);
    assertThatThrownBy(Libcrypto::load)
        .isInstanceOfSatisfying(
            LibcryptoUnavailableException.class,
            unavailable ->
                assertThat(unavailable.getMessage() + "; " + unavailable.remedy())
                    .matches("Java \\d+ cannot call it; use Java 22 or later"));
  }

  @ParameterizedTest
  @ValueSource(ints = {1024, 2048, 3072, 4096})
  void signsAsJavaDoes(int bits) throws Exception {
    KeyPair pair = pair(bits);
    OpenSslPrivateKeyMethod method = available().keyMethod(pair.getPrivate());
    byte[] message = new byte[200];
    random.nextBytes(message);
    for (int hash : new int[] {1, 256, 384, 512}) {
      int id =
          switch (hash) {
            case 1 -> 0x0201;
            case 256 -> 0x0401;
            case 384 -> 0x0501;
            default -> 0x0601;
          };
      Signature java = Signature.getInstance("SHA" + hash + "withRSA");
      java.initSign(pair.getPrivate());
      java.update(message);
      assertThat(method.sign(NO_ENGINE, id, message)).isEqualTo(java.sign());
    }
    for (int hash : new int[] {256, 384}) {
      int id = hash == 256 ? 0x0804 : 0x0805;
      Signature java = Signature.getInstance("RSASSA-PSS");
      java.setParameter(
          new PSSParameterSpec(
              "SHA-" + hash, "MGF1", new MGF1ParameterSpec("SHA-" + hash), hash / 8, 1));
      java.initVerify(pair.getPublic());
      java.update(message);
      assertThat(java.verify(method.sign(NO_ENGINE, id, message))).isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1024, 2048, 3072, 4096})
  void decryptsAnyBlockWithoutCheckingItsPadding(int bits) throws Exception {
    KeyPair pair = pair(bits);
    OpenSslPrivateKeyMethod method = available().keyMethod(pair.getPrivate());
    RSAPublicKey key = (RSAPublicKey) pair.getPublic();
    List<byte[]> blocks = new ArrayList<>();
    for (int zeros : new int[] {1, 2, 3, 60, bits / 8 - 1, bits / 8}) {
      byte[] block = new byte[bits / 8];
      random.nextBytes(block);
      Arrays.fill(block, 0, zeros, (byte) 0);
      blocks.add(block);
    }
    for (byte[] block : blocks) {
      BigInteger encrypted =
          new BigInteger(1, block).modPow(key.getPublicExponent(), key.getModulus());
      assertThat(method.decrypt(NO_ENGINE, bytes(encrypted, bits / 8))).isEqualTo(block);
    }
  }

  private static byte[] bytes(BigInteger value, int length) {
    byte[] result = new byte[length];
    byte[] text = value.toByteArray();
    int from = Math.max(0, text.length - length);
    System.arraycopy(text, from, result, length - (text.length - from), text.length - from);
    return result;
  }

  @Test
  void refusesAnInvalidCiphertext() throws Exception {
    KeyPair pair = pair(2048);
    OpenSslPrivateKeyMethod method = available().keyMethod(pair.getPrivate());
    byte[] modulus = bytes(((RSAPublicKey) pair.getPublic()).getModulus(), 256);
    for (byte[] input : List.of(new byte[0], new byte[1], new byte[255], new byte[257])) {
      assertThatThrownBy(() -> method.decrypt(NO_ENGINE, input))
          .isInstanceOf(GeneralSecurityException.class);
    }
    assertThatThrownBy(() -> method.decrypt(NO_ENGINE, modulus))
        .isInstanceOf(GeneralSecurityException.class);
    assertThat(method.decrypt(NO_ENGINE, new byte[256])).isEqualTo(new byte[256]);
  }

  @Test
  void refusesUnknownSignaturesAndUnsuitableKeys() throws Exception {
    Libcrypto library = available();
    KeyPair small = pair(512);
    OpenSslPrivateKeyMethod method = library.keyMethod(small.getPrivate());
    for (int id : new int[] {0, -1, 0x0403, 0x0807, Integer.MAX_VALUE}) {
      assertThatThrownBy(() -> method.sign(NO_ENGINE, id, new byte[10]))
          .isInstanceOf(GeneralSecurityException.class);
    }
    // The key is too short for this digest.
    assertThatThrownBy(() -> method.sign(NO_ENGINE, 0x0601, new byte[10]))
        .isInstanceOf(GeneralSecurityException.class);
    PrivateKey elliptic = KeyPairGenerator.getInstance("EC").generateKeyPair().getPrivate();
    assertThatThrownBy(() -> library.keyMethod(elliptic))
        .isInstanceOf(GeneralSecurityException.class);
    assertThat(DeviceRsa.by(library).keyMethod(elliptic)).isEmpty();
    assertThat(DeviceRsa.by(library).keyMethod(null)).isEmpty();
  }

  @Test
  void survivesDamagedKeysAndRandomOperations() throws Exception {
    Libcrypto library = available();
    byte[] encoded = pair(1024).getPrivate().getEncoded();
    int accepted = 0;
    for (int round = 0; round < 2000; round++) {
      byte[] damaged =
          Arrays.copyOf(encoded, random.nextInt(10) == 0 ? random.nextInt(700) : encoded.length);
      for (int change = random.nextInt(4); change >= 0 && damaged.length > 0; change--) {
        damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
      }
      try {
        OpenSslPrivateKeyMethod method = library.keyMethod(new Encoded(damaged));
        accepted++;
        byte[] input = new byte[random.nextInt(300)];
        random.nextBytes(input);
        method.sign(NO_ENGINE, 0x0401, input);
        method.decrypt(NO_ENGINE, input);
      } catch (GeneralSecurityException refused) {
        assertThat(refused).hasMessageNotContaining("null");
      }
    }
    assertThat(accepted).isPositive();
  }

  /** A key whose encoding may be anything. It gives away the array itself. */
  private static final class Encoded implements PrivateKey {
    private static final long serialVersionUID = 1L;

    private final byte[] bytes;

    Encoded(byte[] bytes) {
      this.bytes = bytes;
    }

    @Override
    public String getAlgorithm() {
      return "RSA";
    }

    @Override
    public String getFormat() {
      return "PKCS#8";
    }

    @Override
    public byte[] getEncoded() {
      return bytes;
    }
  }

  @Test
  void signsWithOneKeyOnSeveralThreads() throws Exception {
    OpenSslPrivateKeyMethod method = available().keyMethod(pair(1024).getPrivate());
    byte[] message = {1, 2, 3};
    int id = 0xff01;
    byte[] expected = method.sign(NO_ENGINE, id, message);
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Future<?>> all = new ArrayList<>();
      for (int thread = 0; thread < 4; thread++) {
        all.add(
            threads.submit(
                () -> {
                  for (int round = 0; round < Integer.getInteger("uplift.rounds", 500); round++) {
                    assertThat(method.sign(NO_ENGINE, id, message)).isEqualTo(expected);
                  }
                  return null;
                }));
      }
      for (Future<?> thread : all) {
        thread.get();
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void overwritesTheEncodingOfTheKey() throws Exception {
    Libcrypto library = available();
    byte[] encoded = pair(1024).getPrivate().getEncoded();
    byte[] copy = encoded.clone();
    OpenSslPrivateKeyMethod method = library.keyMethod(new Encoded(encoded));
    assertThat(encoded).containsOnly(0);
    PrivateKey same = KeyFactory.getInstance("RSA").generatePrivate(new PKCS8EncodedKeySpec(copy));
    int id = 0x0401;
    assertThat(method.sign(NO_ENGINE, id, copy))
        .isEqualTo(library.keyMethod(same).sign(NO_ENGINE, id, copy));
  }
}
