package org.tlsuplift.proxy.testing;

import io.netty.channel.Channel;
import io.netty.resolver.AddressResolver;
import io.netty.resolver.AddressResolverGroup;
import io.netty.resolver.InetNameResolver;
import io.netty.resolver.InetSocketAddressResolver;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.context.CertificateSources;
import org.tlsuplift.proxy.context.DeviceAdmission;
import org.tlsuplift.proxy.context.EcRefusals;
import org.tlsuplift.proxy.context.HandshakeLimiter;
import org.tlsuplift.proxy.context.HandshakeQueues;
import org.tlsuplift.proxy.context.Limits;
import org.tlsuplift.proxy.context.ListenerMail;
import org.tlsuplift.proxy.context.ListenerSpec;
import org.tlsuplift.proxy.context.MailQuotas;
import org.tlsuplift.proxy.context.SessionContext;
import org.tlsuplift.proxy.context.SessionFacts;
import org.tlsuplift.proxy.context.SessionReporter;
import org.tlsuplift.proxy.context.SessionServices;
import org.tlsuplift.proxy.mail.MailService;
import org.tlsuplift.proxy.model.Action;
import org.tlsuplift.proxy.model.ClientHello;
import org.tlsuplift.proxy.model.DeviceHandshake;
import org.tlsuplift.proxy.model.DeviceNetworks;
import org.tlsuplift.proxy.model.DeviceSignIn;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.model.OriginHandshake;
import org.tlsuplift.proxy.model.ProxyObserver;
import org.tlsuplift.proxy.model.SessionId;
import org.tlsuplift.proxy.model.SessionObserver;
import org.tlsuplift.proxy.model.SessionSummary;
import org.tlsuplift.proxy.model.TlsParameters;
import org.tlsuplift.proxy.model.TlsVersion;
import org.tlsuplift.proxy.negotiate.AcceptMode;
import org.tlsuplift.proxy.relay.HoldingHandler;
import org.tlsuplift.proxy.relay.Relay;
import org.tlsuplift.proxy.route.AddressScope;
import org.tlsuplift.proxy.route.Cidr;
import org.tlsuplift.proxy.route.Egress;
import org.tlsuplift.proxy.route.PrivateAddresses;
import org.tlsuplift.proxy.route.RouteTable;
import org.tlsuplift.proxy.route.ServerNameMismatch;
import org.tlsuplift.proxy.route.WhenModern;
import org.tlsuplift.proxy.signin.LearntCapabilities;
import org.tlsuplift.proxy.tls.CertificateSource;
import org.tlsuplift.proxy.tls.LegacyTls;
import org.tlsuplift.proxy.tls.OriginTrust;
import org.tlsuplift.proxy.tls.TlsContexts;
import org.tlsuplift.proxy.upstream.UpstreamConnector;
import org.tlsuplift.proxy.upstream.dial.OriginConnection;
import org.tlsuplift.proxy.upstream.dial.OriginUnavailableException;
import org.tlsuplift.proxy.upstream.dial.RevocationMode;
import org.tlsuplift.proxy.upstream.dial.SourceAddresses;
import org.tlsuplift.proxy.upstream.dial.UpstreamInitializer;
import org.tlsuplift.proxy.upstream.dial.UpstreamSpec;

/**
 * The services of sessions and setups on one embedded event loop. The test is the device, the DNS
 * server and the origin, and sets the clock.
 */
public final class EmbeddedParts implements AutoCloseable {
  /** A host that a route allows: modern devices are tunnelled, others bridged. */
  public static final String HOST = "origin.example.test";

  public static final HostPort TARGET = new HostPort(HOST, 443);

  /** The proxy's own address. */
  public static final HostPort SELF = new HostPort(HOST, 3128);

  public static final Duration NEGOTIATION = Duration.ofSeconds(10);
  public static final TestAuthority AUTHORITY = TestAuthority.create();

  /** For a device that trusts the proxy. */
  public static final SSLContext TRUSTING = AUTHORITY.trusting();

  /** For an origin that the proxy trusts. */
  public static final SSLContext SERVING = AUTHORITY.serving(HOST);

  /** The other timeouts. */
  public static final Duration LONGER = Duration.ofMinutes(2);

  private static final Limits LIMITS =
      Uplift.limits(10, 10, NEGOTIATION, LONGER, Duration.ofHours(1));
  private static final TlsContexts CONTEXTS =
      new TlsContexts(OriginTrust.of(List.of(AUTHORITY.certificate())), TlsVersion.TLS_1_3);
  private static final InetSocketAddress DEVICE = new InetSocketAddress("192.0.2.9", 40000);

  public final EmbeddedSocket device;

  /** The observer's calls in order, without the number of relayed bytes. */
  public final List<String> seen = new ArrayList<>();

  /** The DNS queries without an answer. */
  public final Deque<Promise<List<InetAddress>>> lookups = new ArrayDeque<>();

  /** The origins that a session got instead of dialling. */
  public final List<Channel> given = new ArrayList<>();

  /** The tasks of later rounds of the event loop. */
  public final Deque<Runnable> rounds = new ArrayDeque<>();

  public final HandshakeQueues handshakes = new HandshakeQueues(() -> 0, loop -> rounds::add);
  public final SessionServices services;
  public final SessionContext context;

  public EmbeddedParts(ListenerSpec spec, CertificateSource certificates) throws Exception {
    this.device = EmbeddedSocket.connected();
    this.services =
        new SessionServices(
            LIMITS,
            new HandshakeLimiter(LIMITS),
            new MailQuotas(List.of(spec), DeviceNetworks.DEFAULT),
            new DeviceAdmission(List.of(Cidr.parse("192.0.2.0/24"))),
            new RouteTable(
                List.of(Uplift.route(Action.BRIDGE, WhenModern.TUNNEL, "*.example.test:*"))),
            CertificateSources.of(certificates),
            CONTEXTS,
            new UpstreamConnector(
                new UpstreamSpec(
                    LONGER,
                    LONGER,
                    LONGER,
                    LONGER,
                    SourceAddresses.ANY,
                    Egress.DIRECT,
                    RevocationMode.STAPLED,
                    PrivateAddresses.WHERE_NAMED,
                    0,
                    true),
                CONTEXTS,
                EmbeddedSocket.class,
                new HeldNames(),
                address -> address.getPort() == SELF.port(),
                origin -> Egress.DIRECT,
                origin -> AddressScope.ANY,
                List.of()),
            new LearntCapabilities(),
            new EcRefusals(),
            ProxyObserver.NONE);
    SessionFacts facts = new SessionFacts(new SessionId(1), spec.name(), DEVICE, null);
    this.context =
        new SessionContext(
            spec, services, device, handshakes, facts, new SessionReporter(facts, new Seen()));
  }

  /** A listener with an accept mode and mail settings, or null for no mail. */
  public static ListenerSpec listener(AcceptMode accept, @Nullable MailService mail) {
    return listener(accept, ListenerMail.of(mail, null));
  }

  public static ListenerSpec listener(AcceptMode accept, ListenerMail mail) {
    return new ListenerSpec(
        "test",
        List.of(new InetSocketAddress("127.0.0.1", 0)),
        false,
        null,
        accept,
        LegacyTls.PROFILE,
        List.of(),
        ServerNameMismatch.REFUSE,
        null,
        null,
        mail);
  }

  /** Runs the pending tasks of the event loop. */
  public void run() {
    device.runPendingTasks();
  }

  /** Runs the next round of the event loop, in which handshakes begin. */
  public void nextRound() {
    Runnable round = rounds.poll();
    if (round != null) {
      round.run();
    }
    run();
  }

  /** Advances the clock and runs the tasks that are due. */
  public void pass(Duration time) {
    device.advanceTimeBy(time.toMillis(), TimeUnit.MILLISECONDS);
    device.runScheduledPendingTasks();
    run();
  }

  /** Answers all DNS queries, so that the connections to the origin are made. */
  public void resolve() {
    answerNames();
    run();
  }

  /** Answers all DNS queries, but leaves the connections to the event loop. */
  public void answerNames() {
    for (Promise<List<InetAddress>> lookup = lookups.poll();
        lookup != null;
        lookup = lookups.poll()) {
      lookup.trySuccess(List.of(InetAddress.getLoopbackAddress()));
    }
  }

  /** Fails all DNS queries. */
  public void refuseNames() {
    for (Promise<List<InetAddress>> lookup = lookups.poll();
        lookup != null;
        lookup = lookups.poll()) {
      lookup.tryFailure(new UnknownHostException("no such name"));
    }
    run();
  }

  /** The connections to origins, open or closed. */
  public List<EmbeddedSocket> origins() {
    return EmbeddedSocket.on(device.eventLoop()).stream()
        .filter(socket -> !socket.equals(device))
        .toList();
  }

  /** The latest connection to an origin. */
  public EmbeddedSocket origin() {
    List<EmbeddedSocket> all = origins();
    return all.get(all.size() - 1);
  }

  /** A connected origin that waits for the relay, as setups get it. */
  public OriginConnection readyOrigin() {
    EmbeddedSocket socket = device.beside();
    given.add(socket);
    socket.config().setAutoRead(false);
    HoldingHandler hold = new HoldingHandler();
    socket.pipeline().addLast(UpstreamInitializer.HOLD, hold);
    return new OriginConnection(socket, null, hold);
  }

  /** The failure of a dial when DNS does not know the name. */
  public OriginUnavailableException unresolved() {
    Future<OriginConnection> dial = dial(TARGET);
    refuseNames();
    return (OriginUnavailableException) dial.cause();
  }

  /** A dial for the session. */
  public Future<OriginConnection> dial(HostPort address) {
    return services.upstream().connect(context.dialContext(), address);
  }

  /** Whether a channel is joined with another. */
  public static boolean relays(Channel channel) {
    return channel.pipeline().get(Relay.HANDLER) != null;
  }

  @Override
  public void close() {
    lookups.forEach(lookup -> lookup.cancel(false));
    EmbeddedSocket.closeAll(device.eventLoop());
  }

  /** DNS that the test controls. */
  private final class HeldNames extends AddressResolverGroup<InetSocketAddress> {
    @Override
    public AddressResolver<InetSocketAddress> getResolver(EventExecutor executor) {
      // An embedded event loop never terminates, so the group cannot wait for its end.
      return newResolver(executor);
    }

    @Override
    protected AddressResolver<InetSocketAddress> newResolver(EventExecutor executor) {
      return new InetSocketAddressResolver(
          executor,
          new InetNameResolver(executor) {
            @Override
            protected void doResolve(String name, Promise<InetAddress> promise) {
              promise.setFailure(new UnsupportedOperationException("nothing asks for one address"));
            }

            @Override
            protected void doResolveAll(String name, Promise<List<InetAddress>> promise) {
              lookups.add(promise);
            }
          });
    }
  }

  /** Records the calls of the session's observer. */
  private final class Seen implements SessionObserver {
    @Override
    public void negotiated(HostPort target) {
      seen.add("negotiated " + target);
    }

    @Override
    public void introduced(String name) {
      seen.add("introduced " + name);
    }

    @Override
    public void helloReceived(ClientHello hello) {
      seen.add("hello");
    }

    @Override
    public void plaintextAccepted(MailProtocol protocol) {
      seen.add("plaintext accepted");
    }

    @Override
    public void decided(Action action) {
      seen.add("decided " + action.label());
    }

    @Override
    public void deviceHandshake(DeviceHandshake handshake) {
      seen.add("device handshake " + handshake.outcome().label());
    }

    @Override
    public void originHandshake(OriginHandshake handshake) {
      seen.add("origin handshake " + handshake.outcome());
    }

    @Override
    public void tunnelAgreed(TlsParameters agreed) {
      seen.add("tunnel agreed " + agreed.version());
    }

    @Override
    public void signedIn(DeviceSignIn attempt) {
      seen.add("sign-in " + attempt.outcome().label());
    }

    @Override
    public void closed(SessionSummary summary) {
      seen.add(
          ("ended " + summary.reason().name().toLowerCase(Locale.ROOT) + ": " + summary.detail())
              .strip());
    }
  }
}
