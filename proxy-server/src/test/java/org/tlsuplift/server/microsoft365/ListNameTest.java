package org.tlsuplift.server.microsoft365;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.route.Destination;
import org.tlsuplift.proxy.route.EndpointList;
import org.tlsuplift.proxy.route.HostPattern;
import org.tlsuplift.proxy.route.Ports;

/** What the names in routes stand for. */
class ListNameTest {
  private static final Path FILES =
      Path.of("src", "test", "resources", "org", "tlsuplift", "server", "microsoft365");

  /** A change of what devices may reach without a word in the configuration is seen in review. */
  @ParameterizedTest
  @CsvSource({
    "WORLDWIDE, MICROSOFT365",
    "WORLDWIDE, EXCHANGE",
    "WORLDWIDE, SHAREPOINT",
    "GCC_HIGH, MICROSOFT365",
    "DOD, MICROSOFT365",
    "CHINA, MICROSOFT365",
    "WORLDWIDE, MX",
    "GCC_HIGH, MX",
    "DOD, MX",
    "CHINA, MX"
  })
  void allowsExactlyTheDestinationsOfItsFile(Cloud cloud, ListName name) throws IOException {
    Path file = FILES.resolve(cloud.label() + "-" + name.label().replace(':', '-') + ".txt");
    String text = text(name.select(PublishedList.bundled(cloud)));
    if (Boolean.getBoolean("uplift.write")) {
      Files.writeString(file, text);
    }

    assertThat(text)
        .as("%s; to write it again: mvn test -Duplift.write=true -Dtest=ListNameTest", file)
        .isEqualTo(Files.exists(file) ? Files.readString(file) : "");
  }

  /** Names first, then blocks, each with all its ports. */
  private static String text(EndpointList list) {
    Set<String> names = new LinkedHashSet<>();
    Set<String> blocks = new LinkedHashSet<>();
    for (Destination each : list.destinations()) {
      (each.hosts() instanceof HostPattern.Subnet ? blocks : names).add(each.toString());
    }
    String sets =
        list.sets().stream()
            .map(set -> set.ports() + " at " + set.ranges().size() + " blocks: " + set.names())
            .collect(Collectors.joining("\n"));
    return "# Hosts\n%s\n\n# Address blocks\n%s\n\n# Hosts at these addresses\n%s\n"
        .formatted(
            names.stream().sorted().collect(Collectors.joining("\n")),
            blocks.stream().sorted().collect(Collectors.joining("\n")),
            sets);
  }

  @ParameterizedTest
  @CsvSource({
    "microsoft365, outlook.office365.com:443, true",
    "microsoft365, outlook.office365.com:993, true",
    "microsoft365, outlook.office365.com:995, true",
    "microsoft365, outlook.office365.com:25, false",
    "microsoft365, smtp.office365.com:587, true",
    "microsoft365, smtp.office365.com:25, false",
    "microsoft365, contoso.mail.protection.outlook.com:25, false",
    "microsoft365, contoso-com.h-v1.mx.microsoft:25, false",
    "microsoft365, 52.101.0.1:25, false",
    "microsoft365, outlook.cloud.microsoft:443, true",
    "microsoft365, autodiscover.contoso.onmicrosoft.com:443, true",
    "microsoft365, contoso.sharepoint.com:443, true",
    "microsoft365, sharepoint.com:443, false",
    "microsoft365, login.microsoftonline.com:443, true",
    "microsoft365, graph.microsoft.com:443, true",
    "microsoft365, 40.97.0.1:443, true",
    "microsoft365, 40.97.0.1:22, false",
    "microsoft365, [2603:1006::1]:587, true",
    "microsoft365, 192.0.2.1:443, false",
    "microsoft365, example.com:443, false",
    "microsoft365, www.bing.com:443, false",
    "microsoft365, platform.linkedin.com:443, false",
    "microsoft365, spoprod-a.akamaihd.net:443, false",
    "microsoft365, anything.microsoft.com:443, false",
    "microsoft365, az1.vo.msecnd.net:443, false",
    "microsoft365, ocsp.digicert.com:80, false",
    "microsoft365, contoso.onmicrosoft.com:443, false",
    "microsoft365, teams.microsoft.com:443, false",
    "microsoft365, smtp.hve.mx.microsoft:587, false",
    "microsoft365:exchange, smtp.office365.com:587, true",
    "microsoft365:exchange, contoso.mail.protection.outlook.com:25, false",
    "microsoft365:exchange, contoso-com.h-v1.mx.microsoft:25, false",
    "microsoft365:mx, contoso.mail.protection.outlook.com:25, true",
    "microsoft365:mx, contoso-com.h-v1.mx.microsoft:25, true",
    "microsoft365:mx, 52.101.0.1:25, true",
    "microsoft365:mx, contoso.mail.protection.outlook.com:443, false",
    "microsoft365:mx, smtp.office365.com:587, false",
    "microsoft365:mx, login.microsoftonline.com:443, false",
    "microsoft365:all, contoso.mail.protection.outlook.com:25, true",
    "microsoft365:exchange, login.microsoftonline.com:443, true",
    "microsoft365:exchange, contoso.sharepoint.com:443, false",
    "microsoft365:sharepoint, contoso.sharepoint.com:443, true",
    "microsoft365:sharepoint, login.microsoftonline.com:443, true",
    "microsoft365:sharepoint, smtp.office365.com:587, false",
    "microsoft365:all, anything.microsoft.com:443, true",
    "microsoft365:all, spoprod-a.akamaihd.net:443, true",
    "microsoft365:all, smtp.office365.com:587, true",
    "microsoft365:all, example.com:443, false",
    "microsoft365:hve, smtp.hve.mx.microsoft:587, true",
    "microsoft365:hve, smtp-hve.office365.com:587, true",
    "microsoft365:hve, smtp.office365.com:587, false",
    "azure-communication, smtp.azurecomm.net:587, true",
    "azure-communication, smtp.azurecomm.net:25, false",
    "google:mail, smtp.gmail.com:465, true",
    "google:mail, smtp.gmail.com:587, true",
    "google:mail, smtp-relay.gmail.com:465, true",
    "google:mail, smtp-relay.gmail.com:587, true",
    "google:mail, smtp-relay.gmail.com:25, false",
    "google:mail, imap.gmail.com:993, true",
    "google:mail, pop.gmail.com:995, true",
    "google:mail, www.google.com:443, false",
    "google:mail, smtp.office365.com:587, false",
  })
  void allowsAHostOnItsPorts(String name, String target, boolean allowed) {
    EndpointList list =
        ListName.of(name).orElseThrow().select(PublishedList.bundled(Cloud.WORLDWIDE));

    assertThat(list.contains(HostPort.parse(target).orElseThrow())).isEqualTo(allowed);
  }

  @ParameterizedTest
  @CsvSource({
    "GCC_HIGH, smtp.office365.us:587, true",
    "GCC_HIGH, outlook.office365.us:993, true",
    "GCC_HIGH, contoso-com.h-v1.usgovcloud-mx.microsoft:25, false",
    "GCC_HIGH, contoso.mail.protection.office365.us:25, false",
    "GCC_HIGH, outlook.office365.us:25, false",
    "GCC_HIGH, login.microsoftonline.us:443, true",
    "GCC_HIGH, smtp.office365.com:587, false",
    "DOD, outlook-dod.office365.us:587, true",
    "DOD, webmail.apps.mil:993, true",
    "DOD, contoso.mail.protection.office365.us:25, false",
    "DOD, smtp.office365.us:587, false",
    "DOD, login.microsoftonline.us:443, true",
    "CHINA, smtp.partner.outlook.cn:587, true",
    "CHINA, partner.outlook.cn:587, true",
    "CHINA, partner.outlook.cn:993, true",
    "CHINA, partner.outlook.cn:995, true",
    "CHINA, partner.outlook.cn:25, false",
    "CHINA, contoso.sovcloud-mx.cn:25, false",
    "CHINA, contoso-com.mail.protection.partner.outlook.cn:25, false",
    "CHINA, login.partner.microsoftonline.cn:443, true",
    "CHINA, smtp.office365.us:587, false",
    "WORLDWIDE, smtp.office365.us:587, false",
  })
  void allowsTheHostsOfTheCloud(Cloud cloud, String target, boolean allowed) {
    EndpointList list = ListName.MICROSOFT365.select(PublishedList.bundled(cloud));

    assertThat(list.contains(HostPort.parse(target).orElseThrow())).isEqualTo(allowed);
  }

  @ParameterizedTest
  @CsvSource({
    "WORLDWIDE, contoso-com.mail.protection.outlook.com:25, true",
    "GCC_HIGH, contoso-com.h-v1.usgovcloud-mx.microsoft:25, true",
    "GCC_HIGH, contoso.mail.protection.office365.us:25, true",
    "GCC_HIGH, contoso.mail.protection.office365.us:443, false",
    "GCC_HIGH, outlook.office365.us:25, false",
    "GCC_HIGH, smtp.office365.us:587, false",
    "DOD, contoso.mail.protection.office365.us:25, true",
    "DOD, contoso.mail.protection.apps.mil:25, true",
    "DOD, webmail.apps.mil:25, false",
    "CHINA, contoso.sovcloud-mx.cn:25, true",
    "CHINA, contoso-com.mail.protection.partner.outlook.cn:25, true",
    "CHINA, contoso.sovcloud-mx.cn:53, false",
    "CHINA, partner.outlook.cn:587, false",
  })
  void mxAllowsTheHostsThatReceiveMailInTheCloud(Cloud cloud, String target, boolean allowed) {
    EndpointList list = ListName.MX.select(PublishedList.bundled(cloud));

    assertThat(list.contains(HostPort.parse(target).orElseThrow())).isEqualTo(allowed);
  }

  /** Port 25 asks for no sign-in: a device that reaches it can send as anyone. */
  @ParameterizedTest
  @EnumSource
  void onlyMxAndAllHavePort25(Cloud cloud) {
    PublishedList list = PublishedList.bundled(cloud);

    for (ListName name : ListName.values()) {
      Set<Destination> on25 =
          destinations(name, list).stream()
              .filter(each -> each.ports().contains(25))
              .collect(Collectors.toSet());
      assertThat(on25.isEmpty())
          .as(name.label())
          .isEqualTo(!Set.of(ListName.MX, ListName.ALL).contains(name));
      assertThat(name.select(list).sets())
          .as(name.label())
          .noneMatch(set -> name != ListName.ALL && set.ports().contains(25));
    }
    assertThat(destinations(ListName.MX, list))
        .allSatisfy(each -> assertThat(each.ports()).isEqualTo(Ports.parse("25")));
  }

  @ParameterizedTest
  @EnumSource
  void theDefaultIsExchangeWithSharePointAndAPartOfAll(Cloud cloud) {
    PublishedList list = PublishedList.bundled(cloud);
    Set<Destination> both = destinations(ListName.EXCHANGE, list);
    both.addAll(destinations(ListName.SHAREPOINT, list));

    assertThat(destinations(ListName.MICROSOFT365, list)).isEqualTo(both);
    Set<Destination> all = destinations(ListName.ALL, list);
    assertThat(
            all.stream()
                .flatMap(
                    each ->
                        each.ports().without(25).stream()
                            .map(ports -> new Destination(each.hosts(), ports))))
        .containsAll(both);
    assertThat(all)
        .extracting(Destination::hosts)
        .containsAll(destinations(ListName.MX, list).stream().map(Destination::hosts).toList());
  }

  @ParameterizedTest
  @EnumSource
  void onlyAllHasNamesOnSharedNetworks(Cloud cloud) {
    PublishedList list = PublishedList.bundled(cloud);

    assertThat(destinations(ListName.MICROSOFT365, list))
        .extracting(Destination::hosts)
        .noneMatch(SharedNames::contain);
    assertThat(destinations(ListName.ALL, list))
        .extracting(Destination::hosts)
        .anyMatch(SharedNames::contain);
  }

  @ParameterizedTest
  @EnumSource
  void everyEntryOfTheBundledListsCanBeMatched(Cloud cloud) {
    PublishedList list = PublishedList.bundled(cloud);

    assertThat(list.ignored()).isEmpty();
    assertThat(list.fetched()).isNull();
    assertThat(list.cloud()).isEqualTo(cloud);
  }

  @Test
  void theBundledListsAreWholeAndHaveTheirVersions() {
    assertThat(PublishedList.bundled(Cloud.WORLDWIDE))
        .satisfies(
            list -> {
              assertThat(list.version()).hasToString("2026081400");
              assertThat(list.entries()).hasSize(63);
              assertThat(list.names()).hasSize(190);
            });
    assertThat(PublishedList.bundled(Cloud.GCC_HIGH).entries()).hasSize(26);
    assertThat(PublishedList.bundled(Cloud.DOD).entries()).hasSize(24);
    assertThat(PublishedList.bundled(Cloud.CHINA).entries()).hasSize(21);
  }

  @Test
  void findsMicrosoftsOwnDomainsOfHosts() {
    PublishedList list = PublishedList.bundled(Cloud.WORLDWIDE);

    assertThat(
            list.domainsOf(
                List.of(
                    "smtp.office365.com",
                    "outlook.cloud.microsoft",
                    "officeclient.microsoft.com",
                    "g.live.com",
                    "mail.contoso.example")))
        .containsExactly("*.office365.com", "*.cloud.microsoft");
  }

  private static Set<Destination> destinations(ListName name, PublishedList list) {
    return new LinkedHashSet<>(name.select(list).destinations());
  }
}
