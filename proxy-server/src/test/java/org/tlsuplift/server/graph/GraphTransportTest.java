package org.tlsuplift.server.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.james.mime4j.dom.address.Mailbox;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlsuplift.proxy.signin.AccessToken;
import org.tlsuplift.proxy.signin.AccessTokens;
import org.tlsuplift.proxy.signin.TokenResult;
import org.tlsuplift.server.graph.GraphStandIn.Attachment;
import org.tlsuplift.server.graph.GraphStandIn.Message;
import org.tlsuplift.server.mail.Transport;
import org.tlsuplift.server.mail.Transport.Result;

class GraphTransportTest {
  private static final String SCAN =
      "From: Scanner <scanner@corp.example>\r\nTo: A <a@corp.example>, B <b@corp.example>\r\nSubject: Scan\r\n\r\n.\r\n..two dots\r\n";

  /** With the recipients first. */
  private static final String ADDRESSED =
      "To: A <a@corp.example>,\r\n B <b@corp.example>\r\nX-Spool: 1\r\nFrom: Scanner <scanner@corp.example>\r\nSubject: Scan\r\n\r\n.\r\n..two dots\r\n";

  private static final GraphRig rig = new GraphRig();

  @AfterAll
  static void stop() {
    rig.close();
  }

  @AfterEach
  void everyRequestIsAsMicrosoftDescribesIt() {
    try {
      assertThat(rig.graph.violations()).isEmpty();
      assertThat(rig.graph.drafts()).as("drafts that are left").isZero();
    } finally {
      rig.graph.clear();
      rig.counted.clear();
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static Result send(GraphTransport transport, String mime, String... open)
      throws Exception {
    return GraphRig.send(transport, bytes(mime), open);
  }

  private Message onlySent() {
    assertThat(rig.graph.sent()).hasSize(1);
    return rig.graph.sent().get(0);
  }

  @Test
  void sendsTheSameBytesAsMimeAfterTheRecipients() throws Exception {
    Result result = send(rig.transport(true), SCAN, "a@corp.example", "b@corp.example");

    assertThat(result.accepted()).containsExactly("a@corp.example", "b@corp.example");
    assertThat(result.by()).isEqualTo("Microsoft Graph: 202 accepted");
    assertThat(onlySent().mime()).isEqualTo(ADDRESSED);
    assertThat(rig.graph.sentItems()).hasSize(1);
    assertThat(rig.graph.requests())
        .containsExactly("POST /v1.0/users/scanner@corp.example/sendMail");
    assertThat(rig.counted).containsExactly("2xx");
  }

  @Test
  void leavesNothingInSentItemsByDefault() throws Exception {
    send(rig.transport(false), SCAN, "a@corp.example", "b@corp.example");

    assertThat(onlySent().mime()).isEqualTo(ADDRESSED);
    assertThat(rig.graph.sentItems()).isEmpty();
  }

  @Test
  void headerNamesTheOpenRecipientsAndNoOthers() throws Exception {
    send(
        rig.transport(true),
        "To: =?utf-8?q?J=C3=B6rg?= <A@Corp.example>,\r\n B <b@corp.example>\r\nCc: b@corp.example\r\nSubject: \u00c5\r\nBcc: d@corp.example\r\n\r\nTo: body@corp.example\r\n",
        "a@corp.example",
        "c@corp.example");

    assertThat(onlySent().mime())
        .isEqualTo(
            "To: =?ISO-8859-1?Q?J=F6rg?= <a@corp.example>\r\nBcc: c@corp.example\r\nX-Spool: 1\r\nSubject: \u00c3\u0085\r\n\r\nTo: body@corp.example\r\n");
  }

  @ParameterizedTest
  @CsvSource({
    "root, root",
    "'\"a b\"@corp.example', '\"a b\"@corp.example'",
    "a@[192.0.2.1], a@[192.0.2.1]",
    "jörg@corp.example, '\"jörg\"@corp.example'",
  })
  void anyRecipientOfSmtpCanBeAdded(String recipient, String added) throws Exception {
    byte[] mime = GraphRig.addressed(bytes(" To: x@corp.example\r\n\r\n"), recipient);

    assertThat(new String(mime, StandardCharsets.UTF_8)).isEqualTo("Bcc: " + added + "\r\n\r\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "X-A: b\rTo: evil@evil.example",
        "X-A: b\rBcc: evil@evil.example",
        "X-A: b\r\r\nTo: evil@evil.example",
        "X-A: b\nBcc: evil@evil.example",
        "\0To: evil@evil.example",
        "\u000bTo: evil@evil.example",
        "\fTo: evil@evil.example",
        "\rTo: evil@evil.example",
        "\u00a0To: evil@evil.example",
        "T\r\n o: evil@evil.example",
        "To\r\n : evil@evil.example",
        "To : evil@evil.example",
        "To\t: evil@evil.example",
        "To: a@corp.example (x, evil@evil.example",
        "To: a@corp.example, \"x, evil@evil.example",
        "To: <@evil.example:a@corp.example>",
        "To: a@corp.example <evil@evil.example>",
        "To: evil@evil.example <a@corp.example>",
        "To: =?utf-8?q?x=0D=0ABcc:_evil=40evil.example?= <a@corp.example>",
        "To: group: a@corp.example, evil@evil.example;",
        "Cc: evil@evil.example",
        "Bcc: evil@evil.example",
        "Resent-To: evil@evil.example",
        "resent-bcc: evil@evil.example",
        " To: evil@evil.example",
        " \r\nTo: evil@evil.example",
        "no field\r\nTo: evil@evil.example",
      })
  void anyHeaderNamesOnlyRecipientsOfTheEnvelope(String lines) throws Exception {
    String mime =
        new String(
            GraphRig.addressed(
                bytes("From: x@corp.example\r\n" + lines + "\r\nSubject: s\r\n\r\nbody"),
                "a@corp.example",
                "b@corp.example"),
            StandardCharsets.UTF_8);

    String header = mime.substring(0, mime.indexOf("\r\n\r\n")).replaceAll("\r\n[ \t]", " ");
    assertThat(header.replace("\r\n", "")).doesNotContainPattern("[\\x00-\\x1f]");
    assertThat(header.split("\r\n", -1)).allMatch(line -> line.matches("[!-9;-~]+:.*"));
    List<String> people =
        header.lines().filter(line -> line.matches("(?i)(to|cc|bcc|resent-.*)[ \t]*:.*")).toList();
    assertThat(people).isNotEmpty().allMatch(line -> line.matches("(To|Cc|Bcc): .*"));
    assertThat(
            people.stream()
                .flatMap(
                    line -> GraphRecipients.mailboxes(line.replaceFirst("^.*?: ", "")).stream())
                .map(Mailbox::getAddress))
        .containsExactlyInAnyOrder("a@corp.example", "b@corp.example");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "evil@evil.example,b@corp.example",
        "b@corp.example,evil",
        "evil@evil.example b@corp.example",
        "x:evil@evil.example;@corp.example"
      })
  void recipientThatIsSeveralAddressesIsRefused(String recipient) throws Exception {
    Result result = send(rig.transport(true), SCAN, recipient);

    assertThat(result.refused().get(recipient)).startsWith("550 5.1.3 ");
    assertThat(rig.graph.requests()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\r",
        "=?",
        "=?a?q?",
        "=?a?q?x?=",
        "?q",
        "(",
        "\"",
        "<",
        "a@b,",
        "\0",
        "@a,",
        "=?x?q?a?= "
      })
  @Timeout(60)
  void hostileFieldsTakeNoLongerThanTheirSize(String repeated) throws Exception {
    String value = repeated.repeat(30_000 / repeated.length());
    String header = "To: " + value + "\r\nCc: " + value + "\r\nSubject: " + value + "\r\n";
    String longer = "To: " + repeated.repeat(100_000 / repeated.length()) + "\r\n" + header;

    byte[] mime = GraphRig.addressed(bytes(longer + "\r\nbody"), "a@corp.example");
    GraphMessage draft =
        GraphMessage.read(
            new ByteArrayInputStream(bytes(longer + "\r\nbody")), List.of("a@corp.example"));

    assertThat(new String(mime, StandardCharsets.UTF_8)).startsWith("Bcc: a@corp.example\r\n");
    assertThat(draft.draft()).containsEntry("ccRecipients", List.of());
  }

  @Test
  @Timeout(10)
  void timeForALineWithManyBareCarriageReturnsGrowsWithItsSize() throws Exception {
    String field = "To: " + "\r".repeat(250_000) + "b@corp.example\r\n";

    byte[] mime = GraphRig.addressed(bytes(field + "\r\nbody"), "a@corp.example");

    assertThat(new String(mime, StandardCharsets.UTF_8)).startsWith("Bcc: a@corp.example\r\n");
  }

  @Test
  void largeMessageHasTheSamePartsAsDraft() throws Exception {
    byte[] scan = new byte[7_000_000];
    new Random(1).nextBytes(scan);
    byte[] logo = new byte[2_000];

    Result result =
        GraphRig.send(rig.transport(false), mail(scan, logo), "a@corp.example", "c@corp.example");

    assertThat(result.accepted()).hasSize(2);
    Message sent = onlySent();
    assertThat(sent.mime()).isEmpty();
    assertThat(sent.addresses("toRecipients")).containsExactly("a@corp.example");
    assertThat(sent.addresses("bccRecipients")).containsExactly("c@corp.example");
    assertThat(sent.fields().path("subject").asText()).isEqualTo("Straße 12 äö");
    assertThat(sent.fields().at("/from/emailAddress/name").asText()).isEqualTo("Gerät");
    assertThat(sent.fields().path("internetMessageId").asText()).isEqualTo("<1@scanner>");
    assertThat(sent.fields().path("importance").asText()).isEqualTo("high");
    assertThat(sent.fields().at("/body/contentType").asText()).isEqualTo("html");
    assertThat(sent.fields().at("/body/content").asText()).contains("<img src=\"cid:logo\">Grüße");
    assertThat(sent.attachments())
        .extracting(Attachment::name)
        .containsExactly("logo.png", "Übersicht, Teil 1.pdf");
    Attachment image = sent.attachments().get(0);
    assertThat(image.content()).isEqualTo(logo);
    assertThat(image.fields().path("contentId").asText()).isEqualTo("logo");
    assertThat(image.fields().path("isInline").asBoolean()).isTrue();
    assertThat(sent.attachments().get(1).content()).isEqualTo(scan);
    assertThat(rig.graph.sentItems()).isEmpty();
    assertThat(rig.graph.requests())
        .filteredOn(request -> request.contains("bytes "))
        .extracting(request -> request.replaceFirst(".* bytes", "bytes"))
        .containsExactly(
            "bytes 0-3276799/7000000",
            "bytes 3276800-6553599/7000000",
            "bytes 6553600-6999999/7000000");
  }

  /** A message with two texts, an inline image and an attachment whose name is not ASCII. */
  private static byte[] mail(byte[] scan, byte[] logo) {
    ByteArrayOutputStream mail = new ByteArrayOutputStream();
    Base64.Encoder base64 = Base64.getMimeEncoder();
    mail.writeBytes(
        bytes(
            "From: =?iso-8859-1?q?Ger=E4t?= <scanner@corp.example>\r\nTo: a@corp.example\r\nSubject: =?utf-8?q?Stra=C3=9Fe?= 12 =?iso-8859-1?q?=E4?="
                + " =?iso-8859-1?q?=F6?=\r\nMessage-ID: <1@scanner>\r\nImportance: High\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=m\r\n\r\n--m\r\nContent-Type: multipart/alternative; boundary=a\r\n\r\n--a\r\nContent-Type: text/plain\r\n\r\nGruss\r\n--a\r\nContent-Type: multipart/related; boundary=r\r\n\r\n--r\r\nContent-Type: text/html; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n<img src=3D\"cid:logo\">Gr=FC=DFe\r\n--r\r\nContent-Type: image/png; name=logo.png\r\nContent-ID: <logo>\r\nContent-Transfer-Encoding: base64\r\n\r\n"));
    mail.writeBytes(base64.encode(logo));
    mail.writeBytes(
        bytes(
            "\r\n--r--\r\n--a--\r\n--m\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename*0*=utf-8''%C3%9Cbersicht%2C%20;"
                + " filename*1=\"Teil 1.pdf\"\r\nContent-Transfer-Encoding: base64\r\n\r\n"));
    mail.writeBytes(base64.encode(scan));
    mail.writeBytes(bytes("\r\n--m--\r\n"));
    return mail.toByteArray();
  }

  private Result sendLarge() throws Exception {
    byte[] scan = new byte[7_000_000];
    Arrays.fill(scan, (byte) 'x');
    return GraphRig.send(rig.transport(false), mail(scan, new byte[10]), "a@corp.example");
  }

  private void scanArrivedOnce() {
    assertThat(onlySent().attachments())
        .extracting(each -> each.content().length)
        .containsExactly(10, 7_000_000);
  }

  @Test
  void continuesAnUploadWhereItBroke() throws Exception {
    // The first range arrives without a response, the second one does not arrive.
    rig.graph.drop("PUT /upload", true);
    rig.graph.failAfter(1, "PUT /upload", 503, "ServiceUnavailable");

    assertThat(sendLarge().accepted()).containsExactly("a@corp.example");

    scanArrivedOnce();
  }

  @Test
  void startsAgainIfTheUploadHasExpired() throws Exception {
    rig.graph.failAfter(1, "PUT /upload", 404, "ErrorItemNotFound");

    Result first = sendLarge();

    assertThat(first.deferred().get("a@corp.example")).contains("made again");
    assertThat(rig.graph.drafts()).isZero();
    assertThat(sendLarge().accepted()).containsExactly("a@corp.example");
    scanArrivedOnce();
  }

  @ParameterizedTest
  @CsvSource({
    "404, itemNotFound",
    "404, ResourceNotFound",
    "404, ''",
    "410, gone",
    "401, ''",
    "416, InvalidRange"
  })
  void vanishedUploadDoesNotBlameTheMailbox(int status, String code) throws Exception {
    rig.graph.fail("PUT /upload", status, code);

    assertThat(sendLarge().deferred().get("a@corp.example"))
        .startsWith("451 4.3.0 ")
        .contains("no action: the draft is made again");
  }

  @Test
  void renewsATokenThatExpiresDuringTheUpload() throws Exception {
    rig.graph.failAfter(0, "POST .*/createUploadSession", 401, "InvalidAuthenticationToken");
    rig.graph.failAfter(0, "POST .*/send$", 401, "InvalidAuthenticationToken");

    assertThat(sendLarge().accepted()).containsExactly("a@corp.example");

    scanArrivedOnce();
    assertThat(rig.counted).contains("401");
  }

  @Test
  void throttledUploadWaitsAndLeavesNoDraft() throws Exception {
    rig.graph.failAfter(1, "PUT /upload", 429, "ApplicationThrottled", "Retry-After", "300");

    Result result = sendLarge();

    assertThat(result.accepted()).isEmpty();
    assertThat(result.deferred().get("a@corp.example"))
        .startsWith("432 4.3.2 Microsoft Graph: 429");
    assertThat(result.retryAfter()).isEqualTo(Duration.ofMinutes(5));
    assertThat(rig.graph.sent()).isEmpty();
  }

  @Test
  void sentDraftWithoutAResponseIsAcceptedOnce() throws Exception {
    rig.graph.drop("POST .*/send$", true);

    Result result = send(rig.transport(false), SCAN, "a@corp.example", "b@corp.example");

    assertThat(result.accepted()).hasSize(2);
    assertThat(rig.graph.sent()).hasSize(1);
  }

  @ParameterizedTest
  @CsvSource({
    "404, MailboxNotEnabledForRESTAPI",
    "404, ErrorInvalidUser",
    "403, ErrorAccessDenied",
    "404, ''",
    "0, ''"
  })
  void onlyAMissingItemProvesThatADraftWasSent(int status, String code) throws Exception {
    rig.graph.drop("POST .*/send$", false);
    rig.graph.fail("DELETE", status, code);

    Result result = send(rig.transport(false), SCAN, "a@corp.example", "b@corp.example");

    assertThat(rig.graph.sent()).isEmpty();
    assertThat(result.accepted()).isEmpty();
    assertThat(result.deferred()).containsOnlyKeys("a@corp.example", "b@corp.example");
    rig.graph.removeDrafts();
  }

  @Test
  void missingDraftBeforeTheSendIsNoProof() throws Exception {
    rig.graph.drop("PATCH", false);
    rig.graph.fail("DELETE", 404, "ErrorItemNotFound");

    assertThat(send(rig.transport(false), SCAN, "a@corp.example").accepted()).isEmpty();

    rig.graph.removeDrafts();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 500, 503, 504})
  void sentDraftWithAFaultInTheResponseIsAcceptedOnce(int status) throws Exception {
    rig.graph.failDone("POST .*/send$", status, "ServiceUnavailable");

    Result result = send(rig.transport(false), SCAN, "a@corp.example", "b@corp.example");

    assertThat(result.accepted()).hasSize(2);
    assertThat(rig.graph.sent()).hasSize(1);
  }

  @Test
  void submissionWithoutAResponseIsRepeatedWithTheSameId() throws Exception {
    rig.graph.drop("POST .*/sendMail$", true);
    GraphTransport transport = rig.transport(true);

    Result first = send(transport, SCAN, "a@corp.example", "b@corp.example");
    Result second = send(transport, SCAN, "a@corp.example", "b@corp.example");

    assertThat(first.deferred().get("a@corp.example")).startsWith("451 4.4.1 ");
    assertThat(second.accepted()).hasSize(2);
    assertThat(rig.graph.sent()).as("a duplicate that nobody can prevent").hasSize(2);
    assertThat(rig.graph.clientIds()).hasSize(2).containsOnly(rig.graph.clientIds().get(0));
    assertThat(rig.counted).containsExactly("none", "duplicate", "2xx");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 503, 504})
  void secondAttemptIsADraftWhoseSendIsProven(int status) throws Exception {
    rig.graph.failDone("POST .*/send$", status, "ServiceUnavailable");

    Result second = GraphRig.send(1, rig.transport(true), bytes(SCAN), "a@corp.example");

    assertThat(second.accepted()).hasSize(1);
    assertThat(rig.graph.sent()).hasSize(1);
    assertThat(rig.graph.sentItems()).hasSize(1);
    assertThat(rig.counted).doesNotContain("duplicate");
  }

  @Test
  void secondAttemptSendsWithoutADraftIfTheApplicationMayNotCreateOne() throws Exception {
    rig.graph.fail("POST .*/messages$", 403, "ErrorAccessDenied");

    Result second = GraphRig.send(1, rig.transport(true), bytes(SCAN), "a@corp.example");

    assertThat(second.accepted()).hasSize(1);
    assertThat(rig.graph.requests()).last().asString().endsWith("/sendMail");
  }

  @Test
  void countsASendWithoutProofThatIsRepeated() throws Exception {
    rig.graph.drop("POST .*/send$", true);
    rig.graph.fail("DELETE", 503, "ServiceUnavailable");

    send(rig.transport(false), SCAN, "a@corp.example");
    rig.graph.fail("POST .*/sendMail", 503, "ServiceUnavailable");
    send(rig.transport(true), SCAN, "a@corp.example");
    rig.graph.fail("POST .*/sendMail", 429, "TooManyRequests");
    send(rig.transport(true), SCAN, "a@corp.example");

    assertThat(rig.counted).filteredOn("duplicate"::equals).hasSize(2);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void countsAnInterruptedSendThatIsRepeated(boolean saveToSentItems) throws Exception {
    GraphTransport quiet = rig.transport(saveToSentItems);
    AtomicInteger asked = new AtomicInteger();
    AccessTokens interrupting =
        new AccessTokens() {
          @Override
          public CompletionStage<TokenResult> token(String mailbox) {
            // At the send, and where there is a draft, after creating and changing it, at its end.
            if (asked.incrementAndGet() >= (saveToSentItems ? 1 : 3)) {
              Thread.currentThread().interrupt();
            }
            return quiet.tokens().token(mailbox);
          }

          @Override
          public CompletionStage<TokenResult> renew(String mailbox, AccessToken refused) {
            return quiet.tokens().renew(mailbox, refused);
          }
        };
    GraphTransport transport =
        new GraphTransport(
            quiet.address(),
            quiet.uploads(),
            saveToSentItems,
            quiet.mostMime(),
            interrupting,
            quiet.https(),
            quiet.observer(),
            quiet.duplicates());

    assertThatThrownBy(() -> send(transport, SCAN, "a@corp.example"))
        .isInstanceOf(InterruptedException.class);

    assertThat(rig.counted).filteredOn("duplicate"::equals).hasSize(1);
    rig.graph.removeDrafts();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{\"uploadUrl\": null}",
        "{\"uploadUrl\": \"\"}",
        "{\"uploadUrl\": \"/relative?authtoken=secret\"}",
        "{\"uploadUrl\": \"no address: %\"}",
        "{\"uploadUrl\": \"http://localhost/upload?authtoken=secret\"}",
        "{\"uploadUrl\": \"https://evil.example/upload?authtoken=secret\"}",
        "{\"uploadUrl\": 7}"
      })
  void unusableUploadAddressLeavesNoDraft(String json) throws Exception {
    rig.graph.reply("POST .*/createUploadSession", json);

    assertThat(sendLarge().deferred().get("a@corp.example"))
        .startsWith("451 4.4.1 Microsoft Graph names no usable address for an upload")
        .doesNotContain("secret");
    assertThat(rig.graph.drafts()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"0-", "0-10", "-1", "1-"})
  void uploadWithoutProgressEnds(String expected) throws Exception {
    for (int i = 0; i < 9; i++) {
      rig.graph.reply("PUT /upload", "{\"nextExpectedRanges\": [\"" + expected + "\"]}");
    }

    Result result = sendLarge();

    assertThat(rig.graph.requests()).filteredOn(each -> each.startsWith("PUT")).hasSizeLessThan(9);
    assertThat(result.deferred().get("a@corp.example")).contains("makes no progress");
  }

  private static List<String> poison() {
    StringBuilder nested = new StringBuilder("Content-Type: multipart/mixed; boundary=b0\r\n\r\n");
    for (int i = 0; i < 3_000; i++) {
      nested.append(
          "--b%d\r\nContent-Type: multipart/mixed; boundary=b%d\r\n\r\n".formatted(i, i + 1));
    }
    String parts =
        "Content-Type: multipart/mixed; boundary=b\r\n\r\n" + "--b\r\n\r\n".repeat(100_000);
    String type =
        "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain";
    return List.of(
        nested.toString(),
        parts,
        "Subject: " + "x".repeat(300_000) + "\r\n\r\n",
        "X-A: b\r\n".repeat(50_000) + "\r\n",
        type + "; a=b".repeat(100_000) + "\r\n\r\n",
        type + "\r\nX-A: b".repeat(100_000) + "\r\n\r\n");
  }

  @ParameterizedTest
  @MethodSource("poison")
  @Timeout(60)
  void messageBeyondTheBoundsIsRefusedWithTheReason(String mime) throws Exception {
    Result result = send(rig.transport(false, 0), mime, "a@corp.example");

    assertThat(result.refused().get("a@corp.example"))
        .matches("554 5\\.[0-9.]+ .*; check how the device builds its messages");
    assertThat(rig.graph.requests()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "403, ErrorAccessDenied, false, 454 4.7.0, -Graph",
    "403, ErrorSendAsDenied, true, 554 5.2.252, SendAs",
    "404, ErrorInvalidUser, false, 450 4.2.1, mailbox exists",
    "400, ErrorMessageSizeExceeded, true, 552 5.3.4, 35 MB",
    "413, '', true, 552 5.3.4, 35 MB",
    "400, ErrorInvalidRecipients, true, 550 5.1.3, addresses",
    "429, MailboxConcurrency, false, 432 4.3.2, later",
    "503, ServiceUnavailable, false, 451 4.3.0, later",
    "500, ErrorSendAsDenied, false, 451 4.3.0, later",
    "400, ErrorNobodyKnows, false, 451 4.0.0, list of Graph errors",
  })
  void eachErrorHasAReplyAndARemedy(
      int status, String code, boolean permanent, String reply, String remedy) throws Exception {
    rig.graph.fail("POST .*/sendMail$", status, code);

    Result result = send(rig.transport(true), SCAN, "a@corp.example", "b@corp.example");

    assertThat(permanent ? result.refused() : result.deferred())
        .containsOnlyKeys("a@corp.example", "b@corp.example")
        .allSatisfy((who, line) -> assertThat(line).startsWith(reply).contains(code, remedy));
    assertThat(permanent ? result.deferred() : result.refused()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"3600", "86400", "1000000000", "999999999999999999"})
  void waitsNoLongerThanAnHour(String seconds) throws Exception {
    rig.graph.fail("sendMail", 429, "TooManyRequests", "Retry-After", seconds);

    Result result = send(rig.transport(true), SCAN, "a@corp.example");

    assertThat(result.retryAfter()).isEqualTo(Duration.ofHours(1));
  }

  @Test
  void autoSendsByGraphWhileSmtpAuthIsOff() throws Exception {
    List<String> tried = new ArrayList<>();
    String reply =
        "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the"
            + " Tenant.";
    Transport smtp =
        (message, header, content) -> {
          tried.add("smtp");
          return new Result("smtp", List.of(), Map.of(), Map.of("a@corp.example", reply), null);
        };
    Cache<String, Boolean> off = Caffeine.newBuilder().build();
    AutoTransport auto = new AutoTransport(smtp, rig.transport(true), off);

    for (int i = 0; i < 2; i++) {
      Result result =
          auto.send(
              GraphRig.message(SCAN.length(), "a@corp.example"),
              "",
              () -> new ByteArrayInputStream(bytes(SCAN)));
      assertThat(result.by()).isEqualTo("Microsoft Graph: 202 accepted");
    }

    assertThat(tried).hasSize(1);
    off.invalidateAll();
    Transport busy =
        (message, header, content) ->
            new Result("smtp", List.of(), Map.of(), Map.of("a@corp.example", "451 4.7.500"), null);
    assertThat(
            new AutoTransport(busy, rig.transport(true), off)
                .send(
                    GraphRig.message(1, "a@corp.example"),
                    "",
                    () -> new ByteArrayInputStream(bytes(SCAN)))
                .by())
        .isEqualTo("smtp");
  }
}
