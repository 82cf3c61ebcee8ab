package org.tlsuplift.server.init;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.ShortText;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.server.config.SignInConfig;
import org.tlsuplift.server.config.binding.Problems;
import org.tlsuplift.server.mail.MailAddresses;
import org.tlsuplift.server.microsoft365.Cloud;
import org.tlsuplift.server.process.DataDirectory;
import org.tlsuplift.server.process.FileModes;
import org.tlsuplift.server.process.OwnerOnlyFile;
import org.tlsuplift.server.process.PemFile;

/**
 * The set-up of a tenant by a form, whose fields are the options of {@link TenantSetup}. The
 * methods need a form without {@link #problems}.
 *
 * @param fields by their names, such as {@code tenant}; an empty one has its default
 * @param data the data directory
 */
public record TenantForm(Map<String, String> fields, Path data) {
  private static final List<Question<?>> QUESTIONS =
      List.of(
          TenantSetup.WHICH_TENANT,
          TenantSetup.WHICH_FLOW,
          TenantSetup.WHICH_CLOUD,
          TenantSetup.WHICH_NAME,
          TenantSetup.WHICH_MAILBOXES,
          TenantSetup.WHICH_PROTOCOLS);

  public TenantForm {
    fields = Map.copyOf(fields);
  }

  /** The words for the clouds. */
  public static List<String> clouds() {
    return List.of(Cloud.values()).stream().map(Cloud::label).toList();
  }

  /** The names of the scripts. */
  public static List<String> scripts() {
    return TenantScript.CONNECT.stream().map(TenantScript::file).toList();
  }

  /**
   * The SHA-256 of a script's file: the digits to read out, and all.
   *
   * @param shown the text without its byte order mark
   */
  public static List<String> hashes(String shown) {
    String all = TenantScript.sha256(TenantScript.BYTE_ORDER_MARK + shown);
    return List.of(TenantScript.readOut(all), all);
  }

  /** What is wrong, by field. */
  public Map<String, String> problems() {
    Map<String, String> problems = new LinkedHashMap<>();
    Questions questions = questions();
    for (Question<?> question : QUESTIONS) {
      try {
        var unused = questions.find(question);
      } catch (OperatorException wrong) {
        problems.put(
            field(question),
            String.valueOf(wrong.getMessage()).substring(question.option().length() + 2));
      }
    }
    return problems;
  }

  /** The mailboxes of the latest table for this tenant; empty for none. */
  public List<String> kept() {
    try {
      return files().keptMailboxes();
    } catch (OperatorException none) {
      // The scripts say why.
      return List.of();
    }
  }

  /** Keeps the mailboxes of a table, which the scripts of this tenant have from now on. */
  public void keep(List<String> mailboxes) throws OperatorException, IOException {
    Path table = files().mailboxes();
    DataDirectory.prepare(data);
    FileModes.directory(table.resolveSibling(""), FileModes.Readers.OWNER);
    OwnerOnlyFile.replace(table, String.join("\n", mailboxes).getBytes(StandardCharsets.UTF_8));
  }

  private Questions questions() {
    Map<String, String> options = new HashMap<>();
    for (Question<?> question : QUESTIONS) {
      String typed = fields.getOrDefault(field(question), "");
      if (!typed.isBlank()) {
        options.put(question.option(), typed);
      }
    }
    return new Questions(options, null);
  }

  private static String field(Question<?> question) {
    return question.option().substring(2);
  }

  /** Whether users sign in, so that there is no certificate. */
  public boolean isForUsers() throws OperatorException {
    return questions().find(TenantSetup.WHICH_FLOW) == SignInConfig.Flow.DEVICE_CODE;
  }

  /**
   * The address of a mailbox, normalised.
   *
   * @throws IllegalArgumentException names what is expected
   */
  public static String mailbox(String text) {
    try {
      return MailAddresses.mailbox(text);
    } catch (IllegalArgumentException other) {
      throw new IllegalArgumentException(
          "%s; expected %s".formatted(Problems.got(text), MailAddresses.MAILBOX), other);
    }
  }

  /** The certificate and its key, which need not exist. */
  public ApplicationCertificate files() throws OperatorException {
    return ApplicationCertificate.of(data, questions().find(TenantSetup.WHICH_TENANT));
  }

  /** The certificate of the scripts and its key. */
  public ApplicationCertificate scripted() throws OperatorException {
    return files().scripted(Clock.systemUTC());
  }

  /** Makes the certificate, if it is needed and does not exist. */
  public Optional<X509Certificate> prepare(Clock clock) throws OperatorException {
    return isForUsers() ? Optional.empty() : Optional.of(files().prepare(clock));
  }

  /** The certificate of the scripts; empty if users sign in. */
  public Optional<X509Certificate> certificate() throws OperatorException {
    return isForUsers()
        ? Optional.empty()
        : Optional.of(PemFile.read(scripted().certificate()).certificates().get(0));
  }

  /** The text of a script, after its byte order mark. */
  public String script(String file) throws OperatorException {
    Questions questions = questions();
    TenantPlan plan =
        TenantSetup.plan(
            questions,
            questions.find(TenantSetup.WHICH_TENANT),
            questions.find(TenantSetup.WHICH_CLOUD),
            questions.find(TenantSetup.WHICH_FLOW),
            certificate().orElse(null),
            files(),
            false);
    return List.of(TenantScript.values()).stream()
        .filter(script -> script.file().equals(file))
        .findFirst()
        .orElseThrow()
        .text(plan);
  }

  /**
   * The command that writes the section, for a daemon that may not write its configuration.
   *
   * @param ids the line that the script printed
   */
  public String command(String ids, Path config) {
    StringBuilder command =
        new StringBuilder("tls-uplift tenant setup --yes --write --config ")
            .append(ShortText.shell(config.toString()));
    for (String option : List.of("tenant", "flow", "cloud", "listeners")) {
      String answer = fields.getOrDefault(option, "");
      if (!answer.isEmpty()) {
        command.append(" --").append(option).append(' ').append(ShortText.shell(answer.strip()));
      }
    }
    return command + " --application-id " + ShortText.shell(String.join(" ", TenantSetup.ids(ids)));
  }

  /**
   * The section for the configuration.
   *
   * @param ids the line that the script printed
   * @throws OperatorException if it is another line
   */
  public SignInSection section(String ids, Path config) throws OperatorException {
    Questions questions = questions();
    String tenant = questions.find(TenantSetup.WHICH_TENANT);
    @Nullable ApplicationCertificate certificate = isForUsers() ? null : files();
    try {
      TenantSetup.Application application = TenantSetup.pasted(ids.strip(), tenant);
      return new SignInSection(
          new Choices.SignIn(
              tenant,
              application.id(),
              application.objectId(),
              questions.find(TenantSetup.WHICH_FLOW),
              questions.find(TenantSetup.WHICH_CLOUD),
              null,
              certificate,
              true),
          config,
          data);
    } catch (IllegalArgumentException wrong) {
      throw new OperatorException("expected " + TenantSetup.IDS + "; " + wrong.getMessage(), wrong);
    }
  }
}
