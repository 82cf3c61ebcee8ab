package org.tlsuplift.proxy.signin.limits;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.tlsuplift.proxy.signin.Permit;
import org.tlsuplift.proxy.signin.PermitResult;

/** A turn that comes at once and is taken from nobody. */
enum UnlimitedPermit implements Permit {
  INSTANCE;

  @Override
  public CompletionStage<PermitResult> answer() {
    return CompletableFuture.completedStage(new PermitResult.Given());
  }

  @Override
  public void end() {}
}
