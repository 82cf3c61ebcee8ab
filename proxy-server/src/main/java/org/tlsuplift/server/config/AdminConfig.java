package org.tlsuplift.server.config;

import java.time.LocalDate;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.route.Cidr;
import org.tlsuplift.server.config.binding.Checked;
import org.tlsuplift.server.config.binding.Form;
import org.tlsuplift.server.config.binding.Key;
import org.tlsuplift.server.config.binding.SchemaRules;
import org.tlsuplift.server.config.binding.Section;
import org.tlsuplift.server.config.binding.Spelling;
import org.tlsuplift.server.config.secret.KeyFiles;
import org.tlsuplift.server.feature.Role;
import org.tlsuplift.server.signin.PasswordHash;

/**
 * The settings of the admin port.
 *
 * @param tls null for plain HTTP
 * @param serverNames its names besides the address, normalised
 * @param externalUrl the address in browsers, if a proxy ends their TLS; else null
 * @param trustedProxies those whose {@code X-Forwarded-For} is believed
 * @param openIdConnect null if people sign in with passwords only
 * @param openMetrics whether metrics need no sign-in
 */
@SchemaRules(
    """
    if: {required: [bind], properties: {bind: {not: {pattern: '^(127\\.[0-9.]+|localhost|\\[::1\\]|\\[(0+:){7}0*1\\]):'}}}}
    then: {required: [tls], anyOf: [{required: [users]}, {required: [tokens]}, {required: [openIdConnect]}]}
    allOf:
      - if: {required: [bind, tls], properties: {tls: {const: auto}, bind: {pattern: '^(0\\.0\\.0\\.0|\\[::\\]):'}}}
        then: {required: [serverNames]}
    """)
public record AdminConfig(
    @Key(form = BindAddress.Text.class) BindAddress bind,
    @Key(form = Auto.class, section = Tls.Files.class, schema = KeyFiles.REQUIRED)
        @Nullable Tls tls,
    @Key(
            form = ServerName.class,
            expected = "host names and addresses, such as uplift.corp.example")
        List<String> serverNames,
    @Key(form = OpenIdConnectConfig.Address.class) @Nullable String externalUrl,
    @Key(expected = "address blocks of proxies, such as 192.168.1.2") List<Cidr> trustedProxies,
    @Key(schema = "{maxItems: 100}") List<User> users,
    @Key(schema = "{maxItems: 100}") List<Token> tokens,
    @Nullable OpenIdConnectConfig openIdConnect,
    boolean openMetrics)
    implements Checked {
  public static final String ENTRY_NAME = "1 to 64 visible ASCII characters without a colon";

  private static final int MAX_ENTRIES = 100;

  AdminConfig onPort(int port) {
    return new AdminConfig(
        new BindAddress(bind.host(), port),
        tls,
        serverNames,
        externalUrl,
        trustedProxies,
        users,
        tokens,
        openIdConnect,
        openMetrics);
  }

  /** The address in browsers; null if they reach the port itself. */
  public @Nullable String browserUrl() {
    return externalUrl != null || openIdConnect == null ? externalUrl : openIdConnect.externalUrl();
  }

  /** The names for its certificate; empty if it has no name and is bound to all addresses. */
  public List<String> certificateNames() {
    Stream<String> own = bind.isEveryAddress() ? Stream.of() : Stream.of(bind.host());
    return Stream.concat(serverNames.stream(), own).distinct().toList();
  }

  /** The source of the certificate. */
  public sealed interface Tls {
    /** The CA that devices trust signs the certificate. */
    record Auto() implements Tls {}

    /** The operator's files, which may be replaced at any time. */
    record Files(@Key(inline = true) KeyFiles keyFiles) implements Tls {}
  }

  /**
   * A user with a password.
   *
   * @param name without a colon
   */
  public record User(
      @Key(required = true, form = EntryName.class) String name,
      @Key(required = true, secret = true, form = Hash.class) PasswordHash passwordHash,
      @Key(fallback = "viewer") Role role) {}

  /**
   * A program with a token.
   *
   * @param name for the log
   * @param sha256 of the token, 64 hexadecimal digits in lower case
   * @param expires the last day on which the token is accepted; null for no end
   */
  public record Token(
      @Key(required = true, form = EntryName.class) String name,
      @Key(required = true, secret = true, form = Digest.class) String sha256,
      @Key(fallback = "viewer") Role role,
      @Key(expected = "the last day on which the token is accepted, such as 2027-06-30")
          @Nullable LocalDate expires) {
    /** Without the digest. */
    @Override
    public String toString() {
      return "Token[" + name + "]";
    }
  }

  @Override
  public void check(Section section) {
    if (tls instanceof Tls.Files) {
      KeyFiles.require(section, "tls", "set it, or write 'tls: auto'");
    }
    String other = openIdConnect == null ? null : openIdConnect.externalUrl();
    if (other != null && externalUrl != null && !externalUrl.equals(other)) {
      section.contradiction(
          "externalUrl",
          "the value of admin.openIdConnect.externalUrl, " + other,
          "remove that key: this one counts for both");
    }
    entries(section, "users", users.stream().map(User::name).toList());
    entries(section, "tokens", tokens.stream().map(Token::name).toList());
    if (section.clean("bind") && !bind.isLoopback()) {
      exposed(section);
    }
  }

  private static void entries(Section section, String key, List<String> names) {
    if (names.size() > MAX_ENTRIES) {
      section.contradiction(key, "at most " + MAX_ENTRIES + " entries", "");
    }
    Set<String> taken = new HashSet<>();
    for (int i = 0; i < names.size(); i++) {
      String at = key + "[" + i + "].name";
      if (section.clean(at) && !taken.add(names.get(i))) {
        section.contradiction(at, "a unique name", "another entry has it too");
      }
    }
  }

  /** On other machines, passwords and device names would be visible. */
  private void exposed(Section section) {
    String reach = "admin.bind " + bind + " is reachable from other machines; ";
    if (!section.has("tls")) {
      section.missing(
          "tls",
          "auto, or a section with 'certificate' and 'key'",
          reach + "or bind to 127.0.0.1:" + bind.port());
    }
    if (!section.has("users") && !section.has("tokens") && !section.has("openIdConnect")) {
      section.missing(
          "users",
          "users with a passwordHash, 'tokens' with a sha256, or 'openIdConnect'",
          reach + "run 'tls-uplift admin hash' and paste its output here");
    }
    if (tls instanceof Tls.Auto && section.clean("serverNames") && certificateNames().isEmpty()) {
      section.missing(
          "serverNames",
          "the names by which browsers and Prometheus reach this machine, such as [uplift.corp.example]",
          "a certificate for " + bind.host() + " would have no name; list them");
    }
  }

  /** The word for a certificate from the CA. */
  @Form.Rules(expected = "auto", schema = "{const: auto}")
  static final class Auto implements Form<Tls> {
    @Override
    public Tls parse(String text) {
      if (!text.equals("auto")) {
        throw new IllegalArgumentException(Spelling.hint(text, List.of("auto")));
      }
      return new Tls.Auto();
    }
  }

  /** The name of a user or token. RFC 7617 section 2: a colon ends the name. */
  @Form.Rules(expected = ENTRY_NAME, pattern = "^[!-9;-~]{1,64}$")
  public static final class EntryName implements Form<String> {
    private static final Pattern NAME = Pattern.compile("[\\p{Graph}&&[^:]]{1,64}");

    @Override
    public String parse(String text) {
      if (!NAME.matcher(text).matches()) {
        throw new IllegalArgumentException("");
      }
      return text;
    }
  }

  /** The hash of a password. */
  @Form.Rules(
      expected = "a line of 'tls-uplift admin hash' or 'htpasswd -B'",
      pattern = Hash.PATTERN)
  static final class Hash implements Form<PasswordHash> {
    static final String PATTERN = "^(\\$2[abxy]\\$[0-9]{2}\\$|\\$argon2id\\$)";

    @Override
    public PasswordHash parse(String text) {
      return PasswordHash.parse(text);
    }

    @Override
    public String shown(String wrong) {
      return "a text of " + wrong.length() + " characters";
    }
  }

  /** The digest of a token. */
  @Form.Rules(expected = "a line of 'tls-uplift admin token'", pattern = "^[0-9a-fA-F]{64}$")
  static final class Digest implements Form<String> {
    private static final Pattern SHA256 = Pattern.compile("[0-9a-fA-F]{64}");

    @Override
    public String parse(String text) {
      if (!SHA256.matcher(text).matches()) {
        throw new IllegalArgumentException("write the 64 hexadecimal digits, not the token itself");
      }
      return text.toLowerCase(Locale.ROOT);
    }

    @Override
    public String shown(String wrong) {
      return "a text of " + wrong.length() + " characters";
    }
  }
}
