package org.tlsuplift.proxy.session;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelPipeline;
import io.netty.util.concurrent.Promise;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.context.HandshakeQueue;
import org.tlsuplift.proxy.context.ListenerMail;
import org.tlsuplift.proxy.context.ListenerSpec;
import org.tlsuplift.proxy.context.PipelineNames;
import org.tlsuplift.proxy.mail.MailService;
import org.tlsuplift.proxy.mail.MailService.DeviceTls;
import org.tlsuplift.proxy.mail.MailService.OriginTls;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.negotiate.AcceptMode;
import org.tlsuplift.proxy.testing.ChannelText;
import org.tlsuplift.proxy.testing.EmbeddedParts;
import org.tlsuplift.proxy.testing.EmbeddedSocket;
import org.tlsuplift.proxy.testing.HeldDesk;
import org.tlsuplift.proxy.tls.hello.ClientHelloHandler;
import org.tlsuplift.proxy.upstream.dial.OriginConnection;

/** A session on an embedded event loop, and its visible effects. */
final class SessionRig implements AutoCloseable {
  private static final int ALERT = 21;
  private static final int HANDSHAKE = 22;

  final EmbeddedParts parts;
  final EmbeddedSocket device;
  final Session session;

  /** The dial of a setup that a test starts directly. */
  final Promise<OriginConnection> dial;

  private List<EmbeddedSocket> openOrigins = List.of();
  private int lookups;
  private boolean reading;
  private boolean lingering;
  private boolean relaying;

  private SessionRig(ListenerSpec spec) throws Exception {
    this.parts = new EmbeddedParts(spec, EmbeddedParts.AUTHORITY.source());
    this.device = parts.device;
    this.dial = device.eventLoop().newPromise();
    this.session = new Session(parts.context, () -> {});
    ChannelPipeline pipeline = device.pipeline();
    spec.accept().addNegotiators(pipeline, target -> Optional.empty());
    pipeline
        .addLast(PipelineNames.HELLO, new ClientHelloHandler())
        .addLast(PipelineNames.EVENTS, session.events());
    pipeline.fireChannelActive();
    parts.run();
  }

  /** A device of an HTTP proxy that has sent no bytes yet. */
  static SessionRig web() throws Exception {
    return new SessionRig(EmbeddedParts.listener(new AcceptMode.HttpConnect(), ListenerMail.NONE));
  }

  /** An SMTP device after the greeting, which must use STARTTLS. */
  static SessionRig mail() throws Exception {
    return new SessionRig(
        EmbeddedParts.listener(
            new AcceptMode.Fixed(new HostPort(EmbeddedParts.HOST, 587)),
            new MailService(MailProtocol.SMTP, DeviceTls.STARTTLS, OriginTls.STARTTLS, false)));
  }

  /** An SMTP device that may sign in to the proxy in plaintext. */
  static SessionRig signIn() throws Exception {
    return new SessionRig(
        EmbeddedParts.listener(
            new AcceptMode.Fixed(new HostPort(EmbeddedParts.HOST, 587)),
            ListenerMail.of(
                    new MailService(
                        MailProtocol.SMTP, DeviceTls.OPTIONAL, OriginTls.STARTTLS, true),
                    null)
                .signingIn(new HeldDesk().signIn())));
  }

  /** Begins as many handshakes as one round of the event loop has. */
  void occupyRound() {
    HandshakeQueue queue = parts.handshakes.of(device.eventLoop());
    while (parts.handshakes.waiting() == 0) {
      queue.place(InetAddress.getLoopbackAddress(), () -> {}).enter();
    }
  }

  void deviceSays(String text) {
    device.writeInbound(Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII));
  }

  void originSays(String text) {
    parts.origin().writeInbound(Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII));
    parts.run();
  }

  void deviceOffers(String version) throws SSLException {
    device.writeInbound(hello(version));
    parts.run();
  }

  /** The ClientHello of a device that supports only this version, for the host of the rig. */
  private static ByteBuf hello(String version) throws SSLException {
    SSLEngine engine = EmbeddedParts.TRUSTING.createSSLEngine(EmbeddedParts.HOST, 443);
    engine.setUseClientMode(true);
    engine.setEnabledProtocols(new String[] {version});
    ByteBuffer bytes = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
    engine.wrap(ByteBuffer.allocate(0), bytes);
    return Unpooled.wrappedBuffer(bytes.flip());
  }

  /** Makes {@link #happened} return only effects from now on. */
  void mark() {
    parts.seen.clear();
    device.releaseOutbound();
    parts.origins().forEach(EmbeddedSocket::releaseOutbound);
    openOrigins = parts.origins().stream().filter(EmbeddedSocket::isOpen).toList();
    lookups = parts.lookups.size();
    reading = device.config().isAutoRead();
    lingering = device.isOutputShutdown();
    relaying = EmbeddedParts.relays(device);
  }

  /** All visible effects since {@link #mark}, in a fixed order; "nothing" if there are none. */
  String happened() {
    List<String> all = new ArrayList<>(parts.seen);
    String told = told();
    if (told != null) {
      all.add("device told '" + told + "'");
    }
    if (!device.isOpen()) {
      all.add("device closed");
    } else if (device.isOutputShutdown() && !lingering) {
      all.add("device lingers");
    } else if (device.config().isAutoRead() != reading) {
      all.add("reading " + (reading ? "off" : "on"));
    }
    if (parts.lookups.size() > lookups) {
      all.add("origin dialled");
    }
    for (EmbeddedSocket origin : parts.origins()) {
      boolean wasOpen = openOrigins.contains(origin);
      if (wasOpen && !origin.isOpen()) {
        all.add("origin closed");
      } else if (origin.isOpen() && EmbeddedParts.relays(origin) && !relaying) {
        all.add("relays");
      } else if (origin.isOpen() && !wasOpen) {
        all.add("given origin left open");
      }
    }
    return all.isEmpty() ? "nothing" : String.join("; ", all);
  }

  /** The bytes that the device got since the last call, or null. */
  private @Nullable String told() {
    String bytes = ChannelText.heard(device);
    if (bytes.isEmpty()) {
      return null;
    }
    return switch (bytes.charAt(0)) {
      case ALERT -> "alert " + (int) bytes.charAt(bytes.length() - 1);
      case HANDSHAKE -> "handshake";
      default -> bytes.lines().findFirst().orElse("");
    };
  }

  /** The number of ends that the observer got, since {@link #mark} if that was called. */
  long ends() {
    return parts.seen.stream().filter(line -> line.startsWith("ended ")).count();
  }

  /** The number of open connections that the session has dialled. */
  long openDials() {
    return parts.origins().stream()
        .filter(origin -> origin.isOpen() && !parts.given.contains(origin))
        .count();
  }

  @Override
  public void close() {
    dial.cancel(false);
    parts.close();
  }
}
