package org.tlsuplift.server.readiness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tlsuplift.proxy.route.Cidr;
import org.tlsuplift.server.inventory.ListenerNeed;
import org.tlsuplift.server.inventory.Need;
import org.tlsuplift.server.inventory.VerdictRules;
import org.tlsuplift.server.inventory.record.WrittenInventory;
import org.tlsuplift.server.inventory.record.WrittenInventory.Does;
import org.tlsuplift.server.microsoft365.Cloud;

/** The answer follows from what devices showed, and from how long somebody has been looking. */
class SwitchOffTest {
  private static final Instant NOW = Instant.parse("2026-11-25T12:00:00Z");
  private static final VerdictRules RULES = VerdictRules.defaults();

  @TempDir Path folder;
  private WrittenInventory seen;
  private SwitchOff switchOff;

  @BeforeEach
  void open() throws Exception {
    seen = new WrittenInventory(folder.resolve("inventory.db"), RULES, NOW);
    SwitchOffSettings settings =
        new SwitchOffSettings(
            List.of(
                new ListenerProfile("web", "legacy"),
                new ListenerProfile("mail", "antique"),
                new ListenerProfile("new", "modern")),
            List.of(
                Cidr.parse("10.0.0.0/8"), Cidr.parse("10.1.4.0/22"), Cidr.parse("2001:db8::/32")),
            RULES);
    switchOff = new SwitchOff(seen.inventory(), settings, Clock.fixed(NOW, ZoneOffset.UTC));
  }

  @ParameterizedTest
  @EnumSource(Cloud.class)
  void passwordsEndAtTheMailServerOfEachCloud(Cloud cloud) {
    assertThat(MicrosoftDate.ALL.get(1).destinations()).contains(cloud.smtpHost() + ":587");
  }

  @AfterEach
  void close() {
    seen.close();
  }

  private static Instant ago(int days) {
    return NOW.minus(Duration.ofDays(days));
  }

  private void watchedFor(int days) throws SQLException {
    for (String listener : List.of("web", "mail", "new")) {
      seen.watched(listener, ago(days), NOW, 0);
    }
  }

  private SwitchOffResult answer(String listener) throws SQLException {
    return switchOff.ask(SwitchOffQuery.ALL).listeners().stream()
        .filter(each -> each.scope().name().equals(listener))
        .findFirst()
        .orElseThrow();
  }

  private SwitchOffResult subnet(String block) throws SQLException {
    return switchOff.ask(SwitchOffQuery.ALL).subnets().stream()
        .filter(each -> each.scope().name().equals(block))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void listenerIsReadyIfNoDeviceNeededItDuringTheObservation() throws Exception {
    watchedFor(31);
    seen.saw("10.0.0.1", ago(3), "web", Does.MODERN)
        .saw("10.0.0.2", ago(40), "web", Does.TLS_1_0)
        .write();
    SwitchOffResult web = answer("web");
    assertThat(web.answer()).isEqualTo(Readiness.YES);
    assertThat(web.because())
        .isEqualTo("none of 1 device needed it in the last 30 days; watched since 2026-10-25");
    assertThat(web.from()).isEmpty();
    assertThat(web.watchedSince()).contains(ago(31));
    assertThat(web.devices()).isEqualTo(1);
    assertThat(web.standing()).isZero();
    assertThat(web.incomplete()).isEmpty();
    assertThat(answer("mail").because()).startsWith("no device connected in the last 30 days");
    assertThat(answer("new").because()).startsWith("it is modern already; no device connected");
  }

  @Test
  void modernListenerIsReadyEvenIfItRefusesDevices() throws Exception {
    seen.saw("10.0.0.1", ago(1), "new", Does.TLS_1_0)
        .saw("10.0.0.2", ago(1), "new", Does.MODERN)
        .write();
    SwitchOffResult modern = answer("new");
    assertThat(modern.answer()).isEqualTo(Readiness.YES);
    assertThat(modern.because())
        .isEqualTo("it is modern already; 1 of 2 devices needs more, the latest on 2026-11-24");
    assertThat(modern.from()).isEmpty();
    assertThat(modern.blockingDevices()).hasSize(1);
  }

  @Test
  void listenerIsNotReadyIfADeviceNeededItRecently() throws Exception {
    watchedFor(60);
    seen.saw("10.0.0.1", ago(6), "web", Does.TLS_1_0)
        .saw("10.0.0.2", ago(1), "web", Does.MODERN)
        .write();
    SwitchOffResult web = answer("web");
    assertThat(web.answer()).isEqualTo(Readiness.NO);
    assertThat(web.because()).isEqualTo("1 of 2 devices needs it, the latest on 2026-11-19");
    assertThat(web.from()).contains(ago(6).plus(RULES.notSeenAfter()));
    assertThat(web.latestNeed()).contains(ago(6));
    assertThat(web.blockingDevices())
        .singleElement()
        .satisfies(
            blockingDevice -> {
              assertThat(blockingDevice.device().address()).isEqualTo("10.0.0.1");
              assertThat(blockingDevice.device().verdictText())
                  .isEqualTo("needs upgrade: TLS 1.0 only");
              assertThat(blockingDevice.needs())
                  .extracting(ListenerNeed::need)
                  .containsExactly(Need.TOO_OLD);
              assertThat(blockingDevice.help())
                  .singleElement()
                  .asString()
                  .startsWith("update its firmware");
            });
    assertThat(answer("mail").answer()).isEqualTo(Readiness.YES);
  }

  @Test
  void listenerIsNotYetReadySoonAfterTheLastNeed() throws Exception {
    watchedFor(60);
    seen.saw("10.0.0.1", ago(20), "web", Does.TLS_1_0).write();
    SwitchOffResult web = answer("web");
    assertThat(web.answer()).isEqualTo(Readiness.NOT_YET);
    assertThat(web.from()).contains(ago(20).plus(RULES.notSeenAfter()));
    assertThat(web.because())
        .isEqualTo(
            "1 device needed it in the last 30 days, the latest on 2026-11-05; yes from 2026-12-05"
                + " if no device needs it until then");
  }

  @Test
  void listenerIsNotYetReadyAfterAShortObservation() throws Exception {
    watchedFor(10);
    SwitchOffResult web = answer("web");
    assertThat(web.answer()).isEqualTo(Readiness.NOT_YET);
    assertThat(web.from()).contains(ago(10).plus(RULES.notSeenAfter()));
    assertThat(web.because()).contains("watched only since 2026-11-15");
  }

  @Test
  void observationRestartsAfterALongStop() throws Exception {
    for (String listener : List.of("web", "mail", "new")) {
      seen.watched(listener, ago(60), ago(20), 0).watched(listener, ago(18), NOW, 0);
    }
    assertThat(answer("web").answer()).isEqualTo(Readiness.NOT_YET);
    assertThat(answer("web").watchedSince()).contains(ago(18));
  }

  @Test
  void observationContinuesAfterAShortStop() throws Exception {
    seen.watched("web", ago(60), ago(20), 0)
        .watched("web", ago(20).plus(Duration.ofHours(20)), NOW, 0);
    assertThat(answer("web").answer()).isEqualTo(Readiness.YES);
    assertThat(answer("web").watchedSince()).contains(ago(60));
  }

  @Test
  void reportsAnInventoryThatIsNotUpdated() throws Exception {
    seen.watched("web", ago(60), NOW.minus(Duration.ofHours(2)), 0)
        .watched("mail", ago(60), ago(2), 0);
    assertThat(answer("web").answer()).isEqualTo(Readiness.YES);
    assertThat(answer("web").incomplete())
        .singleElement()
        .asString()
        .startsWith("nothing has been written since 2026-11-25 10:00 UTC");
    assertThat(answer("mail").answer()).isEqualTo(Readiness.NOT_YET);
    assertThat(answer("mail").because()).contains("no daemon is watching");
    assertThat(answer("mail").from()).isEmpty();
    assertThat(answer("new").incomplete()).containsExactly("listener new has not been watched yet");
  }

  @Test
  void reportsDroppedSightings() throws Exception {
    seen.watched("web", ago(60), ago(50), 7).watched("web", ago(50), NOW, 5);
    assertThat(answer("web").incomplete())
        .singleElement()
        .asString()
        .startsWith("5 sightings were dropped for lack of room");
  }

  @Test
  void eachNeedBlocksAndNamesItsRemedy() throws Exception {
    watchedFor(60);
    seen.saw("10.0.0.1", ago(1), "mail", Does.PLAINTEXT)
        .saw("10.0.0.1", ago(2), "mail", Does.TLS_1_0)
        .saw("10.0.0.2", ago(2), "mail", Does.ONLY_TLS_RSA)
        .saw("10.0.0.3", ago(3), "mail", Does.NO_ACCEPTED_SUITE)
        .saw("10.0.0.4", ago(4), "mail", Does.CBC_BRIDGED)
        .saw("10.0.0.5", ago(4), "mail", Does.CBC_TUNNELLED)
        .saw("10.0.0.6", ago(5), "mail", Does.DISTRUST)
        .write();
    SwitchOffResult mail = answer("mail");
    assertThat(mail.blockingDevices())
        .extracting(each -> each.device().address())
        .containsExactly("10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4", "10.0.0.6");
    assertThat(mail.blockingDevices().stream().map(each -> String.join(" + ", each.help())))
        .satisfiesExactly(
            first -> assertThat(first).contains("does not encrypt", "switch TLS 1.2 on"),
            second -> assertThat(second).contains("TLS_RSA"),
            third -> assertThat(third).contains("no suite"),
            fourth -> assertThat(fourth).contains("whenModern"),
            fifth -> assertThat(fifth).contains("firmware", "does not trust the CA"));
    assertThat(mail.standing()).isEqualTo(5);
    assertThat(mail.devices()).isEqualTo(6);
  }

  @Test
  void listsTheLatestFewAndCountsTheRest() throws Exception {
    watchedFor(60);
    for (int i = 0; i < 50; i++) {
      seen.saw("10.0.0." + i, NOW.minusSeconds(i), "web", Does.TLS_1_0);
    }
    seen.write();
    SwitchOffResult web = answer("web");
    assertThat(web.blockingDevices()).hasSize(SwitchOffResult.LISTED);
    assertThat(web.blockingDevices().get(0).device().address()).isEqualTo("10.0.0.0");
    assertThat(web.blockingDevices().get(9).device().address()).isEqualTo("10.0.0.9");
    assertThat(web.more()).isEqualTo(40);
  }

  @Test
  void subnetsAreThoseOfTheConfigurationOrDerived() throws Exception {
    watchedFor(60);
    seen.saw("10.0.7.1", ago(1), "web", Does.TLS_1_0)
        .saw("10.0.7.2", ago(1), "mail", Does.MODERN)
        .saw("10.1.5.9", ago(1), "web", Does.MODERN)
        .saw("10.1.7.9", ago(12), "web", Does.PLAINTEXT)
        .saw("2001:db8:0:7::9", ago(1), "web", Does.MODERN)
        .write();
    assertThat(switchOff.ask(SwitchOffQuery.ALL).subnets())
        .extracting(each -> each.scope().name() + " " + each.answer().label())
        .containsExactly("10.0.7.0/24 no", "10.1.4.0/22 not_yet", "2001:db8:0:7::/64 yes");
    assertThat(subnet("10.0.7.0/24").devices()).isEqualTo(2);
    assertThat(subnet("10.1.4.0/22").devices()).isEqualTo(2);
  }

  @Test
  void answersForOneListenerOrSubnetAlone() throws Exception {
    watchedFor(60);
    seen.saw("10.0.7.1", ago(1), "web", Does.TLS_1_0)
        .saw("10.0.8.2", ago(1), "mail", Does.PLAINTEXT)
        .write();
    SwitchOffResults web = switchOff.ask(new SwitchOffQuery(Optional.of("web"), Optional.empty()));
    assertThat(web.listeners()).extracting(each -> each.scope().name()).containsExactly("web");
    assertThat(web.subnets())
        .extracting(each -> each.scope().name())
        .containsExactly("10.0.7.0/24");
    SwitchOffResults eight =
        switchOff.ask(new SwitchOffQuery(Optional.empty(), Optional.of(Cidr.parse("10.0.8.0/24"))));
    assertThat(eight.listeners())
        .extracting(SwitchOffResult::answer)
        .containsExactly(Readiness.YES, Readiness.NO, Readiness.YES);
    assertThat(eight.subnets()).hasSize(1);
    assertThatThrownBy(
            () -> switchOff.ask(new SwitchOffQuery(Optional.of("fax"), Optional.empty())))
        .hasMessage("no listener has the name 'fax'; there are web, mail, new");
  }

  @Test
  void ignoresListenersThatAreNotConfigured() throws Exception {
    watchedFor(60);
    seen.saw("10.0.7.1", ago(1), "gone", Does.TLS_1_0).write();
    assertThat(switchOff.ask(SwitchOffQuery.ALL).subnets()).isEmpty();
  }
}
