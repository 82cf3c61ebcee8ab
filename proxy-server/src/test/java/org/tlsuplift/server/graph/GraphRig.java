package org.tlsuplift.server.graph;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import org.tlsuplift.proxy.mail.MessageEnvelope;
import org.tlsuplift.proxy.route.HostPattern;
import org.tlsuplift.proxy.signin.AccessToken;
import org.tlsuplift.proxy.signin.AccessTokens;
import org.tlsuplift.proxy.signin.TokenResult;
import org.tlsuplift.proxy.tls.OriginTrust;
import org.tlsuplift.server.https.HttpsService;
import org.tlsuplift.server.mail.OutgoingMessage;
import org.tlsuplift.server.mail.Transport.Result;
import org.tlsuplift.server.testing.Upstreams;

/** A transport whose Graph is a stand-in, and tokens that it accepts. */
final class GraphRig implements AutoCloseable {
  static final String MAILBOX = "scanner@corp.example";

  final GraphStandIn graph = GraphStandIn.start();
  final List<String> counted = new CopyOnWriteArrayList<>();
  private final HttpsService https =
      new HttpsService(
          HttpsService.server(graph.url()),
          "signIn.graph",
          GraphTransport.BOUNDS,
          Upstreams.outgoing(OriginTrust.of(List.of(graph.certificate()))));
  private final Tokens tokens = new Tokens();

  GraphRig() {
    graph.accept("token-0");
  }

  /** Tokens with a number that grows with each renewal. */
  private final class Tokens implements AccessTokens {
    private int number;

    @Override
    public synchronized CompletionStage<TokenResult> token(String mailbox) {
      AccessToken token = new AccessToken("token-" + number, Instant.now().plusSeconds(600));
      return CompletableFuture.completedFuture(new TokenResult.Issued(token));
    }

    @Override
    public synchronized CompletionStage<TokenResult> renew(String mailbox, AccessToken refused) {
      number++;
      graph.accept("token-" + number);
      return token(mailbox);
    }
  }

  GraphTransport transport(boolean saveToSentItems) {
    return transport(saveToSentItems, GraphTransport.MOST_MIME);
  }

  /**
   * @param mostMime the largest message that goes as MIME
   */
  GraphTransport transport(boolean saveToSentItems, int mostMime) {
    return new GraphTransport(
        graph.url(),
        List.of(HostPattern.parse("localhost")),
        saveToSentItems,
        mostMime,
        tokens,
        https,
        (server, result, failure) -> counted.add(result),
        () -> counted.add("duplicate"));
  }

  /** A message as the spool has it. */
  static OutgoingMessage message(long size, String... open) throws Exception {
    return message(0, size, open);
  }

  private static OutgoingMessage message(int attempts, long size, String... open) throws Exception {
    Instant now = Instant.now();
    return new OutgoingMessage(
        "0000-1",
        new MessageEnvelope(
            "mail",
            InetAddress.getByName("192.0.2.7"),
            MAILBOX,
            MAILBOX,
            List.of("a@corp.example", "b@corp.example", "c@corp.example"),
            false),
        List.of(open),
        size,
        now,
        now.plusSeconds(3600),
        attempts,
        now,
        "",
        false);
  }

  /** A message as it goes to Graph. */
  static byte[] addressed(byte[] mime, String... open) throws Exception {
    InputStream data = new ByteArrayInputStream(mime);
    return GraphRecipients.read(data, List.of(open)).addressed(data).readAllBytes();
  }

  static Result send(GraphTransport transport, byte[] mime, String... open) throws Exception {
    return send(0, transport, mime, open);
  }

  /**
   * @param attempts those before
   */
  static Result send(int attempts, GraphTransport transport, byte[] mime, String... open)
      throws Exception {
    byte[] wire =
        new String(mime, StandardCharsets.ISO_8859_1)
            .replaceAll("(?m)^\\.", "..")
            .getBytes(StandardCharsets.ISO_8859_1);
    return transport.send(
        message(attempts, wire.length, open),
        "X-Spool: 1\r\n",
        () -> new ByteArrayInputStream(wire));
  }

  @Override
  public void close() {
    https.close();
    graph.close();
  }
}
