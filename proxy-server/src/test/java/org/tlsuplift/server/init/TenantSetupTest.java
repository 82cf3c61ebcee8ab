package org.tlsuplift.server.init;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.server.config.ConfigLoader;
import org.tlsuplift.server.config.SignInTenant;
import org.tlsuplift.server.config.secret.IdentityContent;
import org.tlsuplift.server.process.PemFile;

/** What the set-up of a tenant writes, asks and prints. */
class TenantSetupTest {
  private static final String TENANT = "72f988bf-86f1-41af-91ab-2d7cd011db47";
  private static final String APPLICATION = "11111111-2222-3333-4444-555555555555";
  private static final String OBJECT = "66666666-7777-8888-9999-000000000000";
  private static final String REGISTRATION = "44444444-3333-2222-1111-000000000000";

  @TempDir Path directory;

  @Test
  void theConfigurationStaysReadableForTheDaemonAfterACommandOfRoot() throws Exception {
    Path file = Files.writeString(directory.resolve("uplift.yaml"), "old");
    assumeThat(Files.getAttribute(file, "unix:uid")).as("root").isEqualTo(0);
    Files.setAttribute(file, "unix:gid", 12_346);
    for (String mode : List.of("rw-r-----", "rw-r--r--")) {
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
      FirstSetup.write(file, "new", line -> {}, Clock.systemUTC());
      assertThat(Files.getAttribute(file, "unix:gid")).isEqualTo(12_346);
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
          .isEqualTo(mode);
    }
  }

  private final List<String> output = new ArrayList<>();

  @Test
  void keepsTheKeyOnThisMachine() throws Exception {
    Choices.SignIn signIn = run(Map.of(TenantSetup.MAILBOXES, "scanner@contoso.com"));

    ApplicationCertificate files = ApplicationCertificate.of(data(), "contoso.com");
    assertThat(signIn.certificate()).isEqualTo(files);
    assertThat(signIn.isPending()).isTrue();
    for (Path file : List.of(files.key(), files.certificate())) {
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
          .isEqualTo("rw-------");
    }
    List<String> key = Files.readAllLines(files.key());
    for (TenantScript script : TenantScript.CONNECT) {
      String text = Files.readString(directory.resolve(script.file()));
      assertThat(text).doesNotContain("PRIVATE");
      key.subList(1, key.size() - 1).forEach(line -> assertThat(text).doesNotContain(line));
    }
    assertThat(String.join("\n", output)).doesNotContain(key.get(1));
  }

  @Test
  void printsTheHashOfEachScript() throws Exception {
    run(Map.of());

    for (TenantScript script : TenantScript.CONNECT) {
      String sha256 = TenantScript.sha256(Files.readString(directory.resolve(script.file())));
      int line = output.indexOf("Script          " + directory.resolve(script.file()));
      assertThat(output.subList(line + 1, line + 3))
          .containsExactly(
              "                SHA-256 begins with " + TenantScript.readOut(sha256),
              "                SHA-256 " + sha256);
    }
    assertThat(String.join("\n", output)).contains("Get-FileHash .\\tls-uplift-tenant-*.ps1");
    assertThat(directory.resolve(TenantScript.LEAST.file())).doesNotExist();
  }

  /** Microsoft's page limits a certificate of an application to a year. */
  @Test
  void makesACertificateThatIsValidForAYear() throws Exception {
    run(Map.of());

    X509Certificate made = certificate();
    assertThat(Duration.between(made.getNotBefore().toInstant(), made.getNotAfter().toInstant()))
        .isEqualTo(Duration.ofDays(365));
    assertThat(made.getPublicKey().getAlgorithm()).isEqualTo("RSA");
    made.verify(made.getPublicKey());
  }

  @Test
  void keepsTheCertificateUnlessANewOneIsWanted() throws Exception {
    run(Map.of());
    X509Certificate first = certificate();
    run(Map.of());
    assertThat(certificate()).isEqualTo(first);
    setup(Map.of()).run(false, true, null);
    assertThat(certificate()).as("the tenant does not know the new one yet").isEqualTo(first);
    ApplicationCertificate staged = ApplicationCertificate.of(data(), "contoso.com").staged();
    X509Certificate second = PemFile.read(staged.certificate()).certificates().get(0);
    assertThat(second).isNotEqualTo(first);
    assertCarries(second, first, Files.readString(directory.resolve(TenantScript.SETUP.file())));
    assertThat(String.join("\n", output)).contains("The old certificate stays in use until");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(staged.key())))
        .isEqualTo("rw-------");

    setup(Map.of()).run(false, true, null);
    assertThat(PemFile.read(staged.certificate()).certificates())
        .as("the administrator may have its script already")
        .containsExactly(second);

    Choices.SignIn signIn = run(Map.of(Interview.APPLICATION_ID, APPLICATION));
    Path config = directory.resolve("tls-uplift.yaml");
    String text = ConfigLoader.defaultText() + new SignInSection(signIn, config, data()).text();
    SignInTenant tenant =
        ConfigLoader.parse(text, config.toString()).config().signIn().tenants().get(0);
    for (boolean least : new boolean[] {false, true}) {
      Files.delete(directory.resolve(TenantScript.SETUP.file()));
      output.clear();
      if (least) {
        setup(Map.of()).least(tenant, List.of("scanner@contoso.com"), List.of());
      } else {
        run(Map.of());
      }
      assertCarries(second, first, Files.readString(directory.resolve(TenantScript.SETUP.file())));
      assertThat(output)
          .anyMatch(line -> line.startsWith("Certificate     " + staged.certificate()));
    }
    TenantForm form = new TenantForm(Map.of("tenant", "contoso.com"), data());
    assertCarries(second, first, form.script(TenantScript.SETUP.file()));
    assertThat(form.certificate()).contains(second);

    ApplicationCertificate.of(data(), "contoso.com").activate(first);
    assertThat(certificate()).as("no token came with the staged one").isEqualTo(first);
    ApplicationCertificate.of(data(), "contoso.com").activate(second);
    assertThat(certificate()).isEqualTo(second);
    assertThat(staged.exists()).isFalse();
  }

  private static void assertCarries(X509Certificate staged, X509Certificate inUse, String script)
      throws Exception {
    Base64.Encoder base64 = Base64.getEncoder();
    assertThat(script)
        .contains("$CertificateData = '" + base64.encodeToString(staged.getEncoded()) + "'")
        .contains("$KnownCertificates = @('" + base64.encodeToString(inUse.getEncoded()) + "'");
  }

  /** Without a script that has it. */
  @Test
  void warnsOfACertificateThatTheTenantDoesNotKnow() throws Exception {
    run(Map.of(Interview.APPLICATION_ID, APPLICATION));
    assertThat(output)
        .anySatisfy(
            line ->
                assertThat(line)
                    .startsWith("warning: this certificate is new")
                    .contains(
                        "without --application-id", "application.crt.pem to the application"));
    output.clear();
    run(Map.of(Interview.APPLICATION_ID, APPLICATION));
    run(Map.of());
    assertThat(output).noneMatch(line -> line.startsWith("warning: this certificate"));
    setup(Map.of(Interview.APPLICATION_ID, APPLICATION)).run(false, true, null);
    assertThat(output).anyMatch(line -> line.startsWith("warning: this certificate is new"));
  }

  @Test
  void replacesACertificateThatHasExpired() throws Exception {
    run(Map.of());
    X509Certificate first = certificate();
    Clock later = Clock.offset(Clock.systemUTC(), Duration.ofDays(366));
    assertThat(ApplicationCertificate.of(data(), "contoso.com").prepare(later))
        .isNotEqualTo(first)
        .isEqualTo(certificate());
  }

  @Test
  void configurationReadsTheCertificate() throws Exception {
    Choices.SignIn signIn = run(Map.of(Interview.APPLICATION_ID, APPLICATION));
    Path config = directory.resolve("tls-uplift.yaml");
    String text = ConfigLoader.defaultText() + new SignInSection(signIn, config, data()).text();

    SignInTenant tenant =
        ConfigLoader.parse(text, config.toString()).config().signIn().tenants().get(0);

    assertThat(tenant.applicationId()).isEqualTo(APPLICATION);
    assertThat(IdentityContent.read(tenant.certificate()).identity().chain())
        .containsExactly(certificate());
    assertThat(directory.resolve(TenantScript.SETUP.file()))
        .as("a known application has its script already")
        .doesNotExist();
  }

  @Test
  void makesNoCertificateForASecretOrAUser() throws Exception {
    Choices.SignIn user = run(Map.of(Interview.FLOW, "device-code"));
    assertThat(user.certificate()).isNull();
    Choices.SignIn secret = setup(Map.of()).run(true, false, null);
    assertThat(secret.certificate()).isNull();
    assertThat(data()).doesNotExist();
    assertThat(directory.resolve(TenantScript.SETUP.file()))
        .content()
        .contains("$NewSecret = $true");
  }

  @ParameterizedTest
  @CsvSource({
    "contoso.com, 11111111-2222-3333-4444-55555555555A, 11111111-2222-3333-4444-55555555555a,",
    "contoso.com, T A O, 11111111-2222-3333-4444-555555555555,",
    "T, T A O, 11111111-2222-3333-4444-555555555555,",
    "T, '  T  A  O  ', 11111111-2222-3333-4444-555555555555,",
    "T, T A O R, 11111111-2222-3333-4444-555555555555, 44444444-3333-2222-1111-000000000000",
  })
  void readsThePastedIds(String tenant, String text, String id, @Nullable String objectId) {
    assertThat(TenantSetup.pasted(ids(text), ids(tenant)))
        .isEqualTo(new TenantSetup.Application(id, objectId));
  }

  @ParameterizedTest
  @CsvSource({
    "T, A A O, the script ran in another tenant",
    "T, T A A, two of the IDs are the same",
    "T, T A O A, two of the IDs are the same",
    "T, T A O O, two of the IDs are the same",
    "T, T A O R A, paste the whole line",
    "T, T A, paste the whole line",
    "T, x, paste the whole line",
    "T, id A, paste the whole line",
  })
  void refusesOtherIds(String tenant, String text, String remedy) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TenantSetup.pasted(ids(text), ids(tenant)))
        .withMessageContaining(remedy);
  }

  @Test
  void commandAndPageMakeTheSameScriptFromTheSameAnswers() throws Exception {
    TenantForm form = new TenantForm(Map.of("tenant", "contoso.com"), data());
    form.keep(List.of("scanner@contoso.com", "copier@contoso.com"));
    run(Map.of());
    assertThat(output)
        .contains("Mailboxes       scanner@contoso.com, copier@contoso.com")
        .noneMatch(line -> line.startsWith("warning: add --mailboxes"));
    for (TenantScript script : TenantScript.CONNECT) {
      assertThat(directory.resolve(script.file())).content().isEqualTo(form.script(script.file()));
    }
    run(Map.of(TenantSetup.MAILBOXES, "fax@contoso.com"));
    assertThat(directory.resolve(TenantScript.SETUP.file()))
        .content()
        .contains("$Mailboxes = @('fax@contoso.com')");
  }

  @Test
  void warnsOfScriptsWithoutMailboxes() throws Exception {
    String warning =
        "warning: add --mailboxes: these scripts have no mailboxes, so the part Exchange of set-up and of removal changes no mailbox";
    run(Map.of(TenantSetup.MAILBOXES, "scanner@contoso.com"));
    assertThat(output).doesNotContain(warning);
    run(Map.of());
    assertThat(output).contains(warning);
    output.clear();
    setup(Map.of()).run(false, true, null);
    assertThat(output).as("a new certificate").contains(warning);
  }

  @Test
  void makesNoCertificateIfTheScriptsCannotBeWritten() {
    refused("create it first", TenantSetup.OUTPUT, directory.resolve("none").toString());
    assertThat(data()).doesNotExist();
  }

  @Test
  void namesAnotherDirectoryIfThisUserCannotWriteOne() throws Exception {
    Path closed = Files.createDirectory(directory.resolve("closed"));
    Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("r-x------"));
    assumeThat(Files.isWritable(closed)).as("root can write it").isFalse();
    refused("add --output DIRECTORY, such as /tmp", TenantSetup.OUTPUT, closed.toString());
  }

  @Test
  void namesTheOptionThatIsWrong() {
    refused("--tenant: got 'common'", Interview.TENANT, "common");
    refused("--cloud: got 'gcc'", TenantSetup.CLOUD, "gcc");
    refused("--protocols: got 'ews'", TenantSetup.PROTOCOLS, "ews");
    refused("--mailboxes: got 'scanner'", TenantSetup.MAILBOXES, "scanner");
    refused("--name: got ''", TenantSetup.NAME, "");
    refused("1 to 58 printable characters", TenantSetup.NAME, "n".repeat(59));
    refused("create it first", TenantSetup.OUTPUT, directory.resolve("none").toString());
  }

  /** They could change the look of a script or of a command, or end its line. */
  @ParameterizedTest
  @ValueSource(
      strings = {"\n", "\u001b", "\u0085", "\u202e", "\u2066", "\u2028", "\u2029", "\u200b"})
  void refusesCharactersThatDoNotShow(String hidden) throws Exception {
    String name = "TLS" + hidden + "Uplift";
    String tenant = "contoso" + hidden + ".com";
    String mailbox = "scanner" + hidden + "@contoso.com";
    String remedy = "remove the hidden character U+%04X".formatted((int) hidden.charAt(0));
    refused(
        "--name: got 'TLS?Uplift'; expected 1 to 58 printable characters; " + remedy,
        TenantSetup.NAME,
        name);
    refused("--tenant: got 'contoso?.com'; expected", Interview.TENANT, tenant);
    refused("--mailboxes: got 'scanner?@contoso.com'", TenantSetup.MAILBOXES, mailbox);

    Map<String, String> form = Map.of("tenant", tenant, "name", name, "mailboxes", mailbox);
    assertThat(new TenantForm(form, data()).problems())
        .containsOnlyKeys("tenant", "name", "mailboxes")
        .extractingByKey("name")
        .asString()
        .endsWith(remedy);

    TenantForm kept = new TenantForm(Map.of("tenant", "contoso.com"), data());
    kept.keep(List.of("copier@contoso.com", mailbox));
    assertThatExceptionOfType(OperatorException.class)
        .isThrownBy(() -> run(Map.of()))
        .withMessageContaining("contoso.com.mailboxes: got '")
        .withMessageContaining("expected a mail address");
  }

  private void refused(String message, String option, String value) {
    assertThatExceptionOfType(OperatorException.class)
        .isThrownBy(() -> run(Map.of(option, value)))
        .withMessageContaining(message);
  }

  private static String ids(String text) {
    return text.replaceAll("\\bT\\b", TENANT)
        .replaceAll("\\bA\\b", APPLICATION)
        .replaceAll("\\bO\\b", OBJECT)
        .replaceAll("\\bR\\b", REGISTRATION);
  }

  private X509Certificate certificate() throws Exception {
    return PemFile.read(ApplicationCertificate.of(data(), "contoso.com").certificate())
        .certificates()
        .get(0);
  }

  private Path data() {
    return directory.resolve("data");
  }

  private Choices.SignIn run(Map<String, String> options) throws Exception {
    return setup(options).run(false, false, null);
  }

  private TenantSetup setup(Map<String, String> options) {
    Map<String, String> all =
        new HashMap<>(
            Map.of(Interview.TENANT, "contoso.com", TenantSetup.OUTPUT, directory.toString()));
    all.putAll(options);
    return new TenantSetup(all, null, data(), output::add, Clock.systemUTC());
  }
}
