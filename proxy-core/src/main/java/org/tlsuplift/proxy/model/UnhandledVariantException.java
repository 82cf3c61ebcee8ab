package org.tlsuplift.proxy.model;

/**
 * A variant of a sealed type reached code that does not handle it: a bug in this program. The Java
 * 17 compiler cannot check this, so each chain of {@code instanceof} ends with this exception.
 *
 * <p>The message names the type only, because the value may hold a credential.
 */
public final class UnhandledVariantException extends IllegalStateException {
  private static final long serialVersionUID = 1L;

  public UnhandledVariantException(Object variant) {
    super("unhandled " + variant.getClass().getName());
  }
}
