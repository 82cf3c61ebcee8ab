package org.tlsuplift.server.testing.platform;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A stand-in for the identity platform of Microsoft, over HTTPS on a port of loopback.
 *
 * <p>It has one tenant, of {@link #DOMAIN}. It can be in {@link Trouble}, and can be stopped and
 * started again on the same port. It keeps all requests. Thread-safe.
 */
public final class IdentityPlatform implements AutoCloseable {
  public static final String DOMAIN = "corp.example";

  private static final InetSocketAddress ANY_PORT =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

  private static final String TOKEN = "oauth2/v2.0/token";
  private static final String DEVICE_CODE = "oauth2/v2.0/devicecode";
  private static final String AUTHORIZE = "oauth2/v2.0/authorize";

  private final PlatformCertificate certificate;
  private final ExecutorService threads =
      Executors.newCachedThreadPool(
          task -> {
            Thread thread = new Thread(task, "identity platform");
            thread.setDaemon(true);
            return thread;
          });
  private final Directory directory = new Directory(DOMAIN);
  private final IssuedTokens tokens = new IssuedTokens(Clock.systemUTC());
  private final DeviceCodes codes = new DeviceCodes(Clock.systemUTC());
  private final Introspection introspection = new Introspection(tokens, threads);
  private final List<PlatformRequest> requests = new CopyOnWriteArrayList<>();
  private final InetSocketAddress address;
  private final TokenEndpoint endpoint;
  private final AuthorizeEndpoint authorization = new AuthorizeEndpoint(directory, tokens);
  private volatile int interval = 1;
  private volatile Trouble trouble = Trouble.none();
  private volatile CountDownLatch troubleIsOver = new CountDownLatch(0);
  private @Nullable HttpsServer server;

  private IdentityPlatform(PlatformCertificate certificate, InetSocketAddress wanted) {
    this.certificate = certificate;
    this.address = listen(wanted);
    this.endpoint =
        new TokenEndpoint(
            directory, tokens, codes, authorization, new ClientProof(Clock.systemUTC()), url());
  }

  /** Starts one as {@code localhost} on any port, see {@link #certificateFile}. */
  public static IdentityPlatform start() {
    PlatformCertificate own = PlatformCertificate.selfSigned("localhost", "127.0.0.1");
    return new IdentityPlatform(own, ANY_PORT);
  }

  /** Starts a platform with this certificate, which should be for {@code localhost}. */
  public static IdentityPlatform start(PrivateKey key, X509Certificate certificate) {
    return new IdentityPlatform(new PlatformCertificate(key, certificate), ANY_PORT);
  }

  /**
   * Starts one at port 443 of another address of loopback, which only root can do. MSAL4J forgets
   * the port of an authority when it refreshes a user's token in silence.
   */
  public static IdentityPlatform startOnStandardPort(
      Function<String, PlatformCertificate> certificates) {
    ThreadLocalRandom random = ThreadLocalRandom.current();
    String address =
        "127.%d.%d.%d"
            .formatted(random.nextInt(1, 255), random.nextInt(256), random.nextInt(1, 255));
    return new IdentityPlatform(certificates.apply(address), new InetSocketAddress(address, 443));
  }

  /** Its URL without a path. */
  public String url() {
    return address.getPort() == 443
        ? "https://" + address.getHostString()
        : "https://localhost:" + address.getPort();
  }

  public String tenant() {
    return directory.tenant();
  }

  /** The URL of its tenant, which libraries call the authority. */
  public String authority() {
    return url() + "/" + tenant() + "/";
  }

  public X509Certificate certificate() {
    return certificate.certificate();
  }

  /** A PEM file with the certificate that it shows, for who has to trust it. */
  public Path certificateFile() {
    return certificate.file();
  }

  /**
   * Where origins ask about tokens (RFC 7662), without TLS: of a user's token they get the {@code
   * username}, of an application's token the {@code domain}.
   */
  public String introspectionUrl() {
    return introspection.url();
  }

  /** The introspection for High Volume Email: {@code Mail.Send}, and some minutes left. */
  public String highVolumeUrl() {
    return introspection.highVolumeUrl();
  }

  /** Registers an application with consent for all that mail needs. */
  public AppRegistration register() {
    return directory.register();
  }

  /** An access token for mail that an application has without asking for it. */
  public String issue(AppRegistration application) {
    return tokens.forApplication(application, tenant(), "https://outlook.office365.com");
  }

  /** Somebody types a device code in, and signs in as this user. */
  public void approve(String userCode, String user) {
    codes.approve(userCode, user);
  }

  /** Somebody types a device code in, and says no. */
  public void decline(String userCode) {
    codes.decline(userCode);
  }

  /**
   * A browser opens the address of an authorization request, and somebody signs in as this user.
   *
   * @return where the browser goes then
   */
  public String signIn(String address, String user) {
    return authorization.signIn(request(address), user);
  }

  /** A browser opens the address of an authorization request, and somebody says no. */
  public String declineSignIn(String address) {
    return authorization.decline(request(address));
  }

  /** The error of the page that a browser gets for an address; empty if somebody can sign in. */
  public String signInError(String address) {
    return authorization.error(request(address)).orElse("");
  }

  private PlatformRequest request(String address) {
    URI uri = URI.create(address);
    if (!address.startsWith(url() + "/")) {
      throw new AssertionError("not of this platform: " + uri.getAuthority());
    }
    return new PlatformRequest(
        Instant.now(), "GET", uri.getPath(), PlatformRequest.parameters(uri.getRawQuery()));
  }

  /** How long the authorization codes live that are issued from now on. */
  public void authorizationCodesLive(Duration lifetime) {
    authorization.live(lifetime);
  }

  /** How long the tokens live that are issued from now on; seconds. */
  public void tokensLive(Duration lifetime) {
    tokens.live(lifetime);
  }

  /** How long the device codes live that are issued from now on; seconds. */
  public void codesLive(Duration lifetime) {
    codes.live(lifetime);
  }

  /** How often applications shall ask whether a code has been typed in; 1 second at first. */
  public void poll(Duration every) {
    interval = (int) every.toSeconds();
  }

  /** All that was ever issued and must not be seen: access and refresh tokens. */
  public Set<String> issued() {
    return tokens.everything();
  }

  /** All access tokens until now are good no more. */
  public void revokeAccessTokens() {
    tokens.revokeAccess();
  }

  /** All refresh tokens until now are good no more. */
  public void revokeRefreshTokens() {
    tokens.revokeRefresh();
  }

  /** From now on, each refresh token is good for one request, as RFC 9700 wants it. */
  public void refreshOnce() {
    tokens.refreshOnce();
  }

  /** Starts a trouble, and releases all requests that wait because of the last one. */
  public void suffer(Trouble next) {
    CountDownLatch last = troubleIsOver;
    troubleIsOver = new CountDownLatch(1);
    trouble = next;
    last.countDown();
  }

  public void recover() {
    suffer(Trouble.none());
  }

  /** All requests for tokens until now, whatever became of them. */
  public List<PlatformRequest> tokenRequests() {
    return requests.stream().filter(each -> each.endpoint().equals(TOKEN)).toList();
  }

  /** Those of one grant, such as {@code client_credentials}. */
  public List<PlatformRequest> tokenRequests(String grant) {
    return tokenRequests().stream().filter(each -> each.get("grant_type").equals(grant)).toList();
  }

  public List<PlatformRequest> requests() {
    return List.copyOf(requests);
  }

  /** How many times an origin has asked about a token. */
  public int introspections() {
    return introspection.requests();
  }

  /** How many times an origin was told that a token is no good. */
  public int refusals() {
    return introspection.refusals();
  }

  /** Cuts all connections; who comes is refused. Tokens stay good. */
  public synchronized void stop() {
    if (server != null) {
      server.stop(0);
      server = null;
    }
  }

  /** Listens again, on the same port, if it was stopped. */
  public synchronized void startAgain() {
    if (server == null) {
      listen(address);
    }
  }

  private synchronized InetSocketAddress listen(InetSocketAddress wanted) {
    try {
      HttpsServer listening = HttpsServer.create(wanted, 0);
      listening.setHttpsConfigurator(new HttpsConfigurator(certificate.context()));
      listening.setExecutor(threads);
      listening.createContext("/", this::handle);
      listening.start();
      server = listening;
      return listening.getAddress();
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }

  private void handle(HttpExchange exchange) throws IOException {
    PlatformRequest request = PlatformRequest.read(exchange);
    requests.add(request);
    send(exchange, answer(request));
  }

  private Answer answer(PlatformRequest request) {
    if (request.path().equals("/common/discovery/instance")) {
      return Discovery.instance(url(), request);
    }
    return switch (request.endpoint()) {
      case TOKEN -> troubled(request);
      case DEVICE_CODE -> endpoint.deviceCode(request, interval);
      case AUTHORIZE -> authorization.page(request);
      case "v2.0/.well-known/openid-configuration" -> Discovery.openId(url(), request.tenant());
      default -> Answer.error(404, "invalid_request", 900023, "There is nothing at this path.");
    };
  }

  private Answer troubled(PlatformRequest request) {
    CountDownLatch over = troubleIsOver;
    return trouble.meet(over).orElseGet(() -> endpoint.token(request));
  }

  static void send(HttpExchange exchange, Answer answer) throws IOException {
    try (exchange) {
      Map<String, String> headers = answer.headers();
      headers.forEach((name, value) -> exchange.getResponseHeaders().set(name, value));
      exchange.getResponseHeaders().set("Content-Type", answer.type());
      exchange.getResponseHeaders().set("Cache-Control", "no-store, no-cache");
      byte[] content = answer.content();
      exchange.sendResponseHeaders(answer.status(), content.length + answer.missing());
      exchange.getResponseBody().write(content);
    }
  }

  @Override
  public void close() {
    suffer(Trouble.none());
    stop();
    introspection.close();
    threads.shutdownNow();
  }
}
