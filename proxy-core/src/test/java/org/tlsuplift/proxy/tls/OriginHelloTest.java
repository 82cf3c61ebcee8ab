package org.tlsuplift.proxy.tls;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.util.ReferenceCountUtil;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.Test;
import org.tlsuplift.proxy.model.TlsVersion;
import org.tlsuplift.proxy.tls.hello.ClientHelloBody;
import org.tlsuplift.proxy.tls.rsa.DeviceRsa;

/** The ClientHello that leaves to origins. */
class OriginHelloTest {
  private static final int X25519 = 29;
  private static final int X25519_MLKEM768 = 4588;
  private static final List<Integer> CLASSICAL = List.of(X25519, 23, 24, 25);

  /** The extensions by type, and the length of the hello on the wire. */
  private record Hello(Map<Integer, ByteBuf> extensions, int bytes) {
    List<Integer> groups() {
      ByteBuf data = extensions.get(ClientHelloBody.SUPPORTED_GROUPS).skipBytes(2);
      List<Integer> groups = new ArrayList<>();
      while (data.isReadable()) {
        groups.add(data.readUnsignedShort());
      }
      return groups;
    }

    List<Integer> shares() {
      ByteBuf data = extensions.get(ClientHelloBody.KEY_SHARE).skipBytes(2);
      List<Integer> groups = new ArrayList<>();
      while (data.isReadable()) {
        groups.add(data.readUnsignedShort());
        data.skipBytes(data.readUnsignedShort());
      }
      return groups;
    }
  }

  private static Hello hello(TlsVersion maximum, boolean postQuantum) throws SSLException {
    try (TlsContexts contexts =
        new TlsContexts(OriginTrust.system(), maximum, postQuantum, null, DeviceRsa.boringSsl())) {
      SSLEngine engine =
          contexts
              .originate(
                  UnpooledByteBufAllocator.DEFAULT,
                  null,
                  "smtp.office365.com",
                  465,
                  List.of(),
                  null,
                  Duration.ofSeconds(5))
              .engine();
      ByteBuffer out = ByteBuffer.allocate(1 << 14);
      engine.beginHandshake();
      engine.wrap(ByteBuffer.allocate(0), out);
      ReferenceCountUtil.release(engine);
      ByteBuf in = Unpooled.wrappedBuffer(out.flip());
      int bytes = in.readableBytes();
      // Record and message headers, version, random; then session id, suites and compression.
      in.skipBytes(5 + 4 + 2 + 32);
      in.skipBytes(in.readUnsignedByte());
      in.skipBytes(in.readUnsignedShort());
      in.skipBytes(in.readUnsignedByte());
      in.readUnsignedShort();
      Map<Integer, ByteBuf> extensions = new HashMap<>();
      while (in.isReadable()) {
        extensions.put(in.readUnsignedShort(), in.readSlice(in.readUnsignedShort()));
      }
      return new Hello(extensions, bytes);
    }
  }

  @Test
  void offersTheHybridFirstWithSharesForBoth() throws Exception {
    Hello hello = hello(TlsVersion.TLS_1_3, true);
    assertThat(hello.groups()).startsWith(X25519_MLKEM768).endsWith(25).containsAll(CLASSICAL);
    assertThat(hello.shares()).containsExactly(X25519_MLKEM768, X25519);
    // The manual says 1,500, which are two packets.
    assertThat(hello.bytes()).isBetween(1450, 1550);
  }

  @Test
  void offersX25519AloneIfTheHybridIsSwitchedOff() throws Exception {
    Hello hello = hello(TlsVersion.TLS_1_3, false);
    assertThat(hello.groups()).isEqualTo(CLASSICAL);
    assertThat(hello.shares()).containsExactly(X25519);
    assertThat(hello.bytes()).isBetween(200, 300);
  }

  @Test
  void offersNoHybridBelowTls13() throws Exception {
    assertThat(hello(TlsVersion.TLS_1_2, true).groups()).isEqualTo(CLASSICAL);
  }
}
