package org.tlsuplift.server.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tlsuplift.server.doctor.PathFailure;
import org.tlsuplift.server.feature.FailureKind;

/** What the doctor's command line takes, and says of itself. */
class DoctorCommandTest {
  @TempDir
  @SuppressWarnings("NullAway.Init")
  Path directory;

  private String route = "localhost:1,26-65535";
  private String listener =
      "{name: web, bind: '127.0.0.1:0', accept: http-connect, profile: modern}";
  private String mail =
      "- {name: mail, bind: '127.0.0.1:0', accept: fixed, origin: 'localhost:1', protocol: smtp, profile: modern}";
  private String more = "";

  @Test
  void helpNamesEveryExitCode() {
    String help = CommandRun.of("doctor", "--help").out().replaceAll("\\s+", " ");
    for (FailureKind failureKind : PathFailure.values()) {
      assertThat(help).contains(failureKind.exitCode() + " " + failureKind.title());
    }
  }

  @Test
  void theManualHasEveryExitCode() throws Exception {
    List<String> codes =
        Files.readString(Path.of("src", "main", "manual", "troubleshooting.md"))
            .lines()
            .filter(line -> line.matches("\\| [0-9, ]+ \\| .*"))
            .map(line -> line.split("\\|", 3)[1].strip())
            .flatMap(cell -> Arrays.stream(cell.split(", ")))
            .collect(Collectors.toList());
    assertThat(codes)
        .containsAll(
            Arrays.stream(PathFailure.values())
                .map(failureKind -> String.valueOf(failureKind.exitCode()))
                .toList());
  }

  @Test
  void refusesAnUnknownListener() throws Exception {
    CommandRun run = run("--listener", "nowhere");
    assertThat(run.exit()).isEqualTo(2);
    assertThat(run.err()).contains("--listener: got 'nowhere'; expected mail");
  }

  @Test
  void refusesAnAccountIfNoListenerSignsIn() throws Exception {
    CommandRun run = run("scanner");
    assertThat(run.exit()).isEqualTo(2);
    assertThat(run.err())
        .contains("'scanner' is an account, but no listener to test has 'signIn: true'");
  }

  /** A listener with the connector has no 'signIn', and beside one that has it was left out. */
  @Test
  void checksListenersWithAndWithoutSignIn() throws Exception {
    more =
        """
        signIn:
          tenant: contoso.onmicrosoft.com
          applicationId: 11111111-2222-3333-4444-555555555555
          flow: device-code
          origins: [localhost]
          accounts:
            - {devices: [10.1.2.0/24], mailbox: scanner@contoso.com}
        """;
    listener =
        "{name: accounts, bind: '127.0.0.1:0', accept: fixed, origin: 'localhost:1', protocol: smtp, profile: modern, signIn: true}";

    assertThat(run().out())
        .contains("listener mail, to localhost:1", "listener accounts, to localhost:1");
    assertThat(run("scanner@contoso.com").out())
        .as("of an account")
        .contains("listener accounts, to localhost:1")
        .doesNotContain("listener mail, to localhost:1");
  }

  @Test
  void checksTheOpenIdProviderUnlessAListenerIsChosen() throws Exception {
    more =
        """
        admin:
          bind: "127.0.0.1:9464"
          openIdConnect: {issuer: "https://localhost:1/realm", clientId: x, roles: {viewer: v}}
        """;
    CommandRun all = run();
    assertThat(all.out().replaceAll("\\s+", " "))
        .contains("listener mail, to localhost:1", "sign-in to the pages, at https://localhost:1")
        .contains("FAILED discovery ", "let this machine reach it")
        .contains("the provider must have http://127.0.0.1:9464/sign-in/openid/return");
    assertThat(run("--listener", "mail").out()).doesNotContain("sign-in to the pages");

    mail = "";
    CommandRun only = run();
    assertThat(only.exit()).as(only.out()).isEqualTo(PathFailure.OPENID_UNUSABLE.exitCode());
    assertThat(only.out()).startsWith("sign-in to the pages, at https://localhost:1/realm");
  }

  @Test
  void refusesAnAddressThatTheDaemonWouldRefuse() throws Exception {
    route = "*:1,26-65535";
    CommandRun run = run();
    assertThat(run.exit()).as(run.out()).isEqualTo(PathFailure.UNREACHABLE.exitCode());
    assertThat(run.out().replaceAll("\\s+", " "))
        .contains("FAILED connection ")
        .contains("if wanted, name it in 'routes' without *")
        .containsPattern("its address (127\\.0\\.0\\.1|0:0:0:0:0:0:0:1) is loopback")
        .doesNotContain("firewall");
  }

  @Test
  void refusesATestMessageWithoutASenderOrWithoutEffect() throws Exception {
    assertThat(run("--send-to", "you@contoso.com").err())
        .startsWith("listener mail: bind has port 0");
    assertThat(run("--send-to", "nobody").err())
        .startsWith("--send-to: got 'nobody'; expected a mail address");
    assertThat(run("--send-to", "you@contoso.com", "--json").err())
        .startsWith("--json: has no effect with --send-to");
    assertThat(run("--from", "you@contoso.com").err())
        .startsWith("--from, --login and --password-file: have no effect without --send-to");
    assertThat(CommandRun.of("doctor", "--help").out())
        .contains("41", "the message of --send-to was not accepted");
  }

  private CommandRun run(String... arguments) throws Exception {
    Path config =
        Files.writeString(
            directory.resolve("tls-uplift.yaml"),
            """
            dataDirectory: %s
            listeners:
              %s
              - %s
            routes:
              - {to: ["%s"], action: bridge}
            %s
            """
                .formatted(directory, mail, listener, route, more));
    List<String> all = new ArrayList<>(List.of("doctor", "--config", config.toString()));
    all.addAll(Arrays.asList(arguments));
    return CommandRun.of(all.toArray(String[]::new));
  }
}
