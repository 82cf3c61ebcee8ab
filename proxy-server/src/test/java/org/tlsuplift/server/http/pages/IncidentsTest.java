package org.tlsuplift.server.http.pages;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.server.console.FeaturePages;
import org.tlsuplift.server.inventory.OriginOutages.Outage;
import org.tlsuplift.server.spool.WaitingMail;
import org.tlsuplift.server.spool.WaitingPages;

class IncidentsTest {
  private static final Instant NOW = Instant.parse("2026-11-26T03:01:00Z");
  private static final long ROOMY = 1L << 40;

  private static List<String> texts(List<Outage> outages, WaitingMail mail, long usable) {
    return Incidents.of(
            WaitingPages.incidents(mail, "", NOW), outages, TenantSources.State.NONE, usable)
        .stream()
        .map(each -> each.what() + ". " + each.why())
        .toList();
  }

  private static WaitingMail mail(Instant accepted, int attempts, String lastReply) {
    WaitingMail.Message message =
        new WaitingMail.Message(
            "1",
            accepted,
            "10.0.0.1",
            "mail",
            "",
            "",
            List.of(),
            9,
            attempts,
            NOW,
            NOW,
            false,
            lastReply,
            "",
            "",
            "");
    return new WaitingMail(3, 27, 0, accepted, List.of(message));
  }

  @Test
  void namesOriginMailAndDisk() {
    Instant since = Instant.parse("2026-11-26T02:31:00Z");
    assertThat(
            texts(
                List.of(new Outage(new HostPort("smtp.office365.com", 587), since, "no answer")),
                mail(since, 4, "the origin is unreachable"),
                4096))
        .satisfiesExactly(
            disk -> assertThat(disk).startsWith("The disk is full. 4.1 kB are free"),
            origin ->
                assertThat(origin)
                    .startsWith(
                        "No session has reached Microsoft 365 (smtp.office365.com:587) since 2026-11-26 02:31 UTC. No answer. Check the firewall"),
            mail ->
                assertThat(mail)
                    .isEqualTo(
                        "3 messages wait. The oldest has waited since 2026-11-26 02:31 UTC. Latest result: The origin is unreachable."));
  }

  @Test
  void microsoft365StandsBeforeOtherOrigins() {
    List<Outage> outages =
        Stream.of(
                "a.example", "b.example", "notoffice365.com", "SMTP.Office365.com", "office365.com")
            .map(host -> new Outage(new HostPort(host, 25), NOW, ""))
            .toList();
    assertThat(texts(outages, WaitingMail.NONE, ROOMY))
        .hasSize(3)
        .satisfies(
            texts -> {
              assertThat(texts.get(0)).startsWith("No session has reached Microsoft 365 (");
              assertThat(texts.get(1)).startsWith("No session has reached Microsoft 365 (");
              assertThat(texts.get(2)).startsWith("No session has reached a.example:25 since");
            });
  }

  @ParameterizedTest
  @CsvSource({
    "smtp-mail.outlook.com,true",
    "contoso-com.mail.protection.outlook.com,true",
    "graph.microsoft.com,true",
    "dod-graph.microsoft.us,true",
    "graph.microsoft.us,true",
    "login.microsoftonline.com,true",
    "login.partner.microsoftonline.cn,true",
    "partner.outlook.cn,true",
    "outlook.office365.us,true",
    "microsoftgraph.chinacloudapi.cn,true",
    "notoutlook.com,false",
    "outlook.com.example,false"
  })
  void namesTheHostsOfMicrosoftInAllClouds(String host, boolean named) {
    assertThat(
            texts(List.of(new Outage(new HostPort(host, 443), NOW, "")), WaitingMail.NONE, ROOMY))
        .singleElement()
        .satisfies(text -> assertThat(text.contains("Microsoft 365 (" + host)).isEqualTo(named));
  }

  @Test
  void aClosedSpoolIsAnIncidentWithItsReason() {
    assertThat(WaitingPages.incidents(WaitingMail.NONE, "the key is missing", NOW))
        .singleElement()
        .extracting(FeaturePages.Incident::step)
        .satisfies(
            only -> {
              assertThat(only.what()).isEqualTo("New mail is refused");
              assertThat(only.why()).contains("devices get 452: the key is missing.");
            });
  }

  @Test
  void mailThatWasJustAcceptedIsNoIncident() {
    assertThat(texts(List.of(), mail(NOW.minusSeconds(5), 0, ""), ROOMY)).isEmpty();
    assertThat(texts(List.of(), mail(NOW.minusSeconds(5), 1, "451 no"), ROOMY)).hasSize(1);
    assertThat(texts(List.of(), mail(NOW.minusSeconds(600), 0, ""), ROOMY)).hasSize(1);
    assertThat(texts(List.of(), WaitingMail.NONE, ROOMY)).isEmpty();
  }
}
