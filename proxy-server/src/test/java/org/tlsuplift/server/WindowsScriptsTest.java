package org.tlsuplift.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tlsuplift.proxy.testing.OneJdk;
import org.tlsuplift.server.init.Interview;
import org.tlsuplift.server.testing.PowerShell;

/**
 * The text of the scripts that install the Windows service. There is no Windows here: a parser that
 * is not Microsoft's checks their syntax.
 */
@OneJdk
class WindowsScriptsTest {
  private static final Path SCRIPTS = Path.of("src", "main", "distribution", "windows");

  @TempDir Path directory;

  @Test
  void parseAsPowerShell() throws Exception {
    assertThat(errors(SCRIPTS.resolve("install.ps1"), SCRIPTS.resolve("uninstall.ps1"))).isEmpty();
    assertThat(errors(Files.writeString(directory.resolve("broken.ps1"), "if (1) { Start-Service")))
        .as("the parser finds a fault")
        .isNotEmpty();
  }

  private List<String> errors(Path... scripts) throws Exception {
    return PowerShell.errors(directory, List.of(scripts));
  }

  /** PowerShell makes an array of {@code a,b}, and a string of it would be {@code a b}. */
  @Test
  void giveInitListsWithCommas() throws IOException {
    assertThat(install())
        .contains(
            "[string[]]$Names",
            "[string[]]$Ways",
            "@('--names', ($Names -join ','))",
            "@('--ways', ($Ways -join ','))");
  }

  /** With {@code -Ways direct-send}, the interview needs two more. */
  @Test
  void giveInitItsOtherOptions() throws IOException {
    assertThat(install())
        .contains(
            Interview.MX_HOST + " contoso-com.mail",
            Interview.ALLOWED_SENDERS + " @contoso.com",
            "if ($Init) { $arguments += $Init.Trim() -split '\\s+' }");
  }

  @Test
  void registerTheServiceOnlyWithAConfiguration() throws IOException {
    assertThat(position("@('init', '--yes'")).isLessThan(position("Invoke-Program $prunsrv"));
  }

  /** Every user can make a directory in C:\ProgramData before the administrator does. */
  @Test
  void useADataDirectoryOnlyIfAnAdministratorOwnsIt() throws IOException {
    assertThat(position("Assert-Owner (Get-Item -LiteralPath $Data"))
        .isLessThan(position("Set-Acl -LiteralPath $Data"));
    assertThat(position("ForEach-Object { Assert-Owner $_ }"))
        .as("files are checked when others can add no more, and before one is used")
        .isGreaterThan(position("Set-Acl -LiteralPath $Data"))
        .isLessThan(position("@('init', '--yes'"));
    assertThat(install())
        .as("entries of others do not stay")
        .contains("SetAccessRuleProtection($true, $false)")
        .doesNotContain("/inheritance:r");
  }

  @Test
  void moveTheFirewallRuleToTheNewVersion() throws IOException {
    assertThat(install()).contains("Set-NetFirewallRule -Name $service -Program $prunsrv");
  }

  /** Prunsrv deletes a file with a fixed name at each start, and never rotates it. */
  @Test
  void leaveTheLogFileToTheProgram() throws IOException {
    Matcher option = Pattern.compile("-D(\\S+)=\\$\\(Join-Path \\$log").matcher(install());
    assertThat(option.find()).isTrue();
    assertThat(Files.readString(Path.of("src/main/java/org/tlsuplift/server/log/ServiceLog.java")))
        .contains("PROPERTY = \"" + option.group(1) + "\"");
    assertThat(install()).contains("'--StdOutput=auto'", "'--StdError=auto'");
  }

  /** Prunsrv reads no file with options, and the command has those of the service. */
  @Test
  void useTheOptionsOfTheOneFile() throws IOException {
    assertThat(install())
        .contains("Join-Path $folder 'lib\\jvm.options'", "\"--JvmOptions=$($options -join ';');\"")
        .doesNotContain("-Xms", "UseSerialGC");
    assertThat(Files.readString(SCRIPTS.resolve("tls-uplift.cmd")))
        .contains("\"@%~dp0..\\lib\\jvm.options\"")
        .doesNotContain("-Xms", "UseSerialGC");
    assertThat(Files.readAllLines(SCRIPTS.resolveSibling("lib").resolve("jvm.options")))
        .as("what prunsrv would split, or PowerShell would leave out")
        .allMatch(line -> line.isEmpty() || line.startsWith("#") || line.matches("-[^;#'\" ]+"));
  }

  private static int position(String text) throws IOException {
    int found = install().indexOf(text);
    assertThat(found).as(text).isNotNegative();
    return found;
  }

  private static String install() throws IOException {
    return Files.readString(SCRIPTS.resolve("install.ps1"));
  }
}
