package org.tlsuplift.server.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.tlsuplift.server.testing.platform.EndpointService;
import org.tlsuplift.server.testing.platform.EndpointService.Fault;

/** What the commands about the endpoint list print. */
@Timeout(300)
class EndpointsCommandTest {
  private final EndpointService service =
      EndpointService.start().publish("2026081400", EndpointService.bundled());

  @TempDir
  @SuppressWarnings("NullAway.Init")
  Path directory;

  private Path config = Path.of("");

  @BeforeEach
  void configure() throws IOException {
    config =
        Files.writeString(
            directory.resolve("tls-uplift.yaml"),
            """
            dataDirectory: "%s"
            listeners: [{name: web, bind: "127.0.0.1:0", accept: http-connect, profile: legacy}]
            routes: [{to: [microsoft365], action: bridge}]
            upstream: {trust: "%s"}
            microsoft365: {url: "%s", refresh: 12h}
            """
                .formatted(directory.resolve("data"), service.certificateFile(), service.url()));
  }

  @AfterEach
  void close() {
    service.close();
  }

  private CommandRun run(String... arguments) {
    String[] all = new String[arguments.length + 3];
    all[0] = "endpoints";
    System.arraycopy(arguments, 0, all, 1, arguments.length);
    all[arguments.length + 1] = "--config";
    all[arguments.length + 2] = config.toString();
    return CommandRun.of(all);
  }

  @Test
  void showsTheListInUseAndItsNames() {
    CommandRun shown = run("show");

    assertThat(shown.exit()).isZero();
    assertThat(shown.out())
        .contains(
            "cloud     worldwide",
            "version   2026081400",
            "from      this program",
            "current   on 2026-08-14T00:00:00Z, ",
            "refresh   every 12h from " + service.url(),
            "content   63 sets, 190 names, 93 address blocks")
        .containsPattern("microsoft365 +\\d+ names, +\\d+ blocks: Exchange Online with mail")
        .containsPattern("microsoft365:mx +2 names, +6 blocks: the hosts that receive mail")
        .containsPattern("microsoft365:hve +2 names, +0 blocks: High Volume Email")
        .containsPattern("azure-communication +1 names, +0 blocks: ")
        .containsPattern("google:mail +4 names, +0 blocks: ");
    assertThat(service.requests()).isEmpty();
    assertThat(directory.resolve("data")).doesNotExist();
  }

  @Test
  void showsTheDestinationsOfAName() {
    assertThat(run("show", "azure-communication").out().strip())
        .isEqualTo("smtp.azurecomm.net:587");
    assertThat(run("show", "microsoft365").out().lines())
        .contains("smtp.office365.com:143,587,993,995")
        .doesNotContain("*.mx.microsoft:25", "www.bing.com:80,443");
    assertThat(run("show", "microsoft365:mx").out().lines())
        .contains("*.mail.protection.outlook.com:25", "*.mx.microsoft:25")
        .allMatch(line -> line.endsWith(":25"));
    assertThat(run("show", "microsoft365:all").out().lines()).contains("www.bing.com:80,443");
  }

  @Test
  void refusesAnUnknownListName() {
    CommandRun refused = run("show", "microsoft365:teams");

    assertThat(refused.exit()).isEqualTo(2);
    assertThat(refused.err())
        .contains(
            "no endpoint list has the name 'microsoft365:teams'; expected microsoft365, microsoft365:exchange, ");
  }

  @Test
  void refreshesOnceAndShowsTheChanges() {
    assertThat(run("refresh").out().strip()).isEqualTo("2026081400 (bundled) is the latest");
    service.publish("2026112700", EndpointService.bundledWith("new.example"));

    CommandRun replaced = run("refresh");

    assertThat(replaced.exit()).isZero();
    assertThat(replaced.out().lines())
        .containsExactly(
            "2026112700 replaces 2026081400",
            "names: added new.example; removed none",
            "address blocks: added none; removed none");
    assertThat(run("show", "microsoft365").out().lines()).contains("new.example:80,443");
    assertThat(run("show").out()).contains("/data/endpoints/worldwide.json, fetched ");
  }

  @Test
  void failsWithTheCauseAndKeepsTheList() {
    service.suffer(Fault.DOWN);

    CommandRun failed = run("refresh");

    assertThat(failed.exit()).isEqualTo(1);
    assertThat(failed.err())
        .startsWith("https://localhost:")
        .contains("/version/Worldwide responded 503; 2026081400 (bundled) stays in use");
  }

  @Test
  void namesTheRemedyIfTheServiceIsUnreachable() {
    service.close();

    CommandRun failed = run("refresh");

    assertThat(failed.exit()).isEqualTo(1);
    assertThat(failed.err())
        .contains(
            "; let this machine reach it, or set 'microsoft365.refresh: never'; 2026081400 (bundled) stays in use");
  }

  @Test
  void acceptsALossOnlyWithTheOption() {
    service.publish(
        "2026112700",
        "[{\"id\": 1, \"serviceArea\": \"Exchange\", \"required\": true, \"tcpPorts\": \"443\", \"urls\": [\"outlook.office365.com\"]}]");
    assertThat(run("refresh").err())
        .contains("lacks 62 of 63 endpoint sets", "tls-uplift endpoints refresh --accept-loss");

    assertThat(run("refresh", "--accept-loss").out()).contains("2026112700 replaces 2026081400");
  }

  @Test
  void comparesTheListsOfTheProgramTheDiskAndTheService() {
    service.publish("2026112700", EndpointService.bundledWith("new.example"));
    run("refresh");
    service.publish("2026112701", EndpointService.bundledWith("newer.example"));

    CommandRun compared = run("diff");

    assertThat(compared.exit()).isZero();
    assertThat(compared.out().lines())
        .contains(
            "bundled   2026081400",
            "  + new.example:80,443",
            "  + newer.example:80,443",
            "  - new.example:80,443")
        .anyMatch(line -> line.startsWith("stored    2026112700 (fetched "))
        .anyMatch(line -> line.startsWith("latest    2026112701 (fetched "));
    assertThat(run("show").out()).contains("version   2026112700");
  }

  @Test
  void comparesStoredListsIfTheServiceIsUnreachable() {
    service.publish("2026112700", EndpointService.bundledWith("new.example"));
    run("refresh");
    service.close();

    CommandRun compared = run("diff");

    assertThat(compared.exit()).isEqualTo(1);
    assertThat(compared.out()).contains("  + new.example:80,443");
    assertThat(compared.err()).startsWith("latest    not available: localhost:");
    assertThat(run("diff", "--offline").exit()).isZero();
  }

  @Test
  void listsItsCommands() {
    CommandRun usage = CommandRun.of("endpoints");

    assertThat(usage.exit()).isEqualTo(2);
    assertThat(usage.err()).contains("show", "refresh", "diff");
  }
}
