package org.tlsuplift.proxy.signin.limits;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.tlsuplift.proxy.signin.Turn;
import org.tlsuplift.proxy.signin.TurnAnswer;

/** A turn that comes at once and is taken from nobody. */
enum UnlimitedTurn implements Turn {
  INSTANCE;

  @Override
  public CompletionStage<TurnAnswer> answer() {
    return CompletableFuture.completedStage(new TurnAnswer.Given());
  }

  @Override
  public void end() {}
}
