package org.tlsuplift.server.testing.platform;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.tlsuplift.proxy.tls.OriginTrust;
import org.tlsuplift.server.https.HttpsService;
import org.tlsuplift.server.microsoft365.Cloud;
import org.tlsuplift.server.microsoft365.ListService;
import org.tlsuplift.server.testing.Upstreams;

/**
 * A copy of Microsoft's web service of endpoint lists, over HTTPS on a port of loopback, as {@code
 * localhost}.
 *
 * <p>It serves one list for every instance, requires {@code clientrequestid}, and keeps all
 * requests. Thread-safe.
 */
public final class EndpointService implements AutoCloseable {
  private final PlatformCertificate certificate;
  private final ExecutorService threads =
      Executors.newCachedThreadPool(
          task -> {
            Thread thread = new Thread(task, "endpoint service");
            thread.setDaemon(true);
            return thread;
          });
  private final List<PlatformRequest> requests = new CopyOnWriteArrayList<>();
  private final CountDownLatch closed = new CountDownLatch(1);
  private final HttpsServer server;
  private volatile String version = "0000000000";
  private volatile String endpoints = "[]";
  private volatile Fault fault = Fault.NONE;

  /** What is wrong with the service. */
  public enum Fault {
    NONE,
    /** 429 for {@code /version}. */
    NO_MORE_VERSIONS,
    /** 429 for {@code /endpoints}. */
    NO_MORE_LISTS,
    /** 503 for everything. */
    DOWN,
    /** No response before it is closed. */
    HANGS,
    /** Half of the announced content, and the end of the connection. */
    CUTS_OFF
  }

  private EndpointService(PlatformCertificate certificate) {
    this.certificate = certificate;
    try {
      server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      server.setHttpsConfigurator(new HttpsConfigurator(certificate.context()));
      server.setExecutor(threads);
      server.createContext("/", this::handle);
      server.start();
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }

  public static EndpointService start() {
    return new EndpointService(PlatformCertificate.selfSigned("localhost", "127.0.0.1"));
  }

  /** Starts the service with this certificate, which should be for {@code localhost}. */
  public static EndpointService start(PrivateKey key, X509Certificate certificate) {
    return new EndpointService(new PlatformCertificate(key, certificate));
  }

  /** Its URL without a path. */
  public String url() {
    return "https://localhost:" + server.getAddress().getPort();
  }

  public X509Certificate certificate() {
    return certificate.certificate();
  }

  /** A PEM file with the certificate. */
  public Path certificateFile() {
    return certificate.file();
  }

  /** Serves this list from now on. */
  public EndpointService publish(String latest, String json) {
    endpoints = json;
    version = latest;
    return this;
  }

  public void suffer(Fault next) {
    fault = next;
  }

  public List<PlatformRequest> requests() {
    return List.copyOf(requests);
  }

  /** The first element of the path of each request: {@code version} or {@code endpoints}. */
  public List<String> asked() {
    return requests.stream().map(PlatformRequest::tenant).toList();
  }

  private void handle(HttpExchange exchange) throws IOException {
    PlatformRequest request = PlatformRequest.read(exchange);
    requests.add(request);
    Fault now = fault;
    if (now == Fault.HANGS) {
      awaitEnd();
    }
    Answer answer = answer(request, now);
    IdentityPlatform.send(exchange, now == Fault.CUTS_OFF ? answer.cutOff() : answer);
  }

  private Answer answer(PlatformRequest request, Fault now) {
    boolean asksForVersion = request.tenant().equals("version");
    if (request.get("clientrequestid").isEmpty()) {
      return text(400, "{\"message\":\"clientrequestid is missing\"}");
    }
    if (now == Fault.DOWN) {
      return text(503, "<html>Service Unavailable</html>");
    }
    if (now == (asksForVersion ? Fault.NO_MORE_VERSIONS : Fault.NO_MORE_LISTS)) {
      return text(429, "{\"message\":\"too many requests\"}");
    }
    return asksForVersion
        ? text(
            200,
            "{\"instance\":\"%s\",\"latest\":\"%s\",\"serviceArea\":null,\"versions\":[\"%s\"]}"
                .formatted(request.endpoint(), version, version))
        : text(200, endpoints);
  }

  private static Answer text(int status, String body) {
    return new Answer(status, Map.of(), "application/json; charset=utf-8", body);
  }

  private void awaitEnd() {
    try {
      closed.await();
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }

  /** The bundled list of the worldwide cloud, to be changed and served. */
  public static String bundled() {
    try (var json =
        EndpointService.class.getResourceAsStream(
            "/org/tlsuplift/server/microsoft365/m365-endpoints-worldwide.json")) {
      return new String(json.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }

  /** The bundled list with one more name in the set of SharePoint, on ports 80 and 443. */
  public static String bundledWith(String name) {
    return bundled().replace("\"*.sharepoint.com\"", "\"*.sharepoint.com\",\"" + name + "\"");
  }

  /** What the program would ask it with, for the worldwide cloud. */
  public ListService connect() {
    return connect("", OriginTrust.of(List.of(certificate())), Duration.ofSeconds(20));
  }

  /**
   * A client of this service for the worldwide cloud.
   *
   * @param path of a mirror, or an empty text
   * @param trust verifies this service
   * @param limit for each request
   */
  public ListService connect(String path, OriginTrust trust, Duration limit) {
    URI url = URI.create(url() + path);
    HttpsService https =
        new HttpsService(
            HttpsService.server(url),
            "microsoft365.url",
            new HttpsService.Bounds(limit, 1 << 20),
            Upstreams.outgoing(trust));
    return new ListService(https, url, Cloud.WORLDWIDE);
  }

  /** The bundled list with one more set of SharePoint: this host on this port. */
  public static String bundledWith(String host, int port) {
    String set =
        """
        {"id": 9001, "serviceArea": "SharePoint", "urls": ["%s"], "tcpPorts": "%d", "required": true}
        """
            .formatted(host, port);
    return bundled().replaceFirst("\\[", "[" + set + ",");
  }

  @Override
  public void close() {
    closed.countDown();
    server.stop(0);
    threads.shutdownNow();
  }
}
