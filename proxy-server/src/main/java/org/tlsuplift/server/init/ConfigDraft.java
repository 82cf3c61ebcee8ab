package org.tlsuplift.server.init;

import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.server.config.SignInConfig;
import org.tlsuplift.server.microsoft365.Cloud;
import org.tlsuplift.server.signin.PasswordHash;

/** Writes the chosen configuration as YAML; comments explain each key where it appears first. */
final class ConfigDraft {
  private static final String COMMENTED = "%-41s # %s";

  /** The comments of the application's ID. */
  static final String MISSING = "replace it with the application ID of the script";

  static final String KNOWN = "the application in your tenant";
  static final String SIGN_IN = "the device signs in here; see 'signIn' below";
  static final String OBJECT_ID = "the object ID of its registration";

  private final Choices choices;
  private final String password;
  private final StringBuilder text = new StringBuilder();
  private final Set<String> explained = new HashSet<>();

  private ConfigDraft(Choices choices, String password) {
    this.choices = choices;
    this.password = password;
  }

  /**
   * The YAML; it omits all other keys, which then have their defaults.
   *
   * @param password of the administrator, if there is one
   */
  static String of(Choices choices, String password) {
    ConfigDraft draft = new ConfigDraft(choices, password);
    draft.head();
    draft.listeners();
    draft.routes();
    draft.signIn();
    draft.admin();
    return draft.text.toString();
  }

  private void head() {
    String file = choices.config().toString();
    lines(
        "# TLS Uplift: the configuration, written by 'tls-uplift init'.",
        "# Keys that are not here have their defaults. All keys: tls-uplift manual configuration",
        "# After a change: tls-uplift check --config " + file,
        "# Then reload:    tls-uplift reload --config " + file,
        "",
        "# The directory of the CA's key and the device inventory. Back it up.",
        "dataDirectory: " + quoted(choices.data().toString()));
    if (choices.cloud() != Cloud.WORLDWIDE) {
      lines("", "# Where your tenant is.", "microsoft365:");
      key("  ", "cloud", choices.cloud().label(), "whose servers the routes allow");
    }
    lines(
        "",
        "# The ports for devices. Devices in private networks may connect; for others set devices.allow.",
        "listeners:");
  }

  private void listeners() {
    // Devices reach an IPv6 address only on an IPv6 socket, which accepts IPv4 too.
    String any = choices.names().stream().anyMatch(name -> name.contains(":")) ? "[::]" : "0.0.0.0";
    for (Port port : Port.of(choices)) {
      lines("  # " + port.purpose);
      key("  - ", "name", port.label(), "its name in the metrics and in the log");
      key("    ", "bind", quoted(any + ":" + port.number), "address and port on this machine");
      key("    ", "accept", port.accept(), accept(port));
      HostPort origin = port.origin(choices);
      if (origin != null) {
        key("    ", "origin", origin.toString(), "the server to which this port leads");
      }
      if (port.isMail()) {
        key("    ", "protocol", port.protocol(), "the protocol of the device and the server");
      }
      if (port.downstreamTls != null) {
        key("    ", "downstreamTls", port.downstreamTls, downstreamTls(port.downstreamTls));
      }
      if (port.isMail() && !port.isDirectSend() && choices.has(WayIn.SIGN_IN)) {
        key("    ", "signIn", "true", SIGN_IN);
      }
      if (port.isForSmtp()) {
        senders();
      }
      if (port.isAntique()) {
        antique();
      } else {
        key("    ", "profile", "legacy", "TLS 1.0 to 1.3");
      }
      if (origin != null) {
        if (explained.add("serverNames")) {
          lines(
              "    # Names and addresses by which devices reach this machine, for its certificate. Devices",
              "    # with OpenSSL 1.0.2 or older refuse a certificate with an address: give them a name, and",
              "    # remove the addresses here.");
        }
        lines("    serverNames: " + serverNames());
      }
    }
  }

  /** Each port for SMTP has the rule: otherwise devices could use one without it. */
  private void senders() {
    Choices.DirectSend directSend = choices.directSend();
    if (directSend != null) {
      lines("    mail:");
      key(
          "      ",
          "allowedSenders",
          list(directSend.senders()),
          "the only senders that devices may use");
    }
  }

  private void antique() {
    Choices.Antique antique = choices.antique();
    if (antique == null) {
      throw new IllegalStateException("an antique listener needs devices and a last day");
    }
    lines(
        "    profile: antique                      # also SSL 3.0, RC4 and 3DES, which attackers can read");
    key("    ", "devices", list(antique.devices()), "only these devices may connect");
    key("    ", "until", antique.until().toString(), "the last day on which they may connect");
  }

  private void routes() {
    lines("", "# Where devices may go.", "routes:");
    Choices.DirectSend directSend = choices.directSend();
    if (directSend != null) {
      String mxHost = list(List.of(directSend.origin()));
      route(mxHost, "the MX host of your domain");
    }
    if (!Port.of(choices).stream().allMatch(Port::isDirectSend)) {
      route("[microsoft365]", "Exchange, SharePoint, OneDrive and the sign-in");
    }
  }

  private void route(String to, String meaning) {
    key("  - ", "to", to, meaning);
    key("    ", "action", "bridge", "TLS Uplift uses TLS 1.2 or 1.3 to the server");
  }

  private void signIn() {
    Choices.SignIn signIn = choices.signIn();
    if (signIn != null) {
      text.append(signIn(signIn, choices.data(), choices.cloud()));
    }
  }

  /**
   * The section {@code signIn} alone, after an empty line.
   *
   * @param inherited the cloud of {@code microsoft365}; null if it is unknown
   */
  static String signIn(Choices.SignIn signIn, Path data, @Nullable Cloud inherited) {
    ApplicationCertificate certificate = signIn.certificate();
    StringBuilder text = new StringBuilder();
    text.append(
        """

        # Devices sign in here with a password, and TLS Uplift signs in to Microsoft 365 by OAuth.
        # Set up the tenant first: tls-uplift manual connect-microsoft365
        signIn:
        """);
    text.append(line("  tenant: " + quoted(signIn.tenant()), "your organization"));
    text.append(
        line(
            "  applicationId: " + quoted(signIn.applicationId()),
            signIn.isPending() ? MISSING : KNOWN));
    if (signIn.applicationObjectId() != null) {
      text.append(
          line("  applicationObjectId: " + quoted(signIn.applicationObjectId()), OBJECT_ID));
    }
    text.append(
        line(
            "  flow: " + signIn.flow().label(),
            signIn.flow() == SignInConfig.Flow.DEVICE_CODE
                ? "a user signs in once for each mailbox"
                : "the application signs in with its "
                    + (certificate == null ? "secret" : "certificate")));
    if (signIn.cloud() != inherited) {
      text.append(line("  cloud: " + signIn.cloud().label(), "the cloud of the tenant"));
    }
    if (signIn.clientSecretFile() != null) {
      String file = quoted(signIn.clientSecretFile().toString());
      text.append(line("  clientSecretFile: " + file, "its first line is the secret"));
    }
    if (certificate != null) {
      text.append("  certificate:\n");
      String file = quoted(certificate.certificate().toString());
      text.append(line("    certificate: " + file, "the script adds it to the application"));
      String key = quoted(certificate.key().toString());
      text.append(line("    key: " + key, "the key stays on this machine"));
    }
    // Where the daemon may write, for the page.
    String accounts = quoted(data.resolve("accounts.yaml").toString());
    text.append(
        line("  accountsFile: " + accounts, "the device accounts: the page, or 'accounts add'"));
    return text.toString();
  }

  /** A line with its comment. */
  static String line(String line, String meaning) {
    return COMMENTED.formatted(line, meaning) + "\n";
  }

  private void admin() {
    lines(
        "",
        "# Pages and metrics, on this machine only: http://127.0.0.1:9464/",
        "admin:",
        "  # Names by which browsers and Prometheus reach this machine. The CA permits them too.",
        "  serverNames: " + serverNames());
    if (choices.administrator() != null) {
      lines(
          "  # Who may change things on the pages. More users: tls-uplift admin hash",
          "  users:",
          "    - name: " + quoted(choices.administrator()),
          "      passwordHash: " + quoted(PasswordHash.of(password.toCharArray()).encoded()),
          "      role: administrator",
          "  # Prometheus of this machine reads the metrics without a sign-in.",
          "  openMetrics: true");
    }
  }

  private String serverNames() {
    return list(choices.names());
  }

  private static String list(List<?> values) {
    return values.stream()
        .map(value -> quoted(value.toString()))
        .collect(Collectors.joining(", ", "[", "]"));
  }

  private static String accept(Port port) {
    return switch (port.accept()) {
      case "http-connect", "socks" -> "the device names its destination";
      case "transparent" -> "redirected connections keep their destination";
      default -> "this port leads to one server";
    };
  }

  private static String downstreamTls(String word) {
    return switch (word) {
      case "starttls" -> "the device uses STARTTLS";
      case "implicit" -> "the device starts with TLS";
      default -> "the device uses STARTTLS, or starts with TLS";
    };
  }

  private void key(String indent, String key, String value, String meaning) {
    String line = indent + key + ": " + value;
    lines(explained.add(key + meaning) ? COMMENTED.formatted(line, meaning) : line);
  }

  private void lines(String... lines) {
    List.of(lines).forEach(line -> text.append(line).append('\n'));
  }

  /** In single quotes, in which only the quote itself needs an escape. */
  private static String quoted(String value) {
    return "'" + value.replace("'", "''") + "'";
  }
}
