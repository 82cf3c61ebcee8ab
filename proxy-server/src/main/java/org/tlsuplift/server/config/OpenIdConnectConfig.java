package org.tlsuplift.server.config;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.server.config.binding.Checked;
import org.tlsuplift.server.config.binding.Form;
import org.tlsuplift.server.config.binding.Forms;
import org.tlsuplift.server.config.binding.Key;
import org.tlsuplift.server.config.binding.Problems;
import org.tlsuplift.server.config.binding.SchemaRules;
import org.tlsuplift.server.config.binding.Section;
import org.tlsuplift.server.config.secret.PasswordFile;
import org.tlsuplift.server.feature.Role;

/**
 * The section {@code admin.openIdConnect}: people sign in at an OpenID provider.
 *
 * @param issuer exactly as the provider writes it
 * @param clientSecretFile its first line is the secret; null for a public client
 * @param externalUrl the address in browsers; null if they reach the port itself
 * @param rolesClaim the claim of the ID token with the values of {@code roles}
 */
public record OpenIdConnectConfig(
    @Key(required = true, form = Address.class) String issuer,
    @Key(required = true) String clientId,
    @Nullable Path clientSecretFile,
    @Key(form = Address.class) @Nullable String externalUrl,
    @Key(fallback = "roles") String rolesClaim,
    @Key(required = true, expected = "a section with viewer, operator or administrator")
        Roles roles) {

  /** Checks the secret. */
  void checkFiles(Problems problems) {
    var unused =
        FileChecks.warned(
            "admin.openIdConnect.clientSecretFile",
            clientSecretFile,
            "anyone with this file can pretend to be this client",
            PasswordFile::of,
            problems);
  }

  /** The values of the claim that give each role. */
  @SchemaRules("minProperties: 1")
  public record Roles(
      @Key(single = true) List<String> viewer,
      @Key(single = true) List<String> operator,
      @Key(single = true) List<String> administrator)
      implements Checked {
    /** The role of each value. */
    public Map<String, Role> byValue() {
      Map<String, Role> roles = new HashMap<>();
      viewer.forEach(value -> roles.put(value, Role.VIEWER));
      operator.forEach(value -> roles.put(value, Role.OPERATOR));
      administrator.forEach(value -> roles.put(value, Role.ADMINISTRATOR));
      return roles;
    }

    @Override
    public void check(Section section) {
      if (byValue().isEmpty() && section.clean("")) {
        section.missing(
            "administrator", "viewer, operator or administrator", "nobody could sign in");
      }
    }
  }

  /** An address, exactly as it is written: providers compare the characters. */
  @Form.Rules(
      expected = "https://host or https://host/path",
      pattern = "^https://[^/\\s?#@]+(/[^?#\\s]*)?$")
  static final class Address implements Form<String> {
    @Override
    public String parse(String text) {
      if (!Forms.isPlainHttps(Forms.url(text))) {
        throw new IllegalArgumentException("");
      }
      return text;
    }
  }
}
