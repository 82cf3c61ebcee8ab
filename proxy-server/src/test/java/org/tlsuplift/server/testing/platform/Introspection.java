package org.tlsuplift.server.testing.platform;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.atomic.AtomicInteger;
import org.tlsuplift.server.testing.platform.IssuedTokens.Issued;

/**
 * Tells origins whether a token is good (RFC 7662), for this mailbox and this protocol.
 *
 * <p>It stays when the platform is away, because mailboxes do not ask it.
 */
final class Introspection implements AutoCloseable {
  private static final List<String> AUDIENCES =
      List.of("https://outlook.office365.com", "https://outlook.office.com");

  /** The permission that each protocol needs: of an application, and of a user. */
  private static final Map<String, List<String>> PERMISSIONS =
      Map.of(
          "smtp", List.of("SMTP.SendAsApp", "SMTP.Send"),
          "submission", List.of("SMTP.SendAsApp", "SMTP.Send"),
          "imap", List.of("IMAP.AccessAsApp", "IMAP.AccessAsUser.All"),
          "pop3", List.of("POP.AccessAsApp", "POP.AccessAsUser.All"));

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
          String query = exchange.getRequestURI().getRawQuery();
          Map<String, String> about = PlatformRequest.parameters(query == null ? "" : query);
          IdentityPlatform.send(exchange, answer(request.get("token"), about));
        });
    server.start();
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/introspect";
  }

  int requests() {
    return requests.get();
  }

  int refusals() {
    return refusals.get();
  }

  private Answer answer(String token, Map<String, String> about) {
    requests.incrementAndGet();
    String mailbox = about.getOrDefault("mailbox", "");
    Optional<Issued> good =
        tokens
            .good(token)
            .filter(known -> AUDIENCES.contains(known.audience()))
            .filter(known -> allows(known, about.getOrDefault("protocol", "")))
            .filter(known -> owns(known, mailbox));
    if (good.isEmpty()) {
      refusals.incrementAndGet();
      return Answer.json(Map.of("active", false));
    }
    Map<String, Object> content = new LinkedHashMap<>();
    content.put("active", true);
    content.put("username", mailbox);
    content.put("client_id", good.get().application().id());
    content.put("aud", good.get().audience());
    content.put("exp", good.get().expires().getEpochSecond());
    content.put("scope", String.join(" ", good.get().permissions()));
    return Answer.json(content);
  }

  private static boolean allows(Issued known, String protocol) {
    List<String> needed = PERMISSIONS.getOrDefault(protocol, List.of());
    return known.permissions().stream().anyMatch(needed::contains);
  }

  private static boolean owns(Issued known, String mailbox) {
    String user = known.user();
    return user == null ? known.application().mayOpen(mailbox) : user.equals(mailbox);
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
