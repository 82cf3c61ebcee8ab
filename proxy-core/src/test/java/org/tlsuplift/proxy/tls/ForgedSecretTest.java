package org.tlsuplift.proxy.tls;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.util.ReferenceCountUtil;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.security.KeyPair;
import java.security.interfaces.RSAPublicKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tlsuplift.proxy.model.TlsVersion;
import org.tlsuplift.proxy.tls.hello.CipherSuites;
import org.tlsuplift.proxy.tls.rsa.DeviceRsa;
import org.tlsuplift.proxy.tls.rsa.PublishedKey;
import org.tlsuplift.proxy.tls.rsa.RsaLibraries;

/**
 * Static RSA: the answers to a ClientKeyExchange do not depend on the padding of its secret
 * (Bleichenbacher's attack, RFC 5246 section 7.4.7.1), nor on the library.
 */
class ForgedSecretTest {
  private static final String NAME = "forged.example";
  private static final String SUITE = "TLS_RSA_WITH_AES_128_CBC_SHA";
  private static final int LENGTH = 256;
  private static final BigInteger E = BigInteger.valueOf(65537);

  private static final PublishedKey KEY = PublishedKey.rsa2048();
  private static final BigInteger MODULUS = ((RSAPublicKey) KEY.publicKey()).getModulus();
  private static final SelfTestCertificate CERTIFICATE =
      SelfTestCertificate.of(NAME, new KeyPair(KEY.publicKey(), KEY.privateKey()));

  private static final Leaf LEAF =
      Leaf.of(NAME, List.of(CERTIFICATE.certificate()), KEY.privateKey());

  private final RsaLibraries library = RsaLibraries.any();
  private final Random random = new Random(98);

  /** The blocks that a device would have encrypted. */
  private Map<String, byte[]> forgeries(TlsVersion version) {
    Map<String, byte[]> blocks = new LinkedHashMap<>();
    byte[] good = block(version.code());
    blocks.put("valid", good);
    blocks.put("version 0", block(0));
    blocks.put("version SSLv3", block(0x0300));
    blocks.put("version too new", block(0xffff));
    blocks.put("another version", block(version.code() + 1));
    blocks.put("first byte 1", changed(good, 0, 1));
    blocks.put("block type 0", changed(good, 1, 0));
    blocks.put("block type 1", changed(good, 1, 1));
    blocks.put("block type 3", changed(good, 1, 3));
    blocks.put("block type 0xff", changed(good, 1, 0xff));
    blocks.put("no padding", changed(good, 2, 0));
    blocks.put("padding of 7 bytes", changed(good, 9, 0));
    blocks.put("padding of 8 bytes", changed(good, 10, 0));
    blocks.put("secret too long by 1", changed(good, LENGTH - 50, 0));
    byte[] later = changed(good, LENGTH - 49, 7);
    blocks.put("no separator", later);
    blocks.put("secret too short by 1", changed(later, LENGTH - 48, 0));
    blocks.put("secret of 1 byte", changed(later, LENGTH - 2, 0));
    blocks.put("no secret", changed(later, LENGTH - 1, 0));
    blocks.put("only zeros", new byte[LENGTH]);
    blocks.put("one", changed(new byte[LENGTH], LENGTH - 1, 1));
    byte[] noise = good.clone();
    random.nextBytes(noise);
    blocks.put("noise", changed(noise, 0, 0));
    blocks.put("two versions of the secret", changed(good, LENGTH - 24, 0));
    return blocks;
  }

  /** 0, 2, padding without zeros, 0, version and the rest of the secret, without zeros. */
  private byte[] block(int version) {
    byte[] block = new byte[LENGTH];
    for (int i = 2; i < LENGTH; i++) {
      block[i] = (byte) (1 + random.nextInt(255));
    }
    block[1] = 2;
    block[LENGTH - 49] = 0;
    block[LENGTH - 48] = (byte) (version >> 8);
    block[LENGTH - 47] = (byte) version;
    return block;
  }

  private static byte[] changed(byte[] block, int at, int value) {
    byte[] copy = block.clone();
    copy[at] = (byte) value;
    return copy;
  }

  private static byte[] encrypted(byte[] block) {
    return HexFormat.of().parseHex("%0512x".formatted(new BigInteger(1, block).modPow(E, MODULUS)));
  }

  @ParameterizedTest
  @EnumSource(names = {"TLS_1_0", "TLS_1_1", "TLS_1_2"})
  void bothLibrariesRefuseForgeriesWithTheSameAlert(TlsVersion version) throws Exception {
    Map<String, byte[]> forgeries = forgeries(version);
    assertThat(forgeries).hasSizeGreaterThan(20);
    TreeSet<String> answers = new TreeSet<>();
    for (byte[] block : forgeries.values()) {
      answers.add(answers(DeviceRsa.boringSsl(), version, encrypted(block)));
      answers.add(answers(library.rsa(), version, encrypted(block)));
    }
    // Nothing before Finished, and then the alert bad_record_mac.
    assertThat(answers).singleElement().asString().matches(" \\|  \\| 15030.00020214");
    assertThat(library.operations()).isEqualTo(forgeries.size());
  }

  @Test
  void bothLibrariesSendTheSameForAnInvalidCiphertext() throws Exception {
    List<byte[]> inputs = new ArrayList<>();
    for (int length : new int[] {0, 1, 255, 257, 512}) {
      inputs.add(new byte[length]);
    }
    byte[] ones = new byte[LENGTH];
    Arrays.fill(ones, (byte) 0xff);
    inputs.add(ones);
    inputs.add(HexFormat.of().parseHex("%0512x".formatted(MODULUS)));
    for (byte[] input : inputs) {
      assertThat(sent(answers(library.rsa(), TlsVersion.TLS_1_0, input)))
          .isEqualTo(sent(answers(DeviceRsa.boringSsl(), TlsVersion.TLS_1_0, input)));
    }
  }

  /** What the device sees, without the message of the error. */
  private static String sent(String answers) {
    return answers.replaceAll(" \\(.*?\\)", "");
  }

  /** The records and errors of the server after each record of the device. */
  private String answers(DeviceRsa rsa, TlsVersion version, byte[] secret) throws Exception {
    try (TlsContexts contexts =
        new TlsContexts(
            OriginTrust.of(List.of(CERTIFICATE.certificate())),
            TlsVersion.TLS_1_3,
            true,
            null,
            rsa)) {
      SSLEngine server =
          contexts
              .terminate(
                  UnpooledByteBufAllocator.DEFAULT,
                  new TlsPolicy(TlsEngine.BORINGSSL, List.of(version), List.of(SUITE)),
                  null,
                  LEAF,
                  Duration.ofSeconds(5))
              .engine();
      try {
        server.beginHandshake();
        String hello =
            answer(server, ProbeHello.of(version, CipherSuites.numberOf(SUITE).orElseThrow()));
        assertThat(hello).startsWith("16");
        byte[] finished = new byte[version == TlsVersion.TLS_1_0 ? 48 : 64];
        random.nextBytes(finished);
        return answer(server, record(version, 22, keyExchange(secret)))
            + " | "
            + answer(server, record(version, 20, new byte[] {1}))
            + " | "
            + answer(server, record(version, 22, finished));
      } finally {
        ReferenceCountUtil.release(server);
      }
    }
  }

  private static byte[] keyExchange(byte[] secret) {
    return ByteBuffer.allocate(6 + secret.length)
        .put((byte) 16)
        .put((byte) 0)
        .putShort((short) (secret.length + 2))
        .putShort((short) secret.length)
        .put(secret)
        .array();
  }

  private static ByteBuffer record(TlsVersion version, int type, byte[] content) {
    return ByteBuffer.allocate(5 + content.length)
        .put((byte) type)
        .putShort((short) version.code())
        .putShort((short) content.length)
        .put(content)
        .flip();
  }

  private static String answer(SSLEngine server, ByteBuffer in) {
    ByteBuffer out = ByteBuffer.allocate(1 << 16);
    String error = "";
    for (int step = 0; step < 20; step++) {
      try {
        HandshakeStatus status = server.getHandshakeStatus();
        if (status == HandshakeStatus.NEED_TASK) {
          server.getDelegatedTask().run();
        } else if (status == HandshakeStatus.NEED_WRAP) {
          server.wrap(ByteBuffer.allocate(0), out);
        } else if (in.hasRemaining()) {
          SSLEngineResult result = server.unwrap(in, ByteBuffer.allocate(1 << 16));
          if (result.getStatus() == SSLEngineResult.Status.CLOSED) {
            break;
          }
        } else {
          break;
        }
      } catch (SSLException failed) {
        error = " (" + failed.getMessage() + ")";
      }
    }
    return HexFormat.of().formatHex(out.array(), 0, out.position()) + error;
  }
}
