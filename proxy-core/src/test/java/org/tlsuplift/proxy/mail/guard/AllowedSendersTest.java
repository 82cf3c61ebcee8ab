package org.tlsuplift.proxy.mail.guard;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlsuplift.proxy.mail.MailPolicy;
import org.tlsuplift.proxy.model.Permit;
import org.tlsuplift.proxy.model.PermitResult;

class AllowedSendersTest {
  private static final String[] SENDERS = {
    "scans@contoso.example",
    "@print.example",
    "a@m\u00fcller.example",
    "a@sub.xn--strae-oqa.example",
    "c@m\u00fcller.xn--bcher-kva.example"
  };

  /** The reply to MAIL with these arguments, or null if it passes. */
  private static @Nullable String refusal(String arguments, String... allowed) {
    try (GuardedSession session = new GuardedSession(allowed)) {
      CommandRules rules =
          new CommandRules(
              MailPolicy.NONE,
              new MessageRules(
                  MailPolicy.NONE,
                  GuardedSession.quota(MailPolicy.NONE),
                  new GuardedMailbox(
                      "scans@contoso.example", List.of(allowed), () -> new NoPermit())),
              new Messages(session::messageEnded),
              new CapabilityFilter(MailPolicy.NONE, true),
              session);
      return rules.decide(new Command.Mail("MAIL" + arguments + "\r\n", arguments), true)
              instanceof Command.Refuse refuse
          ? refuse.reply()
          : null;
    }
  }

  private static final class NoPermit implements Permit {
    @Override
    public CompletionStage<PermitResult> answer() {
      return CompletableFuture.completedStage(new PermitResult.Given());
    }

    @Override
    public void end() {}
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        " FROM:<scans@contoso.example>",
        " FROM:<Scans@Contoso.Example> SIZE=1000 BODY=8BITMIME",
        " from: <scans@contoso.example>",
        " FROM:scans@contoso.example",
        " FROM:<anyone@print.example>",
        " FROM:<Anyone@PRINT.example> AUTH=<>",
        " FROM:<anyone@print.example>  BODY=8BITMIME RET=HDRS ENVID=a+3Db=c SMTPUTF8 ",
        " FROM:anyone@print.example AUTH=e+3Dmc2@example.com MT-PRIORITY=-4",
        " FROM:<a@m\u00c3\u00bcller.example>",
        " FROM:<a@xn--mller-kva.example>",
        " FROM:<a@sub.xn--strae-oqa.example>",
        " FROM:<c@xn--mller-kva.b\u00c3\u00bccher.example>",
        " FROM:<c@m\u00c3\u00bcller.xn--bcher-kva.example>",
        " FROM:<anyone@print.example> X=\u00c3\u00bc"
      })
  void listedSendersPass(String arguments) {
    assertThat(refusal(arguments, SENDERS)).isNull();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        " FROM:<boss@contoso.example>",
        " FROM:<>",
        " FROM:<@print.example>",
        " FROM:<a@sub.print.example>",
        " FROM:<scans@contoso.example@evil.example>",
        " FROM:<@print.example:boss@contoso.example>",
        " FROM:<\"boss@contoso.example,\"@print.example>",
        " FROM:<boss(a@print.example>",
        " FROM:<boss%contoso.example@print.example>",
        " FROM:<contoso.example!boss@print.example>",
        " FROM:<a@sub.strasse.example>",
        " FROM:<b@xn--mller-kva.example>",
        " FROM:<a@xn--$-uga.example>",
        " FROM:<boss%@print.example>",
        " FROM:<IMCEASMTP-boss+40contoso+2Eexample@print.example>"
      })
  void othersDoNot(String arguments) {
    assertThat(refusal(arguments, SENDERS))
        .startsWith("550 5.7.60 <")
        .endsWith(
            "> is not among the senders that the account of scans@contoso.example allows"
                + " (allowedSenders)");
  }

  @Test
  void aRefusalIsOneShortLine() {
    String refusal = refusal(" FROM:<\u00c2\u009b" + "x".repeat(4000) + ">", SENDERS);
    assertThat(refusal)
        .hasSizeLessThan(250)
        .matches("[ -~]+")
        .startsWith("550 5.7.60 <?xxx")
        .contains("x...> is not among")
        .endsWith("(allowedSenders)");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " TO:<scans@contoso.example>",
        " FROM:<scans@contoso.example",
        " FROM:<<scans@contoso.example>>",
        " FROM:<scans@contoso.example><boss@contoso.example>",
        " FROM:<scans@contoso.example> <boss@contoso.example>",
        " FROM:<scans@contoso.example> boss@contoso.example",
        " FROM:<scans@contoso.example> SIZE=1 <boss@contoso.example>",
        " FROM:<scans@contoso.example> AUTH=<boss@contoso.example>",
        " FROM:<scans@contoso.example> X=a>,<boss@contoso.example",
        " FROM:<scans@contoso.example> FROM:<boss@contoso.example>",
        " FROM:<scans@contoso.example> ,<boss@contoso.example>",
        " FROM:<scans@contoso.example> (x) <boss@contoso.example>",
        " FROM:scans@contoso.example <boss@contoso.example>",
        " FROM:<scans@contoso.example> SIZE="
      })
  void malformedArgumentsAreRefused(String arguments) {
    assertThat(refusal(arguments, SENDERS)).startsWith("501 5.5.4 ");
  }

  /** The operator names it, so the operator knows how the origin reads it. */
  @Test
  void unusualAddressPassesIfItIsListedItself() {
    assertThat(refusal(" FROM:<a%b@print.example>", "a%b@print.example")).isNull();
  }

  @Test
  void bouncesPassWhereTheyAreListed() {
    assertThat(refusal(" FROM:<>", "<>")).isNull();
    assertThat(refusal(" FROM:<a@b.example>", "<>")).startsWith("550 ");
  }

  @Test
  void withoutAListTheOriginAloneDecides() {
    assertThat(refusal(" FROM:<\"who ever\"@x.example>")).isNull();
  }
}
