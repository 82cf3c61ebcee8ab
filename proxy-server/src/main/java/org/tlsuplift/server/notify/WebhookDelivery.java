package org.tlsuplift.server.notify;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Clock;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.server.feature.Condition;
import org.tlsuplift.server.https.HttpsRequest;
import org.tlsuplift.server.https.HttpsResponse;
import org.tlsuplift.server.https.HttpsService;
import org.tlsuplift.server.https.Outgoing;
import org.tlsuplift.server.text.Json;

/**
 * Posts notifications as JSON to a web service.
 *
 * <p>The signature is the HMAC-SHA256 of the timestamp, a period and the body, so a receiver can
 * reject a forged or repeated request.
 */
public final class WebhookDelivery implements Delivery {
  static final String TIMESTAMP = "X-TLS-Uplift-Timestamp";
  static final String SIGNATURE = "X-TLS-Uplift-Signature";

  private static final HttpsService.Bounds BOUNDS =
      new HttpsService.Bounds(Duration.ofSeconds(30), 64 * 1024);

  private final HostPort server;
  private final String target;
  private final Callable<String> secret;
  private final Supplier<Outgoing> outgoing;
  private final Clock clock;

  /**
   * Opens no connection yet.
   *
   * @param target the path and the query
   * @param secret reads the key of the signature for each request, so that it can be replaced
   */
  public WebhookDelivery(
      HostPort server,
      String target,
      Callable<String> secret,
      Supplier<Outgoing> outgoing,
      Clock clock) {
    this.server = server;
    this.target = target;
    this.secret = secret;
    this.outgoing = outgoing;
    this.clock = clock;
  }

  /** The body of a request. */
  private record Body(
      String id,
      String event,
      String condition,
      String subject,
      String summary,
      String remedy,
      String instance,
      String since,
      String at) {
    static Body of(Notification notification) {
      Condition condition = notification.condition();
      return new Body(
          notification.id().toString(),
          notification.event().name().toLowerCase(Locale.ROOT),
          condition.kind(),
          condition.subject(),
          condition.summary(),
          condition.remedy(),
          notification.instance(),
          notification.since().toString(),
          notification.at().toString());
    }
  }

  @Override
  public Channel channel() {
    return Channel.WEBHOOK;
  }

  @Override
  public String target() {
    return "https://" + server;
  }

  @Override
  public void send(Notification notification) throws OperatorException {
    HttpsRequest request = request(notification);
    HttpsResponse response;
    try (HttpsService https =
        new HttpsService(server, "notify.webhook.url", BOUNDS, outgoing.get())) {
      response = https.send(request);
    }
    if (response.status() / 100 != 2) {
      throw new OperatorException(server + ": the receiver responds with " + response);
    }
  }

  private HttpsRequest request(Notification notification) throws OperatorException {
    String timestamp = String.valueOf(clock.instant().getEpochSecond());
    try {
      String body = Json.LINE.writeValueAsString(Body.of(notification));
      return new HttpsRequest(
          "POST",
          target,
          Map.of(
              "Content-Type",
              "application/json",
              "User-Agent",
              "tls-uplift",
              TIMESTAMP,
              timestamp,
              SIGNATURE,
              "sha256=" + signature(secret.call(), timestamp, body)),
          body);
    } catch (Exception unreadable) {
      throw new OperatorException("notify.webhook.secretFile: " + unreadable.getMessage());
    }
  }

  static String signature(String secret, String timestamp, String body)
      throws GeneralSecurityException {
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
    return HexFormat.of()
        .formatHex(mac.doFinal((timestamp + "." + body).getBytes(StandardCharsets.UTF_8)));
  }
}
