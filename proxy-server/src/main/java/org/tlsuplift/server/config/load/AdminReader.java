package org.tlsuplift.server.config.load;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.server.config.AdminConfig;
import org.tlsuplift.server.config.BindAddress;
import org.tlsuplift.server.config.yaml.Section;
import org.tlsuplift.server.config.yaml.Words;
import org.tlsuplift.server.signin.password.PasswordHash;

/** Reads {@code admin}. */
final class AdminReader {
  private static final String HASH = "a line of 'tls-uplift admin hash' or 'htpasswd -B'";
  private static final String DIGEST = "a line of 'tls-uplift admin token'";
  private static final String AUTO = "auto, or a section with 'certificate' and 'key'";
  private static final Words<AdminConfig.Tls> TLS =
      Words.<AdminConfig.Tls>of(List.of(new AdminConfig.Tls.Auto()), tls -> "auto");

  /** RFC 7617 section 2: a colon ends the name. */
  private static final Pattern NAME = Pattern.compile("[\\p{Graph}&&[^:]]{1,64}");

  private static final Pattern SHA256 = Pattern.compile("[0-9a-fA-F]{64}");
  private static final int MAX_ENTRIES = 100;

  private AdminReader() {}

  static AdminConfig read(Section section) {
    BindAddress bind = section.value("bind", ConfigReader.BIND, BindAddress::parse).orElseThrow();
    AdminConfig admin =
        new AdminConfig(
            bind,
            tls(section),
            section.list(
                "serverNames",
                "host names and addresses, such as uplift.corp.example",
                ListenerReader::serverName),
            users(section),
            tokens(section),
            section.flag("openMetrics"));
    exposed(section, admin);
    section.end();
    return admin;
  }

  private static AdminConfig.@Nullable Tls tls(Section section) {
    if (!section.isMapping("tls")) {
      return section.word("tls", TLS).orElse(null);
    }
    Section files = section.section("tls");
    if (!files.has("certificate") && !files.has("pkcs12")) {
      files.missing("certificate", ConfigReader.PATH, "set it, or write 'tls: auto'");
    }
    AdminConfig.Tls tls = new AdminConfig.Tls.Files(KeyFilesReader.read(files));
    files.end();
    return tls;
  }

  private static List<AdminConfig.User> users(Section section) {
    List<AdminConfig.User> users = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (Section each : bounded(section, "users")) {
      Optional<String> name = name(each, names);
      Optional<PasswordHash> password = secret(each, "passwordHash", HASH, PasswordHash::parse);
      if (name.isPresent() && password.isPresent()) {
        users.add(new AdminConfig.User(name.get(), password.get()));
      }
      each.end();
    }
    return users;
  }

  private static List<AdminConfig.Token> tokens(Section section) {
    List<AdminConfig.Token> tokens = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (Section each : bounded(section, "tokens")) {
      Optional<String> name = name(each, names);
      Optional<String> digest = secret(each, "sha256", DIGEST, AdminReader::digest);
      if (name.isPresent() && digest.isPresent()) {
        tokens.add(new AdminConfig.Token(name.get(), digest.get()));
      }
      each.end();
    }
    return tokens;
  }

  private static List<Section> bounded(Section section, String key) {
    List<Section> entries = section.sections(key);
    if (entries.size() > MAX_ENTRIES) {
      section.contradiction(key, "at most " + MAX_ENTRIES + " entries", "");
    }
    return entries;
  }

  private static Optional<String> name(Section entry, Set<String> taken) {
    Optional<String> name =
        entry.required(
            "name", "1 to 64 visible ASCII characters without a colon", AdminReader::checked);
    if (name.isPresent() && !taken.add(name.get())) {
      entry.contradiction("name", "a unique name", "another entry has it too");
    }
    return name;
  }

  private static String checked(String name) {
    if (!NAME.matcher(name).matches()) {
      throw new IllegalArgumentException("");
    }
    return name;
  }

  private static <T> Optional<T> secret(
      Section entry, String key, String expected, Function<String, T> meaning) {
    if (!entry.has(key)) {
      entry.missing(key, expected, "");
    }
    return entry.guarded(key, expected, meaning, AdminReader::hidden);
  }

  private static String digest(String text) {
    if (!SHA256.matcher(text).matches()) {
      throw new IllegalArgumentException("write the 64 hexadecimal digits, not the token itself");
    }
    return text.toLowerCase(Locale.ROOT);
  }

  /** The text may be the password or the token itself. */
  private static String hidden(String secret) {
    return "a text of " + secret.length() + " characters";
  }

  /** On other machines, passwords and device names would be visible. */
  private static void exposed(Section section, AdminConfig admin) {
    if (!section.clean("bind") || admin.bind().isLoopback()) {
      return;
    }
    String reach = "admin.bind " + admin.bind() + " is reachable from other machines; ";
    if (!section.has("tls")) {
      section.missing("tls", AUTO, reach + "or bind to 127.0.0.1:" + admin.bind().port());
    }
    if (!section.has("users") && !section.has("tokens")) {
      section.missing(
          "users",
          "users with a passwordHash, or 'tokens' with a sha256",
          reach + "run 'tls-uplift admin hash' and paste its output here");
    }
    if (admin.tls() instanceof AdminConfig.Tls.Auto
        && section.clean("serverNames")
        && admin.certificateNames().isEmpty()) {
      section.missing(
          "serverNames",
          "the names by which browsers and Prometheus reach this machine, such as [uplift.corp.example]",
          "a certificate for " + admin.bind().host() + " would have no name; list them");
    }
  }
}
