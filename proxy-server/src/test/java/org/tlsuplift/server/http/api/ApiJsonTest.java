package org.tlsuplift.server.http.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Proxy;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.tlsuplift.proxy.model.Action;
import org.tlsuplift.proxy.model.Direction;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.model.SessionId;
import org.tlsuplift.proxy.model.SessionObserver;
import org.tlsuplift.proxy.model.TlsParameters;
import org.tlsuplift.proxy.model.TlsVersion;
import org.tlsuplift.server.http.Request;
import org.tlsuplift.server.http.Resource;
import org.tlsuplift.server.http.Response;
import org.tlsuplift.server.http.ResponseBody;
import org.tlsuplift.server.inventory.FactCount;
import org.tlsuplift.server.inventory.FactKind;
import org.tlsuplift.server.inventory.Inventory;
import org.tlsuplift.server.inventory.ListenerTotal;
import org.tlsuplift.server.inventory.LiveSessions;
import org.tlsuplift.server.inventory.Verdict;
import org.tlsuplift.server.readiness.ExpiringItem;

/** The exact text of JSON answers: scripts read them. */
class ApiJsonTest {
  private static final Instant AT = Instant.parse("2026-11-24T09:15:02.120Z");
  private static final Request REQUEST = new Request("/", "", Map.of(), Map.of());

  private final LiveSessions sessions = new LiveSessions(10, Clock.fixed(AT, ZoneOffset.UTC));

  private static String text(Resource resource) throws Exception {
    ResponseBody.Whole responseBody = (ResponseBody.Whole) resource.answer(REQUEST).body();
    return new String(responseBody.bytes(), StandardCharsets.UTF_8);
  }

  private SessionObserver open(long id) {
    return sessions.sessionOpened(
        new SessionId(id), "a<b>\u00e4", new InetSocketAddress("192.0.2.77", 50123));
  }

  @Test
  void sessions() throws Exception {
    assertThat(text(request -> Response.json(sessions.now()))).isEqualTo("[ ]\n");
    open(1);
    SessionObserver known = open(42);
    known.negotiated(new HostPort("a.example", 443));
    known.decided(Action.TUNNEL);
    known.tunnelAgreed(new TlsParameters(TlsVersion.TLS_1_3, "TLS_AES_128_GCM_SHA256", null));
    known.relayed(Direction.UP, 12);
    known.relayed(Direction.DOWN, 34);
    assertThat(text(request -> Response.json(sessions.now())))
        .isEqualTo(
            """
            [ {
              "id" : "00000001",
              "listener" : "a<b>\\u00E4",
              "device" : "192.0.2.77",
              "openedAt" : "2026-11-24T09:15:02.120Z",
              "bytesUp" : 0,
              "bytesDown" : 0
            }, {
              "id" : "0000002a",
              "listener" : "a<b>\\u00E4",
              "device" : "192.0.2.77",
              "openedAt" : "2026-11-24T09:15:02.120Z",
              "target" : "a.example:443",
              "action" : "tunnel",
              "agreedVersion" : "TLSv1.3",
              "originVersion" : "TLSv1.3",
              "bytesUp" : 12,
              "bytesDown" : 34
            } ]
            """);
  }

  private record Incident(String what, String why) {}

  @Test
  void overviewWithoutAnInventory() throws Exception {
    open(1);
    List<ExpiringItem> endings =
        List.of(
            new ExpiringItem("the later one", AT.plusSeconds(60), ""),
            new ExpiringItem("the certificate of \"mail\"", AT, "renew it"));
    assertThat(
            withoutTimes(
                text(
                    new OverviewResource(
                        null,
                        sessions,
                        () -> endings,
                        Set.of(),
                        () -> List.of(new Incident("it stops", "restart it"))))))
        .isEqualTo(
            """
            {
              "at" : "<time>",
              "sessions" : 1,
              "incidents" : [ {
                "what" : "it stops",
                "why" : "restart it"
              } ],
              "endings" : [ {
                "what" : "the certificate of \\"mail\\"",
                "at" : "<time>",
                "remedy" : "renew it"
              }, {
                "what" : "the later one",
                "at" : "<time>",
                "remedy" : ""
              } ]
            }
            """);
  }

  private static String withoutTimes(String json) {
    return json.replaceAll("\"2[0-9]{3}-[0-9-]+T[0-9:.]+Z\"", "\"<time>\"");
  }

  @Test
  void overviewWithAnInventory() throws Exception {
    String text =
        withoutTimes(
            text(new OverviewResource(inventory(), sessions, List::of, Set.of("mail"), List::of)));
    String empty =
        """
         {
                "from" : "<time>",
                "legacy" : 0,
                "modern" : 0,
                "plaintext" : 0
              },\
        """;
    assertThat(text.replace(empty, ""))
        .isEqualTo(
            """
            {
              "at" : "<time>",
              "sessions" : 0,
              "incidents" : [ ],
              "endings" : [ ],
              "devices" : {
                "no_encryption" : 13,
                "too_old" : 7,
                "only_tls_rsa" : 12,
                "no_accepted_suite" : 17,
                "ready" : 5,
                "not_seen" : 8,
                "unknown" : 7
              },
              "handshakes" : {
                "hour" : {
                  "from" : "<time>",
                  "legacy" : 3,
                  "modern" : 4,
                  "plaintext" : 2,
                  "stretches" : [ {
                    "from" : "<time>",
                    "legacy" : 3,
                    "modern" : 4,
                    "plaintext" : 2
                  }, {
                    "from" : "<time>",
                    "legacy" : 0,
                    "modern" : 0,
                    "plaintext" : 0
                  } ]
                },
                "day" : {
                  "from" : "<time>",
                  "legacy" : 3,
                  "modern" : 4,
                  "plaintext" : 2,
                  "stretches" : [ {
                    "from" : "<time>",
                    "legacy" : 3,
                    "modern" : 4,
                    "plaintext" : 2
                  }, {
                    "from" : "<time>",
                    "legacy" : 0,
                    "modern" : 0,
                    "plaintext" : 0
                  } ]
                },
                "month" : {
                  "from" : "<time>",
                  "legacy" : 3,
                  "modern" : 4,
                  "plaintext" : 2,
                  "stretches" : [ {
                    "from" : "<time>",
                    "legacy" : 3,
                    "modern" : 4,
                    "plaintext" : 2
                  }, {
                    "from" : "<time>",
                    "legacy" : 0,
                    "modern" : 0,
                    "plaintext" : 0
                  } ]
                }
              },
              "failures" : [ {
                "reason" : "certificate_rejected",
                "devices" : 2,
                "latest" : "<time>"
              } ],
              "refusals" : [ {
                "reply" : "smtp_auth_disabled",
                "devices" : 1,
                "latest" : "<time>"
              } ],
              "microsoftDates" : [ {
                "title" : "The POP3 and IMAP4 endpoints for TLS 1.0 and 1.1 are switched off",
                "begins" : "2026-07-01",
                "ends" : "2026-12-31",
                "announced" : "1 July to 31 December 2026",
                "devices" : 3,
                "advice" : "With TLS Uplift, no device needs them. Set outlook.office365.com in the device: TLS Uplift connects to it with TLS 1.2 or 1.3 for every device.",
                "source" : "message center MC1293480, read on 2026-11-26"
              }, {
                "title" : "Passwords for SMTP AUTH are switched off by default",
                "begins" : "2026-12-31",
                "ends" : "2026-12-31",
                "announced" : "end of December 2026",
                "devices" : 2,
                "advice" : "Devices that sign in there with a password stop sending, unless an administrator switches passwords on again. Devices that use only listeners with signIn: true are not counted, because TLS Uplift signs in for them.",
                "source" : "Exchange team blog, 27 January 2026, read on 2026-11-30"
              } ]
            }
            """);
  }

  private static Inventory inventory() {
    return (Inventory)
        Proxy.newProxyInstance(
            ApiJsonTest.class.getClassLoader(),
            new Class<?>[] {Inventory.class},
            (self, method, arguments) ->
                switch (method.getName()) {
                  case "verdicts" -> verdicts();
                  case "totals" -> List.of(new ListenerTotal((Instant) arguments[1], 9, 3, 4, 2));
                  case "counts" ->
                      List.of(
                          arguments[0] == FactKind.FAILURE
                              ? new FactCount("certificate_rejected", 2, AT)
                              : new FactCount("smtp_auth_disabled", 1, AT));
                  case "devices" -> ((Set<?>) arguments[1]).isEmpty() ? 3L : 2L;
                  default -> throw new AssertionError(method);
                });
  }

  private static Map<Verdict, Long> verdicts() {
    Map<Verdict, Long> verdicts = new EnumMap<>(Verdict.class);
    for (Verdict verdict : Verdict.values()) {
      verdicts.put(verdict, (long) verdict.label().length());
    }
    return verdicts;
  }
}
