package org.tlsuplift.server.api;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import org.tlsuplift.server.sessions.LiveSession;
import org.tlsuplift.server.sessions.LiveSessions;
import org.tlsuplift.server.web.Answer;
import org.tlsuplift.server.web.Request;
import org.tlsuplift.server.web.Resource;

/** The sessions that run. */
final class SessionsResource implements Resource {
  private final LiveSessions sessions;

  SessionsResource(LiveSessions sessions) {
    this.sessions = sessions;
  }

  @Override
  public Answer answer(Request request) throws IOException {
    return JsonText.answer(
        out -> {
          out.writeStartArray();
          for (LiveSession session : sessions.now()) {
            write(out, session);
          }
          out.writeEndArray();
        });
  }

  private static void write(JsonGenerator out, LiveSession session) throws IOException {
    out.writeStartObject();
    out.writeStringField("id", session.id());
    out.writeStringField("listener", session.listener());
    out.writeStringField("device", session.device());
    out.writeStringField("openedAt", session.openedAt().toString());
    JsonText.known(out, "target", session.target());
    JsonText.known(out, "action", session.action());
    JsonText.known(out, "offeredVersion", session.offered());
    JsonText.known(out, "agreedVersion", session.agreed());
    JsonText.known(out, "originVersion", session.agreedWithOrigin());
    out.writeNumberField("bytesUp", session.bytesUp());
    out.writeNumberField("bytesDown", session.bytesDown());
    out.writeEndObject();
  }
}
