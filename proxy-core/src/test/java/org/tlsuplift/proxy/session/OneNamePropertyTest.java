package org.tlsuplift.proxy.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.embedded.EmbeddedChannel;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.context.ListenerMail;
import org.tlsuplift.proxy.context.ListenerSpec;
import org.tlsuplift.proxy.mail.MailService;
import org.tlsuplift.proxy.model.Action;
import org.tlsuplift.proxy.model.ClientHello;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.negotiate.AcceptMode;
import org.tlsuplift.proxy.negotiate.Negotiated;
import org.tlsuplift.proxy.negotiate.ProxyHeader;
import org.tlsuplift.proxy.negotiate.ProxyHeaderNegotiator;
import org.tlsuplift.proxy.negotiate.SocksUsers;
import org.tlsuplift.proxy.negotiate.TargetPolicy;
import org.tlsuplift.proxy.outcome.CloseReason;
import org.tlsuplift.proxy.route.Cidr;
import org.tlsuplift.proxy.route.Destination;
import org.tlsuplift.proxy.route.EndpointList;
import org.tlsuplift.proxy.route.EndpointSet;
import org.tlsuplift.proxy.route.NamedByCertificate;
import org.tlsuplift.proxy.route.NamedByList;
import org.tlsuplift.proxy.route.Ports;
import org.tlsuplift.proxy.route.Route;
import org.tlsuplift.proxy.route.RouteDecision;
import org.tlsuplift.proxy.route.RouteTable;
import org.tlsuplift.proxy.route.ServerNameMismatch;
import org.tlsuplift.proxy.route.WhenModern;
import org.tlsuplift.proxy.session.SessionState.InspectingHello;
import org.tlsuplift.proxy.setup.BridgeSetup.LeafNames;
import org.tlsuplift.proxy.testing.ToldRedirection;
import org.tlsuplift.proxy.tls.CertificateSource;
import org.tlsuplift.proxy.tls.Leaf;
import org.tlsuplift.proxy.tls.TlsProfile;
import org.tlsuplift.proxy.tls.hello.ClientHelloHandler;
import org.tlsuplift.proxy.tls.hello.HelloParse;
import org.tlsuplift.proxy.upstream.DeferredMailOrigin;

/**
 * The invariant of every session: the name that the device sees is one that routes allow and that
 * the origin must prove. In a tunnel, the SNI to the origin has no other name.
 *
 * <p>The negotiations and ClientHellos are real bytes that the handlers of a listener read.
 */
class OneNamePropertyTest {
  private static final String OWN = "uplift.example";
  private static final List<String> NAMES = List.of("a.example", "b.example", "evil.test", OWN);
  private static final List<String> ADDRESSES = List.of("192.0.2.7", "203.0.113.9");
  private static final int[] PORTS = {443, 587};

  /** The ways in which a device sends its target. */
  enum Way {
    CONNECT,
    SOCKS_5,
    SOCKS_4,
    FIXED,
    TRANSPARENT
  }

  /** The content of the server_name extension. */
  enum Sni {
    NONE,
    NAME,
    LOUD_NAME,
    TWO_NAMES,
    ADDRESS,
    NO_NAME
  }

  private static final List<Route> POOL =
      List.of(
          route(Action.BRIDGE, WhenModern.TUNNEL, "a.example:*", "b.example:*"),
          route(Action.BRIDGE, WhenModern.BRIDGE, "*.example:*"),
          route(Action.TUNNEL, WhenModern.TUNNEL, "b.example:*"),
          route(Action.DENY, WhenModern.TUNNEL, "a.example:*"),
          route(Action.FORWARD, WhenModern.TUNNEL, "b.example:*"),
          route(Action.BRIDGE, WhenModern.TUNNEL, "192.0.2.0/24:*"),
          route(Action.TUNNEL, WhenModern.TUNNEL, "192.0.2.0/24:*"),
          route(Action.BRIDGE, WhenModern.TUNNEL, OWN + ":*"),
          new Route(
              new EndpointList(
                  "list",
                  List.of(Destination.parse("b.example:*"), Destination.parse("192.0.2.0/24:*")),
                  List.of(
                      new EndpointSet(
                          List.of("b.example"),
                          List.of(Cidr.parse("192.0.2.0/24")),
                          Ports.parse("*")))),
              Action.BRIDGE,
              WhenModern.TUNNEL,
              null,
              null));

  private static Route route(Action action, WhenModern whenModern, String... to) {
    return new Route(
        new EndpointList("test", Arrays.stream(to).map(Destination::parse).toList()),
        action,
        whenModern,
        null,
        null);
  }

  @Provide
  Arbitrary<List<Route>> routes() {
    return Arbitraries.of(POOL).list().ofMinSize(1).ofMaxSize(4);
  }

  @Provide
  Arbitrary<String> hosts() {
    return Arbitraries.of(
        NAMES.get(0), NAMES.get(1), NAMES.get(2), ADDRESSES.get(0), "203.0.113.9");
  }

  @Provide
  Arbitrary<String> names() {
    return Arbitraries.of(NAMES);
  }

  @Property(tries = 3000)
  void presentedRoutedAndProvenNamesAreEqual(
      @ForAll Way way,
      @ForAll boolean behindBalancer,
      @ForAll("hosts") String host,
      @ForAll Sni kind,
      @ForAll("names") String sni,
      @ForAll boolean modern,
      @ForAll boolean afterStartTls,
      @ForAll boolean oneName,
      @ForAll ServerNameMismatch mismatch,
      @ForAll("routes") List<Route> table) {
    boolean balanced = behindBalancer && way != Way.TRANSPARENT;
    boolean literal = HostPort.isAddressLiteral(host);
    String wanted = way == Way.TRANSPARENT && !literal ? "192.0.2.7" : host;
    HostPort target = new HostPort(wanted, PORTS[afterStartTls ? 1 : 0]);
    ListenerSpec spec = listener(way, target, mismatch);
    RouteTable routes = new RouteTable(table);
    Arrived arrived = new Arrived(spec, way, balanced, target, hello(kind, sni, modern));
    assertThat(arrived.target).isEqualTo(target);
    ClientHello hello = arrived.hello;
    assertThat(hello.serverName())
        .isEqualTo(kind == Sni.NAME || kind == Sni.LOUD_NAME ? sni : null);

    InspectingHello inspecting = inspecting(arrived.target, afterStartTls);
    InspectingHello aimed = way == Way.TRANSPARENT ? Routing.aimed(inspecting, hello) : inspecting;
    RouteDecision decision = Routing.decide(spec, routes, aimed, hello);

    if (decision instanceof RouteDecision.Tunnel tunnel) {
      assertThat(tunnel.origin()).isEqualTo(aimed.target());
      assertThat(hello.unusableServerName()).isFalse();
      assertThat(hello.serverName()).isIn(null, tunnel.serverName());
      assertThat(hello.serverName()).isNotIn(spec.serverNames());
      assertAllowed(routes, tunnel.origin(), tunnel.serverName());
    } else if (decision instanceof RouteDecision.Bridge bridge) {
      assertThat(bridge.origin()).isEqualTo(aimed.target());
      LeafNames leaf = Routing.leafNames(spec, bridge, hello, source(oneName));
      if (bridge.proof() == null) {
        assertAllowed(routes, bridge.origin(), bridge.serverName());
        assertShown(spec, bridge, hello, ((LeafNames.Known) leaf).known());
      } else if (bridge.proof() instanceof NamedByList list) {
        assertThat(list.names()).containsAll(((LeafNames.Known) leaf).known());
      } else {
        assertThat(bridge.proof()).isInstanceOf(NamedByCertificate.class);
        assertThat(leaf).isInstanceOf(LeafNames.OfOrigin.class);
      }
    } else if (decision instanceof RouteDecision.Deny deny
        && deny.reason() == CloseReason.SERVER_NAME_MISMATCH) {
      assertThat(hello.serverName() != null || hello.unusableServerName()).isTrue();
      assertThat(aimed.target().host().equals(hello.serverName())).isEqualTo(false);
      assertThat(deny.detail()).containsAnyOf("serverNameMismatch: useTarget", "action: bridge");
    }
  }

  /**
   * A certificate has a name that the device sends only if the origin proves it, or the listener
   * has it.
   */
  private static void assertShown(
      ListenerSpec spec, RouteDecision.Bridge bridge, ClientHello hello, List<String> shown) {
    boolean fixed = spec.accept() instanceof AcceptMode.Fixed;
    String sni = hello.serverName();
    assertThat(shown)
        .isNotEmpty()
        .allSatisfy(
            name ->
                assertThat(
                        name.equals(bridge.serverName())
                            || (spec.serverNames().contains(name) && (fixed || name.equals(sni))))
                    .as("shown %s, proven %s, asked for %s", name, bridge.serverName(), sni)
                    .isTrue());
    assertThat(bridge.serverName())
        .isIn(bridge.origin().host(), bridge.origin().isAddressLiteral() && !fixed ? sni : "");
    if (sni != null && (sni.equals(bridge.serverName()) || spec.serverNames().contains(sni))) {
      assertThat(shown.get(0)).isEqualTo(sni);
    }
  }

  /** Routes must allow both the origin, by its address or name, and the proven name. */
  private static void assertAllowed(RouteTable routes, HostPort origin, String name) {
    assertThat(routes.precheck(new HostPort(name, origin.port()))).isEmpty();
    if (!origin.host().equals(name)) {
      assertThat(routes.forAddresses().precheck(origin)).isEmpty();
    }
  }

  private static InspectingHello inspecting(HostPort target, boolean afterStartTls) {
    return afterStartTls
        ? new InspectingHello(
            target,
            MailService.ofPort(target.port()).orElseThrow(),
            new DeferredMailOrigin(new EmbeddedChannel().eventLoop(), List.of()))
        : new InspectingHello(target, null, null);
  }

  private static ListenerSpec listener(Way way, HostPort target, ServerNameMismatch mismatch) {
    AcceptMode accept =
        switch (way) {
          case CONNECT -> new AcceptMode.HttpConnect();
          case SOCKS_4, SOCKS_5 -> new AcceptMode.Socks(SocksUsers.NONE);
          case FIXED -> new AcceptMode.Fixed(target);
          case TRANSPARENT ->
              new AcceptMode.Transparent(
                  new ToldRedirection().to(new InetSocketAddress(target.host(), target.port())));
        };
    return new ListenerSpec(
        "test",
        List.of(new InetSocketAddress("127.0.0.1", 0)),
        false,
        null,
        accept,
        TlsProfile.MODERN,
        List.of(OWN),
        mismatch,
        null,
        null,
        ListenerMail.NONE);
  }

  private static CertificateSource source(boolean oneName) {
    return new CertificateSource() {
      @Override
      public CompletionStage<Leaf> leafFor(List<String> names) {
        return new CompletableFuture<>();
      }

      @Override
      public boolean maySign(String name) {
        return true;
      }

      @Override
      public boolean oneName() {
        return oneName;
      }
    };
  }

  /** A device whose ClientHello was read. */
  private static final class Arrived extends ChannelInboundHandlerAdapter {
    private static final TargetPolicy ALL = target -> Optional.empty();

    private final ListenerSpec spec;
    private @Nullable HostPort target;
    private @Nullable ClientHello hello;

    Arrived(ListenerSpec spec, Way way, boolean balanced, HostPort wanted, ByteBuf bytes) {
      this.spec = spec;
      EmbeddedChannel channel = new EmbeddedChannel();
      if (balanced) {
        ProxyHeaderNegotiator.addTo(channel.pipeline());
        channel.pipeline().addLast(this);
        channel.writeInbound(
            ascii("PROXY TCP4 192.0.2.99 192.0.2.1 40000 3128\r\n"), request(way, wanted), bytes);
      } else {
        add(channel.pipeline());
        channel.pipeline().fireChannelActive();
        channel.writeInbound(request(way, wanted), bytes);
      }
      channel.finishAndReleaseAll();
    }

    /** The PROXY header has arrived. */
    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
      if (event instanceof ProxyHeader) {
        add(ctx.pipeline());
        ctx.fireChannelActive();
      }
    }

    private void add(ChannelPipeline pipeline) {
      spec.accept().addNegotiators(pipeline, ALL);
      pipeline.addLast(
          new ClientHelloHandler(),
          new ChannelInboundHandlerAdapter() {
            @Override
            public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
              if (event instanceof Negotiated negotiated) {
                target = negotiated.target();
              } else if (event instanceof HelloParse.Parsed parsed) {
                hello = parsed.hello();
              }
            }
          });
    }
  }

  private static ByteBuf request(Way way, HostPort to) {
    byte[] host = to.host().getBytes(StandardCharsets.US_ASCII);
    ByteBuf bytes = Unpooled.buffer();
    switch (way) {
      case CONNECT -> bytes.writeBytes(ascii("CONNECT " + to + " HTTP/1.1\r\n\r\n"));
      case SOCKS_5 ->
          bytes
              .writeBytes(new byte[] {5, 1, 0, 5, 1, 0, 3, (byte) host.length})
              .writeBytes(host)
              .writeShort(to.port());
      case SOCKS_4 ->
          bytes
              .writeBytes(new byte[] {4, 1})
              .writeShort(to.port())
              .writeBytes(new byte[] {0, 0, 0, 1, 0})
              .writeBytes(host)
              .writeByte(0);
      case FIXED, TRANSPARENT -> {
        // The device sends nothing.
      }
    }
    return bytes;
  }

  private static ByteBuf hello(Sni kind, String sni, boolean modern) {
    List<String> names = new ArrayList<>();
    switch (kind) {
      case NONE -> {
        // No extension.
      }
      case NAME -> names.add(sni);
      case LOUD_NAME -> names.add(sni.toUpperCase(Locale.ROOT) + ".");
      case TWO_NAMES -> names.addAll(List.of(sni, "evil.test"));
      case ADDRESS -> names.add("203.0.113.9");
      case NO_NAME -> names.add("evil..test");
    }
    ByteBuf list = Unpooled.buffer();
    for (String name : names) {
      list.writeByte(0).writeShort(name.length()).writeBytes(ascii(name));
    }
    ByteBuf extensions = Unpooled.buffer();
    if (!names.isEmpty()) {
      extensions.writeShort(0).writeShort(list.readableBytes() + 2);
      extensions.writeShort(list.readableBytes()).writeBytes(list);
    }
    // encrypted_client_hello (RFC 9849) must have no effect.
    extensions.writeShort(0xfe0d).writeShort(3).writeMedium(0x010203);
    ByteBuf body = Unpooled.buffer();
    body.writeShort(modern ? 0x0303 : 0x0301).writeZero(32).writeByte(0);
    body.writeShort(2).writeShort(modern ? 0xc02f : 0x002f).writeByte(1).writeByte(0);
    body.writeShort(extensions.readableBytes()).writeBytes(extensions);
    ByteBuf record = Unpooled.buffer();
    record.writeByte(22).writeShort(0x0301).writeShort(body.readableBytes() + 4);
    return record.writeByte(1).writeMedium(body.readableBytes()).writeBytes(body);
  }

  private static ByteBuf ascii(String text) {
    return Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII);
  }
}
