package org.tlsuplift.server.manual;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.InputFormat;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.dialect.Dialects;
import java.nio.file.Files;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tlsuplift.proxy.testing.OneJdk;
import org.tlsuplift.server.config.ConfigLoader;
import org.tlsuplift.server.config.ConfigurationPage;
import org.tlsuplift.server.config.binding.InvalidConfigException;
import org.tlsuplift.server.config.binding.JsonSchema;
import org.tlsuplift.server.testing.GeneratedPage;
import org.tlsuplift.server.testing.SchemaAgreement;

/**
 * Writes the JSON schema of the configuration. That it agrees with the loader is checked wherever
 * tests have configurations: see {@link SchemaAgreement}.
 */
@OneJdk
class ConfigurationSchemaTest {
  private static final String LISTENERS =
      "listeners: [{name: web, bind: '127.0.0.1:0', accept: http-connect, profile: legacy}]\n";

  private final JsonSchema schema = ConfigLoader.schema();

  @Test
  void hasTheCommentsOfTheDefault() throws Exception {
    GeneratedPage.check(SchemaAgreement.SCHEMA, schema.json(), ConfigurationSchemaTest.class);
    assertThat(Files.readString(SchemaAgreement.SCHEMA))
        .contains(
            "\"description\": \"The proxy for connections to origins:\\n\\n- `direct`: none\\n");
  }

  @Test
  void isASchema() throws Exception {
    assertThat(
            SchemaRegistry.withDialect(Dialects.getDraft7())
                .getSchema(SchemaLocation.of("http://json-schema.org/draft-07/schema#"))
                .validate(schema.json(), InputFormat.JSON))
        .isEmpty();
  }

  /** A flow mapping in the default has no comments for its keys. */
  @Test
  void hasTheKeysOfTheDefault() {
    Set<String> documented =
        new TreeSet<>(new ConfigurationPage(ConfigLoader.defaultText()).descriptions().keySet());
    assertThat(schema.keys()).containsAll(documented);
    Set<String> undocumented = new TreeSet<>(schema.keys());
    undocumented.removeAll(documented);
    assertThat(undocumented)
        .containsExactlyInAnyOrder(
            "admin.tls.passwordFile",
            "admin.tls.pkcs12",
            "listeners.proxyProtocol.accept",
            "listeners.proxyProtocol.from",
            "listeners.users.name",
            "listeners.users.passwordFile",
            "notify.weekly.tag",
            "notify.weekly.to",
            "signIn.tenants.certificate.certificate",
            "signIn.tenants.certificate.key",
            "signIn.tenants.certificate.passwordFile",
            "signIn.tenants.certificate.pkcs12");
  }

  @Test
  void acceptsTheDefault() throws Exception {
    assertThat(SchemaAgreement.errors(ConfigLoader.defaultText())).isEmpty();
    assertThat(ConfigLoader.defaultText())
        .startsWith("# yaml-language-server: $schema=" + SchemaAgreement.SCHEMA.getFileName());
  }

  /** What a schema cannot say: for each rule of the loader an example, which the schema accepts. */
  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "RANGE_OF_TIME | limits: {idleTimeout: 2d}",
        "RANGE_OF_SIZE | accessLog: {file: a.log, maxFileSize: 512KB}",
        "DAY_OF_MONTH | signIn: {tenant: a.example, applicationId: 11111111-2222-3333-4444-555555555555, flow: application, clientSecretFile: pom.xml, secretExpires: 2027-02-30, accountsFile: a.yaml}",
        "ADDRESS | devices: {allow: [10.0.0.1/8]}",
        "OTHER_KEY | inventory: {keep: 20d}",
        "UNIQUE | admin: {tokens: [{name: a, sha256: 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef}, {name: a, sha256: 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef}]}",
        "FILES | upstream: {trust: /does/not/exist}",
        "TENANT | signIn: {accounts: [{devices: [10.0.0.0/8], mailbox: a@b.example}]}",
        "ROUTE | listeners: [{name: a, bind: '127.0.0.1:0', accept: fixed, origin: 'a.example:443', profile: legacy}]",
        "USER_OF_PROXY | upstream: {via: 'socks5://J\u00f6rg:/etc/a@proxy:1080'}",
        "DESTINATION | routes: [{to: ['*corp.example'], action: bridge}]",
      })
  void leavesRulesToTheLoader(SchemaAgreement.LoaderRule rule, String yaml) {
    String whole = yaml.startsWith("listeners:") ? yaml : LISTENERS + yaml;
    assertThat(SchemaAgreement.errors(whole)).isEmpty();
    try {
      ConfigLoader.parse(whole, "test");
      throw new AssertionError("the loader accepts it");
    } catch (InvalidConfigException invalid) {
      assertThat(invalid.problems())
          .anyMatch(problem -> SchemaAgreement.LoaderRule.of(problem).equals(Set.of(rule)));
    }
  }
}
