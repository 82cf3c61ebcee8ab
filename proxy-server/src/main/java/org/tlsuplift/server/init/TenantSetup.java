package org.tlsuplift.server.init;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.proxy.tls.chain.Fingerprint;
import org.tlsuplift.server.config.SignInConfig;
import org.tlsuplift.server.config.SignInTenant;
import org.tlsuplift.server.config.secret.KeyFiles;
import org.tlsuplift.server.mail.MailAddresses;
import org.tlsuplift.server.microsoft365.Cloud;
import org.tlsuplift.server.process.PemFile;
import org.tlsuplift.server.text.Printable;

/**
 * Prepares the sign-in at a tenant: makes the application's certificate, writes the scripts for the
 * tenant's administrator, and reads the IDs that the administrator sends back.
 */
public final class TenantSetup {
  public static final String NAME = "--name";
  public static final String MAILBOXES = "--mailboxes";
  public static final String PROTOCOLS = "--protocols";
  public static final String CLOUD = "--cloud";
  public static final String OUTPUT = "--output";

  private static final String DEFAULT_NAME = "TLS Uplift";

  /** Groups and scopes have 64 characters, of which the script adds up to 6. */
  private static final int MAX_NAME = 58;

  private static final String LATER = "later";
  private static final String SEND =
      "  - Send both scripts to an administrator of the tenant. They contain no secret and no key.";
  private static final String COMPARE =
      "    Read the six groups out by telephone, to compare: Get-FileHash .\\tls-uplift-tenant-*.ps1";
  private static final Pattern GUID =
      Pattern.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");
  static final String IDS =
      "the line with the IDs that the script printed, or the application (client) ID alone";

  static final Question<String> WHICH_TENANT =
      new Question<>(
          Interview.TENANT,
          "What is your Microsoft 365 tenant?",
          null,
          SignInTenant.TENANT,
          new SignInTenant.Id()::parse);

  static final Question<SignInConfig.Flow> WHICH_FLOW =
      new Question<>(
          Interview.FLOW,
          "Who signs in to Microsoft 365: the application (application), or a user, once for"
              + " each mailbox (device-code)?",
          SignInConfig.Flow.APPLICATION.label(),
          "one of " + Answers.words(List.of(SignInConfig.Flow.values())),
          text -> Answers.word(text, SignInConfig.Flow.values()));

  static final Question<Cloud> WHICH_CLOUD =
      new Question<>(
          CLOUD,
          "In which cloud is the tenant?",
          Cloud.WORLDWIDE.label(),
          "one of " + Answers.words(List.of(Cloud.values())),
          text -> Answers.word(text, Cloud.values()));

  static final Question<String> WHICH_NAME =
      new Question<>(
          NAME,
          "Which name does the application get in the tenant?",
          DEFAULT_NAME,
          "1 to " + MAX_NAME + " printable characters",
          TenantSetup::name);

  static final Question<List<String>> WHICH_MAILBOXES =
      new Question<>(
          MAILBOXES,
          "Which mailboxes do your devices use? Separate them by commas.",
          "none",
          "mail addresses, such as scanner@contoso.com, or none",
          TenantSetup::mailboxes);

  static final Question<Set<MailProtocol>> WHICH_PROTOCOLS =
      new Question<>(
          PROTOCOLS,
          "Which protocols do your devices use?",
          MailProtocol.SMTP.label(),
          "one or more of " + Answers.words(List.of(MailProtocol.values())),
          TenantSetup::protocols);

  private static final Question<Path> WHICH_OUTPUT =
      new Question<>(
          OUTPUT,
          "Write the scripts for the tenant's administrator to which directory?",
          ".",
          "an existing directory that this user can write",
          TenantSetup::directory);

  static final Question<Path> WHICH_SECRET_FILE =
      new Question<>(
          Interview.CLIENT_SECRET_FILE,
          "Which file has the secret of the application?",
          null,
          "a file that only its user can read, with the secret in the first line",
          Answers::secretFile);

  private final Questions questions;
  private final Path dataDirectory;
  private final Consumer<String> output;
  private final Clock clock;

  /**
   * A setup.
   *
   * @param options the given options, by their long names
   * @param terminal asks the operator; null to use the proposals
   * @param dataDirectory gets the certificate and its key
   * @param output receives lines for the operator
   */
  public TenantSetup(
      Map<String, String> options,
      @Nullable Terminal terminal,
      Path dataDirectory,
      Consumer<String> output,
      Clock clock) {
    this(new Questions(options, terminal), dataDirectory, output, clock);
  }

  TenantSetup(Questions questions, Path dataDirectory, Consumer<String> output, Clock clock) {
    this.questions = questions;
    this.dataDirectory = dataDirectory;
    this.output = output;
    this.clock = clock;
  }

  /**
   * Writes the scripts, and asks for the IDs. With a given application ID, it writes no scripts.
   *
   * @param secret whether the application gets a client secret instead of the certificate
   * @param renew whether to stage a new certificate beside an existing one
   * @param known the ID of the application in the configuration; null for none
   * @return the sign-in for the configuration, which is pending until the IDs are known
   * @throws OperatorException if an option cannot be used, or a file cannot be written
   */
  public Choices.SignIn run(boolean secret, boolean renew, @Nullable String known)
      throws OperatorException {
    return run(questions.find(WHICH_TENANT), questions.find(WHICH_FLOW), secret, renew, known);
  }

  Choices.SignIn run(
      String tenant, SignInConfig.Flow flow, boolean secret, boolean renew, @Nullable String known)
      throws OperatorException {
    Cloud cloud = questions.find(WHICH_CLOUD);
    boolean certified = flow == SignInConfig.Flow.APPLICATION && !secret;
    ApplicationCertificate files = ApplicationCertificate.of(dataDirectory, tenant);
    if (!questions.has(Interview.APPLICATION_ID) && !questions.asks(OUTPUT)) {
      var unused = questions.find(WHICH_OUTPUT);
    }
    X509Certificate certificate = certified ? certificate(files, renew) : null;
    if (!questions.has(Interview.APPLICATION_ID)) {
      boolean newSecret = secret && flow == SignInConfig.Flow.APPLICATION;
      writeScripts(
          plan(questions, tenant, cloud, flow, certificate, files, newSecret),
          TenantScript.CONNECT);
      steps(flow, newSecret, known).forEach(output);
    }
    Application application = application(tenant);
    boolean hasSecret =
        flow == SignInConfig.Flow.APPLICATION
            && secret
            && (!application.equals(Application.NOT_YET)
                || questions.has(Interview.CLIENT_SECRET_FILE));
    return new Choices.SignIn(
        tenant,
        application.id(),
        application.objectId(),
        flow,
        cloud,
        hasSecret ? questions.find(WHICH_SECRET_FILE) : null,
        certified ? files : null,
        !questions.has(Interview.APPLICATION_ID));
  }

  /**
   * Writes the scripts that bring a tenant from the permission SMTP.SendAsApp to the role.
   *
   * @param mailboxes those that send by SMTP
   * @param keepAccess those that devices can open by IMAP or POP3; without those that {@link
   *     #MAILBOXES} names
   */
  public void least(SignInTenant tenant, List<String> mailboxes, List<String> keepAccess)
      throws OperatorException {
    List<String> sendOnly =
        questions.has(MAILBOXES) ? questions.find(WHICH_MAILBOXES) : List.<String>of();
    if (!mailboxes.containsAll(sendOnly)) {
      throw new OperatorException(
          MAILBOXES + ": expected mailboxes of accounts: " + String.join(", ", mailboxes));
    }
    List<String> kept = keepAccess.stream().filter(each -> !sendOnly.contains(each)).toList();
    KeyFiles files = tenant.certificate();
    ApplicationCertificate own = ApplicationCertificate.of(dataDirectory, tenant.tenant());
    Path certificate = files == null ? null : files.certificate();
    if (own.isIn(files)) {
      certificate = own.scripted(clock).certificate();
    }
    writeScripts(
        new TenantPlan(
            tenant.tenant(),
            tenant.cloud(),
            tenant.flow(),
            questions.find(WHICH_NAME),
            mailboxes,
            Set.of(MailProtocol.SMTP),
            certificate == null ? null : PemFile.read(certificate).certificates().get(0),
            own.known(),
            false,
            kept),
        List.of(TenantScript.SETUP, TenantScript.LEAST));
    Stream.of(
            "Certificate     " + (certificate == null ? "none" : certificate),
            "Keep access     " + (kept.isEmpty() ? "none" : String.join(", ", kept)),
            "",
            "Next:",
            SEND,
            COMPARE,
            "  - The administrator begins with this command. Each run prints the next one:",
            "      .\\%s -Part Exchange -TenantId ID -ApplicationId %s"
                .formatted(TenantScript.LEAST.file(), tenant.applicationId()))
        .forEach(output);
  }

  private X509Certificate certificate(ApplicationCertificate files, boolean renew)
      throws OperatorException {
    boolean staged = files.exists() && (renew || !files.scripted(clock).equals(files));
    ApplicationCertificate made = staged ? files.staged() : files;
    boolean isNew = !made.exists();
    X509Certificate certificate = staged ? files.stage(clock).certificate() : files.prepare(clock);
    output.accept(
        "Certificate     "
            + made.certificate()
            + ", valid until "
            + LocalDate.ofInstant(certificate.getNotAfter().toInstant(), ZoneOffset.UTC));
    output.accept("Key             " + made.key() + " (mode 0600; it stays on this machine)");
    output.accept("SHA-256         " + Fingerprint.sha256(certificate));
    if (staged) {
      output.accept(
          "                The scripts have this new certificate. The old certificate stays in use until 'tls-uplift tenant check' succeeds with the new one.");
    }
    if (isNew && questions.has(Interview.APPLICATION_ID)) {
      output.accept(
          "warning: this certificate is new, and the tenant does not know it; run this command without %s, and let the administrator run the script with -Part Entra -ApplicationId ID -Apply, or upload %s to the application"
              .formatted(Interview.APPLICATION_ID, made.certificate()));
    }
    return certificate;
  }

  static TenantPlan plan(
      Questions questions,
      String tenant,
      Cloud cloud,
      SignInConfig.Flow flow,
      @Nullable X509Certificate certificate,
      ApplicationCertificate files,
      boolean secret)
      throws OperatorException {
    List<String> table = questions.has(MAILBOXES) ? List.of() : files.keptMailboxes();
    return new TenantPlan(
        tenant,
        cloud,
        flow,
        questions.find(WHICH_NAME),
        table.isEmpty() ? questions.find(WHICH_MAILBOXES) : table,
        questions.find(WHICH_PROTOCOLS),
        certificate,
        files.known(),
        secret,
        List.of());
  }

  private void writeScripts(TenantPlan plan, List<TenantScript> scripts) throws OperatorException {
    Path directory = questions.find(WHICH_OUTPUT);
    String mailboxes = String.join(", ", plan.mailboxes());
    output.accept("Mailboxes       " + (mailboxes.isEmpty() ? "none" : mailboxes));
    if (mailboxes.isEmpty()) {
      output.accept(
          "warning: add --mailboxes: these scripts have no mailboxes, so the part Exchange of set-up and of removal changes no mailbox");
    }
    for (TenantScript script : scripts) {
      write(directory.resolve(script.file()), script.text(plan));
    }
  }

  private Application application(String tenant) throws OperatorException {
    return questions.find(
        new Question<>(
            Interview.APPLICATION_ID,
            "Paste the line with the IDs that the script printed, or press Enter to do it"
                + " later",
            LATER,
            IDS,
            text -> text.equals(LATER) ? Application.NOT_YET : pasted(text, tenant)));
  }

  /**
   * An application of a tenant.
   *
   * @param objectId of its registration; null if it is not known
   */
  record Application(String id, @Nullable String objectId) {
    static final Application NOT_YET = new Application(Choices.SignIn.PENDING, null);
  }

  /**
   * The application of the pasted text: its ID alone, or the IDs of the tenant, the application,
   * the enterprise application and the registration. Scripts of earlier versions lack the last one.
   */
  static Application pasted(String text, String tenant) {
    List<String> ids = ids(text);
    if (ids.size() == 1 && GUID.matcher(text).matches()) {
      return new Application(ids.get(0), null);
    }
    if (!isLine(ids)) {
      throw new IllegalArgumentException("paste the whole line");
    }
    if (GUID.matcher(tenant).matches() && !ids.get(0).equals(tenant)) {
      throw new IllegalArgumentException(
          "the script ran in another tenant; sign in as an administrator of " + tenant);
    }
    if (Set.copyOf(ids).size() != ids.size()) {
      throw new IllegalArgumentException("two of the IDs are the same");
    }
    return new Application(ids.get(1), ids.size() == 4 ? ids.get(3) : null);
  }

  private static boolean isLine(List<String> ids) {
    return ids.size() == 3 || ids.size() == 4;
  }

  static List<String> ids(String text) {
    return GUID.matcher(text)
        .results()
        .map(found -> found.group().toLowerCase(Locale.ROOT))
        .toList();
  }

  /** The command of the script's second part with these IDs; empty if it is another line. */
  public static String secondPart(String text) {
    List<String> ids = ids(text);
    return !isLine(ids)
        ? ""
        : ".\\%s -Part Exchange -TenantId %s -ApplicationId %s -ObjectId %s -Apply"
            .formatted(TenantScript.SETUP.file(), ids.get(0), ids.get(1), ids.get(2));
  }

  private void write(Path file, String script) throws OperatorException {
    try {
      Files.writeString(file, script, StandardCharsets.UTF_8);
    } catch (IOException failed) {
      throw new OperatorException(
          file + " cannot be written (" + failed + "); set another " + OUTPUT, failed);
    }
    String sha256 = TenantScript.sha256(script);
    output.accept("Script          " + file);
    output.accept("                SHA-256 begins with " + TenantScript.readOut(sha256));
    output.accept("                SHA-256 " + sha256);
  }

  private static Stream<String> steps(
      SignInConfig.Flow flow, boolean secret, @Nullable String known) {
    String setup = TenantScript.SETUP.file();
    // By name, the script would not find an application that has another one.
    String entra =
        "      .\\" + setup + " -Part Entra" + (known == null ? "" : " -ApplicationId " + known);
    return Stream.of(
        "",
        "Next:",
        SEND,
        COMPARE,
        "  - The administrator runs the first part, which shows the changes, and then makes them:",
        entra,
        entra + " -Apply",
        flow == SignInConfig.Flow.APPLICATION
            ? "  - The administrator runs the second part with the IDs, in a new window:"
            : "  - The administrator runs the second part with the IDs, in a new window, to switch"
                + " SMTP AUTH on:",
        "      .\\" + setup + " -Part Exchange -TenantId ID -ApplicationId ID -ObjectId ID -Apply",
        "  - The administrator sends you the line with the IDs."
            + (secret
                ? " The secret in tls-uplift-client-secret.txt goes another way, not by mail: put it into a file that only the daemon's user can read."
                : ""),
        "  The steps with all details: tls-uplift manual connect-microsoft365");
  }

  private static String name(String text) {
    String hidden =
        Printable.hidden(text).map(each -> "remove the hidden character " + each).orElse("");
    if (text.isEmpty() || text.length() > MAX_NAME || !hidden.isEmpty()) {
      throw new IllegalArgumentException(hidden);
    }
    return text;
  }

  private static List<String> mailboxes(String text) {
    return text.equalsIgnoreCase("none") ? List.of() : Answers.list(text, MailAddresses::mailbox);
  }

  private static Set<MailProtocol> protocols(String text) {
    List<MailProtocol> protocols =
        Answers.list(text, word -> Answers.word(word, MailProtocol.values()));
    return EnumSet.copyOf(protocols);
  }

  private static Path directory(String text) {
    if (Files.isDirectory(Path.of(text)) && !Files.isWritable(Path.of(text))) {
      throw new IllegalArgumentException("add --output DIRECTORY, such as /tmp");
    }
    Path directory = Answers.directory(text);
    if (!Files.isDirectory(directory)) {
      throw new IllegalArgumentException("create it first");
    }
    return directory;
  }
}
