package org.tlsuplift.server.init;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.tlsuplift.proxy.testing.OneJdk;

/**
 * The cmdlets that people copy from the manual and from the output of commands. The tables were
 * made from the pages of Microsoft.
 */
@OneJdk
class ShownCmdletsTest {
  private static final Path PESTER = Path.of("src/test/pester");
  private static final Pattern CMDLET =
      Pattern.compile(
          "(?<![\\w.$-])((?:Add|Connect|ConvertTo|Disconnect|Enable|Expand|Export|ForEach|Format|Get|Import|Install|Move|New|Out|Read|Remove|Resolve|Restart|Revoke|Select|Send|Set|Sort|Start|Stop|Test|Unblock|Uninstall|Update|Where)-[A-Z]\\w+)([^|};)\n`]*)");
  private static final Pattern PARAMETER = Pattern.compile(" -([A-Z]\\w+)");
  private static final Pattern NESTED = Pattern.compile("\\([A-Z]\\w+-[A-Z].*");
  private static final Pattern COMMENT = Pattern.compile("(?m)^ */?\\*.*$");
  private static final Pattern BLOCK = Pattern.compile("(?ms)^ *```powershell.*?\n(.*?)^ *```");
  private static final Pattern INLINE = Pattern.compile("`([^`\n]+)`");
  private static final Pattern LITERAL = Pattern.compile("\"((?:[^\"\\\\\n]|\\\\.)*)\"");

  /** Of PowerShell itself, where the page was tried, and of the maker of a card. */
  private static final Set<String> OTHERS =
      Set.of(
          "Add-Type",
          "ConvertTo-SecureString",
          "Expand-Archive",
          "Export-Csv",
          "ForEach-Object",
          "Format-List",
          "Format-Table",
          "Get-Content",
          "Get-Credential",
          "Get-Date",
          "Get-FileHash",
          "Install-Module",
          "New-Object",
          "Read-Host",
          "Resolve-Path",
          "Select-Object",
          "Send-MailMessage",
          "Set-ExecutionPolicy",
          "Set-OVSMTPConfig",
          "Sort-Object",
          "Unblock-File",
          "Where-Object");

  /** No cmdlets: names of headers of HTTP and of the manifest of a jar. */
  private static final Set<String> HEADERS = Set.of("Set-Cookie", "Add-Opens");

  private static final Map<String, Set<String>> KNOWN = new HashMap<>();

  @BeforeAll
  static void read() throws Exception {
    for (String table : List.of("cmdlets.txt", "cmdlets-shown.txt")) {
      for (String line : Files.readAllLines(PESTER.resolve(table))) {
        if (!line.startsWith("#")) {
          List<String> words = Arrays.asList(line.replace("?", "").split(" ", -1));
          KNOWN.put(words.get(1), Set.copyOf(words.subList(2, words.size())));
        }
      }
    }
  }

  @Test
  void blocksOfTheManualHaveCmdletsAndParametersThatMicrosoftDocuments() throws Exception {
    assertThat(checked("manual", ".md", BLOCK)).hasSizeGreaterThan(30);
  }

  @Test
  void sentencesOfTheManualHaveCmdletsAndParametersThatMicrosoftDocuments() throws Exception {
    assertThat(checked("manual", ".md", INLINE)).hasSizeGreaterThan(10);
  }

  @Test
  void commandsPrintCmdletsAndParametersThatMicrosoftDocuments() throws Exception {
    assertThat(checked("java", ".java", LITERAL)).hasSizeGreaterThan(10);
    assertThat(checked("resources", ".txt", Pattern.compile("(?m)^    (.*)$")))
        .hasSizeGreaterThan(10);
  }

  private static Set<String> checked(String folder, String end, Pattern places) throws Exception {
    Set<String> found = new HashSet<>();
    try (Stream<Path> files = Files.walk(Path.of("src/main", folder))) {
      for (Path file : files.filter(each -> each.toString().endsWith(end)).toList()) {
        Matcher place = places.matcher(COMMENT.matcher(Files.readString(file)).replaceAll(""));
        while (place.find()) {
          check(file, place.group(1).replaceAll("`\n\\s*", " "), found);
        }
      }
    }
    return found;
  }

  private static void check(Path file, String text, Set<String> found) {
    Matcher call = CMDLET.matcher(text);
    for (int from = 0; call.find(from); from = call.end(1)) {
      String cmdlet = call.group(1);
      String values = NESTED.matcher(call.group(2)).replaceAll("");
      if (!OTHERS.contains(cmdlet) && !HEADERS.contains(cmdlet)) {
        found.add(cmdlet);
        assertThat(KNOWN).as(file + ": " + text).containsKey(cmdlet);
        assertThat(PARAMETER.matcher(values).results().map(each -> each.group(1)))
            .as(file + ": " + cmdlet + values)
            .isSubsetOf(KNOWN.get(cmdlet));
      }
    }
  }
}
