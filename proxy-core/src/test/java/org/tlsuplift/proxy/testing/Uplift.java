package org.tlsuplift.proxy.testing;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.netty.channel.SingleThreadEventLoop;
import io.netty.util.concurrent.EventExecutor;
import java.net.InetSocketAddress;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.Proxy;
import org.tlsuplift.proxy.ProxySpec;
import org.tlsuplift.proxy.accept.BindFailedException;
import org.tlsuplift.proxy.accept.Transport;
import org.tlsuplift.proxy.context.CertificateSources;
import org.tlsuplift.proxy.context.DeviceAdmission;
import org.tlsuplift.proxy.context.EcRefusals;
import org.tlsuplift.proxy.context.Limits;
import org.tlsuplift.proxy.context.ListenerMail;
import org.tlsuplift.proxy.context.ListenerSpec;
import org.tlsuplift.proxy.context.MailDestination;
import org.tlsuplift.proxy.context.ProxyProtocolSpec;
import org.tlsuplift.proxy.mail.MailPolicy;
import org.tlsuplift.proxy.mail.MailService;
import org.tlsuplift.proxy.model.Action;
import org.tlsuplift.proxy.model.DeviceNetworks;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.model.TlsVersion;
import org.tlsuplift.proxy.negotiate.AcceptMode;
import org.tlsuplift.proxy.negotiate.Redirection;
import org.tlsuplift.proxy.negotiate.SocksUsers;
import org.tlsuplift.proxy.route.Cidr;
import org.tlsuplift.proxy.route.Destination;
import org.tlsuplift.proxy.route.Egress;
import org.tlsuplift.proxy.route.EndpointList;
import org.tlsuplift.proxy.route.PrivateAddresses;
import org.tlsuplift.proxy.route.Route;
import org.tlsuplift.proxy.route.RouteTable;
import org.tlsuplift.proxy.route.ServerNameMismatch;
import org.tlsuplift.proxy.route.WhenModern;
import org.tlsuplift.proxy.signin.SignIn;
import org.tlsuplift.proxy.spool.MessageSpool;
import org.tlsuplift.proxy.spool.SpoolDestination;
import org.tlsuplift.proxy.tls.CertificateSource;
import org.tlsuplift.proxy.tls.LegacyTls;
import org.tlsuplift.proxy.tls.OriginIdentitySource;
import org.tlsuplift.proxy.tls.OriginTrust;
import org.tlsuplift.proxy.tls.TlsProfile;
import org.tlsuplift.proxy.tls.rsa.DeviceRsa;
import org.tlsuplift.proxy.upstream.dial.RevocationMode;
import org.tlsuplift.proxy.upstream.dial.SourceAddresses;
import org.tlsuplift.proxy.upstream.dial.UpstreamSpec;

/** A proxy on loopback for one test, with the settings that most tests want. */
public final class Uplift implements AutoCloseable {
  public static final Limits.Handshakes UNLIMITED_HANDSHAKES =
      new Limits.Handshakes(1_000_000, 1_000_000);

  /** The event loops of each proxy. */
  public static final int LOOPS = 2;

  /** Longer than anything takes on a busy machine. Tests of timeouts set a shorter one. */
  private static final Duration AMPLE = Duration.ofSeconds(30);

  private static final List<InetSocketAddress> ANY_PORT =
      List.of(new InetSocketAddress("127.0.0.1", 0));

  /** Settings that a test changes before it starts the proxy. */
  public static final class Settings {
    /**
     * The routes. By default every host is bridged if necessary, including this machine's by name.
     */
    public List<Route> routes =
        List.of(
            route(
                Action.BRIDGE,
                WhenModern.TUNNEL,
                "localhost:*",
                "127.0.0.0/8:*",
                "[::1/128]:*",
                "*:*"));

    /** The addresses of the HTTP proxy; by default any port of loopback. */
    public List<InetSocketAddress> bind = ANY_PORT;

    /** Whether other processes may share the ports. */
    public boolean reusePort;

    public TlsProfile profile = LegacyTls.PROFILE;

    /** The certificate sources of single listeners by name; none by default. */
    public Map<String, CertificateSource> ownCertificates = Map.of();

    public Limits limits = limits(1000, 1000, AMPLE, AMPLE, Duration.ofMinutes(2));

    /** The devices that each listener serves; null for all. */
    public @Nullable DeviceAdmission devices;

    public TlsVersion maximumUpstream = TlsVersion.TLS_1_3;
    public boolean postQuantum = true;

    /** The property runs the tests with another transport. */
    public Transport transport =
        Transport.valueOf(System.getProperty("uplift.transport", Transport.best().name()));

    public EcRefusals ecRefusals = new EcRefusals();

    /** The client certificates that routes can present; none by default. */
    public List<OriginIdentitySource> identities = List.of();

    public DeviceRsa rsa = DeviceRsa.boringSsl();

    /** The origins of further fixed listeners; none by default. */
    public List<HostPort> fixed = List.of();

    /** The limit of a TLS handshake with an origin. */
    public Duration originHandshakeTimeout = AMPLE;

    /** The maximum wait for each reply of a mail origin before TLS. */
    public Duration replyTimeout = AMPLE;

    /** The maximum wait for DNS. */
    public Duration resolveTimeout = AMPLE;

    public SourceAddresses sources = SourceAddresses.ANY;

    /** The origins that may have private addresses. */
    public PrivateAddresses privateAddresses = PrivateAddresses.WHERE_NAMED;

    public Egress egress = Egress.DIRECT;

    /** The root that verifies origins; by default that of their CA. */
    public @Nullable X509Certificate trusted;

    /** The mode of the revocation check of origins' certificates. */
    public RevocationMode revocation = RevocationMode.STAPLED;

    /** The connections that are dialled in advance for each busy origin and event loop. */
    public int spareConnections;

    /** The server names of the fixed listeners. */
    public List<String> serverNames = List.of();

    /** The reaction to a ClientHello that names another host. */
    public ServerNameMismatch serverNameMismatch = ServerNameMismatch.REFUSE;

    /** The senders of PROXY headers to every listener; none by default. */
    public @Nullable ProxyProtocolSpec proxyProtocol;

    public List<Cidr> allow = List.of(Cidr.parse("127.0.0.0/8"), Cidr.parse("::1/128"));

    /** The redirection of another listener; none by default. */
    public @Nullable Redirection redirection;

    /** The addresses of that listener; by default any port of loopback. */
    public List<InetSocketAddress> bindRedirected = ANY_PORT;

    /** The users of the SOCKS listener; by default no sign-in is required. */
    public SocksUsers users = SocksUsers.NONE;

    /** The mail settings of the fixed listeners; null for TLS without mail. */
    public @Nullable MailService mail;

    /** The rules for messages on all listeners; null for none. */
    public @Nullable MailPolicy mailPolicy;

    /** The sign-in of the fixed listeners; null if devices sign in to the origin themselves. */
    public @Nullable SignIn signIn;

    /** The spool of the fixed listeners; null for none. */
    public @Nullable MessageSpool spool;
  }

  public final RecordingObserver observer = new RecordingObserver();

  private final Proxy proxy;

  /** Starts a proxy that presents leaves of {@code own} and trusts {@code origins}. */
  public Uplift(Settings settings, TestAuthority own, TestAuthority origins) {
    // Containers have no io_uring.
    assumeTrue(
        settings.transport.isAvailable(), settings.transport + " does not exist on this system");
    try {
      this.proxy = Proxy.start(spec(settings, own, origins));
    } catch (BindFailedException broken) {
      throw new IllegalStateException(broken.getMessage(), broken);
    }
  }

  /** The specification of these settings, with this proxy's observer. */
  public ProxySpec spec(Settings settings, TestAuthority own, TestAuthority origins) {
    List<ListenerSpec> listeners =
        new java.util.ArrayList<>(List.of(listener("web", new AcceptMode.HttpConnect(), settings)));
    for (HostPort origin : settings.fixed) {
      listeners.add(listener("fixed-" + listeners.size(), new AcceptMode.Fixed(origin), settings));
    }
    if (settings.redirection != null) {
      listeners.add(
          listener("redirected", new AcceptMode.Transparent(settings.redirection), settings));
    }
    listeners.add(listener("socks", new AcceptMode.Socks(settings.users), settings));
    return new ProxySpec(
        settings.transport,
        LOOPS,
        listeners,
        new DeviceAdmission(settings.allow),
        settings.limits,
        new RouteTable(settings.routes),
        new UpstreamSpec(
            settings.resolveTimeout,
            AMPLE,
            settings.originHandshakeTimeout,
            settings.replyTimeout,
            settings.sources,
            settings.egress,
            settings.revocation,
            settings.privateAddresses,
            settings.spareConnections,
            settings.postQuantum),
        OriginTrust.of(
            List.of(settings.trusted == null ? origins.certificate() : settings.trusted)),
        settings.maximumUpstream,
        settings.identities,
        null,
        settings.rsa,
        new CertificateSources(own.source(), settings.ownCertificates),
        settings.ecRefusals,
        observer);
  }

  /** Limits that count an IPv6 /64 as one device, with unlimited handshakes. */
  public static Limits limits(
      int sessions, int perDevice, Duration negotiation, Duration handshake, Duration idle) {
    return new Limits(
        sessions,
        perDevice,
        DeviceNetworks.DEFAULT,
        UNLIMITED_HANDSHAKES,
        negotiation,
        handshake,
        idle);
  }

  /** A route to these destinations. */
  public static Route route(Action action, WhenModern whenModern, String... destinations) {
    return new Route(
        new EndpointList("test", List.of(destinations).stream().map(Destination::parse).toList()),
        action,
        whenModern,
        null,
        null);
  }

  private static ListenerSpec listener(String name, AcceptMode accept, Settings settings) {
    return new ListenerSpec(
        name,
        accept instanceof AcceptMode.HttpConnect
            ? settings.bind
            : accept instanceof AcceptMode.Transparent ? settings.bindRedirected : ANY_PORT,
        settings.reusePort,
        settings.proxyProtocol,
        accept,
        settings.profile,
        accept instanceof AcceptMode.Fixed ? settings.serverNames : List.of(),
        settings.serverNameMismatch,
        null,
        settings.devices,
        mail(accept instanceof AcceptMode.Fixed, settings));
  }

  private static ListenerMail mail(boolean fixed, Settings settings) {
    MailDestination destination =
        settings.spool == null ? MailDestination.ORIGIN : new SpoolDestination(settings.spool);
    return fixed
        ? new ListenerMail(settings.mail, settings.mailPolicy, settings.signIn, destination)
        : ListenerMail.of(null, settings.mailPolicy);
  }

  /** The address of the HTTP proxy. */
  public InetSocketAddress web() {
    return proxy.listeners().get(0).address();
  }

  /** The address of the first fixed listener. */
  public InetSocketAddress fixed() {
    return proxy.listeners().get(1).address();
  }

  /** The address of the listener for redirected devices. */
  public InetSocketAddress redirected() {
    return proxy.listeners().get(proxy.listeners().size() - 2).address();
  }

  public InetSocketAddress socks() {
    return proxy.listeners().get(proxy.listeners().size() - 1).address();
  }

  public Proxy proxy() {
    return proxy;
  }

  /**
   * The number of open channels of the event loops: ports, connections of devices and to origins,
   * and DNS queries.
   */
  public int channels() {
    int channels = 0;
    for (EventExecutor loop : proxy.eventLoops()) {
      channels += ((SingleThreadEventLoop) loop).registeredChannels();
    }
    return channels;
  }

  @Override
  public void close() {
    proxy.close();
  }
}
