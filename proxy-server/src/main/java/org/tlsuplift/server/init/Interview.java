package org.tlsuplift.server.init;

import java.nio.file.Path;
import java.time.Clock;
import java.time.LocalDate;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.proxy.route.Cidr;
import org.tlsuplift.server.config.AdminConfig;
import org.tlsuplift.server.config.ConfigLoader;
import org.tlsuplift.server.config.SignInConfig;
import org.tlsuplift.server.config.SignInTenant;
import org.tlsuplift.server.mail.MailAddresses;
import org.tlsuplift.server.microsoft365.Cloud;

/**
 * Collects the choices from options, and asks at a terminal for the others.
 *
 * <p>A given option is its answer: there is no question about it.
 */
public final class Interview {
  public static final String CONFIG = "--config";
  public static final String DATA = "--data";
  public static final String NAMES = "--names";
  public static final String WAYS = "--ways";
  public static final String TENANT = "--tenant";
  public static final String APPLICATION_ID = "--application-id";
  public static final String FLOW = "--flow";
  public static final String CLIENT_SECRET_FILE = "--client-secret-file";
  public static final String MX_HOST = "--mx-host";
  public static final String ALLOWED_SENDERS = "--allowed-senders";
  public static final String ANTIQUE_DEVICES = "--antique-devices";
  public static final String ANTIQUE_UNTIL = "--antique-until";
  public static final String ADMIN_USER = "--admin-user";

  private static final String NEW = "new";
  private static final String NOBODY = "none";
  private static final int ANTIQUE_DAYS = 180;

  private final Questions questions;
  private final boolean overwrite;
  private final List<String> ownNames;
  private final LocalDate today;

  /**
   * An interview.
   *
   * @param options the given options, by their long names
   * @param terminal asks the operator; null to use the proposals
   * @param overwrite whether the configuration may exist
   * @param ownNames the proposal for the names of this machine
   * @param today the current day, for the proposal of a last day
   */
  public Interview(
      Map<String, String> options,
      @Nullable Terminal terminal,
      boolean overwrite,
      List<String> ownNames,
      LocalDate today) {
    this.questions = new Questions(options, terminal);
    this.overwrite = overwrite;
    this.ownNames = List.copyOf(ownNames);
    this.today = today;
  }

  /**
   * Asks and reads everything.
   *
   * @throws OperatorException if an option cannot be used, or an answer is missing
   */
  public Choices choose() throws OperatorException {
    Path config =
        questions.find(
            new Question<>(
                CONFIG,
                "Write the configuration to which file?",
                ConfigLoader.USUAL,
                "a file that does not exist yet",
                text -> Answers.newFile(text, overwrite)));
    Path data =
        questions.find(
            new Question<>(
                DATA,
                "Keep the CA and the inventory in which directory?",
                config.resolveSibling("data").toString(),
                "a directory",
                Answers::directory));
    List<String> names =
        questions.find(
            new Question<>(
                NAMES,
                "By which names and addresses do devices reach this machine?",
                ownNames.isEmpty() ? null : String.join(", ", ownNames),
                "names or addresses, such as uplift.corp.example or 192.168.1.5",
                text -> Answers.list(text, Answers::serverName)));
    if (questions.asks(WAYS)) {
      for (WayIn way : WayIn.values()) {
        questions.line("  %-13s %s".formatted(way.label(), way.purpose()));
      }
    }
    Set<WayIn> ways =
        questions.find(
            new Question<>(
                WAYS,
                "Which of these ways do your devices need?",
                Answers.words(WayIn.usual()),
                "one or more of " + Answers.words(List.of(WayIn.values())),
                Interview::ways));
    Choices.SignIn signIn = ways.contains(WayIn.SIGN_IN) ? signIn(data) : null;
    return new Choices(
        config,
        data,
        names,
        ways,
        signIn,
        ways.contains(WayIn.DIRECT_SEND) ? directSend() : null,
        ways.contains(WayIn.ANTIQUE) ? antique() : null,
        administrator(),
        signIn != null
            ? signIn.cloud()
            : questions.has(TenantSetup.CLOUD)
                ? questions.find(TenantSetup.WHICH_CLOUD)
                : Cloud.WORLDWIDE);
  }

  private static Set<WayIn> ways(String text) {
    List<WayIn> ways = Answers.list(text, word -> Answers.word(word, WayIn.values()));
    return EnumSet.copyOf(ways);
  }

  private Choices.SignIn signIn(Path data) throws OperatorException {
    String tenant = questions.find(TenantSetup.WHICH_TENANT);
    TenantSetup.Application application =
        questions.find(
            new Question<>(
                APPLICATION_ID,
                "What is the application (client) ID in that tenant?"
                    + " Press Enter to get a script that registers the application",
                NEW,
                SignInTenant.APPLICATION_ID,
                text ->
                    text.equals(NEW) && !questions.has(APPLICATION_ID)
                        ? TenantSetup.Application.NOT_YET
                        : text.contains(" ")
                            ? TenantSetup.pasted(text, tenant)
                            : new TenantSetup.Application(
                                new SignInTenant.ApplicationId().parse(text), null)));
    SignInConfig.Flow flow = questions.find(TenantSetup.WHICH_FLOW);
    if (application.equals(TenantSetup.Application.NOT_YET) && questions.asks(APPLICATION_ID)) {
      return new TenantSetup(questions, data, questions::line, Clock.systemUTC())
          .run(tenant, flow, questions.has(CLIENT_SECRET_FILE), false, null);
    }
    Cloud cloud = questions.find(TenantSetup.WHICH_CLOUD);
    ApplicationCertificate certificate = ApplicationCertificate.of(data, tenant);
    boolean pending = application.equals(TenantSetup.Application.NOT_YET);
    // FirstSetup makes it. Nobody sees a script here: 'tenant setup' makes it with the certificate.
    boolean certified =
        flow == SignInConfig.Flow.APPLICATION
            && !questions.has(CLIENT_SECRET_FILE)
            && (pending || certificate.exists());
    Path secret =
        certified || flow == SignInConfig.Flow.DEVICE_CODE
            ? null
            : questions.find(TenantSetup.WHICH_SECRET_FILE);
    return new Choices.SignIn(
        tenant,
        application.id(),
        application.objectId(),
        flow,
        cloud,
        secret,
        certified ? certificate : null,
        false);
  }

  private @Nullable String administrator() throws OperatorException {
    String name =
        questions.find(
            new Question<>(
                ADMIN_USER,
                "Which user may change things on the web pages? The password is made for you",
                questions.asks(ADMIN_USER) ? "admin" : NOBODY,
                AdminConfig.ENTRY_NAME + ", or " + NOBODY,
                new AdminConfig.EntryName()::parse));
    return name.equals(NOBODY) ? null : name;
  }

  private Choices.DirectSend directSend() throws OperatorException {
    return new Choices.DirectSend(
        questions.find(
            new Question<>(
                MX_HOST,
                "What is the MX host of your domain in Microsoft 365?",
                null,
                "the host that the Microsoft 365 admin center shows, such as"
                    + " contoso-com.mail.protection.outlook.com",
                Answers::mxHost)),
        questions.find(
            new Question<>(
                ALLOWED_SENDERS,
                "Which senders may your devices use?",
                null,
                "mail addresses, such as scanner@contoso.com, or @contoso.com for a whole domain",
                text -> Answers.list(text, MailAddresses::sender))));
  }

  private Choices.Antique antique() throws OperatorException {
    return new Choices.Antique(
        questions.find(
            new Question<>(
                ANTIQUE_DEVICES,
                "Which devices are antique?",
                null,
                "addresses or address blocks, such as 10.1.2.3 or 10.1.2.0/28",
                text -> Answers.list(text, Cidr::parse))),
        questions.find(
            new Question<>(
                ANTIQUE_UNTIL,
                "What is the last day on which they may connect?",
                today.plusDays(ANTIQUE_DAYS).toString(),
                "a future day, such as " + today.plusDays(ANTIQUE_DAYS),
                text -> Answers.day(text, today))));
  }
}
