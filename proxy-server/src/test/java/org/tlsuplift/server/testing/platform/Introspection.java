package org.tlsuplift.server.testing.platform;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.tlsuplift.server.testing.platform.IssuedTokens.Issued;

/**
 * Reports to origins whether a token is valid for mail, and its user (RFC 7662).
 *
 * <p>It stays available when the platform is unreachable, because mail servers do not depend on the
 * platform.
 */
final class Introspection implements AutoCloseable {
  private static final List<String> AUDIENCES =
      List.of("https://outlook.office365.com", "https://outlook.office.com");

  private static final List<String> PERMISSIONS =
      List.of(
          "SMTP.SendAsApp",
          "IMAP.AccessAsApp",
          "POP.AccessAsApp",
          "SMTP.Send",
          "IMAP.AccessAsUser.All",
          "POP.AccessAsUser.All");

  /** What is left of a token that High Volume Email accepts. */
  private static final Duration HIGH_VOLUME_MINIMUM = Duration.ofMinutes(3);

  private final IssuedTokens tokens;
  private final HttpServer server;
  private final AtomicInteger requests = new AtomicInteger();
  private final AtomicInteger refusals = new AtomicInteger();

  Introspection(IssuedTokens tokens, ExecutorService threads) {
    this.tokens = tokens;
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
    server.setExecutor(threads);
    server.createContext(
        "/introspect",
        exchange -> {
          PlatformRequest request = PlatformRequest.read(exchange);
          IdentityPlatform.send(
              exchange,
              answer(
                  request.get("token"),
                  known -> known.permissions().stream().anyMatch(PERMISSIONS::contains)));
        });
    server.createContext(
        "/high-volume",
        exchange -> {
          PlatformRequest request = PlatformRequest.read(exchange);
          IdentityPlatform.send(exchange, answer(request.get("token"), Introspection::sendsMuch));
        });
    server.start();
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/introspect";
  }

  String highVolumeUrl() {
    return url().replace("/introspect", "/high-volume");
  }

  /** Needs another permission, and a token that does not expire soon. */
  private static boolean sendsMuch(Issued known) {
    return known.permissions().contains(AppRegistration.HIGH_VOLUME_ROLE)
        && known.audience().equals("https://outlook.office.com")
        && Instant.now().plus(HIGH_VOLUME_MINIMUM).isBefore(known.expires());
  }

  int requests() {
    return requests.get();
  }

  int refusals() {
    return refusals.get();
  }

  private Answer answer(String token, Predicate<Issued> permitted) {
    requests.incrementAndGet();
    Optional<Issued> good =
        tokens.good(token).filter(known -> AUDIENCES.contains(known.audience())).filter(permitted);
    if (good.isEmpty()) {
      refusals.incrementAndGet();
      return Answer.json(Map.of("active", false));
    }
    Map<String, Object> content = new LinkedHashMap<>();
    content.put("active", true);
    String user = good.get().user();
    if (user == null) {
      content.put("domain", IdentityPlatform.DOMAIN);
    } else {
      content.put("username", user);
    }
    content.put("client_id", good.get().application().id());
    content.put("aud", good.get().audience());
    content.put("exp", good.get().expires().getEpochSecond());
    content.put("scope", String.join(" ", good.get().permissions()));
    return Answer.json(content);
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
