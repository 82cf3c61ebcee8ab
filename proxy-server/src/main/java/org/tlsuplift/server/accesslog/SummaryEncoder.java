package org.tlsuplift.server.accesslog;

import ch.qos.logback.core.encoder.EncoderBase;
import org.tlsuplift.proxy.model.SessionSummary;

/** Hands lines to Logback's appender, which knows files and their rotation. */
final class SummaryEncoder extends EncoderBase<SessionSummary> {
  private static final byte[] NOTHING = {};

  private final LineFormat format;

  SummaryEncoder(LineFormat format) {
    this.format = format;
  }

  @Override
  public byte[] encode(SessionSummary session) {
    return format.line(session);
  }

  @Override
  public byte[] headerBytes() {
    return NOTHING;
  }

  @Override
  public byte[] footerBytes() {
    return NOTHING;
  }
}
