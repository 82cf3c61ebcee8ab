package org.tlsuplift.server.daemon;

import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.proxy.signin.OriginPassword;
import org.tlsuplift.server.config.secret.PasswordFile;

/**
 * Reads the password of an account for its origin at each sign-in, so that a new password needs
 * neither a restart nor a reload.
 *
 * @param threads read the file; their queue has a limit
 */
record PasswordFromFile(Path file, Executor threads) implements OriginPassword {
  @Override
  public CompletionStage<Result> read() {
    try {
      return CompletableFuture.supplyAsync(this::content, threads);
    } catch (RejectedExecutionException full) {
      return CompletableFuture.completedStage(
          new Result.Unreadable("too many passwords are being read, or TLS Uplift is stopping"));
    }
  }

  private Result content() {
    try {
      return new Result.Known(PasswordFile.upstream(file));
    } catch (OperatorException unusable) {
      return new Result.Unreadable(unusable.getMessage());
    }
  }
}
