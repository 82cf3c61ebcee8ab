package org.tlsuplift.server.accesslog;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.SerializableString;
import com.fasterxml.jackson.core.io.CharacterEscapes;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.ClientHello;
import org.tlsuplift.proxy.model.DeviceHandshake;
import org.tlsuplift.proxy.model.OriginHandshake;
import org.tlsuplift.proxy.model.SessionSummary;
import org.tlsuplift.proxy.model.TlsParameters;
import org.tlsuplift.proxy.model.TlsVersion;
import org.tlsuplift.proxy.tls.hello.CipherSuites;

/**
 * One JSON object for each session (RFC 8259), in ASCII; what is not known is left out.
 *
 * <p>For one thread.
 */
final class JsonLine implements LineFormat {
  /** Enough to know any device; a hello may hold thousands. */
  static final int MAX_SUITES = 100;

  /** The same for the names of ALPN. */
  static final int MAX_PROTOCOLS = 10;

  /** There are no more. */
  private static final int MAX_VERSIONS = TlsVersion.values().length;

  private final JsonFactory json =
      new JsonFactoryBuilder()
          .characterEscapes(new ControlCharacters())
          .enable(JsonWriteFeature.ESCAPE_NON_ASCII)
          .build();
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream(1024);
  private final Map<String, String> waysIn;

  /** JSON asks for those up to U+001F only; DEL is one too. */
  private static final class ControlCharacters extends CharacterEscapes {
    private static final long serialVersionUID = 1L;

    @Override
    public int[] getEscapeCodesForAscii() {
      int[] codes = standardAsciiEscapesForJSON();
      codes[0x7f] = ESCAPE_STANDARD;
      return codes;
    }

    @Override
    public @Nullable SerializableString getEscapeSequence(int character) {
      return null;
    }
  }

  JsonLine(Map<String, String> waysIn) {
    this.waysIn = waysIn;
  }

  @Override
  public byte[] line(SessionSummary session) {
    bytes.reset();
    try (JsonGenerator out = json.createGenerator(bytes)) {
      out.writeStartObject();
      session(out, session);
      out.writeEndObject();
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
    bytes.write('\n');
    return bytes.toByteArray();
  }

  private void session(JsonGenerator out, SessionSummary session) throws IOException {
    out.writeStringField("started", session.started().toString());
    seconds(out, session.elapsed());
    out.writeStringField("session", session.id().toString());
    out.writeStringField("listener", session.listener());
    text(out, "wayIn", waysIn.get(session.listener()));
    out.writeStringField("device", session.device().getAddress().getHostAddress());
    out.writeNumberField("devicePort", session.device().getPort());
    text(out, "target", session.target() == null ? null : session.target().toString());
    out.writeStringField("action", session.action().label());
    out.writeStringField("reason", session.reason().label());
    text(out, "detail", session.detail().isEmpty() ? null : session.detail());
    offered(out, session.offered());
    downstream(out, session.deviceHandshake());
    upstream(out, session.originHandshake());
    if (session.tunnelled() != null) {
      out.writeObjectFieldStart("tunnelled");
      agreed(out, session.tunnelled());
      out.writeEndObject();
    }
    out.writeNumberField("bytesUp", session.bytesUp());
    out.writeNumberField("bytesDown", session.bytesDown());
  }

  private static void offered(JsonGenerator out, @Nullable ClientHello hello) throws IOException {
    if (hello == null) {
      return;
    }
    out.writeObjectFieldStart("offered");
    if (hello.framing() == ClientHello.Framing.SSL_2) {
      out.writeBooleanField("ssl2Framing", true);
    }
    texts(out, "versions", hello.versions(), MAX_VERSIONS, TlsVersion::label);
    texts(out, "cipherSuites", hello.cipherSuites(), MAX_SUITES, CipherSuites::nameOf);
    if (hello.cipherSuites().size() > MAX_SUITES) {
      out.writeNumberField("cipherSuitesInAll", hello.cipherSuites().size());
    }
    text(out, "serverName", hello.serverName());
    if (!hello.applicationProtocols().isEmpty()) {
      texts(
          out,
          "applicationProtocols",
          hello.applicationProtocols(),
          MAX_PROTOCOLS,
          Function.identity());
    }
    out.writeStringField("ja4", hello.ja4());
    out.writeEndObject();
  }

  private static void downstream(JsonGenerator out, @Nullable DeviceHandshake handshake)
      throws IOException {
    if (handshake != null) {
      handshake(
          out, "downstream", handshake.outcome().label(), handshake.agreed(), handshake.elapsed());
    }
  }

  private static void upstream(JsonGenerator out, @Nullable OriginHandshake handshake)
      throws IOException {
    if (handshake != null) {
      handshake(out, "upstream", handshake.outcome(), handshake.agreed(), handshake.elapsed());
    }
  }

  private static void handshake(
      JsonGenerator out,
      String side,
      String outcome,
      @Nullable TlsParameters agreed,
      Duration elapsed)
      throws IOException {
    out.writeObjectFieldStart(side);
    out.writeStringField("outcome", outcome);
    if (agreed != null) {
      agreed(out, agreed);
    }
    seconds(out, elapsed);
    out.writeEndObject();
  }

  private static void agreed(JsonGenerator out, TlsParameters agreed) throws IOException {
    out.writeStringField("version", agreed.version().label());
    out.writeStringField("cipherSuite", agreed.cipherSuite());
    text(out, "applicationProtocol", agreed.applicationProtocol());
  }

  private static void seconds(JsonGenerator out, Duration elapsed) throws IOException {
    out.writeNumberField("seconds", elapsed.toMillis() / 1000.0);
  }

  private static void text(JsonGenerator out, String key, @Nullable String value)
      throws IOException {
    if (value != null) {
      out.writeStringField(key, value);
    }
  }

  private static <T> void texts(
      JsonGenerator out, String key, List<T> values, int most, Function<T, String> text)
      throws IOException {
    out.writeArrayFieldStart(key);
    for (int i = 0; i < Math.min(most, values.size()); i++) {
      out.writeString(text.apply(values.get(i)));
    }
    out.writeEndArray();
  }
}
