package org.tlsuplift.proxy.model;

/**
 * A variant of a sealed type reached code that does not handle it: a fault of this program. Java 17
 * cannot check this in the compiler, so each chain of {@code instanceof} ends in this exception.
 *
 * <p>The message names the type only, because the value may hold a credential.
 */
public final class UnhandledVariantException extends IllegalStateException {
  private static final long serialVersionUID = 1L;

  public UnhandledVariantException(Object variant) {
    super("unhandled " + variant.getClass().getName());
  }
}
