package org.tlsuplift.server.init;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Base64;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.server.config.SignInConfig;
import org.tlsuplift.server.microsoft365.Cloud;
import org.tlsuplift.server.testing.PowerShell;

/** The text of the scripts for the administrator of a tenant. There is no tenant here. */
class TenantScriptTest {
  /** As PowerShell reads them (CharTraits.IsSingleQuote). */
  private static final String SINGLE_QUOTES = "['\u2018\u2019\u201A\u201B]";

  private static final List<List<String>> MAILBOXES =
      List.of(
          List.of(),
          List.of("scanner@contoso.com"),
          List.of("o'brien@contoso.com", "a$(throw)`@contoso.com", "#x@contoso.com"),
          List.of(
              "b\u00fcro \u201Cquoted\u201D \u2018x\u2019@contoso.com",
              "\u540d\u524d@contoso.com",
              "'; throw 'x"));

  @TempDir Path directory;

  @Test
  void everyCombinationHasItsSettingsAndParses() throws Exception {
    X509Certificate certificate =
        ApplicationCertificate.of(directory.resolve("data"), "contoso.com")
            .prepare(Clock.systemUTC());
    List<Path> files = new ArrayList<>();
    for (List<String> mailboxes : MAILBOXES) {
      for (Set<MailProtocol> protocols : combinations()) {
        for (SignInConfig.Flow flow : SignInConfig.Flow.values()) {
          boolean application = flow == SignInConfig.Flow.APPLICATION;
          TenantPlan plan =
              new TenantPlan(
                  "contoso.com",
                  Cloud.WORLDWIDE,
                  flow,
                  "Scanner's \u201ATLS\u2018",
                  mailboxes,
                  protocols,
                  application ? certificate : null,
                  List.of(),
                  false,
                  List.of());
          for (TenantScript script : TenantScript.values()) {
            String text = script.text(plan);
            assertThat(strings(text, "Mailboxes")).isEqualTo(mailboxes);
            assertThat(strings(text, "Name")).containsExactly(plan.name());
            assertThat(strings(text, "Protocols"))
                .containsExactlyElementsOf(
                    protocols.stream().sorted().map(MailProtocol::label).toList());
            assertThat(strings(text, "Permissions"))
                .containsExactlyElementsOf(
                    protocols.stream().sorted().map(flow::permission).toList());
            assertThat(strings(text, "CertificateData"))
                .containsExactly(
                    application
                        ? Base64.getEncoder().encodeToString(certificate.getEncoded())
                        : "");
            files.add(
                Files.writeString(directory.resolve(files.size() + "-" + script.file()), text));
          }
        }
      }
    }
    assertThat(PowerShell.errors(directory, files)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "SMTP, APPLICATION, SMTP.SendAsApp",
    "IMAP, APPLICATION, IMAP.AccessAsApp",
    "POP3, APPLICATION, POP.AccessAsApp",
    "SMTP, DEVICE_CODE, SMTP.Send",
    "IMAP, DEVICE_CODE, IMAP.AccessAsUser.All",
    "POP3, DEVICE_CODE, POP.AccessAsUser.All",
  })
  void grantsOnlyThePermissionOfTheProtocol(
      MailProtocol protocol, SignInConfig.Flow flow, String permission) {
    String text = TenantScript.SETUP.text(plan(Cloud.WORLDWIDE, flow, protocol, false));
    assertThat(strings(text, "Permissions")).containsExactly(permission);
  }

  @ParameterizedTest
  @CsvSource({
    "WORLDWIDE, Global, O365Default",
    "GCC_HIGH, USGov, O365USGovGCCHigh",
    "DOD, USGovDoD, O365USGovDoD",
    "CHINA, China, O365China",
  })
  void signsInAtTheCloudOfTheTenant(Cloud cloud, String graph, String exchange) {
    for (TenantScript script : TenantScript.values()) {
      String text =
          script.text(plan(cloud, SignInConfig.Flow.APPLICATION, MailProtocol.SMTP, false));
      assertThat(strings(text, "GraphEnvironment")).containsExactly(graph);
      assertThat(strings(text, "ExchangeEnvironment")).containsExactly(exchange);
    }
  }

  @Test
  void createsASecretOnlyOnRequest() {
    assertThat(
            TenantScript.SETUP.text(
                plan(Cloud.WORLDWIDE, SignInConfig.Flow.APPLICATION, MailProtocol.SMTP, false)))
        .contains("$NewSecret = $false");
    assertThat(
            TenantScript.SETUP.text(
                plan(Cloud.WORLDWIDE, SignInConfig.Flow.APPLICATION, MailProtocol.SMTP, true)))
        .contains("$NewSecret = $true");
  }

  /** A change outside of it would happen in the preview, too. */
  @Test
  void changesSomethingOnlyInsideInvokeChange() {
    Pattern change = Pattern.compile("^ *(New|Add|Set|Remove|Update)-[A-Z][A-Za-z]+ -");
    for (TenantScript script : TenantScript.values()) {
      List<String> lines =
          script
              .text(plan(Cloud.WORLDWIDE, SignInConfig.Flow.APPLICATION, MailProtocol.SMTP, false))
              .lines()
              .toList();
      int changes = 0;
      for (int i = 0; i < lines.size(); i++) {
        if (change.matcher(lines.get(i)).find()) {
          changes++;
          int open = i - 1;
          while (indent(lines.get(open)) >= indent(lines.get(i))) {
            open--;
          }
          assertThat(lines.get(open)).as(lines.get(i)).contains("Invoke-Change ").endsWith("{");
        }
      }
      assertThat(changes)
          .isEqualTo(
              switch (script) {
                case SETUP -> 23;
                case REMOVE -> 17;
                case LEAST -> 5;
              });
    }
  }

  /** Users may sign in with {@code --browser}, which a device code policy does not block. */
  @Test
  void registersTheRedirectForUsersWhoSignInThemselves() {
    String text =
        TenantScript.SETUP.text(
            plan(Cloud.WORLDWIDE, SignInConfig.Flow.DEVICE_CODE, MailProtocol.SMTP, false));
    String redirect =
        "-PublicClient @{ RedirectUris = @(Read-Redirects $Application.Id) + 'http://localhost' }";
    assertThat(text).containsOnlyOnce(redirect).contains("isFallbackPublicClient,publicClient,");
  }

  @Test
  void switchesSmtpAuthOnForTheMailboxesAlone() {
    assertThat(
            TenantScript.SETUP.text(
                plan(Cloud.WORLDWIDE, SignInConfig.Flow.APPLICATION, MailProtocol.SMTP, false)))
        .contains("Set-CASMailbox -Identity $id -SmtpClientAuthenticationDisabled $false")
        .doesNotContain("Set-TransportConfig");
  }

  @Test
  void everyChangeHasItsCounterpart() {
    String remove =
        TenantScript.REMOVE.text(
            plan(Cloud.WORLDWIDE, SignInConfig.Flow.APPLICATION, MailProtocol.SMTP, false));
    assertThat(remove)
        .contains(
            "Remove-MgApplication -ApplicationId",
            "Remove-ServicePrincipal -Identity",
            "Remove-MailboxPermission -Identity $id -User $ObjectId -AccessRights FullAccess",
            "Remove-RecipientPermission -Identity $id -Trustee $ObjectId -AccessRights SendAs",
            "Remove-ManagementRoleAssignment -Identity $assignment.Name",
            "Remove-ManagementScope -Identity",
            "Remove-DistributionGroup -Identity",
            "Set-CASMailbox -Identity $id @options",
            "Remove-MgServicePrincipalAppRoleAssignment -ServicePrincipalId");
  }

  @Test
  void everyCmdletHasItsSourceInTheManual() throws Exception {
    String manual = Files.readString(Path.of("src/main/manual/tenant-sources.md"));
    String sources = manual.substring(manual.indexOf("## Sources"));
    for (TenantScript script : TenantScript.values()) {
      Matcher cmdlet =
          Pattern.compile(
                  "\\b(Connect|Disconnect|Get|New|Add|Set|Update|Remove)-(Mg|(?!Module|Content|Date|Item|Location|Member)[A-Z])[A-Za-z]+")
              .matcher(
                  script.text(
                      plan(
                          Cloud.WORLDWIDE,
                          SignInConfig.Flow.APPLICATION,
                          MailProtocol.SMTP,
                          false)));
      while (cmdlet.find()) {
        assertThat(sources).contains(cmdlet.group());
      }
    }
  }

  /** {@code Get-FileHash} hashes the file, so the hash includes the byte order mark. */
  @Test
  void hashIsThatOfTheFile() throws Exception {
    String text =
        TenantScript.SETUP.text(
            plan(Cloud.WORLDWIDE, SignInConfig.Flow.APPLICATION, MailProtocol.SMTP, false));
    Path file = Files.writeString(directory.resolve("script.ps1"), text);
    Process sum = new ProcessBuilder("sha256sum", file.toString()).start();
    String expected =
        new String(sum.getInputStream().readAllBytes(), StandardCharsets.UTF_8).substring(0, 64);
    String hash = TenantScript.sha256(text);
    assertThat(hash).isUpperCase().isEqualToIgnoringCase(expected);
    assertThat(TenantScript.readOut(hash))
        .matches("([0-9A-F]{4} ){5}[0-9A-F]{4}")
        .isEqualTo(
            String.join(" ", hash.substring(0, 24).split("(?<=\\G....)", -1)).stripTrailing());
  }

  @ParameterizedTest
  @ValueSource(strings = {"a\nb", "a\rb", "a\u0000b", "a\u0085b", "a\u202eb", "a\u2028b"})
  void refusesControlCharacters(String text) {
    assertThatIllegalArgumentException().isThrownBy(() -> TenantScript.quoted(text));
  }

  /** Windows PowerShell 5.1 would read other text than UTF-8 with this mark as ANSI. */
  @Test
  void beginsWithAByteOrderMark() {
    assertThat(
            TenantScript.SETUP.text(
                plan(Cloud.WORLDWIDE, SignInConfig.Flow.APPLICATION, MailProtocol.SMTP, false)))
        .startsWith("\uFEFF<#");
  }

  private static int indent(String line) {
    return line.isBlank() ? Integer.MAX_VALUE : line.length() - line.stripLeading().length();
  }

  private static TenantPlan plan(
      Cloud cloud, SignInConfig.Flow flow, MailProtocol protocol, boolean secret) {
    return new TenantPlan(
        "contoso.com",
        cloud,
        flow,
        "TLS Uplift",
        List.of("scanner@contoso.com"),
        Set.of(protocol),
        null,
        List.of(),
        secret,
        List.of());
  }

  private static List<Set<MailProtocol>> combinations() {
    List<Set<MailProtocol>> all = new ArrayList<>();
    MailProtocol[] values = MailProtocol.values();
    for (int bits = 1; bits < 1 << values.length; bits++) {
      Set<MailProtocol> chosen = EnumSet.noneOf(MailProtocol.class);
      for (int i = 0; i < values.length; i++) {
        if (((bits >> i) & 1) == 1) {
          chosen.add(values[i]);
        }
      }
      all.add(chosen);
    }
    return all;
  }

  /** The strings in single quotes of a setting, as PowerShell reads them. */
  private static List<String> strings(String script, String setting) {
    Matcher line = Pattern.compile("(?m)^\\$" + setting + " = (.*)$").matcher(script);
    assertThat(line.find()).as(setting).isTrue();
    List<String> strings = new ArrayList<>();
    Matcher string =
        Pattern.compile(
                "Q((?:[^Q]|QQ)*+)Q"
                    .replace("[^Q]", "[^" + SINGLE_QUOTES.substring(1))
                    .replace("Q", SINGLE_QUOTES))
            .matcher(line.group(1));
    while (string.find()) {
      strings.add(string.group(1).replaceAll("(" + SINGLE_QUOTES + ")" + SINGLE_QUOTES, "$1"));
    }
    return strings;
  }
}
