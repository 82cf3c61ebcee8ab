package org.tlsuplift.proxy.netty;

import io.netty.handler.ssl.ReferenceCountedOpenSslEngine;
import io.netty.internal.tcnative.SSL;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Reads internal state of Netty's BoringSSL engine, and prevents its early close_notify.
 *
 * <p>The engine replies to a close_notify immediately with its own, after which BoringSSL sends
 * nothing more. BoringSSL leaves this reply to its caller ({@code SSL_shutdown} in ssl.h). Netty's
 * engine does not reply if its field {@code receivedShutdown} is already true, so this class sets
 * the field.
 *
 * <p>If a version of Netty does not have these fields, this class has no effect. Runs on one event
 * loop. What to report, and when to delete it: see {@link EngineWatch}.
 */
final class EngineState {
  private static final @Nullable VarHandle RECEIVED_SHUTDOWN =
      field("receivedShutdown", boolean.class);
  private static final @Nullable VarHandle OUTBOUND_CLOSED = field("outboundClosed", boolean.class);
  private static final @Nullable VarHandle PENDING_EXCEPTION =
      field("pendingException", Throwable.class);

  private final ReferenceCountedOpenSslEngine engine;

  EngineState(ReferenceCountedOpenSslEngine engine) {
    this.engine = engine;
  }

  /** Whether this class works with this version of Netty. */
  static boolean isKnown() {
    return RECEIVED_SHUTDOWN != null && OUTBOUND_CLOSED != null && PENDING_EXCEPTION != null;
  }

  /** Disables the reply to a close_notify. Call it after the handshake. */
  void keepOutputOpen() {
    if (RECEIVED_SHUTDOWN != null) {
      RECEIVED_SHUTDOWN.set(engine, true);
    }
  }

  boolean isCloseNotifyReceived() {
    return (shutdown() & SSL.SSL_RECEIVED_SHUTDOWN) != 0;
  }

  /**
   * Keeps the engine reading after our close_notify. Otherwise it would report itself as closed,
   * and Netty would leave the end of a record in it.
   */
  void keepInputOpen() {
    if (OUTBOUND_CLOSED != null
        && (boolean) OUTBOUND_CLOSED.get(engine)
        && engine.isOutboundDone()
        && !engine.isInboundDone()) {
      OUTBOUND_CLOSED.set(engine, false);
    }
  }

  /** Frees BoringSSL's memory after the peer's close_notify, if ours was also sent. */
  void closeAfterCloseNotify() {
    if ((shutdown() & SSL.SSL_SENT_SHUTDOWN) != 0) {
      try {
        engine.closeOutbound();
        engine.closeInbound();
      } catch (SSLException impossible) {
        throw new IllegalStateException("no close_notify was received", impossible);
      }
    }
  }

  /** Whether there is an error that the engine would report only with the next write. */
  boolean isFaultPending() {
    return PENDING_EXCEPTION != null && PENDING_EXCEPTION.get(engine) != null;
  }

  private int shutdown() {
    long ssl = engine.sslPointer();
    return ssl == 0 ? 0 : SSL.getShutdown(ssl);
  }

  private static @Nullable VarHandle field(String name, Class<?> type) {
    try {
      return MethodHandles.privateLookupIn(
              ReferenceCountedOpenSslEngine.class, MethodHandles.lookup())
          .findVarHandle(ReferenceCountedOpenSslEngine.class, name, type);
    } catch (ReflectiveOperationException changed) {
      return null;
    }
  }
}
