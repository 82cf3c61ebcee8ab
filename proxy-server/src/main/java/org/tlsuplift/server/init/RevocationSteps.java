package org.tlsuplift.server.init;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.proxy.tls.chain.Fingerprint;
import org.tlsuplift.server.authority.CaSource;
import org.tlsuplift.server.config.AccountsFile;
import org.tlsuplift.server.config.NamedFiles;
import org.tlsuplift.server.config.ServerConfig;
import org.tlsuplift.server.config.SignInConfig;
import org.tlsuplift.server.config.SignInConfig.Account;
import org.tlsuplift.server.config.SignInConfig.Flow;
import org.tlsuplift.server.config.SignInTenant;
import org.tlsuplift.server.config.secret.KeyFiles;
import org.tlsuplift.server.graph.ApplicationKeys;
import org.tlsuplift.server.process.PemFile;

/**
 * The steps for the day on which the machine is stolen, filled in from its configuration. The
 * machine is gone, so no other file needs to exist. {@code tenant-revoke.txt} has the sentences.
 */
public final class RevocationSteps {
  private static final Pattern SECTION = Pattern.compile("(?ms)^\\[(\\w+)]\n(.*?)(?=^\\[|\\z)");

  private static final Pattern PLACEHOLDER = Pattern.compile("\\{([A-Z0-9]+)}");

  private final Map<String, String> sections =
      SECTION
          .matcher(TenantScript.read("tenant-revoke.txt"))
          .results()
          .collect(Collectors.toMap(found -> found.group(1), found -> found.group(2)));

  private final Map<String, String> values = new HashMap<>();
  private final StringBuilder text = new StringBuilder();
  private int step;

  private RevocationSteps() {}

  /**
   * The steps, in lines.
   *
   * @param source the name of the configuration
   * @throws OperatorException if a file that exists cannot be used
   */
  public static String of(ServerConfig config, String source) throws OperatorException {
    RevocationSteps steps = new RevocationSteps();
    steps.add("start", "SOURCE", source);
    SignInConfig signIn = config.signIn();
    List<Account> accounts = signIn == null ? List.of() : AccountsFile.all(signIn);
    if (signIn != null) {
      steps.add("tenants", "SOURCE", source);
      Path file = signIn.accountsFile();
      if (file != null && !Files.exists(file)) {
        steps.add("noAccounts", "FILE", file);
      }
      for (SignInTenant tenant : signIn.tenants()) {
        Optional<SignInTenant> own = Optional.of(tenant);
        steps.tenant(tenant, accounts.stream().filter(each -> signIn.tenantOf(each).equals(own)));
      }
    }
    steps.local(config, accounts);
    return steps.text.toString();
  }

  private void tenant(SignInTenant tenant, Stream<Account> accounts) {
    boolean users = tenant.flow() == Flow.DEVICE_CODE;
    values.put("TENANT", TenantScript.quoted(tenant.tenant()));
    values.put("APPLICATION", tenant.applicationId());
    values.put("GRAPH", TenantScript.graphEnvironment(tenant.cloud()));
    values.put("EXCHANGE", TenantScript.exchangeEnvironment(tenant.cloud()));
    List<String> mailboxes = accounts.map(Account::mailbox).distinct().toList();
    values.put(
        "MAILBOXES",
        TenantScript.list((mailboxes.isEmpty() ? List.of("MAILBOX") : mailboxes).stream()));
    step("disable");
    step(users ? "users" : "credentials");
    KeyFiles certificate = tenant.certificate();
    if (certificate != null) {
      certificates(Objects.requireNonNullElse(certificate.certificate(), certificate.pkcs12()));
    } else if (!users) {
      add("secret", "FILE", tenant.clientSecretFile());
    }
    step(tenant.service() == SignInTenant.Service.HVE ? "hve" : "mailboxes");
    step("sent");
  }

  /** A renewal keeps the next and the old certificate beside this one. */
  private void certificates(Path file) {
    List<X509Certificate> found =
        Stream.of("", ".next", ".old")
            .flatMap(end -> read(file.resolveSibling(file.getFileName() + end)).stream())
            .toList();
    for (X509Certificate each : found) {
      values.put("THUMBPRINT", Fingerprint.sha1(each).replace(":", ""));
      add("certificate", "LABEL", ApplicationKeys.label(each));
    }
    values.put("SHA256", TenantScript.list(found.stream().map(Fingerprint::sha256)));
    add(found.isEmpty() ? "unknown" : "certificates", "FILE", file);
    add("added", "FILE", file);
  }

  /** What is not in a tenant. */
  private void local(ServerConfig config, List<Account> accounts) {
    if (config.routes().stream().anyMatch(route -> route.clientCertificate() != null)) {
      step("connector");
    }
    step("ca");
    authority(CaSource.common(config));
    for (CaSource source : CaSource.ofListeners(config)) {
      authority(source);
    }
    step("passwords");
    List<Path> files = NamedFiles.secretsOf(config, accounts);
    if (!files.isEmpty()) {
      add("files", "STEP", step);
    }
    files.forEach(file -> add("file", "FILE", file));
    step("again");
    SignInConfig signIn = config.signIn();
    if (signIn != null) {
      signIn.tenants().stream()
          .map(RevocationSteps::again)
          .distinct()
          .forEach(each -> add(each, "STEP", step));
      add("enable", "STEP", step);
    }
  }

  private static String again(SignInTenant tenant) {
    return tenant.flow() == Flow.DEVICE_CODE
        ? "againUsers"
        : tenant.certificate() == null ? "againSecret" : "againCertificate";
  }

  private void authority(CaSource source) {
    String ca = read(source.file()).map(Fingerprint::sha256).orElse("in " + source.file());
    add("fingerprint", "CA", source.scope() + ": " + ca);
  }

  /** Empty without the file, and for PKCS#12. */
  private static Optional<X509Certificate> read(Path file) {
    try {
      return PemFile.read(file).certificates().stream().findFirst();
    } catch (OperatorException gone) {
      return Optional.empty();
    }
  }

  private void step(String section) {
    add(section, "STEP", ++step);
  }

  private void add(String section, String key, @Nullable Object value) {
    values.put(key, String.valueOf(value));
    // In one pass: a value, such as a path, may look like a placeholder.
    text.append(
        PLACEHOLDER
            .matcher(Objects.requireNonNull(sections.get(section), section))
            .replaceAll(
                found ->
                    Matcher.quoteReplacement(values.getOrDefault(found.group(1), found.group()))));
  }
}
