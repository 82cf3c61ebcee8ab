package org.tlsuplift.proxy.setup;

import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.context.SessionContext;
import org.tlsuplift.proxy.upstream.dial.OriginConnection;

/**
 * Waits for the TLS origin of a mail device that stays in plaintext. Only a listener that allows
 * plaintext uses it.
 */
public final class PlaintextSetup implements Setup {
  private final SessionContext context;
  private final Dial dial;
  private final Promise<Result> result;
  private @Nullable Future<OriginConnection> origin;

  public PlaintextSetup(SessionContext context, Dial dial) {
    this.context = context;
    this.dial = dial;
    this.result = context.device().eventLoop().newPromise();
  }

  @Override
  public Future<Result> start() {
    Setup.hold(context.device());
    Future<OriginConnection> dialled = dial.start();
    origin = dialled;
    dialled.addListener(done -> onOrigin(dialled));
    return result;
  }

  private void onOrigin(Future<OriginConnection> dialled) {
    if (result.isDone()) {
      return;
    }
    if (dialled.isSuccess()) {
      context.report().originHandshake(dialled.getNow().handshake());
      result.setSuccess(new Result.Opened(dialled.getNow()));
    } else {
      result.setSuccess(new Result.OriginFailed(dialled.cause(), true));
    }
  }

  @Override
  public void abandon() {
    result.cancel(false);
    if (origin != null) {
      OriginConnection.drop(origin);
    }
  }
}
