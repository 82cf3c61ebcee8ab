package org.tlsuplift.server.init;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.tlsuplift.proxy.testing.OneJdk;
import org.tlsuplift.server.testing.GeneratedPage;

/** The commands in the steps after a theft; {@code TenantCommandsTest} runs the command. */
@OneJdk
class RevocationStepsTest {
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
