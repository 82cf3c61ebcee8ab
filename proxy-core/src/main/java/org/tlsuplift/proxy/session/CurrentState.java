package org.tlsuplift.proxy.session;

import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.context.NegotiationTimer;
import org.tlsuplift.proxy.context.SessionContext;
import org.tlsuplift.proxy.model.Direction;
import org.tlsuplift.proxy.model.Explanation;
import org.tlsuplift.proxy.model.SessionSummary;
import org.tlsuplift.proxy.outcome.CloseReason;
import org.tlsuplift.proxy.relay.AbruptClose;
import org.tlsuplift.proxy.session.SessionState.Closed;
import org.tlsuplift.proxy.session.SessionState.Negotiating;
import org.tlsuplift.proxy.session.SessionState.Relaying;
import org.tlsuplift.proxy.setup.LingeringClose;

/**
 * The current state of a session. Checks that each event is legal in it, and ends the session once.
 *
 * <p>Runs on the session's event loop.
 */
final class CurrentState {
  private final SessionContext context;
  private final NegotiationTimer negotiationTimer;
  private final Runnable ended;
  private SessionState state = new Negotiating();

  /**
   * Starts with the first state.
   *
   * @param ended called once, after the end was reported
   */
  CurrentState(SessionContext context, NegotiationTimer negotiationTimer, Runnable ended) {
    this.context = context;
    this.negotiationTimer = negotiationTimer;
    this.ended = ended;
  }

  SessionState get() {
    return state;
  }

  void enter(SessionState next) {
    state = next;
  }

  /**
   * Returns the state if it has the type in which the event may happen. Otherwise ends the session
   * with an internal error and returns null.
   *
   * <p>A closed session ignores the event, because some events arrive after the end.
   */
  <S extends SessionState> @Nullable S expect(Class<S> expected, String event) {
    if (expected.isInstance(state)) {
      return expected.cast(state);
    }
    unexpected(event);
    return null;
  }

  /** Ends the session because the event is not legal in this state. */
  void unexpected(String event) {
    end(
        CloseReason.INTERNAL_ERROR,
        Explanation.of(
            "unexpected event '%s' in state '%s'"
                .formatted(event, state.getClass().getSimpleName())),
        false);
  }

  /**
   * Closes both connections, releases what the session holds and reports the end. Later calls have
   * no effect.
   *
   * @param linger whether the device gets time to read the last response
   */
  void end(CloseReason reason, Explanation why, boolean linger) {
    SessionState last = state;
    if (last instanceof Closed) {
      return;
    }
    state = new Closed();
    negotiationTimer.stop();
    long up = last.bytes(Direction.UP);
    long down = last.bytes(Direction.DOWN);
    last.abandon();
    context.report().holdings().release();
    if (linger) {
      LingeringClose.linger(context.device());
    } else if (!(last instanceof Relaying) && reason.isEndOfDevice()) {
      var unused = context.device().close();
    } else {
      // The relay has sent each close_notify that a peer sent. All other streams are cut.
      AbruptClose.close(context.device());
    }
    SessionSummary summary =
        context.report().closed(reason, why, up, down, last instanceof Relaying);
    context.services().ecRefusals().refused(summary.device().getAddress(), summary.refusedKey());
    ended.run();
  }
}
