package org.tlsuplift.server.daemon;

import java.time.Clock;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.mail.OriginReplies;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.server.config.AccountsFile;
import org.tlsuplift.server.config.ListenerConfig;
import org.tlsuplift.server.config.LoadedConfig;
import org.tlsuplift.server.config.ServerConfig;
import org.tlsuplift.server.config.SignInConfig;
import org.tlsuplift.server.config.binding.InvalidConfigException;
import org.tlsuplift.server.console.PageText;
import org.tlsuplift.server.doctor.DoctorTargets;
import org.tlsuplift.server.doctor.DoctorTargets.Target;
import org.tlsuplift.server.doctor.PathStep;
import org.tlsuplift.server.doctor.TestMail;
import org.tlsuplift.server.feature.Finding;
import org.tlsuplift.server.feature.HasCheck;
import org.tlsuplift.server.http.pages.DoctorControl;
import org.tlsuplift.server.http.pages.Steps.Step;
import org.tlsuplift.server.http.pages.Steps.Tone;
import org.tlsuplift.server.http.pages.Steps.Work;
import org.tlsuplift.server.mail.MailAddresses;

/** Runs the doctor and sends test messages for the pages, as the commands do. */
record DoctorRuns(LoadedConfig loaded) implements DoctorControl {
  @Override
  public List<String> listeners(boolean submission) {
    ServerConfig config = loaded.config();
    return (submission ? DoctorTargets.submission(config) : DoctorTargets.listeners(config))
        .stream().map(ListenerConfig::name).toList();
  }

  @Override
  public List<String> others() {
    return features().stream().filter(each -> each.applies(true)).map(HasCheck::title).toList();
  }

  @Override
  public Work examine(Optional<String> listener, Optional<String> account)
      throws InvalidConfigException {
    DoctorTargets targets =
        new DoctorTargets(loaded.config(), features(), listener.orElse(null), account.orElse(null));
    List<Target> paths = targets.paths();
    return steps -> {
      Consumer<Finding> progress = finding -> steps.accept(step(name(finding.step()), finding));
      try (DoctorSetup doctor = new DoctorSetup(loaded, Clock.systemUTC(), progress)) {
        for (Target path : paths) {
          steps.accept(Step.heading(heading(path)));
          var unused = doctor.examine(path.listener().name(), path.account());
        }
      }
      for (HasCheck check : targets.others()) {
        steps.accept(Step.heading(PageText.sentence(check.title())));
        var unused = check.examine(progress);
      }
    };
  }

  private List<HasCheck> features() {
    return Features.having(HasCheck.class, loaded);
  }

  private static String heading(Target path) {
    return "Listener "
        + path.listener().name()
        + ", to "
        + path.listener().origin()
        + (path.account() == null ? "" : ", as " + path.account().mailbox());
  }

  static Step step(String name, Finding finding) {
    return new Step(
        Tone.valueOf(finding.outcome().name()),
        name,
        finding.seen(),
        finding.failureKind() == null ? "" : finding.failureKind().title(),
        finding.remedy());
  }

  private static String name(org.tlsuplift.server.feature.Step step) {
    if (step == PathStep.STARTTLS || step == PathStep.TLS || step == PathStep.XOAUTH2) {
      return step.name();
    }
    return step == PathStep.REDIRECT_URI ? "redirect URI" : step.label().replace('-', ' ');
  }

  @Override
  public Work send(Letter wanted) throws InvalidConfigException {
    ServerConfig config = loaded.config();
    boolean signIn =
        DoctorTargets.submission(config).stream()
            .anyMatch(each -> each.name().equals(wanted.listener()) && each.signIn());
    Target path =
        new DoctorTargets(
                config, List.of(), wanted.listener(), signIn ? wanted.account().orElse(null) : null)
            .ofTestMail();
    String from =
        wanted.from().orElseGet(() -> TestMailSetup.sender(path.listener(), path.account()));
    if (from == null) {
      throw new IllegalArgumentException("from: the sender is unknown; give its address");
    }
    Set<String> domains = domains(config);
    for (String address : List.of(wanted.to(), wanted.from().orElse(wanted.to()))) {
      if (!wanted.anywhere() && !domains.contains(domain(mailbox(address)))) {
        throw new IllegalArgumentException(
            "to, from: an operator may use the domains of the accounts and allowed senders ("
                + String.join(", ", domains)
                + "), an administrator any address");
      }
    }
    // Without 'signIn', the device signs in at the origin, with a name that is no account here.
    String login = path.account() == null ? wanted.account().orElse(null) : path.account().login();
    String password = wanted.password().orElse(null);
    if ((login == null) != (password == null)) {
      throw new IllegalArgumentException(
          login != null
              ? "password: '" + login + "' signs in with a password"
              : "password: this device does not sign in; "
                  + (signIn ? "leave it empty" : "enter its login, or leave it empty"));
    }
    TestMail.Letter letter = new TestMail.Letter(from, wanted.to(), login, password);
    return steps -> {
      TestMail.Outcome outcome =
          TestMail.send(
              TestMailSetup.through(config, path.listener()),
              letter,
              (step, seen) -> steps.accept(Step.of(Tone.OK, step, seen)));
      if (!outcome.accepted()) {
        steps.accept(refused(outcome, path.account(), signIn));
      }
    };
  }

  private static Step refused(
      TestMail.Outcome outcome, SignInConfig.@Nullable Account account, boolean signIn) {
    Optional<String> notAdmitted = TestMailSetup.notAdmitted(account, outcome.device());
    if (notAdmitted.isPresent()) {
      return new Step(
          Tone.FAILED,
          outcome.step(),
          outcome.reply(),
          "The account does not admit this machine",
          List.of(notAdmitted.get()));
    }
    return OriginReplies.recognise(MailProtocol.SMTP, outcome.reply())
        .map(
            known ->
                new Step(
                    Tone.FAILED,
                    outcome.step(),
                    outcome.reply(),
                    known.title(),
                    List.of(signIn ? known.signInRemedy() : known.advice())))
        .orElseGet(() -> Step.of(Tone.FAILED, outcome.step(), outcome.reply()));
  }

  private static String mailbox(String address) {
    try {
      return MailAddresses.mailbox(address);
    } catch (IllegalArgumentException wrong) {
      throw new IllegalArgumentException(
          "got '" + address + "'; expected " + MailAddresses.MAILBOX, wrong);
    }
  }

  /** The domains that the configuration sends from. */
  private static Set<String> domains(ServerConfig config) throws InvalidConfigException {
    SignInConfig signIn = config.signIn();
    List<SignInConfig.Account> accounts = signIn == null ? List.of() : AccountsFile.all(signIn);
    Set<String> domains = new TreeSet<>();
    Stream.concat(
            accounts.stream().map(SignInConfig.Account::mailbox),
            DoctorTargets.submission(config).stream()
                .map(ListenerConfig::mail)
                .filter(Objects::nonNull)
                .flatMap(mail -> mail.allowedSenders().stream()))
        .filter(address -> address.indexOf('@') >= 0)
        .map(DoctorRuns::domain)
        .forEach(domains::add);
    return domains;
  }

  private static String domain(String address) {
    return address.substring(address.lastIndexOf('@') + 1).toLowerCase(Locale.ROOT);
  }
}
