package org.tlsuplift.server.init;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.tlsuplift.proxy.testing.OneJdk;
import org.tlsuplift.server.testing.GeneratedPage;

/** The commands in the steps after a theft; {@code TenantCommandsTest} runs the command. */
@OneJdk
class RevocationStepsTest {
  private static final Pattern CMDLET = Pattern.compile("\\b([A-Z][a-z]+-[A-Z]\\w+)([^|};)]*)");
  private static final Pattern PARAMETER = Pattern.compile(" -([A-Z]\\w+)");

  /**
   * Cmdlets that no script for tenants calls, with their parameters here. Read on 2026-12-03 in
   * MicrosoftDocs/office-docs-powershell (2026-08-21) and
   * MicrosoftDocs/microsoftgraph-docs-powershell (2026-01-30).
   */
  private static final Map<String, Set<String>> OTHERS =
      Map.of(
          "Update-MgServicePrincipal", Set.of("ServicePrincipalId", "AccountEnabled"),
          "Remove-MgApplicationPassword", Set.of("ApplicationId", "KeyId"),
          "Revoke-MgUserSignInSession", Set.of("UserId"),
          "Remove-HVEAppAccess", Set.of("Identity", "AppIds"),
          "Get-InboundConnector", Set.of("Identity", "ResultSize"),
          "Set-InboundConnector", Set.of("Identity", "Enabled"),
          "Get-MessageTraceV2", Set.of("SenderAddress", "StartDate", "EndDate"));

  @Test
  void stepsCallOnlyCmdletsAndParametersThatMicrosoftDocuments() throws Exception {
    Map<String, Set<String>> known = new HashMap<>(OTHERS);
    for (String line : Files.readAllLines(Path.of("src/test/pester/cmdlets.txt"))) {
      List<String> words = Arrays.asList(line.replace("?", "").split(" ", -1));
      known.put(words.get(1), Set.copyOf(words.subList(2, words.size())));
    }
    List<String> commands = commands();
    assertThat(commands).hasSizeGreaterThan(15);
    for (String command : commands) {
      Matcher call = CMDLET.matcher(command);
      while (call.find()) {
        String cmdlet = call.group(1);
        if (!Set.of("Format-Table", "Where-Object", "ForEach-Object", "Sort-Object", "Get-Date")
            .contains(cmdlet)) {
          assertThat(known).as(command).containsKey(cmdlet);
          assertThat(PARAMETER.matcher(call.group(2)).results().map(each -> each.group(1)))
              .as(command)
              .isSubsetOf(known.get(cmdlet));
        }
      }
    }
  }

  /** On the day, a person may have the page alone. */
  @Test
  void pageHasTheSameCommands() throws Exception {
    Set<String> filled =
        commands().stream()
            .map(
                command ->
                    command
                        .replace("{TENANT}", "'contoso.onmicrosoft.com'")
                        .replace("{APPLICATION}", "11111111-2222-3333-4444-555555555555")
                        .replace("{GRAPH}", "Global")
                        .replace("{EXCHANGE}", "O365Default")
                        .replace("{MAILBOXES}", "@('scanner@contoso.com')"))
            .collect(Collectors.toSet());
    String page = Files.readString(GeneratedPage.MANUAL.resolve("stolen-machine.md"));
    List<String> shown =
        Pattern.compile("```powershell\n(.*?)```", Pattern.DOTALL)
            .matcher(page)
            .results()
            .flatMap(block -> block.group(1).lines())
            .toList();

    assertThat(shown).hasSizeGreaterThan(9).isSubsetOf(filled);
  }

  private static List<String> commands() {
    try (Stream<String> lines = TenantScript.read("tenant-revoke.txt").lines()) {
      return lines.filter(line -> line.startsWith("    ")).map(String::strip).toList();
    }
  }
}
