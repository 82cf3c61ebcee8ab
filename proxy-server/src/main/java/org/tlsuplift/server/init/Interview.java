package org.tlsuplift.server.init;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.model.Labelled;
import org.tlsuplift.proxy.route.Cidr;
import org.tlsuplift.server.config.SignInConfig;
import org.tlsuplift.server.config.load.SignInReader;
import org.tlsuplift.server.config.yaml.Spelling;

/**
 * Collects the choices: from options, and at a terminal by questions for the others.
 *
 * <p>An option that is given is not asked for.
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
  public static final String ANTIQUE_DEVICES = "--antique-devices";
  public static final String ANTIQUE_UNTIL = "--antique-until";

  private static final String FILE = "tls-uplift.yaml";
  private static final int ANTIQUE_DAYS = 180;

  private final Map<String, String> options;
  private final @Nullable Terminal terminal;
  private final boolean overwrite;
  private final List<String> ownNames;
  private final LocalDate today;

  /**
   * An interview.
   *
   * @param options what was given on the command line, by the names of the options
   * @param terminal where to ask, or null to use the proposals
   * @param overwrite whether the configuration may exist
   * @param ownNames what to propose as names of this machine
   * @param today for the proposal of a last day
   */
  public Interview(
      Map<String, String> options,
      @Nullable Terminal terminal,
      boolean overwrite,
      List<String> ownNames,
      LocalDate today) {
    this.options = Map.copyOf(options);
    this.terminal = terminal;
    this.overwrite = overwrite;
    this.ownNames = List.copyOf(ownNames);
    this.today = today;
  }

  /**
   * Asks and reads everything.
   *
   * @throws InvalidAnswerException when an option cannot be used, or an answer is missing
   */
  public Choices choose() throws InvalidAnswerException {
    Path config =
        find(
            new Question<>(
                CONFIG,
                "Write the configuration to which file?",
                FILE,
                "a file that does not exist yet",
                this::newFile));
    Path data =
        find(
            new Question<>(
                DATA,
                "Keep the CA and the inventory in which directory?",
                config.resolveSibling("data").toString(),
                "a directory",
                Interview::directory));
    List<String> names =
        find(
            new Question<>(
                NAMES,
                "By which names and addresses do devices reach this machine?",
                ownNames.isEmpty() ? null : String.join(", ", ownNames),
                "names or addresses, such as uplift.corp.example or 192.168.1.5",
                text -> list(text, Interview::serverName)));
    if (terminal != null && !options.containsKey(WAYS)) {
      for (WayIn way : WayIn.values()) {
        terminal.line("  %-13s %s".formatted(way.label(), way.purpose()));
      }
    }
    Set<WayIn> ways =
        find(
            new Question<>(
                WAYS,
                "Which of these ways do devices need?",
                words(WayIn.usual()),
                "one or more of " + words(List.of(WayIn.values())),
                Interview::ways));
    return new Choices(
        config,
        data,
        names,
        ways,
        ways.contains(WayIn.SIGN_IN) ? signIn() : null,
        ways.contains(WayIn.ANTIQUE) ? antique() : null);
  }

  private static Set<WayIn> ways(String text) {
    List<WayIn> ways = list(text, word -> word(word, WayIn.values()));
    return EnumSet.copyOf(ways);
  }

  private Choices.SignIn signIn() throws InvalidAnswerException {
    String tenant =
        find(
            new Question<>(
                TENANT,
                "What is your Microsoft 365 tenant?",
                null,
                SignInReader.TENANT,
                SignInReader::tenant));
    String applicationId =
        find(
            new Question<>(
                APPLICATION_ID,
                "What is the application (client) ID in that tenant?",
                null,
                SignInReader.APPLICATION_ID,
                SignInReader::applicationId));
    SignInConfig.Flow flow =
        find(
            new Question<>(
                FLOW,
                "Who signs in: somebody once for each mailbox (device-code), or the application (application)?",
                SignInConfig.Flow.DEVICE_CODE.label(),
                "one of " + words(List.of(SignInConfig.Flow.values())),
                text -> word(text, SignInConfig.Flow.values())));
    Path secret =
        flow == SignInConfig.Flow.DEVICE_CODE
            ? null
            : find(
                new Question<>(
                    CLIENT_SECRET_FILE,
                    "In which file is the secret of the application?",
                    null,
                    "a file with the secret in its first line, readable for its user only",
                    Interview::existingFile));
    return new Choices.SignIn(tenant, applicationId, flow, secret);
  }

  private Choices.Antique antique() throws InvalidAnswerException {
    return new Choices.Antique(
        find(
            new Question<>(
                ANTIQUE_DEVICES,
                "Which devices are antique?",
                null,
                "addresses or address blocks, such as 10.1.2.3 or 10.1.2.0/28",
                text -> list(text, Cidr::parse))),
        find(
            new Question<>(
                ANTIQUE_UNTIL,
                "Until which day do they work?",
                today.plusDays(ANTIQUE_DAYS).toString(),
                "a day to come, such as " + today.plusDays(ANTIQUE_DAYS),
                this::day)));
  }

  private <T> T find(Question<T> question) throws InvalidAnswerException {
    String given = options.get(question.option());
    return terminal == null || given != null ? question.answerAlone(given) : question.ask(terminal);
  }

  private Path newFile(String text) {
    Path file = path(text);
    if (Files.isDirectory(file)) {
      throw new IllegalArgumentException("that is a directory; name a file in it");
    }
    if (Files.exists(file) && !overwrite) {
      throw new IllegalArgumentException("give another file, or --force, which keeps a copy");
    }
    return file;
  }

  private static Path directory(String text) {
    Path directory = path(text);
    if (Files.exists(directory) && !Files.isDirectory(directory)) {
      throw new IllegalArgumentException("that is a file; give another name");
    }
    return directory;
  }

  private static Path existingFile(String text) {
    Path file = path(text);
    if (!Files.isRegularFile(file)) {
      throw new IllegalArgumentException("no such file; write the secret to it first");
    }
    return file;
  }

  /** Absolute, because the daemon may start in another directory. */
  private static Path path(String text) {
    try {
      if (text.isEmpty() || text.chars().anyMatch(Character::isISOControl)) {
        throw new IllegalArgumentException("write its path");
      }
      return Path.of(text).toAbsolutePath().normalize();
    } catch (InvalidPathException wrong) {
      throw new IllegalArgumentException(wrong.getReason(), wrong);
    }
  }

  private static String serverName(String text) {
    String name = HostPort.normalise(text);
    if (!HostPort.isHostName(name) && !HostPort.isAddressLiteral(name)) {
      throw new IllegalArgumentException(
          text.contains("*")
              ? "write each name: old devices do not understand * in certificates"
              : "write them without a port, separated by commas");
    }
    return name;
  }

  private LocalDate day(String text) {
    try {
      LocalDate day = LocalDate.parse(text);
      if (day.isBefore(today)) {
        throw new IllegalArgumentException("that day has passed");
      }
      return day;
    } catch (DateTimeException wrong) {
      throw new IllegalArgumentException("write year, month and day", wrong);
    }
  }

  private static <T extends Enum<T> & Labelled> T word(String text, T[] values) {
    return Arrays.stream(values)
        .filter(value -> value.label().equalsIgnoreCase(text))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    Spelling.hint(text, Arrays.stream(values).map(Labelled::label).toList())));
  }

  private static <T> List<T> list(String text, Function<String, T> meaning) {
    List<T> all =
        Arrays.stream(text.split("[,\\s]+", -1))
            .filter(part -> !part.isEmpty())
            .map(meaning)
            .distinct()
            .toList();
    if (all.isEmpty()) {
      throw new IllegalArgumentException("write at least one");
    }
    return all;
  }

  private static String words(Collection<? extends Labelled> values) {
    return values.stream().map(Labelled::label).collect(Collectors.joining(", "));
  }
}
