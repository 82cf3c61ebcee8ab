package org.tlsuplift.server.init;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.server.config.ConfigLoader;
import org.tlsuplift.server.config.ListenerConfig;
import org.tlsuplift.server.config.LoadedConfig;
import org.tlsuplift.server.config.ServerConfig;
import org.tlsuplift.server.config.SignInConfig;
import org.tlsuplift.server.config.SignInTenant;
import org.tlsuplift.server.config.TokenHosts;
import org.tlsuplift.server.config.binding.ConfigProblem;
import org.tlsuplift.server.config.binding.Position;
import org.tlsuplift.server.config.binding.Positions;
import org.tlsuplift.server.config.binding.Problems;
import org.tlsuplift.server.config.binding.YamlTree;

/**
 * The section {@code signIn} of a configuration.
 *
 * @param config the file of the configuration
 * @param data the directory of the daemon
 */
public record SignInSection(Choices.SignIn signIn, Path config, Path data) {
  private static final Pattern NAMES = Pattern.compile("[,\\s]+");

  /** The YAML, after an empty line. */
  public String text() {
    return ConfigDraft.signIn(signIn, data, null);
  }

  /**
   * A change of the file.
   *
   * @param before the text of the file
   * @param after the text with the section
   * @param listeners which listeners get {@code signIn: true}
   * @param warning what the operator must do too; empty for nothing
   */
  public record Change(String before, String after, List<String> listeners, String warning) {
    /** For the audit log. */
    public String summary() {
      return listeners.isEmpty()
          ? "section signIn"
          : "section signIn; signIn: true on " + String.join(", ", listeners);
    }

    /** The lines that the change adds. */
    public List<String> added() {
      List<String> old = before.lines().toList();
      return after.lines().filter(line -> !old.contains(line)).toList();
    }
  }

  /**
   * The listeners for mail on which devices do not sign in yet.
   *
   * @throws OperatorException if the file cannot be used
   */
  public static List<String> candidates(Path file) throws OperatorException {
    return candidates(ConfigLoader.load(file).config());
  }

  private static List<String> candidates(ServerConfig config) {
    return config.listeners().stream()
        .filter(listener -> listener.service().protocol() != ListenerConfig.Protocol.TLS)
        .filter(listener -> !listener.signIn())
        .map(ListenerConfig::name)
        .toList();
  }

  /**
   * What {@link #write} would change: it adds the section, or sets the ID that is missing in it,
   * and lets devices sign in on listeners.
   *
   * @param listeners names separated by commas, {@code all} or {@code none}
   * @throws IOException if the file cannot be read
   * @throws OperatorException if the file has another section or no such listener, or the daemon
   *     could not run with the result
   */
  public Change change(String listeners) throws IOException, OperatorException {
    String before = Files.readString(config, StandardCharsets.UTF_8);
    ServerConfig old = ConfigLoader.parse(before, config.toString()).config();
    List<String> chosen = chosen(listeners, candidates(old));
    String after = signingIn(before, old, chosen);
    SignInConfig existing = old.signIn();
    if (existing == null) {
      after +=
          (after.isEmpty() || after.endsWith("\n") ? "" : "\n")
              + ConfigDraft.signIn(signIn, data, old.microsoft365().cloud());
    } else if (isOf(existing, Choices.SignIn.PENDING)
        || (signIn.applicationObjectId() != null
            && isOf(existing, signIn.applicationId())
            && existing.tenants().get(0).applicationObjectId() == null)) {
      after = identified(after);
    } else if (!isOf(existing, signIn.applicationId()) || chosen.isEmpty()) {
      throw new OperatorException(
          config
              + " has a section 'signIn' already; change it by hand: 'tls-uplift tenant setup' without --write shows the keys");
    }
    LoadedConfig result = ConfigLoader.parse(after, config.toString());
    SignInTenant tenant = Objects.requireNonNull(result.config().signIn()).tenants().get(0);
    return new Change(
        before,
        after,
        chosen,
        Stream.of(warning(result), warning(tenant.certificate(), tenant.applicationObjectId()))
            .filter(each -> !each.isEmpty())
            .collect(Collectors.joining("; ")));
  }

  /** What the renewal of the certificate lacks; or empty. */
  public String warning() {
    return warning(signIn.certificate(), signIn.applicationObjectId());
  }

  private static String warning(@Nullable Object certificate, @Nullable String objectId) {
    return certificate == null || objectId != null
        ? ""
        : "add 'applicationObjectId: ID' beside applicationId (Entra admin center, App registrations, the application: Object ID): the IDs lack it, and without it the daemon may not renew the certificate";
  }

  /** What keeps devices from sending even though the configuration can be loaded; or empty. */
  private static String warning(LoadedConfig result) {
    ServerConfig config = result.config();
    if (config.listeners().stream().noneMatch(ListenerConfig::signIn)) {
      return "no listener has 'signIn: true'; choose the mail listeners of these devices (--listeners), or add it there";
    }
    SignInConfig signIn = Objects.requireNonNull(config.signIn());
    SignInTenant tenant = signIn.tenants().get(0);
    TokenHosts hosts = TokenHosts.of(signIn, tenant, config.listeners());
    return Stream.concat(
            config.listeners().stream()
                .filter(ListenerConfig::signIn)
                .map(ListenerConfig::origin)
                .filter(origin -> origin != null && !hosts.allow(origin))
                .map(
                    origin ->
                        "no token of this tenant goes to %s; set an origin of the cloud '%s', such as %s:587"
                            .formatted(origin, tenant.cloud().label(), tenant.cloud().smtpHost()))
                .limit(1),
            result.warnings().stream()
                .filter(each -> each.path().endsWith(".cloud"))
                .map(ConfigProblem::toString))
        .collect(Collectors.joining("; "));
  }

  private static List<String> chosen(String words, List<String> candidates)
      throws OperatorException {
    List<String> names =
        NAMES.splitAsStream(words.strip()).filter(name -> !name.isEmpty()).toList();
    if (names.equals(List.of("all"))) {
      return candidates;
    }
    if (names.equals(List.of("none"))) {
      return List.of();
    }
    for (String name : names) {
      if (!candidates.contains(name)) {
        throw new OperatorException(
            "--listeners: got '%s'; expected all, none, or listeners for mail without signIn: %s"
                .formatted(
                    name, candidates.isEmpty() ? "there is none" : String.join(", ", candidates)));
      }
    }
    return names;
  }

  /** The text with the IDs, and without the comment that asks for one. */
  private String identified(String text) {
    String known =
        text.replace(Choices.SignIn.PENDING, signIn.applicationId())
            .replace(ConfigDraft.MISSING, ConfigDraft.KNOWN);
    if (signIn.applicationObjectId() == null) {
      return known;
    }
    List<String> lines = lines(known);
    Positions positions = YamlTree.parse(known, new Problems()).positions();
    Position key = positions.of("signIn.applicationId");
    insert(
        lines,
        key == null ? positions.of("signIn.tenants[0].applicationId") : key,
        "applicationObjectId: '" + signIn.applicationObjectId() + "'",
        ConfigDraft.OBJECT_ID);
    return String.join("", lines);
  }

  private static List<String> lines(String text) {
    return new ArrayList<>(List.of(text.split("(?<=\n)", -1)));
  }

  /** Inserts a key and its value before another key, with a comment where it has its own line. */
  private static void insert(
      List<String> lines, @Nullable Position before, String added, String meaning) {
    if (before != null) {
      String line = lines.get(before.line() - 1);
      int at = line.offsetByCodePoints(0, before.column() - 1);
      String start = line.substring(0, at);
      boolean ofItsOwn = start.replaceFirst("-", "").isBlank();
      lines.set(
          before.line() - 1,
          (ofItsOwn
                  ? ConfigDraft.line(start + added, meaning) + " ".repeat(before.column() - 1)
                  : start + added + ", ")
              + line.substring(at));
    }
  }

  /** The text with {@code signIn: true} before the key {@code protocol} of these listeners. */
  private static String signingIn(String text, ServerConfig config, List<String> names) {
    Positions positions = YamlTree.parse(text, new Problems()).positions();
    List<String> lines = lines(text);
    // From the last to the first, so that the positions stay true.
    for (int i = config.listeners().size() - 1; i >= 0; i--) {
      if (names.contains(config.listeners().get(i).name())) {
        insert(
            lines,
            positions.of("listeners[" + i + "].protocol"),
            "signIn: true",
            ConfigDraft.SIGN_IN);
      }
    }
    return String.join("", lines);
  }

  /** Whether it is the section of this tenant with this ID of the application. */
  private boolean isOf(SignInConfig existing, String applicationId) {
    return existing.tenants().size() == 1
        && existing.tenants().get(0).tenant().equals(signIn.tenant())
        && existing.tenants().get(0).flow() == signIn.flow()
        && existing.tenants().get(0).applicationId().equals(applicationId);
  }

  /**
   * Writes a change, and keeps the old file under a dated name.
   *
   * @param output receives lines for the operator
   * @throws IOException if a file cannot be written
   */
  public void write(Change change, Consumer<String> output, Clock clock) throws IOException {
    FirstSetup.write(config, change.after(), output, clock);
    output.accept("Configuration   " + config + " (checked)");
    if (!change.listeners().isEmpty()) {
      output.accept(
          "Sign-in         devices sign in on "
              + String.join(", ", change.listeners())
              + "; mailbox passwords no longer work there");
    }
    if (!change.warning().isEmpty()) {
      output.accept("warning: " + change.warning());
    }
  }
}
