package org.tlsuplift.server.log;

import io.netty.util.NetUtil;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.SessionSummary;
import org.tlsuplift.proxy.model.TlsParameters;
import org.tlsuplift.proxy.tls.hello.OfferedText;
import org.tlsuplift.server.audit.AuditRecord;
import org.tlsuplift.server.inventory.messages.MessageRecord;
import org.tlsuplift.server.text.Printable;

/**
 * One line of words for each session and each message, always in the same order. The fifth word of
 * a message is {@code message}, and the second of an audit record is {@code audit}.
 *
 * <pre>
 * 2026-11-24T09:15:02.120Z 0000002a web/http-connect 10.1.2.3:49152 > outlook.office365.com:443 bridge device_closed TLSv1 TLS_RSA_WITH_AES_128_CBC_SHA > TLSv1.3 TLS_AES_128_GCM_SHA256 up=512 down=20480 1.250s ja4=... offered="..."
 * 2026-11-24T09:15:02.120Z 0000002a mail/fixed 10.1.2.3 message accepted from={@literal <scanner@contoso.com>} recipients=1 accepted=1 size=52311 TLSv1 > TLSv1.3 0.850s reply="250 2.0.0 ..." to=@contoso.com
 * 2026-11-24T09:15:02.120Z audit configuration.reload done who=boss role=administrator from=10.1.2.3 via=pages after="listeners[0].profile"
 * </pre>
 */
record TextLine(Map<String, String> waysIn) implements LineFormat {
  private static final String NONE = "-";

  @Override
  public byte[] line(SessionSummary session) {
    StringJoiner words = new StringJoiner(" ");
    words
        .add(session.started().toString())
        .add(session.id().toString())
        .add(session.listener() + "/" + waysIn.getOrDefault(session.listener(), NONE))
        .add(NetUtil.toSocketAddressString(session.device()))
        .add(">")
        .add(session.target() == null ? NONE : session.target().toString())
        .add(session.action().label())
        .add(session.reason().label())
        .add(downstream(session))
        .add(">")
        .add(upstream(session))
        .add("up=" + session.bytesUp())
        .add("down=" + session.bytesDown())
        .add(session.elapsed().toMillis() / 1000.0 + "s");
    if (session.offered() != null) {
      words.add("ja4=" + session.offered().ja4());
      words.add("offered=\"" + Printable.quoted(OfferedText.describe(session.offered())) + "\"");
    }
    if (!session.detail().isEmpty()) {
      words.add("detail=\"" + Printable.quoted(session.detail()) + "\"");
    }
    return (Printable.text(words.toString()) + "\n").getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public byte[] line(MessageRecord message) {
    StringJoiner words = new StringJoiner(" ");
    words
        .add(message.at().toString())
        .add(message.session())
        .add(message.listener() + "/" + waysIn.getOrDefault(message.listener(), NONE))
        .add(message.device().getHostAddress())
        .add("message")
        .add(message.outcome().label())
        .add("from=<" + word(message.sender()) + ">")
        .add("recipients=" + message.recipientCount())
        .add("accepted=" + message.acceptedRecipients())
        .add("size=" + message.size())
        .add(message.deviceTls())
        .add(">")
        .add(message.originTls().isEmpty() ? NONE : message.originTls())
        .add(message.duration().toMillis() / 1000.0 + "s");
    if (!message.account().isEmpty()) {
      words.add("account=" + word(message.account()));
    }
    if (!message.refusal().isEmpty()) {
      words.add("refusal=" + message.refusal());
    }
    if (!message.reply().isEmpty()) {
      words.add("reply=\"" + Printable.quoted(message.reply()) + "\"");
    }
    if (!message.recipients().isEmpty()) {
      // The last word, because a line is cut when it is too long.
      words.add("to=" + word(String.join(",", message.recipients())));
    }
    return (Printable.text(words.toString()) + "\n").getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public byte[] line(AuditRecord written) {
    StringJoiner words = new StringJoiner(" ");
    words
        .add(written.at().toString())
        .add("audit")
        .add(written.action())
        .add(written.result().label())
        .add("who=" + (written.who().isEmpty() ? NONE : word(written.who())))
        .add("role=" + (written.role().isEmpty() ? NONE : written.role()))
        .add("from=" + (written.from().isEmpty() ? NONE : written.from()))
        .add("via=" + written.via().label());
    add(words, "subject", written.subject());
    add(words, "instance", written.instance());
    add(words, "object", written.object());
    add(words, "part", written.part());
    add(words, "before", written.before());
    add(words, "after", written.after());
    // A record limits its texts itself.
    return (Printable.line(words.toString()) + "\n").getBytes(StandardCharsets.UTF_8);
  }

  private static void add(StringJoiner words, String name, String text) {
    if (!text.isEmpty()) {
      words.add(name + "=\"" + Printable.escape(text, true) + "\"");
    }
  }

  /** A text of the device as one word, so that it cannot look like others. */
  private static String word(String text) {
    return text.replace(' ', '_');
  }

  private static String downstream(SessionSummary session) {
    if (session.tunnelled() != null) {
      return agreed(session.tunnelled(), NONE);
    }
    return session.deviceHandshake() == null
        ? NONE
        : agreed(session.deviceHandshake().agreed(), session.deviceHandshake().outcome().label());
  }

  private static String upstream(SessionSummary session) {
    if (session.tunnelled() != null) {
      return "same";
    }
    return session.originHandshake() == null
        ? NONE
        : agreed(session.originHandshake().agreed(), session.originHandshake().outcome());
  }

  private static String agreed(@Nullable TlsParameters agreed, String otherwise) {
    return agreed == null ? otherwise : agreed.version() + " " + agreed.cipherSuite();
  }
}
