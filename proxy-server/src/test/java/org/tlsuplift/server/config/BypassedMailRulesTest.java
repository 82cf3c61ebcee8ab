package org.tlsuplift.server.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlsuplift.server.config.binding.ConfigProblem;

/** A listener without the rules of another one that leads to the same mail server. */
class BypassedMailRulesTest {
  private static final String RULED =
      fixed("submission", "smtp.office365.com:587", "smtp", "allowedSenders: [a@contoso.example]");

  private static String fixed(String name, String origin, String protocol, String rules) {
    return "{name: %s, bind: 127.0.0.1:0, accept: fixed, origin: %s, protocol: %s, profile: legacy%s}"
        .formatted(name, origin, protocol, rules.isEmpty() ? "" : ", mail: {" + rules + "}");
  }

  private static String open(String name, String accept, String rules) {
    return "{name: %s, bind: 127.0.0.1:0, accept: %s, profile: legacy%s}"
        .formatted(name, accept, rules.isEmpty() ? "" : ", mail: {" + rules + "}");
  }

  private static List<String> warnings(String to, String... listeners) throws Exception {
    return ConfigLoader.parse(
            """
            listeners:
              - %s
            routes:
              - {to: [%s], action: bridge}
            """
                .formatted(String.join("\n  - ", listeners), to),
            "test")
        .warnings()
        .stream()
        .map(ConfigProblem::toString)
        .filter(warning -> warning.contains("without these rules"))
        .toList();
  }

  @Test
  void warningNamesBothListenersAndTheMailServer() throws Exception {
    assertThat(warnings("microsoft365", open("web", "http-connect", ""), RULED))
        .containsExactly(
            "listeners[1].mail: listener 'web' also leads to smtp.office365.com:587 without these rules"
                + " of listener 'submission': allowedSenders; set them in 'mail' of 'web' or in 'mail'"
                + " of all listeners, or let your firewall keep the devices away from its port");
  }

  @ParameterizedTest
  @CsvSource({
    "mail.example:587,starttls,mail.example:587",
    "mail.example:2525,starttls,mail.example:25",
    "mail.example:2525,implicit,mail.example:2525"
  })
  void listenerForAnyDestinationBypassesTheRules(String origin, String tls, String server)
      throws Exception {
    String ruled =
        fixed(
            "mail",
            origin,
            "smtp, upstreamTls: " + tls,
            "maximumSize: 1MB, allowedSenders: ['@b.example']");
    String any = open("any", "socks", "allowedSenders: ['@b.example']");
    assertThat(warnings("\"mail.example:25,587,2525\"", any, ruled))
        .singleElement()
        .asString()
        .contains("'any' also leads to " + server + " without", "'mail': maximumSize;");
  }

  @ParameterizedTest
  @CsvSource({
    "smtp.office365.com:587,smtp",
    "smtp.office365.com:2525,smtp",
    "smtp.office365.com:465,tls"
  })
  void anotherFixedListenerBypassesTheRules(String origin, String protocol) throws Exception {
    assertThat(warnings("\"*:*\"", RULED, fixed("second", origin, protocol, "")))
        .singleElement()
        .asString()
        .contains("'submission'", "'second' also leads to " + origin)
        .contains(protocol.equals("tls") ? "write 'protocol: smtp' in 'second'" : "of 'second'");
  }

  @Test
  void rulesOfAListenerForAnyDestinationAreBypassedToo() throws Exception {
    String ruled = open("web", "http-connect", "maximumSize: 1MB");
    assertThat(warnings("\"*:26-65535\"", ruled, fixed("second", "mail.example:587", "smtp", "")))
        .singleElement()
        .asString()
        .contains("listener 'web': maximumSize", "'second' also leads to mail.example:587");
    assertThat(warnings("\"*:587\"", ruled, open("socks", "socks", "")))
        .singleElement()
        .asString()
        .contains("'socks' also leads to the mail servers of routes[0]");
  }

  @Test
  void rulesOfAllListenersCannotBeBypassed() throws Exception {
    String mail = "microsoft365], action: bridge}\nmail: {maximumSize: 1MB}\n#[";
    assertThat(
            warnings(
                mail,
                open("web", "http-connect", ""),
                fixed("submission", "smtp.office365.com:587", "smtp", "")))
        .isEmpty();
    assertThat(
            warnings(
                mail,
                open("web", "http-connect", ""),
                fixed("submission", "smtp.office365.com:587", "smtp", "messagesPerHour: 1"),
                fixed("second", "smtp.office365.com:587", "tls", "")))
        .hasSize(4)
        .anySatisfy(
            warning ->
                assertThat(warning)
                    .contains("'submission' also leads to", "of listener 'web': maximumSize"))
        .anySatisfy(
            warning ->
                assertThat(warning)
                    .contains("'web' also leads to", "of listener 'submission': messagesPerHour"));
  }

  @Test
  void everyMissingRuleIsNamed() throws Exception {
    String ruled =
        fixed(
            "submission",
            "smtp.office365.com:587",
            "smtp",
            "allowedSenders: [a@b.example], allowedRecipients: [a@b.example], maximumRecipients: 1,"
                + " maximumSize: 1MB, messagesPerHour: 1, recipientsPerDay: 1, repairLineEnds: true,"
                + " rewriteFrom: {address: a@b.example}");
    String other =
        fixed("second", "smtp.office365.com:587", "smtp", "maximumSize: 2MB, messagesPerHour: 9");
    assertThat(warnings("microsoft365", ruled, other))
        .singleElement()
        .asString()
        .contains(
            "'submission': allowedSenders, allowedRecipients, maximumRecipients, recipientsPerDay,"
                + " rewriteFrom;");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{name: o, bind: 127.0.0.1:0, accept: fixed, origin: outlook.office365.com:993, protocol: imap, profile: legacy}",
        "{name: o, bind: 127.0.0.1:0, accept: fixed, origin: mail.example:587, protocol: smtp, profile: legacy}",
        "{name: o, bind: 127.0.0.1:0, accept: fixed, origin: smtp.office365.com:587, protocol: smtp, profile: legacy, mail: {allowedSenders: [b@contoso.example]}}"
      })
  void otherListenersCauseNoWarning(String other) throws Exception {
    assertThat(warnings("\"*:*\"", RULED, other)).isEmpty();
  }

  @Test
  void listenerThatReachesOnlyOtherServersCausesNoWarning() throws Exception {
    String ruled =
        fixed("m", "mail.example:2525", "smtp, upstreamTls: starttls", "maximumRecipients: 3");
    String routes = "\"mail.example:2525\", \"*.contoso.example:443,587\"";
    assertThat(warnings(routes, open("web", "http-connect", ""), ruled)).isEmpty();
  }

  @Test
  void listenerWithoutRulesCausesNoWarning() throws Exception {
    String plain = fixed("submission", "smtp.office365.com:587", "smtp", "repairLineEnds: true");
    assertThat(warnings("microsoft365", open("web", "http-connect", ""), plain)).isEmpty();
  }
}
