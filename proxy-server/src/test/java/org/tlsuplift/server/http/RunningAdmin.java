package org.tlsuplift.server.http;

import com.github.benmanes.caffeine.cache.Ticker;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.proxy.testing.Leftovers;
import org.tlsuplift.server.audit.AuditJournal;
import org.tlsuplift.server.metrics.ServerMetrics;
import org.tlsuplift.server.signin.openid.OpenIdProvider;

/** An admin server on a free port of the loopback, and ways to talk to it. */
final class RunningAdmin implements AutoCloseable {
  /** Lines instead of pages. */
  static final ProblemPage PROBLEMS =
      (request, status, why, back) ->
          Response.line(status, back.equals("/") ? why : why + " -> " + back);

  final ServerMetrics metrics = new ServerMetrics("1.2.3", List.of("web"), null);
  final HealthState health = new HealthState();
  private final Path data = Leftovers.directory("admin");
  final AuditJournal journal = new AuditJournal(data);
  final AdminServer server;
  private final @Nullable OpenIdProvider openId;
  private final HttpClient http = HttpClient.newHttpClient();

  RunningAdmin(AdminLimits limits) throws OperatorException {
    this(limits, List.of());
  }

  RunningAdmin(AdminLimits limits, List<ResourcePath> resources) throws OperatorException {
    this(limits, resources, new AdminAccess(Set.of("x"), List.of(), List.of(), false));
  }

  RunningAdmin(AdminLimits limits, List<ResourcePath> resources, AdminAccess access)
      throws OperatorException {
    this(limits, resources, access, List.of(), Ticker.systemTicker());
  }

  RunningAdmin(
      AdminLimits limits,
      List<ResourcePath> resources,
      AdminAccess access,
      List<Action> actions,
      Ticker ticker)
      throws OperatorException {
    this(limits, resources, access, actions, ticker, null);
  }

  RunningAdmin(
      AdminLimits limits,
      List<ResourcePath> resources,
      AdminAccess access,
      List<Action> actions,
      Ticker ticker,
      @Nullable OpenIdProvider openId)
      throws OperatorException {
    this.openId = openId;
    server = new AdminServer(spec(access, resources, actions), metrics, health, limits, ticker);
  }

  /** Makes the journal impossible to write. */
  void breakJournal() throws IOException {
    Files.deleteIfExists(data.resolve("audit.journal"));
    Files.createDirectory(data.resolve("audit.journal"));
  }

  AdminSpec spec(AdminAccess access, List<ResourcePath> resources, List<Action> actions) {
    return spec(access, AdminFront.NOTHING, resources, actions);
  }

  AdminSpec spec(
      AdminAccess access, AdminFront front, List<ResourcePath> resources, List<Action> actions) {
    return new AdminSpec(
        loopback(0), null, access, front, openId, resources, actions, PROBLEMS, journal);
  }

  static InetSocketAddress loopback(int port) {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
  }

  HttpResponse<String> get(String path) throws Exception {
    return send(request(path));
  }

  HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(
            URI.create("http://127.0.0.1:" + server.address().getPort() + path))
        .timeout(Duration.ofSeconds(15));
  }

  HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
    return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  CompletableFuture<HttpResponse<String>> begin(String path) {
    return http.sendAsync(request(path).build(), HttpResponse.BodyHandlers.ofString());
  }

  Socket connect() throws IOException {
    Socket socket = new Socket(server.address().getAddress(), server.address().getPort());
    socket.setSoTimeout(60_000);
    return socket;
  }

  /** Sends these lines and reads until the server closes the connection. */
  String raw(String... lines) throws IOException {
    try (Socket socket = connect()) {
      write(socket, lines);
      StringBuilder answer = new StringBuilder();
      InputStream in = socket.getInputStream();
      try {
        for (int next = in.read(); next >= 0; next = in.read()) {
          answer.append((char) next);
        }
      } catch (SocketException reset) {
        // A refused request may end in a reset, because its rest is not read.
        return answer.toString();
      }
      return answer.toString();
    }
  }

  /** Whether that connection gives an answer; false when it is closed instead. */
  static boolean answers(Socket socket) throws IOException {
    try {
      write(socket, "GET /healthz HTTP/1.1", "Host: x", "", "");
      return socket.getInputStream().read() == 'H';
    } catch (SocketException reset) {
      return false;
    }
  }

  /** Reads up to the empty line after the headers. */
  static String readHead(Socket socket) throws IOException {
    StringBuilder head = new StringBuilder();
    InputStream in = socket.getInputStream();
    while (head.indexOf("\r\n\r\n") < 0) {
      int next = in.read();
      if (next < 0) {
        throw new EOFException("the connection ended after: " + head);
      }
      head.append((char) next);
    }
    return head.toString();
  }

  /** Sends these lines; an empty one at the end sends the last line break. */
  static void write(Socket socket, String... lines) throws IOException {
    socket
        .getOutputStream()
        .write(String.join("\r\n", lines).getBytes(StandardCharsets.ISO_8859_1));
  }

  @Override
  public void close() {
    server.close();
    metrics.close();
  }
}
