package org.tlsuplift.server.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.tlsuplift.proxy.outcome.OperatorException;

class LoopbackRedirectTest {
  private final List<String> targets = new CopyOnWriteArrayList<>();

  @SuppressWarnings("NullAway.Init")
  private LoopbackRedirect redirect;

  @BeforeEach
  void open() throws OperatorException {
    redirect = LoopbackRedirect.open();
    redirect.receive(
        target -> {
          targets.add(target);
          return target.equals("/?code=1");
        });
  }

  @AfterEach
  void close() {
    redirect.close();
  }

  @Test
  void passesOnTheTargetAndNamesTheNextStep() throws Exception {
    HttpResponse<String> right = get("/?code=1");
    assertThat(right.statusCode()).isEqualTo(200);
    assertThat(right.body()).contains("Return to the terminal");
    assertThat(right.headers().map())
        .containsEntry("Cache-Control", List.of("no-store"))
        .containsEntry("Referrer-Policy", List.of("no-referrer"))
        .containsEntry("X-Content-Type-Options", List.of("nosniff"))
        .containsKey("Content-Security-Policy");
    HttpResponse<String> wrong = get("/?code=2");
    assertThat(wrong.statusCode()).isEqualTo(400);
    assertThat(wrong.body()).doesNotContain("code=2").contains("Open the address");
    assertThat(targets).containsExactly("/?code=1", "/?code=2");
  }

  @Test
  void takesCodesOfRealLength() throws Exception {
    assertThat(get("/?code=" + "a".repeat(12_000)).statusCode()).isEqualTo(400);
    assertThat(targets).hasSize(1);
    assertThat(get("/?code=" + "a".repeat(20_000)).statusCode()).isEqualTo(400);
    assertThat(targets).hasSize(1);
  }

  @Test
  void refusesEverythingElse() throws Exception {
    assertThat(get("/favicon.ico").statusCode()).isEqualTo(404);
    assertThat(get("/x?code=1").statusCode()).isEqualTo(404);
    HttpRequest post =
        HttpRequest.newBuilder(URI.create(redirect.uri() + "/?code=1"))
            .POST(HttpRequest.BodyPublishers.noBody())
            .build();
    assertThat(
            HttpClient.newHttpClient()
                .send(post, HttpResponse.BodyHandlers.ofString())
                .statusCode())
        .isEqualTo(405);
    try (Socket socket = connect("127.0.0.1")) {
      socket.getOutputStream().write("EHLO printer\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII))
          .startsWith("HTTP/1.1 400 ");
    }
    assertThat(targets).isEmpty();
  }

  @Test
  void isReachableAtLoopbackAddressesOnly() throws Exception {
    connect("127.0.0.1").close();
    InetAddress six = InetAddress.getByName("::1");
    if (NetworkInterface.getByInetAddress(six) != null) {
      connect("::1").close();
    }
    List<InetAddress> others =
        NetworkInterface.networkInterfaces()
            .flatMap(NetworkInterface::inetAddresses)
            .filter(address -> !address.isLoopbackAddress())
            .toList();
    for (InetAddress other : others) {
      assertThatThrownBy(() -> connect(other.getHostAddress()).close())
          .isInstanceOf(IOException.class);
    }
  }

  @Test
  void aFloodOfConnectionsIsBounded() throws Exception {
    List<Socket> open = new ArrayList<>();
    try {
      for (int i = 0; i < 16; i++) {
        open.add(connect("127.0.0.1"));
      }
      try (Socket late = connect("127.0.0.1")) {
        assertThat(late.getInputStream().read()).isEqualTo(-1);
      }
    } finally {
      for (Socket each : open) {
        each.close();
      }
    }
    await()
        .ignoreExceptions()
        .untilAsserted(() -> assertThat(get("/?code=1").statusCode()).isEqualTo(200));
  }

  @Test
  void twoAtOnceHaveTheirOwnPorts() throws Exception {
    try (LoopbackRedirect other = LoopbackRedirect.open()) {
      assertThat(other.uri()).isNotEqualTo(redirect.uri());
      // Nobody waits there yet.
      assertThat(
              HttpClient.newHttpClient()
                  .send(
                      HttpRequest.newBuilder(URI.create(other.uri() + "/?code=1")).build(),
                      HttpResponse.BodyHandlers.ofString())
                  .statusCode())
          .isEqualTo(400);
    }
    assertThat(get("/?code=1").statusCode()).isEqualTo(200);
  }

  @Test
  void closesThePort() {
    redirect.close();
    assertThatThrownBy(() -> connect("127.0.0.1").close()).isInstanceOf(ConnectException.class);
  }

  private HttpResponse<String> get(String target) throws Exception {
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(URI.create(redirect.uri() + target)).build(),
            HttpResponse.BodyHandlers.ofString());
  }

  private Socket connect(String host) throws IOException {
    return new Socket(host, URI.create(redirect.uri()).getPort());
  }
}
