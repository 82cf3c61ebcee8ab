package org.tlsuplift.server.log;

import com.fasterxml.jackson.databind.ObjectWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
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
import org.tlsuplift.server.audit.AuditRecord;
import org.tlsuplift.server.inventory.messages.MessageFields;
import org.tlsuplift.server.inventory.messages.MessageRecord;
import org.tlsuplift.server.text.Json;

/**
 * One JSON object for each session, message and audit record, which have different values of {@code
 * type}. Values that are not known are left out.
 *
 * <p>For one thread.
 */
final class JsonLine implements LineFormat {
  /** Enough to identify any device; a hello may hold thousands. */
  static final int MAX_SUITES = 100;

  /** Enough ALPN names to identify any device; a hello may hold thousands. */
  static final int MAX_PROTOCOLS = 10;

  /** JSON requires escapes for the control characters up to U+001F only. DEL is one too. */
  private static final ObjectWriter JSON = Json.LINE.with(Json.escaping("\u007f"));

  private static final ObjectWriter SESSION = JSON.forType(Line.class);
  private static final ObjectWriter MESSAGE = JSON.forType(MessageFields.class);

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream(1024);
  private final Map<String, String> waysIn;

  JsonLine(Map<String, String> waysIn) {
    this.waysIn = waysIn;
  }

  private record Line(
      Instant started,
      double seconds,
      String session,
      String listener,
      @Nullable String wayIn,
      String device,
      int devicePort,
      @Nullable String target,
      String action,
      String reason,
      @Nullable String detail,
      @Nullable Offered offered,
      @Nullable Handshake downstream,
      @Nullable Handshake upstream,
      @Nullable Agreed tunnelled,
      long bytesUp,
      long bytesDown,
      String type) {}

  private record Offered(
      @Nullable Boolean ssl2Framing,
      List<String> versions,
      List<String> cipherSuites,
      @Nullable Integer cipherSuitesInAll,
      @Nullable String serverName,
      @Nullable List<String> applicationProtocols,
      String ja4) {
    static @Nullable Offered of(@Nullable ClientHello hello) {
      if (hello == null) {
        return null;
      }
      int suites = hello.cipherSuites().size();
      List<String> protocols = hello.applicationProtocols();
      return new Offered(
          hello.framing() == ClientHello.Framing.SSL_2 ? true : null,
          texts(hello.versions(), TlsVersion.values().length, TlsVersion::label),
          texts(hello.cipherSuites(), MAX_SUITES, CipherSuites::nameOf),
          suites > MAX_SUITES ? suites : null,
          hello.serverName(),
          protocols.isEmpty() ? null : texts(protocols, MAX_PROTOCOLS, Function.identity()),
          hello.ja4());
    }

    private static <T> List<String> texts(List<T> values, int most, Function<T, String> text) {
      return values.stream().limit(most).map(text).toList();
    }
  }

  private record Handshake(
      String outcome,
      @Nullable String version,
      @Nullable String cipherSuite,
      @Nullable String applicationProtocol,
      @Nullable String group,
      double seconds) {
    static @Nullable Handshake of(@Nullable DeviceHandshake done) {
      return done == null ? null : of(done.outcome().label(), done.agreed(), done.elapsed());
    }

    static @Nullable Handshake of(@Nullable OriginHandshake done) {
      return done == null ? null : of(done.outcome(), done.agreed(), done.elapsed());
    }

    private static Handshake of(String outcome, @Nullable TlsParameters agreed, Duration elapsed) {
      return new Handshake(
          outcome,
          agreed == null ? null : agreed.version().label(),
          agreed == null ? null : agreed.cipherSuite(),
          agreed == null ? null : agreed.applicationProtocol(),
          agreed == null ? null : agreed.group(),
          inSeconds(elapsed));
    }
  }

  private record Agreed(
      String version,
      String cipherSuite,
      @Nullable String applicationProtocol,
      @Nullable String group) {
    static @Nullable Agreed of(@Nullable TlsParameters agreed) {
      return agreed == null
          ? null
          : new Agreed(
              agreed.version().label(),
              agreed.cipherSuite(),
              agreed.applicationProtocol(),
              agreed.group());
    }
  }

  @Override
  public byte[] line(SessionSummary session) {
    return written(
        SESSION,
        new Line(
            session.started(),
            inSeconds(session.elapsed()),
            session.id().toString(),
            session.listener(),
            waysIn.get(session.listener()),
            session.device().getAddress().getHostAddress(),
            session.device().getPort(),
            session.target() == null ? null : session.target().toString(),
            session.action().label(),
            session.reason().label(),
            session.detail().isEmpty() ? null : session.detail(),
            Offered.of(session.offered()),
            Handshake.of(session.deviceHandshake()),
            Handshake.of(session.originHandshake()),
            Agreed.of(session.tunnelled()),
            session.bytesUp(),
            session.bytesDown(),
            "session"));
  }

  @Override
  public byte[] line(MessageRecord message) {
    return written(MESSAGE, MessageFields.ofLine(message, waysIn.get(message.listener())));
  }

  @Override
  public byte[] line(AuditRecord written) {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("at", written.at());
    Map<String, String> fields = written.fields();
    List.of("id", "action", "result")
        .forEach(name -> line.put(name, fields.getOrDefault(name, "")));
    fields.values().removeIf(String::isEmpty);
    fields.forEach(line::putIfAbsent);
    line.put("type", "audit");
    return written(JSON, line);
  }

  private byte[] written(ObjectWriter writer, Object line) {
    bytes.reset();
    try {
      writer.writeValue(bytes, line);
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
    bytes.write('\n');
    return bytes.toByteArray();
  }

  private static double inSeconds(Duration elapsed) {
    return elapsed.toMillis() / 1000.0;
  }
}
