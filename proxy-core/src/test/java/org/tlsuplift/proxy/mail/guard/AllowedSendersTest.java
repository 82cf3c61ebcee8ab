package org.tlsuplift.proxy.mail.guard;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AllowedSendersTest {
  private static final AllowedSenders SENDERS =
      new AllowedSenders(
          "scans@contoso.example", List.of("scans@contoso.example", "@print.example"));

  @ParameterizedTest
  @ValueSource(
      strings = {
        " FROM:<scans@contoso.example>",
        " FROM:<Scans@Contoso.Example> SIZE=1000 BODY=8BITMIME",
        " from: <scans@contoso.example>",
        " FROM:scans@contoso.example",
        " FROM:<anyone@print.example>",
        " FROM:<Anyone@PRINT.example> AUTH=<>"
      })
  void listedSendersPass(String arguments) {
    assertThat(SENDERS.refusal(arguments)).isNull();
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
        " FROM:<boss(a@print.example>"
      })
  void othersDoNot(String arguments) {
    assertThat(SENDERS.refusal(arguments))
        .startsWith("550 5.7.60 <")
        .endsWith(
            "> is not among the senders that the account of scans@contoso.example allows"
                + " (allowedSenders)");
  }

  @Test
  void aRefusalIsOneShortLine() {
    String refusal = SENDERS.refusal(" FROM:<\u00c2\u009b" + "x".repeat(4000) + ">");
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
        " FROM:<scans@contoso.example><boss@contoso.example>"
      })
  void whatIsNotUnderstoodDoesNotPass(String arguments) {
    assertThat(SENDERS.refusal(arguments)).startsWith("501 5.5.4 ");
  }

  @Test
  void bouncesPassWhereTheyAreListed() {
    AllowedSenders bounces = new AllowedSenders("a@b.example", List.of("<>"));
    assertThat(bounces.refusal(" FROM:<>")).isNull();
    assertThat(bounces.refusal(" FROM:<a@b.example>")).startsWith("550 ");
  }

  @Test
  void withoutAListTheOriginAloneDecides() {
    AllowedSenders open = new AllowedSenders("a@b.example", List.of());
    assertThat(open.refusal(" FROM:<\"who ever\"@x.example>")).isNull();
  }
}
