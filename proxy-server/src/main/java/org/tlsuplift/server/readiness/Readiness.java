package org.tlsuplift.server.readiness;

import org.tlsuplift.proxy.model.Labelled;

/** Whether a listener could be {@code profile: modern} from now on. */
public enum Readiness implements Labelled {
  /** A device recently needed more. */
  NO,
  /** No device needed more recently, but it is too early to be sure. */
  NOT_YET,
  /** No device needed more during the whole observation period. */
  YES
}
