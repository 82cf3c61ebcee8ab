package org.tlsuplift.server.it.matrix;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicReference;
import org.tlsuplift.proxy.model.TlsVersion;
import org.tlsuplift.proxy.tls.hello.ClientHelloHandler;
import org.tlsuplift.proxy.tls.hello.HelloParse;
import org.tlsuplift.server.it.device.Offer;

/** What went over a {@link Wire}, as far as anybody can read it. */
final class Traffic {
  private static final int CHANGE_CIPHER_SPEC = 20;
  private static final int ALERT = 21;
  private static final int HANDSHAKE = 22;
  private static final int APPLICATION_DATA = 23;
  private static final int SERVER_HELLO = 2;
  private static final int CERTIFICATE = 11;
  private static final byte[] SSL2_CLIENT_HELLO = {1, 0, 2};

  private final byte[] fromDevice;
  private final List<TlsRecord> deviceRecords;
  private final List<TlsRecord> serverRecords;

  private record TlsRecord(int type, ByteBuffer body) {
    int length() {
      return body.remaining();
    }
  }

  Traffic(byte[] fromDevice, byte[] fromServer) {
    this.fromDevice = fromDevice;
    this.deviceRecords = records(fromDevice);
    this.serverRecords = records(fromServer);
  }

  /** The device's hello, or what was found in its place. */
  HelloParse hello() {
    AtomicReference<HelloParse> found = new AtomicReference<>(new HelloParse.NeedMore(1));
    EmbeddedChannel channel =
        new EmbeddedChannel(
            new ClientHelloHandler(),
            new ChannelInboundHandlerAdapter() {
              @Override
              public void userEventTriggered(ChannelHandlerContext context, Object event) {
                found.set((HelloParse) event);
              }
            });
    channel.writeInbound(Unpooled.copiedBuffer(fromDevice));
    channel.finishAndReleaseAll();
    return found.get();
  }

  /** Behind a length of two bytes. */
  private boolean startsWith(byte... wanted) {
    return fromDevice.length > 2 + wanted.length
        && Arrays.equals(fromDevice, 2, 2 + wanted.length, wanted, 0, wanted.length);
  }

  /** What the device's hello is other than its offer; empty when all is well. */
  List<String> differences(Offer offer) {
    HelloParse hello = hello();
    if (hello instanceof HelloParse.Parsed parsed) {
      return offer.differences(parsed.hello());
    }
    boolean isSsl2 = hello instanceof HelloParse.NotTls && startsWith(SSL2_CLIENT_HELLO);
    return offer.version() == TlsVersion.SSL_2 && isSsl2 ? List.of() : List.of(hello.toString());
  }

  /** Whether the server agreed to go on. */
  boolean hasServerHello() {
    return message(SERVER_HELLO).isPresent();
  }

  /** The alert with which the server refused, if it did. */
  OptionalInt alert() {
    for (TlsRecord each : serverRecords) {
      if (each.type() == CHANGE_CIPHER_SPEC || each.type() == APPLICATION_DATA) {
        return OptionalInt.empty();
      }
      if (each.type() == ALERT && each.length() == 2) {
        return OptionalInt.of(each.body().get(1));
      }
    }
    return OptionalInt.empty();
  }

  /** The server's leaf; not readable in TLS 1.3. */
  Optional<X509Certificate> leaf() {
    return message(CERTIFICATE)
        .map(
            body -> {
              // Two lengths of three bytes: of the list, and of the first in it.
              int length = (body[3] & 0xff) << 16 | (body[4] & 0xff) << 8 | (body[5] & 0xff);
              try {
                return (X509Certificate)
                    CertificateFactory.getInstance("X.509")
                        .generateCertificate(new ByteArrayInputStream(body, 6, length));
              } catch (CertificateException broken) {
                throw new IllegalStateException(broken);
              }
            });
  }

  /** The lengths of the encrypted records of content that the device sent. */
  List<Integer> deviceContent() {
    return deviceRecords.stream()
        .filter(each -> each.type() == APPLICATION_DATA)
        .map(TlsRecord::length)
        .toList();
  }

  /** The length of the longest record that the server sent. */
  int longestFromServer() {
    return serverRecords.stream().mapToInt(TlsRecord::length).max().orElse(0);
  }

  /** The first handshake message of a type among those that the server sent unencrypted. */
  private Optional<byte[]> message(int type) {
    ByteArrayOutputStream plain = new ByteArrayOutputStream();
    for (TlsRecord each : serverRecords) {
      if (each.type() != HANDSHAKE) {
        break;
      }
      plain.writeBytes(each.body().array());
    }
    ByteBuffer messages = ByteBuffer.wrap(plain.toByteArray());
    while (messages.remaining() >= 4) {
      int header = messages.getInt();
      byte[] body = new byte[Math.min(header & 0xffffff, messages.remaining())];
      messages.get(body);
      if (header >>> 24 == type) {
        return Optional.of(body);
      }
    }
    return Optional.empty();
  }

  private static List<TlsRecord> records(byte[] bytes) {
    List<TlsRecord> records = new ArrayList<>();
    ByteBuffer all = ByteBuffer.wrap(bytes);
    while (all.remaining() >= 5) {
      int type = all.get() & 0xff;
      if ((type & 0x80) != 0) {
        // A hello in a record of SSL 2.0: a length of 15 bits.
        int length = (type & 0x7f) << 8 | (all.get() & 0xff);
        all.position(all.position() + Math.min(length, all.remaining()));
        continue;
      }
      all.getShort();
      byte[] body = new byte[Math.min(all.getShort() & 0xffff, all.remaining())];
      all.get(body);
      records.add(new TlsRecord(type, ByteBuffer.wrap(body)));
    }
    return records;
  }
}
