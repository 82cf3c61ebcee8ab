package org.tlsuplift.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlsuplift.proxy.model.Action;
import org.tlsuplift.proxy.model.SessionSummary;
import org.tlsuplift.proxy.outcome.CloseReason;
import org.tlsuplift.proxy.route.Destination;
import org.tlsuplift.proxy.route.EndpointList;
import org.tlsuplift.proxy.route.Route;
import org.tlsuplift.proxy.route.WhenModern;
import org.tlsuplift.proxy.testing.ClientAuthority;
import org.tlsuplift.proxy.testing.Device;
import org.tlsuplift.proxy.testing.Origin;
import org.tlsuplift.proxy.testing.TestAuthority;
import org.tlsuplift.proxy.testing.Uplift;
import org.tlsuplift.proxy.tls.OriginIdentity;
import org.tlsuplift.proxy.tls.OriginIdentitySource;

/** An origin that requests a client certificate gets only the one of the route. */
class ClientCertificateTest {
  private static final TestAuthority OWN = TestAuthority.create();
  private static final TestAuthority ORIGINS = TestAuthority.create();
  private static final ClientAuthority CLIENTS = ClientAuthority.create();

  /** Replies to each line with the subject of the client certificate. */
  private static final Origin.Script WHO =
      socket -> {
        String who;
        try {
          who = socket.getSession().getPeerPrincipal().getName();
        } catch (SSLPeerUnverifiedException unauthenticated) {
          who = "nobody";
        }
        Device.readLine(socket.getInputStream());
        socket
            .getOutputStream()
            .write(
                (who + " over " + socket.getSession().getProtocol() + "\n")
                    .getBytes(StandardCharsets.US_ASCII));
      };

  /** An identity that a test replaces. */
  private record Replaceable(AtomicReference<OriginIdentity> identity)
      implements OriginIdentitySource {
    static Replaceable of(OriginIdentity first) {
      return new Replaceable(new AtomicReference<>(first));
    }

    @Override
    public String name() {
      return "connector";
    }

    @Override
    public OriginIdentity current() {
      return identity.get();
    }
  }

  private static SSLContext serving() {
    return CLIENTS.asking(
        ORIGINS.source().leafFor(List.of("localhost")).toCompletableFuture().join());
  }

  private static Uplift uplift(@Nullable OriginIdentitySource source) {
    Uplift.Settings settings = new Uplift.Settings();
    settings.identities = source == null ? List.of() : List.of(source);
    settings.routes =
        List.of(
            new Route(
                new EndpointList("test", List.of(Destination.parse("localhost:*"))),
                Action.BRIDGE,
                WhenModern.TUNNEL,
                source == null ? null : source.name(),
                null));
    return new Uplift(settings, OWN, ORIGINS);
  }

  private static String ask(Uplift uplift, Origin origin, String device) throws IOException {
    try (SSLSocket socket =
        Device.through(uplift.web(), origin.as("localhost"), OWN.trusting(), device)) {
      return Device.exchange(socket, "who");
    }
  }

  /** The summary of a session that the origin refuses. */
  private static SessionSummary refused(Uplift uplift, Origin origin) {
    assertThatThrownBy(
            () -> {
              String answer = ask(uplift, origin, "TLSv1");
              throw new IOException(answer.isEmpty() ? "ended" : "answered " + answer);
            })
        .isInstanceOf(IOException.class)
        .hasMessageNotContaining("answered");
    await().until(() -> !uplift.observer.closed.isEmpty());
    return uplift.observer.closed.get(0);
  }

  @ParameterizedTest
  @CsvSource({"RSA, TLSv1.2", "RSA, TLSv1.3", "EC, TLSv1.2", "EC, TLSv1.3"})
  void presentsItToAnOriginThatDemandsOne(String algorithm, String version) throws Exception {
    OriginIdentity identity = CLIENTS.issue(algorithm, "relay.example.test").identity();
    try (Origin origin = Origin.asking(true, serving(), WHO, version);
        Uplift uplift = uplift(Replaceable.of(identity))) {
      assertThat(ask(uplift, origin, "TLSv1")).isEqualTo("CN=relay.example.test over " + version);
    }
  }

  @Test
  void presentsItForAModernDeviceToo() throws Exception {
    OriginIdentity identity = CLIENTS.issue("EC", "relay.example.test").identity();
    try (Origin origin = Origin.asking(true, serving(), WHO, "TLSv1.3");
        Uplift uplift = uplift(Replaceable.of(identity))) {
      assertThat(ask(uplift, origin, "TLSv1.3")).startsWith("CN=relay.example.test");
      await().until(() -> !uplift.observer.closed.isEmpty());
      assertThat(uplift.observer.closed.get(0).action()).isEqualTo(Action.BRIDGE);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void presentsNoCertificateIfTheRouteHasNone(String version) throws Exception {
    try (Origin origin = Origin.asking(false, serving(), WHO, version);
        Uplift uplift = uplift(null)) {
      assertThat(ask(uplift, origin, "TLSv1")).isEqualTo("nobody over " + version);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void presentsNothingToAnOriginThatDoesNotAsk(String version) throws Exception {
    OriginIdentity identity = CLIENTS.issue("RSA", "relay.example.test").identity();
    try (Origin origin = Origin.start(serving(), WHO, version);
        Uplift uplift = uplift(Replaceable.of(identity))) {
      assertThat(ask(uplift, origin, "TLSv1")).isEqualTo("nobody over " + version);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void presentsAReplacedOneFromTheNextConnectionOn(String version) throws Exception {
    Replaceable source = Replaceable.of(CLIENTS.issue("EC", "old.example.test").identity());
    try (Origin origin = Origin.asking(true, serving(), WHO, version);
        Uplift uplift = uplift(source)) {
      // Twice, because the second session may resume. A third must not resume with the old
      // identity.
      assertThat(ask(uplift, origin, "TLSv1")).startsWith("CN=old.example.test ");
      assertThat(ask(uplift, origin, "TLSv1")).startsWith("CN=old.example.test ");
      source.identity().set(CLIENTS.issue("RSA", "new.example.test").identity());
      assertThat(ask(uplift, origin, "TLSv1")).startsWith("CN=new.example.test ");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void explainsThatTheOriginRefusesIt(String version) throws Exception {
    OriginIdentity stranger = ClientAuthority.create().issue("EC", "stranger.test").identity();
    try (Origin origin = Origin.asking(true, serving(), WHO, version);
        Uplift uplift = uplift(Replaceable.of(stranger))) {
      SessionSummary summary = refused(uplift, origin);
      assertThat(summary.reason())
          .as(summary.detail())
          .isEqualTo(CloseReason.ORIGIN_HANDSHAKE_FAILED);
      assertThat(summary.detail())
          .contains("the origin refuses the client certificate")
          .contains("certificate_unknown")
          .contains("'clientCertificate'");
      if (version.equals("TLSv1.2")) {
        assertThat(summary.detail()).contains("CN=stranger.test");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void explainsThatTheOriginDemandsOne(String version) throws Exception {
    try (Origin origin = Origin.asking(true, serving(), WHO, version);
        Uplift uplift = uplift(null)) {
      SessionSummary summary = refused(uplift, origin);
      assertThat(summary.reason())
          .as(summary.detail())
          .isEqualTo(CloseReason.ORIGIN_HANDSHAKE_FAILED);
      assertThat(summary.detail()).contains("client certificate").contains("'clientCertificate'");
    }
  }

  @Test
  void refusesARouteWithAnUnknownClientCertificate() {
    Uplift.Settings settings = new Uplift.Settings();
    settings.routes =
        List.of(
            new Route(
                new EndpointList("test", List.of(Destination.parse("localhost:*"))),
                Action.BRIDGE,
                WhenModern.BRIDGE,
                "nobody",
                null));
    assertThatThrownBy(() -> new Uplift(settings, OWN, ORIGINS).close())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'nobody'");
  }
}
